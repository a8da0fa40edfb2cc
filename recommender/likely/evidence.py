"""What answers say about the states of a population's questions: a plain answer, a range, a set, a gate, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.likely.population import Variable
from recommender.questionnaire import Questionnaire
from recommender.rules.bounds import ANSWERED, MISSING, Bounds
from recommender.rules.definitions import Formula
from recommender.rules.program import Program, compile_program
from recommender.rules.tree import Nominal

Floats = NDArray[np.float64]
Array = NDArray[Any]
_COMPILED: dict[str, Program] = {}


def gate_of(name: str) -> str:
    """The name under which the condition of a question is worked out."""
    return f"gate of {name}"


def question_values(questionnaire: Questionnaire, answers: Answers) -> dict[str, Bounds]:
    """What is known of every question, and of every gate (under `gate_of`)."""
    if questionnaire.hash not in _COMPILED:
        gates = {gate_of(q.id): Formula(gate_of(q.id), q.ask_if) for q in questionnaire.questions.values() if q.ask_if}
        definitions = {**questionnaire.definitions, **gates}
        _COMPILED[questionnaire.hash] = compile_program(definitions, definitions)
    return _COMPILED[questionnaire.hash].run(answers.inputs())


class Known(NamedTuple):
    """What is known of some questions, arrays of (questions, n).

    `lower` and `upper` are the ends of the ranges, or twice a set; `no_answer` says where "no answer" is possible, and
    `answer` where an answer is.
    """

    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    no_answer: NDArray[np.bool_]
    answer: NDArray[np.bool_]


def weights_of(
    questionnaire: Questionnaire, variables: Sequence[Variable], answers: Answers, values: Mapping[str, Bounds]
) -> list[Floats]:
    """By variable, how much of each state each person's answers leave possible: (n, states), 0 to 1."""
    known = known_of(questionnaire, variables, answers, values)
    asked = [len(variable.starts) for variable in variables]
    owner = np.repeat(np.arange(len(variables)), asked)
    sets = np.repeat([isinstance(questionnaire.questions[v.question].type, Nominal) for v in variables], asked)
    starts, ends = (np.concatenate([getattr(v, end) for v in variables])[:, None] for end in ("starts", "ends"))
    low, high = known.lower[owner], known.upper[owner]
    part = np.maximum(np.minimum(high, ends) - np.maximum(low, starts) + 1, 0) / (ends - starts + 1)
    part[sets] = low[sets] >> starts[sets] & 1
    part *= known.answer[owner]
    places = np.cumsum(asked)[:-1]
    found = [rows.T for rows in np.split(part, places)]
    none = known.no_answer[:, :, None].astype(np.float64)
    return [np.hstack((w, none[at])) if v.blank else w for at, (v, w) in enumerate(zip(variables, found, strict=True))]


def known_of(
    questionnaire: Questionnaire, variables: Sequence[Variable], answers: Answers, values: Mapping[str, Bounds]
) -> Known:
    """What is known of the questions of some variables."""
    shape = (len(variables), answers.count)
    lower, upper = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.int64)
    no_answer, answer = np.ones(shape, dtype=bool), np.ones(shape, dtype=bool)
    for place, variable in enumerate(variables):
        name = variable.question
        lower[place], upper[place] = values[name]
        column = answers.columns.get(name)
        if column is not None:
            no_answer[place] = column.state != ANSWERED
        if questionnaire.questions[name].ask_if is not None and variable.blank:
            gate = values[gate_of(name)]
            no_answer[place] &= ~gate.lower
            answer[place] = gate.upper if column is None else gate.upper | (column.state != MISSING)
    return Known(lower, upper, no_answer, answer)
