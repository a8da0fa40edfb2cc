"""What dates, days, reasons and outcomes say together: each narrows what is possible, and what is left is read off.

Days in care are a range and the reason is a set, as answers are elsewhere. So "retained for 90 days: yes" makes
"retained for 30 days" certain, and "61 to 90 days" leaves "retained for 90 days" unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.cohort_columns import CohortColumns
from recommender.learning.cohort import MOST_DAYS, UNKNOWN

Truths = NDArray[np.bool_]
Cells = Mapping[str, NDArray[Any]]


class Known(NamedTuple):
    """What is left for n rows: the outcomes (1, 0, -1 unknown), the days at least and at most, and what clashes where.

    `backwards` (n,) says whose discharge lies before the admission; `clashes` gives, by the column to look at, the
    other rows (n,) for which nothing is left.
    """

    outcomes: dict[str, NDArray[np.int8]]
    days_at_least: NDArray[np.int32]
    days_at_most: NDArray[np.int32]
    backwards: Truths
    clashes: dict[str, Truths]


def known_outcomes(columns: CohortColumns, cells: Cells, count: int) -> Known:
    """What the cells of `count` rows say about every outcome; a column that is missing says nothing."""
    stayed, backwards = days_between(cells, count)
    least, most, clashes = days_left(columns, cells, stayed, count)
    reasons, reason_clashes = reasons_left(columns, cells, count)
    outcomes = {}
    for outcome in columns.outcomes.values():
        if outcome.days_at_least:
            yes, no = least >= outcome.days_at_least, most < outcome.days_at_least
        else:
            meant = _bits(columns, outcome.reasons)
            yes, no = (reasons & ~meant) == 0, (reasons & meant) == 0
        outcomes[outcome.name] = np.where(yes, 1, np.where(no, 0, UNKNOWN)).astype(np.int8)
    return Known(outcomes, least, most, backwards, clashes | reason_clashes)


def days_between(cells: Cells, count: int) -> tuple[NDArray[np.int64], Truths]:
    """The days from admission to discharge, -1 unless both are known, and where they lie backwards."""
    if not {"admitted_on", "discharged_on"} <= set(cells):
        return np.full(count, UNKNOWN, np.int64), np.zeros(count, bool)
    admitted, discharged = cells["admitted_on"].astype(np.int64), cells["discharged_on"].astype(np.int64)
    known = (admitted != UNKNOWN) & (discharged != UNKNOWN)
    backwards = known & (discharged < admitted)
    return np.where(known & ~backwards, discharged - admitted, UNKNOWN), backwards


def days_left(
    columns: CohortColumns, cells: Cells, stayed: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], dict[str, Truths]]:
    """The fewest and most days in care that the cells leave, and where they leave none, by the column that did it."""
    said = {"discharged_on": (np.where(stayed == UNKNOWN, 0, stayed), np.where(stayed == UNKNOWN, MOST_DAYS, stayed))}
    if "days_in_care" in cells:
        said["days_in_care"] = (cells["days_in_care"], cells["days_in_care, at most"])
    for outcome in columns.outcomes.values():
        if outcome.days_at_least and outcome.name in cells:
            answer, limit = cells[outcome.name], outcome.days_at_least
            said[outcome.name] = (np.where(answer == 1, limit, 0), np.where(answer == 0, limit - 1, MOST_DAYS))
    least, most = np.zeros(count, np.int32), np.full(count, MOST_DAYS, np.int32)
    clashes: dict[str, Truths] = {}
    for column, (low, high) in said.items():
        before = least > most
        least, most = np.maximum(least, low).astype(np.int32), np.minimum(most, high).astype(np.int32)
        clashes[column] = (least > most) & ~before
    return least, most, clashes


def reasons_left(columns: CohortColumns, cells: Cells, count: int) -> tuple[NDArray[np.int64], dict[str, Truths]]:
    """The reasons that the cells leave, as bits in the order declared, and where they leave none, by column."""
    every = (1 << len(columns.reasons)) - 1
    left = np.full(count, every, np.int64)
    clashes: dict[str, Truths] = {}
    if "reason" in cells:
        stated = cells["reason"].astype(np.int64)
        left = np.where(stated == UNKNOWN, left, 1 << np.maximum(stated, 0))
    for outcome in columns.outcomes.values():
        if outcome.name in cells and outcome.reasons:
            meant, said = _bits(columns, outcome.reasons), cells[outcome.name]
            narrowed = np.where(said == 1, left & meant, np.where(said == 0, left & ~meant, left))
            clashes[outcome.name] = (narrowed == 0) & (left != 0)
            left = narrowed
    return left, clashes


def _bits(columns: CohortColumns, reasons: tuple[str, ...]) -> int:
    return sum(1 << columns.reasons.index(reason) for reason in reasons)
