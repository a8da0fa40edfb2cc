"""What a model is given and what it makes of it: how much is unknown, and the effect of each answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.resampling import FEWEST_SITES

Array = NDArray[Any]


@dataclass(frozen=True)
class Unknown:
    """How often a question has no answer, as a share of people.

    `sites` are the shares at the tenth and the ninetieth of a hundred sites; None where there are too few sites.
    """

    question: str
    share: float
    sites: tuple[float, float] | None


@dataclass(frozen=True)
class Shape:
    """What a model makes of one question: for each cell its words, how many people have it, and its effect.

    `effects` (steps, cells) are added to the log-odds of "at this level or above". The last cell is unknown; the others
    are `ordered`, or a list of choices.
    """

    question: str
    title: str
    cells: tuple[str, ...]
    people: tuple[int, ...]
    effects: tuple[tuple[float, ...], ...]
    ordered: bool = True

    @property
    def reach(self) -> float:
        """The widest difference that this question can make at one step, in log-odds."""
        return max((max(step) - min(step) for step in self.effects if step), default=0.0)


def unknown_profile(unknown: Mapping[str, Array], site: Array) -> tuple[Unknown, ...]:
    """The profile of each question, those least often answered first. `unknown` holds one column (n,) a question."""
    found = [Unknown(name, float(np.mean(column)), spread(column, site)) for name, column in unknown.items()]
    return tuple(sorted(found, key=lambda entry: -entry.share))


def spread(column: Array, site: Array) -> tuple[float, float] | None:
    """The tenth and ninetieth percentile over sites of the share unknown."""
    known = site >= 0
    people = np.bincount(site[known]) if known.any() else np.zeros(0)
    if np.count_nonzero(people) < FEWEST_SITES:
        return None
    shares = np.bincount(site[known], column[known])[people > 0] / people[people > 0]
    low, high = np.quantile(shares, (0.1, 0.9))
    return float(low), float(high)
