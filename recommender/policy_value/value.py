"""The doubly robust value of a way of placing: right if either the chances of placement or the expectations are.

For each person it is what was to be expected where the way places them, and, where they were placed so, what came of it
beyond that, weighed by how unlikely the placement was (augmented inverse probability weighting; Robins, Rotnitzky and
Zhao 1994, cross-fitted as in Chernozhukov and others 2018). Its mean is the value; its spread over people, or over
sites, gives the interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.policy_value.nuisance import Nuisance
from recommender.policy_value.study import Study

Floats = NDArray[np.float64]
SURE = 0.95


@dataclass(frozen=True)
class Estimated:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


def scores(way: Floats, study: Study, nuisance: Nuisance) -> Floats:
    """(n,): each person's part in the value of a way (n, k); the mean is the value."""
    return robust(way, study.placed, nuisance.chance, nuisance.expected, study.outcome)


def bed_scores(way: Floats, study: Study, nuisance: Nuisance) -> Floats:
    """(n,): each person's part in the nights in a bed; what is expected alone where a stay is not known."""
    rows = np.arange(len(study))
    nights = np.where(np.isfinite(study.bed_days), study.bed_days, nuisance.bed_days[rows, study.placed])
    return robust(way, study.placed, nuisance.chance, nuisance.bed_days, nights)


def robust(way: Floats, placed: NDArray[np.int8], chance: Floats, expected: Floats, found: Floats) -> Floats:
    """What is expected under a way, and what was found beyond it, weighed."""
    rows = np.arange(len(placed))
    beyond = found - expected[rows, placed]
    result: Floats = (way * expected).sum(axis=1) + way[rows, placed] / chance[rows, placed] * beyond
    return result


def estimated(parts: Floats, cluster: NDArray[np.int64]) -> Estimated:
    """The mean of people's parts, with the interval that their spread over clusters gives."""
    mean = float(parts.mean())
    spread = error_of(parts - mean, cluster)
    return Estimated(mean, mean - spread, mean + spread)


def error_of(apart: Floats, cluster: NDArray[np.int64]) -> float:
    """Half the width of the interval of a mean, from what each person stands apart from it.

    Clusters weigh as a whole; with few of them Student's t says how much less is known.
    """
    from scipy.stats import t

    _, number = np.unique(cluster, return_inverse=True)
    sums = np.bincount(number.reshape(-1), weights=apart)
    clusters = len(sums)
    variance = float((sums**2).sum()) / len(apart) ** 2 * clusters / max(1, clusters - 1)
    return float(t.ppf((1 + SURE) / 2, max(1, clusters - 1)) * np.sqrt(variance))


def naive_difference(way: Floats, study: Study) -> float | None:
    """How much better those did who were placed so than the others: what a table would show, and mostly wrong."""
    so = way[np.arange(len(study)), study.placed] > 0.5
    return float(study.outcome[so].mean() - study.outcome[~so].mean()) if so.any() and not so.all() else None


def share_for_equal_beds(own: float, other: float, now: float) -> float | None:
    """Which share of people a way may place, with the `other` for the rest, to fill as many beds as now.

    None where no share does.
    """
    if abs(own - other) < 1e-9:
        return 1.0 if abs(own - now) < 1e-9 else None
    share = (now - other) / (own - other)
    return float(share) if 0 <= share <= 1 else None
