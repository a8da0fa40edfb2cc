"""Fits a reference population to a cohort of people: hidden classes, a tree of questions, and a table a question.

Expectation and maximisation (EM) for the classes, the tree of Chow and Liu (1968) inside them: of all trees the one
whose neighbouring questions tell most about each other within a class. Everything that is random has a fixed seed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.likely.evidence import question_values, weights_of
from recommender.likely.population import Population, Variable, starts_and_ends
from recommender.questionnaire import Question, Questionnaire
from recommender.rules.tree import Nominal

Floats = NDArray[np.float64]
States = NDArray[np.int16]
Array = NDArray[Any]

# A count with more values than this is cut into stretches that hold about equally many people.
MOST_STATES = 12
CUTS = (*np.linspace(0, 1, MOST_STATES + 1)[:-1], 0.95, 0.975, 0.99)
# So many people's worth of "as if nothing went together" is mixed into each row of a table.
SMOOTHING = 0.5
ROUNDS_WITHOUT_TREE, ROUNDS_WITH_TREE, TREES = 12, 6, 2


@dataclass(frozen=True, slots=True)
class Cohort:
    """People as states: `states` (n, questions), each the position of a state of its question."""

    shells: tuple[Variable, ...]
    states: States

    @property
    def sizes(self) -> list[int]:
        """How many states each question has."""
        return [shell.states for shell in self.shells]


def fit_population(
    questionnaire: Questionnaire, answers: Answers, *, name: str, date: str, statement: str, classes: int, seed: int
) -> Population:
    """The population that people's answers make up."""
    cohort = cohort_of(questionnaire, answers)
    membership = classes_without_tree(cohort, classes, seed)
    for _ in range(TREES):
        above = tree_of(cohort, membership)
        for _ in range(ROUNDS_WITH_TREE):
            tables = tables_of(cohort, membership, above)
            membership = membership_of(cohort, membership.mean(axis=0), tables, above)
    tables = tables_of(cohort, membership, above)
    return Population(
        name=name,
        date=date,
        statement=statement,
        people=answers.count,
        seed=seed,
        classes=membership.mean(axis=0),
        variables=in_order(cohort, tables, above),
    )


# -------------------------------------------------------------------------------------------------------------- states
def cohort_of(questionnaire: Questionnaire, answers: Answers) -> Cohort:
    """Each person's state of each question that anybody answered with one value; a rough answer counts as none.

    Questions that decide nothing are left out: nothing may be told of a person by them.
    """
    values = question_values(questionnaire, answers)
    shells, columns = [], []
    for question in questionnaire.questions.values():
        if not question.decides:
            continue
        shell = shell_of(question, values[question.id].lower, values[question.id].upper)
        [weights] = weights_of(questionnaire, [shell], answers, values)
        asked = len(shell.starts)
        answered = (weights[:, :asked] > 0).sum(axis=1) == 1
        state = np.where(answered, weights[:, :asked].argmax(axis=1), asked)
        if answered.any():
            shells.append(shell if (state == asked).any() else replace(shell, blank=False))
            columns.append(state.astype(np.int16))
    return Cohort(tuple(shells), np.stack(columns, axis=1))


def shell_of(question: Question, lower: Array, upper: Array) -> Variable:
    """The question with its states, "no answer" among them, and no table yet."""
    domain = range(question.minimum, question.maximum + 1)
    starts = list(domain) if isinstance(question.type, Nominal) or len(domain) <= MOST_STATES else None
    if starts is None:
        starts = stretches(question, lower[lower == upper])
    low, high = starts_and_ends(question, starts)
    return Variable(question.id, low, high, True, -1, np.ones((1, 1, 1)))


def stretches(question: Question, values: Array) -> list[int]:
    """Where the stretches of a count begin: about equally many of `values` in each, and finer at the upper end.

    A value that many people have is a stretch of its own.
    """
    starts, found = {question.minimum}, np.sort(values)
    for share in CUTS if len(found) else ():
        value = int(found[int(share * (len(found) - 1))])
        starts.add(value)
        if (found == value).mean() >= 1 / MOST_STATES:
            starts.add(value + 1)
    if len(found):
        starts.add(int(found[-1]) + 1)
    return sorted(start for start in starts if start <= question.maximum)


# ------------------------------------------------------------------------------------------------------------- classes
def one_hot(cohort: Cohort) -> NDArray[np.float32]:
    """(n, states of all questions): 1 in the state of each person."""
    columns = [column[:, None] == np.arange(size) for column, size in zip(cohort.states.T, cohort.sizes, strict=True)]
    return np.concatenate(columns, axis=1).astype(np.float32)


