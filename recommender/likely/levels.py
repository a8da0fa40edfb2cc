"""What is likely, beside what is certain: a distribution over the levels.

The unknown answers are completed many times from a reference population, given the known ones, and the rules score all
completions at once. It never replaces the bounds. Safety questions are never completed: what nobody asked stays
unknown, so an open safety question adds nothing to a level here and keeps the status as it is.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers, Column
from recommender.assessment import Assessment, assess
from recommender.likely.completing import complete
from recommender.likely.population import Population
from recommender.policy import LEVEL, Policy
from recommender.rules.definitions import questions_behind
from recommender.rules.program import Program, compile_program

Floats = NDArray[np.float64]
# With few, a level that is most likely by a hair is told a point or two too surely (benchmarks/likely.py).
COMPLETIONS = 400
SEED = 20261125
# So many completed people are scored at a time.
ROWS_AT_A_TIME = 32_768


@dataclass(frozen=True)
class LikelyLevels:
    """For n people: `chances` (n, levels) add up to 1; `level` (n,) is the rank of the most likely, `chance` its share.

    `origin` names the population and its date, to be shown with every figure.
    """

    origin: str
    chances: Floats
    level: NDArray[np.int8]
    chance: Floats


def likely_levels(
    policy: Policy, population: Population, assessment: Assessment, answers: Answers, *, times: int = COMPLETIONS
) -> LikelyLevels:
    """The distribution of everybody's level. Where the bounds are one level already, that level has chance 1."""
    levels = len(policy.ladder.levels)
    chances = np.zeros((answers.count, levels))
    settled = assessment.level_at_least == assessment.level_at_most
    chances[np.flatnonzero(settled), assessment.level_at_least[settled]] = 1
    open_rows = np.flatnonzero(~settled)
    for start in range(0, len(open_rows), people := max(1, ROWS_AT_A_TIME // times)):
        rows = open_rows[start : start + people]
        chances[rows] = completed_levels(policy, population, picked(answers, rows), times)
    level = chances.argmax(axis=1).astype(np.int8)
    return LikelyLevels(population.origin, chances, level, chances.max(axis=1))


def completed_levels(policy: Policy, population: Population, answers: Answers, times: int) -> Floats:
    """(n, levels): how often each level comes out when what is unknown is completed."""
    wanted = completed_questions(policy)
    completed = complete(policy.questionnaire, population, answers, times=times, seed=SEED, wanted=wanted)
    lowest = level_program(policy).run(completed.inputs())[LEVEL].lower
    level = np.broadcast_to(lowest, (completed.count,)).reshape(answers.count, times)
    return np.stack([(level == rank).mean(axis=1) for rank in range(len(policy.ladder.levels))], axis=1)


@functools.lru_cache(maxsize=4)
def completed_questions(policy: Policy) -> frozenset[str]:
    """The questions behind the level that may be completed: none for safety, and no totals."""
    questions = policy.questionnaire.questions
    behind = questions_behind(policy.definitions, LEVEL) - frozenset(policy.safety_questions)
    return frozenset(name for name in behind if questions[name].computed is None)


@functools.lru_cache(maxsize=4)
def level_program(policy: Policy) -> Program:
    """The compiled rules of the level alone."""
    return compile_program(policy.definitions, [LEVEL])


def picked(answers: Answers, rows: NDArray[np.int64]) -> Answers:
    """The answers of some people."""
    columns = {name: Column(c.lower[rows], c.upper[rows], c.state[rows]) for name, c in answers.columns.items()}
    return Answers(len(rows), columns)


def likely_level_of(policy: Policy, population: Population, answers: Answers) -> LikelyLevels:
    """The same for answers that are not assessed yet."""
    return likely_levels(policy, population, assess(policy, answers), answers)
