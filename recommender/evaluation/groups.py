"""The same figures by group of people, and the gaps between groups.

Small cells are not shown: a group of 1 to 10 people, or a rate that stands for 1 to 10 of them. What is hidden cannot
be worked out from the sizes of the other groups (`recommender.impact.disclosure`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.estimate import NOTHING, Estimate, Figure, mean_of
from recommender.evaluation.held_out import Grouped, HeldOut, Witnessed
from recommender.evaluation.measures import step_bins
from recommender.evaluation.placement import confusion_of
from recommender.evaluation.ranking import histogram
from recommender.evaluation.resampling import Resamples
from recommender.evaluation.sets import covers, share_of
from recommender.impact.disclosure import is_small, shown

Array = NDArray[Any]
# A gap between groups of a few people says nothing but chance.
FEWEST_FOR_GAP = 200
GROUP_BINS = 128
COLUMNS: Mapping[str, str] = {
    "auc_iop": "AUC, IOP",
    "ece": "ECE",
    "under_placed": "Lower",
    "over_placed": "Higher",
    "coverage": "Coverage",
}
RATES = ("under_placed", "over_placed", "coverage")
NOT_RECORDED = "not recorded"


@dataclass(frozen=True)
class GroupFigures:
    """One group: its size to the nearest ten (None: hidden) and its figures by column."""

    name: str
    people: int | None
    figures: Mapping[str, Figure]
    ece_floor: float | None
    in_gap: bool


@dataclass(frozen=True)
class GroupingFigures:
    """All groups of one kind, and for each column the largest difference between two groups that are large enough."""

    title: str
    groups: tuple[GroupFigures, ...]
    gaps: Mapping[str, Figure]


def by_group(resamples: Resamples, rows: HeldOut, seen: Witnessed, grouped: Grouped) -> GroupingFigures:
    """The figures of each group that has anybody in it."""
    names = (*grouped.names, NOT_RECORDED)
    codes = np.where(grouped.codes < 0, len(grouped.names), grouped.codes)
    sizes = np.bincount(codes, minlength=len(names))
    present = np.flatnonzero(sizes)
    told = shown([int(sizes[group]) for group in present])
    found, large = [], []
    for group, people in zip(present, told.cells, strict=True):
        kept = codes == group
        estimates = {} if people is None else figures_of(resamples, rows, seen, kept)
        floor = None if people is None else floor_of(resamples, rows, seen, kept)
        in_gap = bool(people is not None and sizes[group] >= FEWEST_FOR_GAP and names[group] != NOT_RECORDED)
        if in_gap:
            large.append(estimates)
        figures = {name: veiled(name, estimate, int(sizes[group])) for name, estimate in estimates.items()}
        found.append(GroupFigures(names[group], people, figures, floor, in_gap))
    return GroupingFigures(grouped.title, tuple(found), gaps_between(large))


def figures_of(resamples: Resamples, rows: HeldOut, seen: Witnessed, kept: Array) -> dict[str, Estimate]:
    """The estimates of one group, by column."""
    found = {}
    confusion = confusion_of(resamples, rows.label, seen.chosen, len(rows.levels), kept)
    if rows.iop is not None and not is_small(int(np.sum(rows.label[kept] == rows.iop))):
        positive = rows.label == rows.iop
        found["auc_iop"] = histogram(resamples, seen.exactly(rows.iop), positive, kept, GROUP_BINS).auc()
    if seen.probabilities is not None:
        found["ece"] = mean_of([binned.ece() for binned in step_bins(resamples, rows, seen, kept)])
    found |= {"under_placed": confusion.under_placed(), "over_placed": confusion.over_placed()}
    if seen.set_low is not None:
        found["coverage"] = share_of(resamples, covers(rows, seen), kept)
    return found


def floor_of(resamples: Resamples, rows: HeldOut, seen: Witnessed, kept: Array) -> float | None:
    """The ECE that a perfect model would have in this group."""
    if seen.probabilities is None:
        return None
    return float(np.mean([binned.expected_floor() for binned in step_bins(resamples, rows, seen, kept)]))


def veiled(column: str, estimate: Estimate, people: int) -> Figure:
    """The figure, or nothing where it would give away a count from 1 to 10."""
    if column in RATES and np.isfinite(estimate.value):
        part = round(estimate.value * people)
        if is_small(part) or is_small(people - part):
            return NOTHING
    return estimate.figure()


def gaps_between(groups: list[dict[str, Estimate]]) -> dict[str, Figure]:
    """The largest less the smallest, by column. It is above 0 by chance alone; its interval says how far."""
    gaps = {}
    for column in COLUMNS:
        draws = [group[column].draws for group in groups if column in group and np.isfinite(group[column].value)]
        if len(draws) > 1:
            gaps[column] = Estimate(np.max(draws, axis=0) - np.min(draws, axis=0)).without_lift().figure()
    return gaps
