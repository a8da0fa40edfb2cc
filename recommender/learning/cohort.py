"""Past intakes with where each person was placed and what came of it, in columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers, Column
from recommender.levels import Ladder
from recommender.questionnaire import Questionnaire

UNKNOWN = -1
# Longer than anybody lives: the upper end of a stay that nobody knows the end of.
MOST_DAYS = 99_999


@dataclass(frozen=True)
class Cohort:
    """n past intakes, one row each.

    `ids` (n,) name the rows. `person`, `site`, `period` and `state` (n,) are numbers: rows of one person have the same
    `person`; the others point into `site_names`, `period_names` (in order of time) and `state_names`, -1 unknown. The
    three levels (n,) are ranks on the ladder, -1 unknown. `outcomes` by name (n,): 1 yes, 0 no, -1 unknown.
    `days_at_least` and `days_at_most` (n,) bound the days in care, 0 and `MOST_DAYS` where nothing is known. `weight`
    (n,) says how many people a row stands for. `left_out` rows of the file had a fault and are not here.
    """

    questionnaire: Questionnaire
    levels: Ladder
    answers: Answers
    ids: NDArray[np.str_]
    person: NDArray[np.int64]
    site: NDArray[np.int32]
    site_names: tuple[str, ...]
    period: NDArray[np.int32]
    period_names: tuple[str, ...]
    state: NDArray[np.int32]
    state_names: tuple[str, ...]
    level_indicated: NDArray[np.int8]
    level_offered: NDArray[np.int8]
    level_placed: NDArray[np.int8]
    outcomes: Mapping[str, NDArray[np.int8]]
    days_at_least: NDArray[np.int32]
    days_at_most: NDArray[np.int32]
    weight: NDArray[np.float64]
    file: str = ""
    left_out: int = 0

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.ids)

    def take(self, rows: NDArray[Any]) -> Cohort:
        """The rows at some positions, or for which a truth (n,) holds; names and numbers stay as they are."""
        picked = np.flatnonzero(rows) if rows.dtype == bool else rows
        arrays = {name: getattr(self, name)[picked] for name in ROWS}
        outcomes = {name: values[picked] for name, values in self.outcomes.items()}
        return replace(self, answers=answers_at(self.answers, picked), outcomes=outcomes, **arrays)


ROWS = (
    *("ids", "person", "site", "period", "state", "level_indicated", "level_offered", "level_placed"),
    *("days_at_least", "days_at_most", "weight"),
)


def answers_at(answers: Answers, rows: NDArray[Any]) -> Answers:
    """The answers of the people at some positions."""
    return Answers(len(rows), {name: _column_at(column, rows) for name, column in answers.columns.items()})


def _column_at(column: Column, rows: NDArray[Any]) -> Column:
    lower = column.lower[rows]
    return Column(lower, lower if column.upper is column.lower else column.upper[rows], column.state[rows])
