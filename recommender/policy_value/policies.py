"""Ways of placing people, each a chance of every group of levels for everybody."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.assessment import assess
from recommender.glass_box import GlassBox, opinion_of_answers
from recommender.policy import Policy
from recommender.policy_value.study import FIRST_BED, Study, group_at

Floats = NDArray[np.float64]
RULES, MODEL, BOTH = "rules", "model", "model above the rules' floor"


def ways_of_placing(study: Study, policy: Policy, model: GlassBox | None = None) -> dict[str, Floats]:
    """(n, groups) for the rules, and with a model also for it alone and for both; each row has a single 1.

    The rules place at the least level that is certain, so a thin record is placed low. Placing is worked out from
    answers alone.
    """
    cohort = study.cohort
    found = assess(policy, cohort.answers)
    ways = {RULES: one_each(study, group_at(study.groups, found.level_at_least))}
    if model is not None:
        bounds = found.level_at_least, found.level_at_most
        said = opinion_of_answers(model, policy.questionnaire, cohort.answers, *bounds)
        lowest = np.array([group.lowest for group in model.groups])
        ways[MODEL] = one_each(study, group_at(study.groups, lowest[said.probabilities.argmax(axis=1)]))
        chosen = np.maximum(lowest[said.suggestion], found.level_at_least)
        ways[BOTH] = one_each(study, group_at(study.groups, chosen))
    return ways


def one_each(study: Study, group: NDArray[np.int8]) -> Floats:
    """Everybody at just one group of levels."""
    return np.eye(len(study.groups))[group]


def without_beds(study: Study, way: Floats) -> Floats:
    """The same way of placing if there were no beds: whoever was to have one gets the most that needs none."""
    beds = bed_groups(study)
    highest = int(np.flatnonzero(~beds).max())
    moved = np.where(beds, 0.0, way)
    moved[:, highest] += way[:, beds].sum(axis=1)
    return moved


def with_the_usual_beds(study: Study, way: Floats, usual: Floats) -> Floats:
    """The same, but whoever practice gives a bed keeps it: `usual` (n, groups) is how likely practice does so."""
    beds = bed_groups(study)
    kept = np.where(beds, usual, 0.0)
    result: Floats = kept + (1 - kept.sum(axis=1, keepdims=True)) * way
    return result


def bed_groups(study: Study) -> NDArray[np.bool_]:
    """Which groups hold a level with a bed."""
    first = study.cohort.levels.ids.index(FIRST_BED)
    return np.array([group.highest >= first for group in study.groups])
