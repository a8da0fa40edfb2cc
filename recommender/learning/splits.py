"""Who is learned from and who is kept for judging. Never random rows: a person, a site and a period stay whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, InputError

# A period with a smaller share of the rows is too little to judge on.
SMALLEST_PERIOD = 0.05
HELD_OUT_SITES = 5
FEWEST_SITES = 10


def fold_of(person: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.intp]:
    """The fold of each row (n,), from 0: all rows of a person in one fold, the folds alike in size."""
    _, which = np.unique(person, return_inverse=True)
    people = int(which.max()) + 1 if len(which) else 0
    order = np.random.default_rng(seed).permutation(people)
    return (order % folds)[which.reshape(-1)].astype(np.intp)


def held_out(
    person: NDArray[np.int64], site: NDArray[np.int32], period: NDArray[np.int32], seed: int
) -> tuple[NDArray[np.bool_], str]:
    """Who is kept for judging (n,), and in words how they were chosen.

    The last period where there are several, else a fifth of the sites where there are many, else a fifth of the people.
    Nobody who is kept for judging is learned from, also not from another row.
    """
    chosen, how = last_period(period) or some_sites(site, seed) or some_people(person, seed)
    kept = np.isin(person, person[chosen])
    if kept.all():
        what = "everybody stands in the rows kept for judging too, so nobody is left to learn from"
        raise InputError(Fault(what, remedy="Check the column that says who is who."))
    return chosen, how


def last_period(period: NDArray[np.int32]) -> tuple[NDArray[np.bool_], str] | None:
    """The rows of the last period, where there is an earlier one and enough rows in it."""
    chosen: NDArray[np.bool_] = period == period.max(initial=-1)
    share = chosen.mean() if len(chosen) else 0.0
    if period.max(initial=-1) <= 0 or not SMALLEST_PERIOD <= share <= 1 / 2:
        return None
    return chosen, "the last period"


def some_sites(site: NDArray[np.int32], seed: int) -> tuple[NDArray[np.bool_], str] | None:
    """The rows of a fifth of the sites, where there are at least ten."""
    if len(np.unique(site[site >= 0])) < FEWEST_SITES:
        return None
    return fold_of(site.astype(np.int64), HELD_OUT_SITES, seed) == 0, "a fifth of the sites"


def some_people(person: NDArray[np.int64], seed: int) -> tuple[NDArray[np.bool_], str]:
    """The rows of a fifth of the people."""
    return fold_of(person, 5, seed) == 0, "a fifth of the people"
