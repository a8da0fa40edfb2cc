"""The declared population: how common each answer is, which answers go together, and how much stays unknown.

`content/simulation.yaml` holds the figures, each with its source; `reading` makes these objects of it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from recommender.questionnaire import Questionnaire
from recommender.rules.tree import Node, Type

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands of values and how often a value falls into each; inside a band all values are equally likely.

    A scale, a choice or a yes/no has bands of one value each. `low` and `width` are arrays of k bands, `shares` add up
    to 1, `edges` and `normal_edges` are the k - 1 borders between them for a uniform and for a normal number.
    """

    low: Integers
    width: Integers
    shares: Floats
    edges: Floats
    normal_edges: Floats

    @classmethod
    def of(cls, low: list[int], high: list[int], weights: list[float]) -> Bands:
        """The bands from `low` to `high`, both included; the weights need not add up to anything."""
        shares = np.array(weights, dtype=np.float64) / math.fsum(weights)
        edges = np.clip(np.cumsum(shares)[:-1], 0, 1)
        normal_edges = np.array([_normal_edge(float(edge)) for edge in edges], dtype=np.float64)
        ends = np.array([low, high], dtype=np.int32)
        return cls(ends[0], ends[1] - ends[0] + 1, shares, edges, normal_edges)

    @property
    def wide(self) -> bool:
        """Whether any band holds more than one value."""
        return bool(self.width.max() > 1)


def _normal_edge(share: float) -> float:
    if 0 < share < 1:
        return NormalDist().inv_cdf(share)
    return math.inf if share >= 1 else -math.inf


@dataclass(frozen=True, slots=True)
class Between:
    """A number between two others, both included; `skew` above 1 draws it to the lower end, under 1 to the upper."""

    low: Node
    high: Node
    skew: float


@dataclass(frozen=True, slots=True)
class Follows:
    """No chance at all: the answer follows from other answers."""

    node: Node


Draw = Bands | Between | Follows


@dataclass(frozen=True, slots=True)
class Case:
    """How the answer comes about for the people for whom `when` is the first true condition."""

    when: Node
    draw: Draw
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One question, or one hidden fact: its cases, and the scores it leans on with their weights (-1 to 1).

    `left_open_unless` says who answers at all; `at_most` cuts the answer off at another one.
    """

    name: str
    type: Type
    cases: tuple[Case, ...]
    leans_on: Mapping[str, float]
    left_open_unless: Node | None = None
    at_most: Node | None = None

    @property
    def looks_inside(self) -> bool:
        """Whether a value has to be chosen inside a band or between two others."""
        draws = [case.draw for case in self.cases]
        return any(isinstance(draw, Between) or (isinstance(draw, Bands) and draw.wide) for draw in draws)


@dataclass(frozen=True, slots=True)
class Total:
    """A figure for the whole population that several entries together have to meet, in percent of those in `of`."""

    when: Node
    of: Node
    percent: float
    within: float
    source: str


@dataclass(frozen=True, slots=True)
class Gaps:
    """How much is unknown. Shares are from 0 to 1.

    Of the answers to ordinary questions, `share` is unknown; `whole_topics` of that because a topic was not asked at
    all. Of the answers to safety questions it is `safety` of that share. `kinds` says in which way a single answer is
    unknown, `ranges` how a question is answered roughly.
    """

    share: float
    whole_topics: float
    safety: float
    kinds: Mapping[str, float]
    ranges: Mapping[str, tuple[tuple[int, int], ...]]


@dataclass(frozen=True)
class SimulationModel:
    """The whole declaration. `scores` gives each hidden score as weights of independent normal numbers."""

    title: str
    version: str
    statement: str
    sources: Mapping[str, str]
    questionnaire: Questionnaire
    scores: Mapping[str, Floats]
    entries: Mapping[str, Entry]
    totals: tuple[Total, ...]
    gaps: Gaps
    hash: str

    @functools.cached_property
    def questions(self) -> tuple[str, ...]:
        """The questions that are answered; totals are left to their items."""
        return tuple(name for name in self.questionnaire.questions if name in self.entries)

    @functools.cached_property
    def leaning(self) -> dict[str, tuple[Floats, float]]:
        """By entry that leans on scores: its weights of the independent normal numbers, and what is left to chance."""
        found = {}
        for name, entry in self.entries.items():
            if entry.leans_on:
                weights = weighted(self.scores, entry.leans_on)
                found[name] = (weights, math.sqrt(1 - float(weights @ weights)))
        return found


def weighted(scores: Mapping[str, Floats], leans_on: Mapping[str, float]) -> Floats:
    """The weighted sum of scores, as weights of the independent normal numbers behind them."""
    total: Floats = np.sum([weight * scores[name] for name, weight in leans_on.items()], axis=0)
    return total
