"""Whether a probability means what it says: of the people given 30 %, do 30 in 100 turn out so?

A perfect model, too, has an expected calibration error (ECE) above 0, since each bin holds a chance number of people.
That *noise floor* stands beside every ECE: it is what labels drawn from the model's own probabilities would give.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.estimate import Estimate, Figure, share
from recommender.evaluation.ranking import Histogram

CURVE_BINS = 10
FLOOR_DRAWS = 400
NEWTON_STEPS = 25
# Probabilities this near to 0 or 1 are moved here before the logit is taken.
NEAREST = 1e-6
# A slope is looked for only where there are this many of either outcome.
FEWEST_EVENTS = 20


@dataclass(frozen=True)
class CurvePoint:
    """One bin of a calibration curve: the mean probability, the share that came true, and how many people."""

    predicted: float
    observed: Figure
    people: int


@dataclass(frozen=True)
class Calibration:
    """How one kind of probability is calibrated. A slope of 1 and an intercept of 0 are perfect.

    A slope below 1 says that the probabilities are too extreme. The intercept is calibration in the large: above 0, it
    happens more often than the model says. `noise_floor` is the mean ECE of a perfect model on as many people; in 95 of
    100 cases its ECE is at most `high`.
    """

    curve: tuple[CurvePoint, ...]
    ece: Figure
    noise_floor: Figure
    slope: Figure
    intercept: Figure
    brier: Figure


def calibration_of(histogram: Histogram, *, seed: int = 0) -> Calibration:
    """The calibration of the probabilities in a histogram."""
    points = Binned.of(histogram)
    slope, intercept = slope_and_intercept(histogram)
    return Calibration(
        points.curve(),
        points.ece().figure(),
        points.noise_floor(seed),
        slope.figure(),
        intercept.figure(),
        brier_of(histogram).figure(),
    )


@dataclass(frozen=True)
class Binned:
    """About equally many people in each of a few bins: counts (1 + resamples, bins) and the mean probability."""

    positives: NDArray[np.float64]
    both: NDArray[np.float64]
    promised: NDArray[np.float64]

    @classmethod
    def of(cls, histogram: Histogram, bins: int = CURVE_BINS) -> Binned:
        """The bins of a histogram put together into about `bins`."""
        both = histogram.both
        middle = np.cumsum(both[0]) - both[0] / 2
        coarse = np.minimum((middle / max(both[0].sum(), 1) * bins).astype(int), bins - 1)
        starts = np.flatnonzero(np.diff(coarse, prepend=-1))
        sums = [np.add.reduceat(a, starts, axis=1) for a in (histogram.positives, both, both * histogram.score)]
        return cls(*sums)

    def predicted(self) -> NDArray[np.float64]:
        """The mean probability in each bin."""
        return share(self.promised, self.both)

    def ece(self) -> Estimate:
        """The mean distance between what was said and what came true, weighted by people."""
        apart = np.abs(self.positives - self.promised).sum(axis=1)
        return Estimate(share(apart, self.both.sum(axis=1))).without_lift()

    def noise_floor(self, seed: int) -> Figure:
        """The ECE that remains if every probability is true."""
        people, chance = self.both[0].astype(int), np.clip(np.nan_to_num(self.predicted()[0]), 0, 1)
        drawn = np.random.default_rng(seed).binomial(people, chance, size=(FLOOR_DRAWS, len(people)))
        errors = np.abs(drawn - people * chance).sum(axis=1) / max(people.sum(), 1)
        return Figure(float(errors.mean()), 0.0, float(np.quantile(errors, 0.95)))

    def expected_floor(self) -> float:
        """The mean of the noise floor, by the normal approximation: quick enough for every group."""
        people, chance = self.both[0], np.clip(np.nan_to_num(self.predicted()[0]), 0, 1)
        return float(np.sqrt(2 / np.pi * people * chance * (1 - chance)).sum() / max(people.sum(), 1))

    def curve(self) -> tuple[CurvePoint, ...]:
        """One point for each bin."""
        observed, predicted = share(self.positives, self.both), self.predicted()[0]
        return tuple(
            CurvePoint(float(predicted[bin_]), Estimate(observed[:, bin_]).figure(), int(self.both[0, bin_]))
            for bin_ in range(len(predicted))
        )


def brier_of(histogram: Histogram) -> Estimate:
    """The mean squared distance between probability and outcome, up to the width of a bin."""
    chance = histogram.score
    squares = histogram.positives @ (1 - chance) ** 2 + histogram.negatives @ chance**2
    return Estimate(share(squares, histogram.both.sum(axis=1)))


def slope_and_intercept(histogram: Histogram) -> tuple[Estimate, Estimate]:
    """The slope of a logistic regression of the outcome on the logit, and the intercept where the slope is held at 1.

    Cox 1958; calibration in the large and the slope as in Van Calster 2019 (doi:10.1186/s12916-019-1466-7).
    """
    if min(histogram.positives[0].sum(), histogram.negatives[0].sum()) < FEWEST_EVENTS:
        nothing = Estimate(np.full(len(histogram.positives), np.nan))
        return nothing, nothing
    chance = np.clip(histogram.score, NEAREST, 1 - NEAREST)
    logit = np.log(chance / (1 - chance))
    weights = np.ones(len(histogram.positives))
    start = np.zeros_like(weights)
    _, slope = newton(histogram, logit, start, weights, free_slope=True)
    intercept, _ = newton(histogram, logit, start, weights, free_slope=False)
    return Estimate(slope), Estimate(intercept)


def newton(
    histogram: Histogram,
    logit: NDArray[np.float64],
    intercept: NDArray[np.float64],
    slope: NDArray[np.float64],
    *,
    free_slope: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logistic regression in all resamples at once: intercepts and slopes (1 + resamples,).

    One that does not settle, because a resample holds one outcome alone or tells the two apart without error, is NaN.
    """
    positives, both = histogram.positives, histogram.both
    for _ in range(NEWTON_STEPS):
        expected = 1 / (1 + np.exp(-np.clip(intercept[:, None] + slope[:, None] * logit, -30, 30)))
        missing, spread = positives - both * expected, both * expected * (1 - expected)
        g0, h00 = missing.sum(axis=1), spread.sum(axis=1)
        if not free_slope:
            step = share(g0, h00)
            intercept = intercept + step
        else:
            g1, h01, h11 = missing @ logit, spread @ logit, spread @ logit**2
            determinant = h00 * h11 - h01 * h01
            step = share(h00 * g1 - h01 * g0, determinant)
            slope, intercept = slope + step, intercept + share(h11 * g0 - h01 * g1, determinant)
        if np.nanmax(np.abs(step)) < 1e-9:
            break
    settled = np.abs(step) < 1e-3
    return np.where(settled, intercept, np.nan), np.where(settled, slope, np.nan)
