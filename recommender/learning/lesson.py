"""What a cohort teaches: at which level the people were placed who then did well, and who is kept for judging."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.cohort_columns import load_cohort_columns
from recommender.errors import Fault, InputError, did_you_mean
from recommender.glass_box.tables import LevelGroup
from recommender.learning.cohort import Cohort
from recommender.learning.level_groups import labels_of, level_groups
from recommender.learning.splits import held_out

Truths = NDArray[np.bool_]
SUCCESS = "completed_or_transferred"
FEWEST_LEARNED = 200


@dataclass(frozen=True, eq=False)
class Lesson:
    """The n rows of a cohort whose placement is known and who did well by `success`.

    `labels` (n,) are positions in `groups`. `judged` (n,) are kept for judging, chosen as `how` says; `learned` (n,)
    are learned from: all others, unless a person of theirs is judged. `counts` tells what became of every row.
    """

    cohort: Cohort
    success: str
    groups: tuple[LevelGroup, ...]
    labels: NDArray[np.int8]
    judged: Truths
    learned: Truths
    how: str
    counts: Mapping[str, int]

    @property
    def judged_mark(self) -> str:
        """A hash of who is kept for judging, in the order of the file."""
        return mark_of(self.cohort.ids[self.judged])

    def sites_below(self, people: int) -> dict[str, int]:
        """The sites with fewer people than so many, and how many they have."""
        counts = np.bincount(self.cohort.site[self.cohort.site >= 0], minlength=len(self.cohort.site_names))
        return {n: int(c) for n, c in zip(self.cohort.site_names, counts, strict=True) if 0 < c < people}


def lesson_of(cohort: Cohort, success: str = SUCCESS, *, together: Iterable[str] = (), seed: int = 1) -> Lesson:
    """What a cohort teaches. Raises InputError where it is too little, or says nothing of the outcome."""
    well = did_well(cohort, success)
    placed = cohort.level_placed >= 0
    rows = np.flatnonzero(well & placed)
    counts = {
        "rows": cohort.count,
        "left_out": cohort.left_out,
        "without_placement": int(np.count_nonzero(~placed)),
        "outcome_unknown": int(np.count_nonzero(placed & (cohort.outcomes[success] < 0))),
        "did_not_do_well": int(np.count_nonzero(placed & (cohort.outcomes[success] == 0))),
        "did_well": len(rows),
    }
    if len(rows) < FEWEST_LEARNED:
        what = f"too few people have a known placement and did well (`{success}`)"
        raise InputError(Fault(what, file=cohort.file, given=f"{len(rows):,}", allowed=f"at least {FEWEST_LEARNED}"))
    people = cohort.take(rows)
    groups = level_groups(cohort.levels, people.level_placed, together)
    judged, how = held_out(people.person, people.site, people.period, seed)
    learned = ~np.isin(people.person, people.person[judged])
    return Lesson(people, success, groups, labels_of(groups, people.level_placed), judged, learned, how, counts)


def did_well(cohort: Cohort, success: str) -> Truths:
    """Who did well (n,); who is not known to have, did not. Raises InputError for an outcome that there is not."""
    known = load_cohort_columns().outcomes
    if success not in known:
        hint = did_you_mean(success, known)
        raise InputError(Fault("there is no such outcome", given=success, allowed=", ".join(known), remedy=hint))
    if not np.any(cohort.outcomes[success] >= 0):
        what = f"nobody's outcome `{success}` is known"
        remedy = "Give the column, or `reason` and `days_in_care`, from which it is worked out."
        raise InputError(Fault(what, file=cohort.file, remedy=remedy))
    well: Truths = cohort.outcomes[success] == 1
    return well


def mark_of(ids: NDArray[Any]) -> str:
    """A hash of some ids in their order."""
    return hashlib.sha256("\n".join(ids.tolist()).encode()).hexdigest()
