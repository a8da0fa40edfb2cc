"""A figure and how sure it is: its value on the data as they are, and on each resample of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
INTERVAL = (0.025, 0.975)
# An interval is given only where the figure exists in nearly all resamples.
FEWEST_DEFINED = 0.9


class Figure(NamedTuple):
    """A value with the ends of its 95 % interval; None where it is not defined, or may not be shown."""

    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


NOTHING = Figure(None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure under all weightings: `draws` is (1 + resamples,), the first on the data as they are."""

    draws: NDArray[np.float64]

    @property
    def value(self) -> float:
        """The figure on the data as they are; NaN where it is not defined."""
        return float(self.draws[0])

    def __sub__(self, other: Estimate) -> Estimate:
        """The difference, resample by resample: both must come from the same resamples of the same rows."""
        return Estimate(self.draws - other.draws)

    def without_lift(self) -> Estimate:
        """The same with its resamples moved down to where their mean is the value, but not below 0.

        For what chance alone lifts above 0, as a mean distance or a largest difference: each resample adds chance once
        more, and an interval of them as they are may lie wholly above the value.
        """
        lift = np.nanmean(self.draws[1:]) - self.draws[0] if np.isfinite(self.draws[1:]).any() else 0.0
        return Estimate(np.concatenate([self.draws[:1], np.maximum(self.draws[1:] - max(lift, 0.0), 0.0)]))

    def figure(self) -> Figure:
        """The value with its percentile interval."""
        if not math.isfinite(self.value):
            return NOTHING
        drawn = self.draws[1:]
        drawn = drawn[np.isfinite(drawn)]
        if len(drawn) == 0 or len(drawn) < FEWEST_DEFINED * (len(self.draws) - 1):
            return Figure(self.value)
        low, high = np.quantile(drawn, INTERVAL)
        return Figure(self.value, float(low), float(high))


def share(part: Array, whole: Array) -> NDArray[np.float64]:
    """`part / whole`, NaN where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)


def mean_of(estimates: list[Estimate]) -> Estimate:
    """The mean of those that are defined on the data as they are."""
    defined = [estimate.draws for estimate in estimates if math.isfinite(estimate.value)]
    if not defined:
        return estimates[0] if estimates else Estimate(np.array([np.nan]))
    return Estimate(np.mean(defined, axis=0))
