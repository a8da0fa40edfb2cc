"""Levels against levels: the confusion matrix on the ladder, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.estimate import Estimate, share
from recommender.evaluation.resampling import Resamples

Array = NDArray[Any]


@dataclass(frozen=True)
class Confusion:
    """How many people of each label were given each level: (1 + resamples, k, k), label first."""

    counts: NDArray[np.float64]

    @property
    def people(self) -> NDArray[np.float64]:
        """All people counted, (1 + resamples,)."""
        people: NDArray[np.float64] = self.counts.sum(axis=(1, 2))
        return people

    def part(self, where: Array) -> Estimate:
        """The share of people in the cells where `where` (k, k) is true."""
        return Estimate(share((self.counts * where).sum(axis=(1, 2)), self.people))

    def accuracy(self) -> Estimate:
        """Given just the level of the label."""
        return self.part(np.eye(self.size, dtype=bool))

    def within_one(self) -> Estimate:
        """Given a level at most one step away."""
        return self.part(np.abs(self.steps) <= 1)

    def under_placed(self) -> Estimate:
        """Given a lower level than the one at which they did well."""
        return self.part(self.steps < 0)

    def over_placed(self) -> Estimate:
        """Given a higher level than the one at which they did well."""
        return self.part(self.steps > 0)

    def kappa(self) -> Estimate:
        """Cohen's kappa with quadratic weights: agreement beyond chance, where two steps off weigh four times one."""
        weight = self.steps.astype(np.float64) ** 2
        labels, given = self.counts.sum(axis=2), self.counts.sum(axis=1)
        by_chance = np.einsum("ri,ij,rj->r", labels, weight, given) / np.maximum(self.people, 1)
        return Estimate(1 - share((self.counts * weight).sum(axis=(1, 2)), by_chance))

    def macro_f1(self) -> Estimate:
        """The mean F1 over the levels that stand among the labels."""
        hit = np.einsum("rii->ri", self.counts)
        f1 = share(2 * hit, self.counts.sum(axis=2) + self.counts.sum(axis=1))
        present = self.counts[0].sum(axis=1) > 0
        return Estimate(share(np.nansum(f1[:, present], axis=1), np.full(len(f1), present.sum())))

    @property
    def size(self) -> int:
        """How many levels there are."""
        return int(self.counts.shape[1])

    @property
    def steps(self) -> NDArray[np.int64]:
        """How many steps each cell lies above its label; negative: below."""
        ranks = np.arange(self.size)
        return ranks[None, :] - ranks[:, None]


def confusion_of(
    resamples: Resamples, label: Array, chosen: Array, levels: int, rows: Array | None = None
) -> Confusion:
    """The confusion of `chosen` (n,) with `label` (n,), over the rows that have both and are in `rows`."""
    counted = (chosen >= 0) & (label >= 0)
    if rows is not None:
        counted &= rows
    codes = np.where(counted, label.astype(np.int64) * levels + chosen, -1)
    return Confusion(resamples.counts(codes, levels * levels).reshape(-1, levels, levels))
