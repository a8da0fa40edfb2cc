"""Prediction sets: the levels that similar people were placed at, without gaps on the ladder.

A set grows from the likeliest level, always to the likelier of its two neighbours, until what lies outside is little
enough. How little is found on people that the model was not made from (split conformal), for each group of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.glass_box.features import Codes, Feature
from recommender.glass_box.tables import SetRule

Floats = NDArray[np.float64]
Ranks = NDArray[np.int8]


def mass_before(probabilities: Floats) -> Floats:
    """(n, k): the chances that a growing set has gathered before each level joins it; 0 for the likeliest.

    Of two equal neighbours the higher joins first: where nothing else decides, more care is the safer guess.
    """
    count, levels = probabilities.shape
    rows = np.arange(count)
    # A border on both sides that never joins.
    padded = np.full((count, levels + 2), -1.0)
    padded[:, 1:-1] = probabilities
    low = probabilities.argmax(axis=1) + 1
    high = low.copy()
    gathered = padded[rows, low]
    result = np.zeros((count, levels))
    for _ in range(levels - 1):
        below, above = padded[rows, low - 1], padded[rows, high + 1]
        up = above >= below
        joins = np.where(up, high + 1, low - 1)
        result[rows, joins - 1] = gathered
        gathered = gathered + np.where(up, above, below)
        high = np.where(up, joins, high)
        low = np.where(up, low, joins)
    return result


def group_of(features: Sequence[Feature], by: Sequence[int], codes: Codes) -> NDArray[np.intp]:
    """The group of each person (n,): the cells of the features `by`, the last varying fastest."""
    group = np.zeros(len(codes), dtype=np.intp)
    for column in by:
        group = group * (features[column].unknown + 1) + codes[:, column]
    return group


def groups_in(features: Sequence[Feature], by: Sequence[int]) -> int:
    """How many groups there are."""
    return int(np.prod([features[column].unknown + 1 for column in by], dtype=np.int64))


def prediction_sets(
    rule: SetRule, features: Sequence[Feature], codes: Codes, probabilities: Floats
) -> tuple[Ranks, Ranks]:
    """The lowest and the highest level (n,) of everybody's set; the set holds all between."""
    thresholds = np.array(rule.thresholds)[group_of(features, rule.by, codes)]
    inside = mass_before(probabilities) < thresholds[:, None]
    low = inside.argmax(axis=1)
    high = probabilities.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    return low.astype(np.int8), high.astype(np.int8)
