"""The model: for each step of its ladder, a table for each question, added up. What it says can be followed by hand.

A step asks "at least this level?". Its log odds are an intercept plus one number for each answer, looked up in a table.
The numbers are relative to the average person of the training data, so an answer's number is its contribution.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.glass_box.features import Codes, Feature

Floats = NDArray[np.float64]
# So many people are scored at a time: their sums stay in the processor's cache.
PEOPLE_AT_A_TIME = 4096
# Neighbouring tables are multiplied out to one of at most so many rows, so that fewer are looked up.
MOST_JOINT_ROWS = 2048
IOP = "intensive_outpatient"


class LevelGroup(NamedTuple):
    """A level of the model's own ladder: one level of care or neighbouring ones taken together."""

    name: str
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class SetRule:
    """How sure a prediction set has to be.

    The set of a person grows from the likeliest level to its likelier neighbour, and holds every level before which
    less than `thresholds[g]` of the chances was gathered. `g` is the person's group by the cells of the questions `by`
    (the last varies fastest), with one group more for nobody else. A set of more than `widest` levels says too little.
    """

    coverage: float
    thresholds: tuple[float, ...]
    widest: int
    by: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class GlassBox:
    """A model of k level groups, with f features and k - 1 steps.

    `tables[j]` is (cells of feature j and unknown, k - 1) in log odds, calibration included; `intercepts` is (k - 1,).
    `people[j]` counts the training people in each cell. `about` tells how it was made; no score depends on it.
    """

    groups: tuple[LevelGroup, ...]
    features: tuple[Feature, ...]
    tables: tuple[Floats, ...]
    people: tuple[NDArray[np.int64], ...]
    intercepts: Floats
    sets: SetRule
    reading_hash: str
    ladder_hash: str
    about: Mapping[str, Any] = field(default_factory=dict)
    hash: str = ""

    @property
    def steps(self) -> int:
        """How many steps its ladder has."""
        return len(self.groups) - 1

    @property
    def iop(self) -> int:
        """The position of the intensive outpatient level among the groups."""
        return next(place for place, group in enumerate(self.groups) if group.name == IOP)

    @functools.cached_property
    def joint(self) -> tuple[tuple[tuple[int, ...], Floats], ...]:
        """Tables of neighbouring features multiplied out: which features, and the sums of their cells."""
        return tuple(joined_tables(self.tables))

    def log_odds(self, codes: Codes) -> Floats:
        """(n, steps): the log odds of "at least the level above the step", by step on its own."""
        result = np.empty((len(codes), self.steps))
        for start in range(0, len(codes), PEOPLE_AT_A_TIME):
            part = codes[start : start + PEOPLE_AT_A_TIME]
            total = result[start : start + PEOPLE_AT_A_TIME]
            total[:] = self.intercepts
            for columns, table in self.joint:
                total += table.take(joint_codes(part, columns, self.tables), axis=0)
        return result

    def at_least(self, codes: Codes) -> Floats:
        """(n, steps): the chance of at least each level above the lowest, falling along the ladder.

        Where the steps contradict each other their chances are put in order, which brings them no further from the
        truth (Chernozhukov, Fernández-Val and Galichon 2009, rearrangement) and keeps every direction.
        """
        chances = logistic(self.log_odds(codes))
        chances.sort(axis=1)
        return chances[:, ::-1]

    def probabilities(self, codes: Codes) -> Floats:
        """(n, k): the chance of each level; rows add up to 1."""
        return level_chances(self.at_least(codes))

    def contributions(self, codes: Codes) -> Floats:
        """(n, f, steps): what each answer adds to the log odds; with the intercepts they add up to `log_odds`."""
        return np.stack([table[codes[:, j]] for j, table in enumerate(self.tables)], axis=1)


def logistic(log_odds: Floats) -> Floats:
    """Chances from log odds, without overflow: half of one plus the hyperbolic tangent of the half."""
    chances: Floats = np.multiply(log_odds, 0.5)
    np.tanh(chances, out=chances)
    chances += 1
    chances *= 0.5
    return chances


def level_chances(at_least: Floats) -> Floats:
    """(n, k) chances of levels from (n, k - 1) falling chances of at least a level."""
    chances = np.empty((len(at_least), at_least.shape[1] + 1))
    chances[:, 0] = 1 - at_least[:, 0]
    np.subtract(at_least[:, :-1], at_least[:, 1:], out=chances[:, 1:-1])
    chances[:, -1] = at_least[:, -1]
    return chances


def joined_tables(tables: Sequence[Floats]) -> list[tuple[tuple[int, ...], Floats]]:
    """Neighbouring tables multiplied out, as many together as stay small."""
    found: list[tuple[tuple[int, ...], Floats]] = []
    for place, table in enumerate(tables):
        if found and len(found[-1][1]) * len(table) <= MOST_JOINT_ROWS:
            columns, before = found[-1]
            both = (before[:, None, :] + table[None, :, :]).reshape(-1, table.shape[1])
            found[-1] = ((*columns, place), both)
        else:
            found.append(((place,), table))
    return found


def joint_codes(codes: Codes, columns: tuple[int, ...], tables: Sequence[Floats]) -> NDArray[np.intp]:
    """The row in a joint table that belongs to each person's cells."""
    result = codes[:, columns[0]].astype(np.intp)
    for column in columns[1:]:
        result *= len(tables[column])
        result += codes[:, column]
    return result
