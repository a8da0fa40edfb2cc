"""Two models on the same people: each figure of either, and the difference with its interval.

Models may tell different levels apart. They are compared on the levels that both do: every border that both have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.estimate import Figure
from recommender.evaluation.held_out import Witnessed
from recommender.evaluation.measures import measures_of
from recommender.evaluation.resampling import RESAMPLES, resample
from recommender.glass_box.tables import GlassBox, LevelGroup
from recommender.judging.judged import Split, kept_then, split_for, with_labels
from recommender.judging.verdicts import verdicts
from recommender.learning.cohort import Cohort
from recommender.policy import Policy


@dataclass(frozen=True)
class Comparison:
    """The measures of two models on the same people, and those of the first less those of the second.

    `levels` are those that both tell apart. `how` says who the people are.
    """

    people: int
    how: str
    levels: tuple[LevelGroup, ...]
    first: Mapping[str, Figure]
    second: Mapping[str, Figure]
    differences: Mapping[str, Figure]


def compare(
    first: GlassBox, second: GlassBox, policy: Policy, cohort: Cohort, *, seed: int = 0, resamples: int = RESAMPLES
) -> Comparison:
    """Two models on those of a cohort whom the first is judged on and the second was not made from.

    Raises InputError where they are too few. Whom the second has seen of a cohort that it was not made from is not
    known; that could only favour it.
    """
    split = split_for(first, cohort)
    judged = split.everybody.take(unseen_by(second, cohort, split)).cohort
    levels = in_both(first.groups, second.groups)
    rows = with_labels(judged, levels, str(first.about["success"])).rows
    drawn = resample(rows.site, rows.person, seed=seed, resamples=resamples)
    of_first, of_second = (
        measures_of(drawn, rows, in_levels(verdicts(model, policy, judged).of_model(), model.groups, levels))
        for model in (first, second)
    )
    return Comparison(
        rows.count,
        split.how,
        levels,
        {name: estimate.figure() for name, estimate in of_first.items()},
        {name: estimate.figure() for name, estimate in of_second.items()},
        {name: (of_first[name] - of_second[name]).figure() for name in of_first if name in of_second},
    )


def unseen_by(other: GlassBox, cohort: Cohort, split: Split) -> NDArray[np.intp]:
    """The positions of the judged that another model was not made from, as far as its file tells."""
    people = with_labels(cohort, other.groups, str(other.about["success"])).cohort
    kept, _ = kept_then(other, people)
    if kept is None:
        return split.places
    learned = np.setdiff1d(np.arange(people.count), kept)
    ids = split.everybody.cohort.ids[split.places]
    return split.places[~np.isin(ids, people.ids[learned])]


def in_both(first: Sequence[LevelGroup], second: Sequence[LevelGroup]) -> tuple[LevelGroup, ...]:
    """The finest levels that two models both tell apart. The intensive outpatient level stands alone in every model."""
    ends = sorted({group.highest for group in first} & {group.highest for group in second})
    named = {(group.lowest, group.highest): group.name for group in (*first, *second)}
    starts = [0, *(end + 1 for end in ends[:-1])]
    return tuple(
        LevelGroup(named.get((low, high), f"levels {low} to {high}"), low, high)
        for low, high in zip(starts, ends, strict=True)
    )


def in_levels(seen: Witnessed, own: Sequence[LevelGroup], levels: Sequence[LevelGroup]) -> Witnessed:
    """What a candidate says, in coarser levels than its own."""
    place = np.array([next(p for p, wide in enumerate(levels) if group.highest <= wide.highest) for group in own])
    assert seen.probabilities is not None
    assert seen.set_low is not None
    assert seen.set_high is not None
    summed = seen.probabilities @ np.eye(len(levels))[place]
    low, high = place[seen.set_low], place[seen.set_high]
    return replace(seen, chosen=place[seen.chosen], probabilities=summed, set_low=low, set_high=high)
