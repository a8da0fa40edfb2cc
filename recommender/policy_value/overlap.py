"""Whether people like these were ever placed so. Where they were not, no method can say what it is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault

Floats = NDArray[np.float64]
# A placement that was less likely than this says nothing about the people it would be new to.
RAREST = 0.01
MOST_TRIMMED = 0.10
FEWEST_EFFECTIVE = 100.0
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95)
REMEDY = "These records cannot say. Only other records, or a trial, can."


@dataclass(frozen=True)
class Overlap:
    """How likely practice was to place people where a way would place them.

    `quantiles` are those at 1, 5, 25, 50, 75 and 95 of 100 people; `trimmed` the share for whom it was hardly ever
    done; `effective` how many people the answer rests on, as if all weighed the same.
    """

    quantiles: tuple[float, ...]
    trimmed: float
    matched: int
    effective: float


def overlap_of(way: Floats, chance: Floats, placed: NDArray[np.int8]) -> Overlap:
    """The overlap of one way of placing (n, k) with practice, of which `chance` (n, k) is how likely each level was."""
    likely = (way * chance).sum(axis=1)
    rows = np.arange(len(placed))
    weight = np.where(likely >= RAREST, way[rows, placed] / chance[rows, placed], 0.0)
    effective = weight.sum() ** 2 / max(float((weight**2).sum()), 1e-12)
    return Overlap(
        tuple(float(value) for value in np.quantile(likely, QUANTILES)),
        float((likely < RAREST).mean()),
        int(np.count_nonzero(weight)),
        float(effective),
    )


def refusal(name: str, overlap: Overlap) -> Fault | None:
    """Why nothing can be told of a way of placing, or None if something can."""
    if overlap.trimmed > MOST_TRIMMED:
        what = f"no answer for `{name}`: it would place many people where people like them were hardly ever placed"
        given = f"{overlap.trimmed:.0%} of people had a chance below {RAREST:.0%}"
        return Fault(what, given=given, allowed=f"at most {MOST_TRIMMED:.0%}", remedy=REMEDY)
    if overlap.effective < FEWEST_EFFECTIVE:
        what = f"no answer for `{name}`: too few people were placed as it would place them"
        given = f"worth {overlap.effective:.0f} people, after weighing"
        return Fault(what, given=given, allowed=f"at least {FEWEST_EFFECTIVE:.0f}", remedy=REMEDY)
    return None