def classes_without_tree(cohort: Cohort, classes: int, seed: int) -> Floats:
    """(n, classes): how much each person belongs to each class, as if answers went together through classes alone."""
    people = len(cohort.states)
    membership = np.random.default_rng(seed).dirichlet(np.full(classes, 0.3), people)
    if classes == 1:
        return membership
    marks = one_hot(cohort)
    edges = np.cumsum([0, *cohort.sizes])
    for _ in range(ROUNDS_WITHOUT_TREE):
        counts = (membership.astype(np.float32).T @ marks).astype(np.float64) + SMOOTHING
        parts = [counts[:, start:end] for start, end in itertools.pairwise(edges)]
        chances = np.concatenate([part / part.sum(axis=1, keepdims=True) for part in parts], axis=1)
        logs = marks @ np.log(chances).astype(np.float32).T + np.log(membership.mean(axis=0))
        membership = normalised(logs.astype(np.float64))
    return membership


def normalised(logs: Floats) -> Floats:
    """Chances that add up to 1 along the last axis, from their logarithms."""
    chances: Floats = np.exp(logs - logs.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    return chances


def membership_of(cohort: Cohort, shares: Floats, tables: list[Floats], above: list[int]) -> Floats:
    """(n, classes) by the whole model."""
    logs = np.tile(np.log(shares), (len(cohort.states), 1))
    for place, table in enumerate(tables):
        own, parent = cohort.states[:, place], np.zeros(len(cohort.states), dtype=np.int16)
        if above[place] >= 0:
            parent = cohort.states[:, above[place]]
        logs += np.log(table)[:, parent, own].T
    return normalised(logs)


# ---------------------------------------------------------------------------------------------------------------- tree
def tree_of(cohort: Cohort, membership: Floats) -> list[int]:
    """By question, the question above it, or -1: the tree whose edges tell most within the classes."""
    told = information(cohort, membership)
    count = len(cohort.sizes)
    above, best = [-1] * count, np.zeros(count, dtype=int)
    near = told[0].copy()
    waiting = np.ones(count, dtype=bool)
    waiting[0] = False
    while waiting.any():
        place = int(np.where(waiting, near, -np.inf).argmax())
        above[place] = int(best[place])
        waiting[place] = False
        closer = waiting & (told[place] > near)
        near[closer], best[closer] = told[place][closer], place
    return above


def information(cohort: Cohort, membership: Floats) -> Floats:
    """(questions, questions): what two questions tell about each other within a class, on average over the classes."""
    marks = one_hot(cohort)
    edges = np.cumsum([0, *cohort.sizes])[:-1]
    told = np.zeros((len(edges), len(edges)))
    for weights in membership.T:
        pairs = (marks.T @ (marks * weights[:, None].astype(np.float32))).astype(np.float64) / len(marks)
        alone = np.diagonal(pairs)
        total = max(weights.mean(), 1e-12)
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = pairs * np.log(pairs * total / (alone[:, None] * alone[None, :]))
        terms[~np.isfinite(terms)] = 0
        told += np.add.reduceat(np.add.reduceat(terms, edges, axis=0), edges, axis=1)
    return told


def tables_of(cohort: Cohort, membership: Floats, above: list[int]) -> list[Floats]:
    """By question, (classes, states above or 1, own states): chances given the class and the state above."""
    tables = []
    for place, size in enumerate(cohort.sizes):
        own = cohort.states[:, place]
        parent, rows = np.zeros_like(own), 1
        if above[place] >= 0:
            parent, rows = cohort.states[:, above[place]], cohort.sizes[above[place]]
        cell = parent.astype(np.int64) * size + own
        counts = np.stack([np.bincount(cell, weights, rows * size) for weights in membership.T])
        counts = counts.reshape(-1, rows, size)
        usual = counts.sum(axis=(0, 1)) + SMOOTHING
        in_class = counts.sum(axis=1, keepdims=True) + usual / usual.sum()
        smooth = counts + SMOOTHING * in_class / in_class.sum(axis=2, keepdims=True)
        tables.append(smooth / smooth.sum(axis=2, keepdims=True))
    return tables


def in_order(cohort: Cohort, tables: list[Floats], above: list[int]) -> tuple[Variable, ...]:
    """The variables with their tables, each after the one above it."""
    order: list[int] = []
    waiting = list(range(len(above)))
    while waiting:
        ready = [place for place in waiting if above[place] < 0 or above[place] in order]
        order += ready
        waiting = [place for place in waiting if place not in ready]
    where = {place: number for number, place in enumerate(order)}
    found = []
    for place in order:
        shell = cohort.shells[place]
        parent = where[above[place]] if above[place] >= 0 else -1
        found.append(Variable(shell.question, shell.starts, shell.ends, shell.blank, parent, tables[place]))
    return tuple(found)
