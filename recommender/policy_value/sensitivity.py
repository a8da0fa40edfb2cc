"""How strong something that nobody recorded would have to be to explain a difference away."""

from __future__ import annotations

import math

from recommender.policy_value.value import Estimated


def e_value(ratio: float) -> float:
    """The E-value of a ratio of two shares (VanderWeele and Ding 2017).

    Something unrecorded would have to make both the placement and the outcome so many times likelier, beyond all that
    is recorded, to explain the ratio away alone; 1 means that nothing is needed.
    """
    away = max(ratio, 1 / ratio) if ratio > 0 else math.inf
    return away + math.sqrt(away * (away - 1)) if math.isfinite(away) else math.inf


def e_values(difference: Estimated, now: float) -> tuple[float, float]:
    """The E-values of a difference from the share `now`, and of the end of its interval that is nearer to none."""
    if difference.low <= 0 <= difference.high:
        nearest = 0.0
    else:
        nearest = difference.low if difference.value > 0 else difference.high
    of_value, of_end = (e_value(max(1e-6, now + apart) / now) for apart in (difference.value, nearest))
    return of_value, of_end
