"""The people of a study, what was done with them and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.cohort_columns import load_cohort_columns
from recommender.errors import Fault, InputError, did_you_mean
from recommender.glass_box.tables import LevelGroup
from recommender.learning.cohort import MOST_DAYS, Cohort
from recommender.learning.level_groups import labels_of, level_groups

Floats = NDArray[np.float64]
# Levels from here on have a bed for the night.
FIRST_BED = "residential_low"
FEWEST_PEOPLE = 500
# A stay that is known to within so many days is taken as the middle of what is known.
WIDEST_STAY = 60


@dataclass(frozen=True, eq=False)
class Study:
    """n people with a known placement and outcome.

    `placed` (n,) is a position in `groups`, `outcome` (n,) 1 or 0. `bed_days` (n,) are nights in a bed within the
    horizon, NaN where the stay is not known. `counts` tells what became of every row of the cohort.
    """

    cohort: Cohort
    name: str
    horizon: int
    groups: tuple[LevelGroup, ...]
    placed: NDArray[np.int8]
    outcome: Floats
    bed_days: Floats
    counts: dict[str, int]

    def __len__(self) -> int:
        return len(self.placed)

    @property
    def cluster(self) -> NDArray[np.int64]:
        """Who belongs together when chance is weighed (n,): sites where there are enough, else people."""
        site = self.cohort.site
        known = len(np.unique(site[site >= 0]))
        alone = known + np.unique(self.cohort.person, return_inverse=True)[1]
        return np.where(site >= 0, site, alone) if known >= 10 else self.cohort.person


def study_of(cohort: Cohort, outcome: str) -> Study:
    """The study of one outcome in a cohort. Raises InputError where it cannot be one."""
    horizon = horizon_of(cohort, outcome)
    placed, known = cohort.level_placed >= 0, cohort.outcomes[outcome] >= 0
    rows = np.flatnonzero(placed & known)
    counts = {
        "rows": cohort.count,
        "without_placement": int(np.count_nonzero(~placed)),
        "outcome_unknown": int(np.count_nonzero(placed & ~known)),
        "people": len(rows),
    }
    if len(rows) < FEWEST_PEOPLE:
        what = f"too few people have a known placement and a known outcome (`{outcome}`)"
        raise InputError(Fault(what, file=cohort.file, given=f"{len(rows):,}", allowed=f"at least {FEWEST_PEOPLE}"))
    people = cohort.take(rows)
    groups = level_groups(cohort.levels, people.level_placed)
    labels = labels_of(groups, people.level_placed)
    done = people.outcomes[outcome].astype(np.float64)
    if done.min() == done.max():
        what = f"everybody has the same outcome (`{outcome}`), so no way of placing can be better than another"
        raise InputError(Fault(what, file=cohort.file, given="yes" if done[0] else "no"))
    return Study(people, outcome, horizon, groups, labels, done, nights(people, horizon), counts)


def horizon_of(cohort: Cohort, outcome: str) -> int:
    """The days after which an outcome is settled. Raises InputError for one without, or that nobody has."""
    fixed = {name: told.days_at_least for name, told in load_cohort_columns().outcomes.items() if told.days_at_least}
    if outcome not in fixed:
        remedy = did_you_mean(outcome, fixed) or "Others are settled at the end of a stay, which a placement decides."
        what = "the value of a way of placing needs an outcome at a fixed number of days"
        raise InputError(Fault(what, given=outcome, allowed=", ".join(fixed), remedy=remedy))
    if not np.any(cohort.outcomes[outcome] >= 0):
        remedy = "Give the column, or `days_in_care`, from which it is worked out."
        raise InputError(Fault(f"nobody's outcome `{outcome}` is known", file=cohort.file, remedy=remedy))
    return int(fixed[outcome] or 0)


def nights(people: Cohort, horizon: int) -> Floats:
    """Nights in a bed within the horizon (n,): none at levels without beds, NaN where a stay is not known."""
    low, high = (np.minimum(days, horizon).astype(np.float64) for days in (people.days_at_least, people.days_at_most))
    certain = (high - low <= WIDEST_STAY) & ((people.days_at_most < MOST_DAYS) | (people.days_at_least >= horizon))
    bed = people.level_placed >= people.levels.ids.index(FIRST_BED)
    found: Floats = np.where(bed, np.where(certain, (low + high) / 2, np.nan), 0.0)
    return found


def group_at(groups: tuple[LevelGroup, ...], ranks: NDArray[Any]) -> NDArray[np.int8]:
    """The group of each rank of the ladder (n,)."""
    return labels_of(groups, ranks)
