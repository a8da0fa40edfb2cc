"""Shares of people with 95 % intervals, from shown counts alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from recommender.impact.disclosure import behind

# The normal number that 97.5 percent lie below.
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """Some people of several: `people` as shown (None: hidden), their share and its 95 % interval (0 to 1)."""

    people: int | None
    share: float | None = None
    low: float | None = None
    high: float | None = None


def share_of(part: int | None, rest: Sequence[int | None]) -> Share:
    """The share of `part` among itself and the `rest`; without a figure where one of them is hidden.

    The interval is Wilson's (1927), which keeps its promise also for few people and for shares near 0 and 1, where the
    usual one does not. It is widened to hold whatever the rounded counts may stand for. It treats the cohort as drawn
    from many people like these.
    """
    others = [count for count in rest if count is not None]
    if part is None or not rest or len(others) < len(rest) or part + sum(others) == 0:
        return Share(part)
    fewest, most = behind(part)
    others_least, others_most = (sum(ends) for ends in zip(*(behind(count) for count in others), strict=True))
    low, _ = wilson(fewest, fewest + others_most)
    _, high = wilson(most, most + others_least)
    return Share(part, part / (part + sum(others)), low, high)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Wilson's 95 % score interval for a share of `part` in `whole`."""
    if whole == 0:
        return 0.0, 1.0
    share, square = part / whole, NORMAL_95**2
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    reach = NORMAL_95 / (1 + square / whole) * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    return max(0.0, middle - reach), min(1.0, middle + reach)
