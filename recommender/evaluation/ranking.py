"""How well scores rank: the area under the ROC curve, and under the precision-recall curve.

Scores are put into bins once, at the quantiles of everybody and of the positives. From then on each figure is a
function of two histograms, which the bootstrap multiplies by its weights. With up to BINS distinct scores nothing is
lost; with more, rows in one bin count as ties, which moves an AUC by less than 0.0001.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.estimate import Estimate, share
from recommender.evaluation.resampling import Resamples

Array = NDArray[Any]
BINS = 512


@dataclass(frozen=True)
class Histogram:
    """Positives and negatives in each bin of the score, lowest first: (1 + resamples, bins).

    `score` (bins,) is the mean score in each bin, on the data as they are.
    """

    positives: NDArray[np.float64]
    negatives: NDArray[np.float64]
    score: NDArray[np.float64]

    @property
    def both(self) -> NDArray[np.float64]:
        """Everybody in each bin."""
        return self.positives + self.negatives

    def auc(self) -> Estimate:
        """The chance that a positive has a higher score than a negative; ties count half."""
        below = np.cumsum(self.negatives, axis=1) - self.negatives / 2
        won = (self.positives * below).sum(axis=1)
        return Estimate(share(won, self.positives.sum(axis=1) * self.negatives.sum(axis=1)))

    def average_precision(self) -> Estimate:
        """The mean precision over the positives, highest score first."""
        found = np.cumsum(self.positives[:, ::-1], axis=1)
        taken = np.cumsum(self.both[:, ::-1], axis=1)
        weighted = np.nansum(share(found, taken) * self.positives[:, ::-1], axis=1)
        return Estimate(share(weighted, self.positives.sum(axis=1)))

    def roc(self) -> tuple[Array, Array]:
        """The false and the true positive rates, from (0, 0) to (1, 1), on the data as they are."""
        rates = []
        for counts in (self.negatives[0], self.positives[0]):
            climbed = np.concatenate([[0.0], np.cumsum(counts[::-1])])
            rates.append(climbed / max(climbed[-1], 1))
        return rates[0], rates[1]

    def prevalence(self) -> Estimate:
        """The share of positives: the AUPRC of a score that knows nothing."""
        return Estimate(share(self.positives.sum(axis=1), self.both.sum(axis=1)))


def histogram(
    resamples: Resamples, score: Array, positive: Array, rows: Array | None = None, bins: int = BINS
) -> Histogram:
    """The histograms of `score` (n,) by `positive` (n,), over the rows where `rows` (n,) is true."""
    kept = np.ones(len(score), dtype=bool) if rows is None else rows
    edges = edges_of(score[kept], positive[kept], bins)
    place = np.searchsorted(edges, score, side="right")
    size = len(edges) + 1
    codes = np.where(kept, place * 2 + positive, -1)
    counts = resamples.counts(codes, 2 * size).reshape(-1, size, 2)
    totals = np.bincount(place[kept], score[kept], minlength=size)
    filled = np.bincount(place[kept], minlength=size)
    return Histogram(counts[:, :, 1], counts[:, :, 0], totals / np.maximum(filled, 1))


def edges_of(score: Array, positive: Array, bins: int) -> NDArray[np.float64]:
    """The lower ends of all bins but the first."""
    distinct = np.unique(score)
    if len(distinct) <= bins:
        return distinct[1:].astype(np.float64)
    at = np.linspace(0, 1, bins // 2 + 1)[1:-1]
    chosen = [np.quantile(part, at) for part in (score, score[positive]) if len(part)]
    return np.unique(np.concatenate(chosen)).astype(np.float64)
