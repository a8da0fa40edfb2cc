"""Prediction sets: how often the label lies in the set, and how wide the sets are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.estimate import Estimate, Figure, share
from recommender.evaluation.held_out import HeldOut, Witnessed
from recommender.evaluation.resampling import Resamples

Array = NDArray[Any]


@dataclass(frozen=True)
class Sets:
    """Coverage and size of the sets: overall and by label; `promised` is the coverage that they were made for."""

    promised: float | None
    coverage: Figure
    size: Figure
    single: Figure
    abstains: Figure
    by_label: tuple[Figure, ...]
    sizes: tuple[float, ...]


def sets_of(resamples: Resamples, rows: HeldOut, seen: Witnessed) -> Sets | None:
    """The sets of a candidate, or None where it gives none."""
    if seen.set_low is None or seen.set_high is None:
        return None
    inside, width = covers(rows, seen), widths(seen)
    abstains = np.zeros(rows.count, dtype=bool) if seen.abstains is None else seen.abstains
    kinds = len(rows.levels)
    everyone = resamples.counts(rows.label.astype(np.int64), kinds)
    covered = resamples.totals(rows.label.astype(np.int64), kinds, inside)
    return Sets(
        seen.promised,
        share_of(resamples, inside).figure(),
        share_of(resamples, width).figure(),
        share_of(resamples, width == 1).figure(),
        share_of(resamples, abstains).figure(),
        tuple(Estimate(share(covered[:, rank], everyone[:, rank])).figure() for rank in range(kinds)),
        tuple(float(part) for part in np.bincount(width, minlength=kinds + 1)[1:] / rows.count),
    )


def covers(rows: HeldOut, seen: Witnessed) -> NDArray[np.bool_]:
    """Whether each label lies in its set (n,)."""
    assert seen.set_low is not None
    assert seen.set_high is not None
    inside: NDArray[np.bool_] = (rows.label >= seen.set_low) & (rows.label <= seen.set_high)
    return inside


def widths(seen: Witnessed) -> NDArray[np.int64]:
    """How many levels each set holds (n,)."""
    assert seen.set_low is not None
    assert seen.set_high is not None
    return seen.set_high.astype(np.int64) - seen.set_low + 1


def share_of(resamples: Resamples, values: Array, rows: Array | None = None) -> Estimate:
    """The mean of `values` (n,) over the rows where `rows` is true."""
    kept = np.ones(len(values), dtype=bool) if rows is None else rows
    return Estimate(share(resamples.total(values * kept), resamples.total(kept)))
