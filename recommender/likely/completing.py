"""Unknown answers drawn from a population, given the known ones. Exact: up the tree to weigh, down the tree to draw."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers, Column
from recommender.likely.evidence import question_values, weights_of
from recommender.likely.luck import ANSWER, STATE, VALUE, Luck
from recommender.likely.population import Population, Variable, cumulated
from recommender.questionnaire import Question, Questionnaire
from recommender.rules.bounds import ANSWERED, MISSING, Bounds, dtype_of
from recommender.rules.tree import Nominal

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What the answers of n people say, gathered up the tree.

    `classes` (n, c) is the chance of each hidden class; `below` by variable (n, c, states) how well each of its states
    agrees with the answers to it and to everything under it, None where there is no answer.
    """

    classes: Floats
    below: list[Floats | None]


def beliefs_of(
    questionnaire: Questionnaire, population: Population, answers: Answers, values: Mapping[str, Bounds]
) -> Beliefs:
    """The beliefs of each person, from all their answers and what is known by them (see `question_values`)."""
    kinds = len(population.classes)
    below: list[Floats | None] = [None] * len(population.variables)
    for place, weights in enumerate(weights_of(questionnaire, population.variables, answers, values)):
        # Answers that the population has never seen together say nothing, instead of making everything impossible.
        weights[weights.sum(axis=1) == 0] = 1
        if (weights != 1).any():
            below[place] = np.repeat(weights[:, None, :], kinds, axis=1)
    logs = np.log(np.tile(population.classes, (answers.count, 1)))
    for place in range(len(population.variables) - 1, -1, -1):
        variable, own = population.variables[place], below[place]
        if own is None:
            continue
        message = np.matmul(variable.table, own[..., None])[..., 0]
        if variable.above < 0:
            logs += np.log(message[:, :, 0])
            continue
        message /= message.max(axis=(1, 2), keepdims=True)
        over = below[variable.above]
        below[variable.above] = message if over is None else over * message
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    return Beliefs(chances / chances.sum(axis=1, keepdims=True), below)


def complete(
    questionnaire: Questionnaire,
    population: Population,
    answers: Answers,
    *,
    times: int,
    seed: int,
    wanted: Collection[str],
    values: Mapping[str, Bounds] | None = None,
) -> Answers:
    """Each person `times` times, one after another, with the unknown answers to `wanted` drawn.

    What was answered stays as it was; a range is narrowed to a value inside it. A drawn answer is marked as not asked,
    so that a gate that is closed in a completion still gives the fixed value. Nobody's completions hang on who else is
    there, or on what else is wanted. `values` are those of `question_values`, where they are worked out already.
    """
    known = question_values(questionnaire, answers) if values is None else values
    beliefs = beliefs_of(questionnaire, population, answers, known)
    luck = Luck(questionnaire, answers, len(population.variables), times, seed)
    who = np.repeat(np.arange(answers.count), times)
    classes = drawn(cumulated(beliefs.classes), who, luck.of(-1, STATE))
    needed = needed_places(population, wanted)
    states: dict[int, Positions] = {}
    columns = {name: repeated(column, times) for name, column in answers.columns.items()}
    for place, variable in enumerate(population.variables):
        if place not in needed:
            continue
        chances, row = conditional(variable, beliefs.below[place], classes, states.get(variable.above), who)
        usual = beliefs.below[place] is None
        states[place] = drawn(population.cumulated[place] if usual else cumulated(chances), row, luck.of(place, STATE))
        if variable.question in wanted:
            question = questionnaire.questions[variable.question]
            answered = with_an_answer(variable, chances, row, states[place], luck.of(place, ANSWER))
            told = drawn_values(variable, answered, known[question.id], who, luck.of(place, VALUE))
            columns[question.id] = merged(question, columns.get(question.id), told)
    return Answers(len(who), columns)


def conditional(
    variable: Variable, below: Floats | None, classes: Positions, above: Positions | None, who: Positions
) -> tuple[Floats, Positions]:
    """The chances of a variable's states in every situation, (situations, states), and which one each row is in."""
    kinds, rows, states = variable.table.shape
    situation = classes * rows + (0 if above is None else above)
    if below is None:
        return variable.table.reshape(-1, states), situation
    chances: Floats = variable.table * below[:, :, None, :]
    return chances.reshape(-1, states), who * (kinds * rows) + situation


def needed_places(population: Population, wanted: Collection[str]) -> frozenset[int]:
    """The places of the wanted questions and of everything above them."""
    needed: set[int] = set()
    for name in wanted:
        place = population.position.get(name, -1)
        while place >= 0 and place not in needed:
            needed.add(place)
            place = population.variables[place].above
    return frozenset(needed)


def drawn(cumulative: Floats, row: Positions, chance: Floats) -> Positions:
    """A state for each entry of `row`, by the cumulated chances of that row and by the entry of `chance`."""
    state = np.zeros(len(row), dtype=np.int64)
    for column in cumulative[:, :-1].T:
        state += column[row] <= chance
    return state


def with_an_answer(variable: Variable, chances: Floats, row: Positions, states: Positions, chance: Floats) -> Positions:
    """The states, and where that is "no answer", the state that would hold if there were one."""
    asked = len(variable.starts)
    if not (states >= asked).any():
        return states
    return np.where(states >= asked, drawn(cumulated(chances[:, :asked]), row, chance), states)


def drawn_values(variable: Variable, states: Positions, known: Bounds, who: Positions, chance: Floats) -> Array:
    """A value for each drawn state, inside what is known."""
    low = variable.starts[states]
    if variable.one_value_a_state:
        return low
    high = variable.ends[states]
    lower, upper = (np.broadcast_to(end, (who.max() + 1,))[who].astype(np.int64) for end in known)
    inside_low, inside_high = np.maximum(low, lower), np.minimum(high, upper)
    fits = inside_low <= inside_high
    low, high = np.where(fits, inside_low, low), np.where(fits, inside_high, high)
    return low + (chance * (high - low + 1)).astype(np.int64)


def merged(question: Question, column: Column | None, drawn: Array) -> Column:
    """The answers as they are where they are plain, and the drawn values elsewhere."""
    kind = dtype_of(question.type)
    values = (1 << drawn).astype(kind) if isinstance(question.type, Nominal) else drawn.astype(kind)
    if column is None:
        return Column(values, values, np.full(len(values), MISSING, dtype=np.uint8))
    # The model may find a range impossible; a drawn value lies inside it all the same.
    if isinstance(question.type, Nominal):
        first = column.lower & (~column.lower + column.lower.dtype.type(1))
        values = np.where((values & column.lower) == 0, first, values)
    else:
        values = np.clip(values, column.lower, column.upper)
    lower = np.where(plain(question, column), column.lower, values)
    # What was asked and is not known is drawn like what was not asked.
    state = np.where(column.state == ANSWERED, np.uint8(ANSWERED), np.uint8(MISSING))
    return Column(lower, lower, state)


def plain(question: Question, column: Column) -> NDArray[np.bool_]:
    """Who gave one value and not a range or a set."""
    if isinstance(question.type, Nominal):
        one: NDArray[np.bool_] = (column.lower & (column.lower - column.lower.dtype.type(1))) == 0
    else:
        one = column.lower == column.upper
    given: NDArray[np.bool_] = one & (column.state == ANSWERED)
    return given


def repeated(column: Column, times: int) -> Column:
    """Each row of a column so many times."""
    lower = np.repeat(column.lower, times)
    upper = lower if column.upper is column.lower else np.repeat(column.upper, times)
    return Column(lower, upper, np.repeat(column.state, times))
