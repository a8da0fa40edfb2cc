"""What ways of placing are worth for the people of a cohort, beside current practice, or why it cannot be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, Unanswerable
from recommender.glass_box import GlassBox
from recommender.learning.cohort import Cohort
from recommender.policy import Policy
from recommender.policy_value.nuisance import FOLDS, Nuisance, learn
from recommender.policy_value.overlap import RAREST, Overlap, overlap_of, refusal
from recommender.policy_value.policies import ways_of_placing, with_the_usual_beds, without_beds
from recommender.policy_value.sensitivity import e_values
from recommender.policy_value.study import Study, study_of
from recommender.policy_value.value import (
    Estimated,
    bed_scores,
    error_of,
    estimated,
    naive_difference,
    scores,
    share_for_equal_beds,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WayValue:
    """One way of placing: its value, and how it differs from practice on the same people.

    `bed_days` are nights in a bed a person within the horizon. `equal_beds` is the difference if it had to do with as
    many as practice uses: only `share` of people are placed so, and the rest as `instead` says. Both are None where
    stays are not known, or no share does.
    """

    name: str
    overlap: Overlap
    agrees: float
    value: Estimated
    difference: Estimated
    e_values: tuple[float, float]
    naive: float | None
    bed_days: Estimated | None
    equal_beds: Estimated | None
    share: float | None
    instead: str


@dataclass(frozen=True)
class Answer:
    """The answer for one cohort and outcome. `people` are those for whom every way has some overlap."""

    outcome: str
    horizon: int
    counts: Mapping[str, int]
    people: int
    clusters: int
    levels: tuple[str, ...]
    practice: Estimated
    practice_bed_days: Estimated | None
    ways: tuple[WayValue, ...]
    refused: Mapping[str, Fault]
    refused_overlap: Mapping[str, Overlap]
    simulated: bool


def policy_value(
    cohort: Cohort,
    policy: Policy,
    outcome: str = "retained_90",
    *,
    model: GlassBox | None = None,
    folds: int = FOLDS,
    seed: int = 1,
    jobs: int = 1,
) -> Answer:
    """What the rules, and a model, would be worth for these people, by an outcome at a fixed number of days.

    Raises InputError for a cohort that says too little, and Unanswerable where people like these were hardly ever
    placed as any of the ways would place them.
    """
    study = study_of(cohort, outcome)
    return value_of(study, ways_of_placing(study, policy, model), learn(study, folds=folds, seed=seed, jobs=jobs))


def value_of(study: Study, ways: Mapping[str, Floats], nuisance: Nuisance) -> Answer:
    """The same for any ways of placing, each (n, groups), once placements and outcomes are learned."""
    overlaps = {name: overlap_of(way, nuisance.chance, study.placed) for name, way in ways.items()}
    refused = {name: fault for name, overlap in overlaps.items() if (fault := refusal(name, overlap))}
    told = {name: way for name, way in ways.items() if name not in refused}
    if not told:
        raise Unanswerable(refused.values())
    kept = np.ones(len(study), bool)
    for way in told.values():
        kept &= (way * nuisance.chance).sum(axis=1) >= RAREST
    cluster = study.cluster[kept]
    bed_days_known = bool(np.isfinite(nuisance.bed_days).all())
    nights = np.where(np.isfinite(study.bed_days), study.bed_days, 0.0)
    return Answer(
        outcome=study.name,
        horizon=study.horizon,
        counts=study.counts,
        people=int(kept.sum()),
        clusters=len(np.unique(cluster)),
        levels=tuple(group.name for group in study.groups),
        practice=estimated(study.outcome[kept], cluster),
        practice_bed_days=estimated(nights[kept], cluster) if bed_days_known else None,
        ways=tuple(
            way_value(name, way, study, nuisance, kept, overlaps[name], bed_days_known) for name, way in told.items()
        ),
        refused=refused,
        refused_overlap={name: overlaps[name] for name in refused},
        simulated=bool(np.char.startswith(study.cohort.ids, "SYN-").all()),
    )


def way_value(
    name: str,
    way: Floats,
    study: Study,
    nuisance: Nuisance,
    kept: NDArray[np.bool_],
    overlap: Overlap,
    bed_days_known: bool,
) -> WayValue:
    """One way of placing, on the people who are kept."""
    cluster = study.cluster[kept]
    parts = scores(way, study, nuisance)[kept]
    now = study.outcome[kept]
    difference = estimated(parts - now, cluster)
    equal, share, instead, bed_days = None, None, "", None
    if bed_days_known:
        bed_days = estimated(bed_scores(way, study, nuisance)[kept], cluster)
        equal, share, instead = at_equal_beds(way, study, nuisance, kept)
    agrees = float(way[np.arange(len(study)), study.placed][kept].mean())
    return WayValue(
        name,
        overlap,
        agrees,
        estimated(parts, cluster),
        difference,
        e_values(difference, float(now.mean())),
        naive_difference(way, study),
        bed_days,
        equal,
        share,
        instead,
    )


LIGHTER = "the most that needs no bed"
USUAL = "it, except that whoever practice gives a bed keeps one"


def at_equal_beds(
    way: Floats, study: Study, nuisance: Nuisance, kept: NDArray[np.bool_]
) -> tuple[Estimated | None, float | None, str]:
    """The difference from practice if a way had to do with as many nights in a bed a person.

    Where it needs more, a part of the people, drawn by lot, get the most that needs no bed; where it needs fewer, a
    part keep the bed that practice gives. The lot makes the nights equal on average. Its share is estimated too; the
    interval counts that in (delta method).
    """
    own_beds, now_beds = bed_scores(way, study, nuisance)[kept], np.nan_to_num(study.bed_days)[kept]
    more = own_beds.mean() > now_beds.mean()
    rest = without_beds(study, way) if more else with_the_usual_beds(study, way, nuisance.chance)
    rest_beds = bed_scores(rest, study, nuisance)[kept]
    share = share_for_equal_beds(float(own_beds.mean()), float(rest_beds.mean()), float(now_beds.mean()))
    instead = LIGHTER if more else USUAL
    if share is None:
        return None, None, instead
    own, other = scores(way, study, nuisance)[kept], scores(rest, study, nuisance)[kept]
    mixed = share * own + (1 - share) * other - study.outcome[kept]
    apart = own_beds.mean() - rest_beds.mean()
    # How the share moves with what each person says of the nights.
    swing = (now_beds - share * own_beds - (1 - share) * rest_beds) / apart if abs(apart) > 1e-9 else 0.0
    mean = float(mixed.mean())
    error = error_of(mixed - mean + swing * (own.mean() - other.mean()), study.cluster[kept])
    return Estimated(mean, mean - error, mean + error), share, instead
