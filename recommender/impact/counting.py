"""Exact counts of a cohort under two policies. They are people's data: only `findings` looks at them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.assessment import LEVEL_SHOWN, PEOPLE_AT_A_TIME, STATUSES, filled, spread, statuses, unanswered_safety
from recommender.errors import Fault, InputError
from recommender.impact.groups import GROUPINGS, members
from recommender.policy import LEVEL, Policy
from recommender.rules.bounds import Bounds
from recommender.rules.program import Program, compile_program

Integers = NDArray[np.int64]

DIRECTIONS = ("lower", "same", "higher")
LOWER, SAME, HIGHER = range(len(DIRECTIONS))
# Whether a level may be shown to the person, and if not, why. Settled and provisional are one: what the unanswered
# questions leave open is told by the upper end.
STANDINGS = ("blocked", "held", "safety_unanswered", "level_shown")
SHOWN = STANDINGS.index("level_shown")


class DifferentQuestions(InputError):
    """Two policies that ask other questions, or know other levels, and so cannot be compared on one cohort."""


@dataclass(frozen=True)
class Counts:
    """How many people of a cohort change, and how; each array counts everybody once.

    `moves` (levels, levels): lowest possible level, from (row) to (column). `upper_ends` (3, 3): direction of the
    lowest possible level by direction of the highest. `standings` (4, 4): from (row) to (column). `groups`: by
    question of the grouping, direction by group (3, groups).
    """

    moves: Integers
    upper_ends: Integers
    standings: Integers
    groups: Mapping[str, Integers]

    @property
    def people(self) -> int:
        """How many people there are."""
        return int(self.moves.sum())

    def __add__(self, other: Counts) -> Counts:
        """The counts of both cohorts together."""
        return Counts(
            self.moves + other.moves,
            self.upper_ends + other.upper_ends,
            self.standings + other.standings,
            {name: count + other.groups[name] for name, count in self.groups.items()},
        )


def count_changes(old: Policy, new: Policy, answers: Answers, counted: NDArray[np.bool_] | None = None) -> Counts:
    """What changes for the people in `answers` when `new` takes the place of `old`.

    `counted` (n,) leaves out whoever is not to be counted. Raises DifferentQuestions where the policies cannot be
    compared.
    """
    check_comparable(old, new)
    total = nobody(old)
    for start in range(0, answers.count, PEOPLE_AT_A_TIME):
        stop = start + PEOPLE_AT_A_TIME
        total += count_stretch(old, new, answers.rows(start, stop), None if counted is None else counted[start:stop])
    return total


def check_comparable(old: Policy, new: Policy) -> None:
    """Raises DifferentQuestions unless both policies ask the same questions and know the same levels."""
    remedy = "Load both with the same questions and levels."
    if old.questionnaire.hash != new.questionnaire.hash:
        raise DifferentQuestions(Fault("the two policies do not ask the same questions", remedy=remedy))
    if old.ladder.hash != new.ladder.hash:
        raise DifferentQuestions(Fault("the two policies do not know the same levels", remedy=remedy))


def nobody(policy: Policy) -> Counts:
    """The counts of an empty cohort."""
    levels = len(policy.ladder.ids)
    groups = {each.question: np.zeros((len(DIRECTIONS), len(each.names)), dtype=np.int64) for each in GROUPINGS}
    sizes = (levels, len(DIRECTIONS), len(STANDINGS))
    moves, upper_ends, standings = (np.zeros((size, size), dtype=np.int64) for size in sizes)
    return Counts(moves, upper_ends, standings, groups)


def count_stretch(old: Policy, new: Policy, answers: Answers, counted: NDArray[np.bool_] | None) -> Counts:
    keep = slice(None) if counted is None else counted
    levels, directions = len(old.ladder.ids), len(DIRECTIONS)
    (before, status_before), (after, status_after) = (levels_of(policy, answers) for policy in (old, new))
    least, most = direction(before.lower, after.lower), direction(before.upper, after.upper)

    def crossed(row: NDArray[np.intp], column: NDArray[np.intp], rows: int, columns: int) -> Integers:
        return np.bincount(row[keep] * columns + column[keep], minlength=rows * columns).reshape(rows, columns)

    groups = {
        each.question: crossed(least, members(each, old.questionnaire, answers), directions, len(each.names))
        for each in GROUPINGS
    }
    return Counts(
        crossed(before.lower.astype(np.intp), after.lower.astype(np.intp), levels, levels),
        crossed(least, most, directions, directions),
        crossed(standing(status_before), standing(status_after), len(STANDINGS), len(STANDINGS)),
        groups,
    )


def levels_of(policy: Policy, answers: Answers) -> tuple[Bounds, NDArray[np.int8]]:
    """The lowest and the highest level of everybody, and the status: what `assess` gives, without all else."""
    values = levels_program(policy).run(answers.inputs())
    level = filled(values[LEVEL], answers.count)
    status = statuses(policy, values, unanswered_safety(policy, values), level)
    return level, spread(status, answers.count)


@functools.lru_cache(maxsize=4)
def levels_program(policy: Policy) -> Program:
    """The part of a policy that gives level and status; a third of the work of the whole."""
    names = (LEVEL, *policy.stopping_flags, *policy.safety_questions)
    return compile_program(policy.definitions, dict.fromkeys(names))


def direction(before: NDArray[np.int8], after: NDArray[np.int8]) -> NDArray[np.intp]:
    """LOWER, SAME or HIGHER, by person."""
    found: NDArray[np.intp] = np.sign(after.astype(np.intp) - before) + SAME
    return found


def standing(status: NDArray[np.int8]) -> NDArray[np.intp]:
    """The position in STANDINGS, by person."""
    of_status = [SHOWN if place in LEVEL_SHOWN else STANDINGS.index(name) for place, name in enumerate(STATUSES)]
    found: NDArray[np.intp] = np.array(of_status, dtype=np.intp)[status]
    return found
