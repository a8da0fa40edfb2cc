"""Decision curves: what using a model is worth, at each exchange rate between a miss and a false alarm.

Net benefit at a threshold t is the share of true positives less the share of false positives times t / (1 - t)
(Vickers and Elkin 2006, doi:10.1177/0272989X06295361). Whoever sends to a level at a probability of t says by that that
missing one person is as bad as (1 - t) / t false alarms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.estimate import Estimate, Figure
from recommender.evaluation.ranking import Histogram
from recommender.evaluation.resampling import Resamples

Array = NDArray[Any]
THRESHOLDS = tuple(round(float(t), 2) for t in np.arange(0.05, 0.96, 0.05))


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit at each of THRESHOLDS: of the candidate, and of sending everybody. Sending nobody is worth 0."""

    benefit: tuple[Figure, ...]
    everybody: tuple[Figure, ...]


def by_probability(histogram: Histogram) -> DecisionCurve:
    """The curve of acting on a probability."""
    people = histogram.both.sum(axis=1)
    # The share above each threshold, whole bins at a time: a bin belongs above it if its mean does.
    above = histogram.score[:, None] >= np.array(THRESHOLDS)
    hits, alarms = histogram.positives @ above, histogram.negatives @ above
    return DecisionCurve(curve(hits, alarms, people), sending_all(histogram.positives, histogram.negatives))


def by_choice(resamples: Resamples, sent: Array, positive: Array) -> DecisionCurve:
    """The curve of a candidate that has no probability and always acts in the same way: `sent` (n,) is true."""
    counts = resamples.counts(sent.astype(np.int64) * 2 + positive, 4).reshape(-1, 2, 2)
    hits, alarms = (np.repeat(counts[:, 1, [kind]], len(THRESHOLDS), axis=1) for kind in (1, 0))
    return DecisionCurve(curve(hits, alarms, counts.sum(axis=(1, 2))), sending_all(counts[:, :, 1], counts[:, :, 0]))


def sending_all(positives: Array, negatives: Array) -> tuple[Figure, ...]:
    """The curve of sending everybody."""
    hits, alarms = (np.repeat(c.sum(axis=1, keepdims=True), len(THRESHOLDS), axis=1) for c in (positives, negatives))
    return curve(hits, alarms, (hits + alarms)[:, 0])


def curve(hits: Array, alarms: Array, people: Array) -> tuple[Figure, ...]:
    """Net benefit from counts (1 + resamples, thresholds)."""
    at = np.array(THRESHOLDS)
    worth = (hits - alarms * at / (1 - at)) / np.maximum(people, 1)[:, None]
    return tuple(Estimate(worth[:, place]).figure() for place in range(len(at)))
