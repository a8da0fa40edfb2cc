"""How right the value of a way of placing is where the truth is known: bias and coverage over simulated cohorts.

    python benchmarks/policy_value.py [--seeds 100] [--people 8000] [--jobs 2]

Each seed is another population of the same simulation. For two ways of placing the value and its difference from
practice are compared with the truth for the same people; beside them stands the naive difference (who was placed so
against who was not). Simulated people; nothing here says what any level is worth for real ones.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
from joblib import Parallel, delayed

from recommender.learning.simulated import simulated_cohort
from recommender.policy_file import load_policy
from recommender.policy_value.answer import Answer, value_of
from recommender.policy_value.nuisance import Nuisance, learn
from recommender.policy_value.overlap import RAREST
from recommender.policy_value.policies import ways_of_placing
from recommender.policy_value.study import Study, study_of
from recommender.simulation.truth import Truth

OUTCOME = "retained_90"
ONE_STEP_DOWN = "the usual level, one step lighter"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--people", type=int, default=8000)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    tried = Parallel(n_jobs=given.jobs)(delayed(one_seed)(given.people, 1000 + n) for n in range(given.seeds))
    names = sorted({name for seed in tried for name in seed})
    print(json.dumps({"seeds": given.seeds, "people": given.people, **{n: summed(tried, n) for n in names}}, indent=1))


def one_seed(people: int, seed: int) -> dict[str, dict[str, float]]:
    """What was found and what is true of one population, by way of placing."""
    cohort, truth = simulated_cohort(people, seed)
    study = study_of(cohort, OUTCOME)
    ways = ways_of_placing(study, load_policy())
    learned = learn(study, seed=seed)
    ways[ONE_STEP_DOWN] = lighter(learned)
    found = {}
    for name, way in ways.items():
        kept = (way * learned.chance).sum(axis=1) >= RAREST
        found[name] = compared(value_of(study, {name: way}, learned), study, truth, way, kept)
    return found


def lighter(learned: Nuisance) -> np.ndarray:
    """Everybody one step below where practice would most likely place them: a way with good overlap."""
    most = learned.chance.argmax(axis=1)
    return np.eye(learned.chance.shape[1])[np.maximum(most - 1, 0)]


def compared(answer: Answer, study: Study, truth: Truth, way: np.ndarray, kept: np.ndarray) -> dict[str, float]:
    """The estimate beside the truth for the same people."""
    groups = {group.name: tuple(range(group.lowest, group.highest + 1)) for group in study.groups}
    value = float((way * truth.within(OUTCOME, groups)).sum(axis=1)[kept].mean())
    practice = float((truth.placement * truth.outcome(OUTCOME)).sum(axis=1)[kept].mean())
    told = answer.ways[0]
    return {
        "value_error": told.value.value - value,
        "value_covered": told.value.low <= value <= told.value.high,
        "difference": value - practice,
        "difference_error": told.difference.value - (value - practice),
        "difference_covered": told.difference.low <= value - practice <= told.difference.high,
        "naive_error": (told.naive or 0.0) - (value - practice),
        "trimmed": told.overlap.trimmed,
        "width": told.difference.high - told.difference.low,
    }


def summed(tried: list[dict[str, dict[str, float]]], name: str) -> dict[str, float]:
    """Over seeds: bias and coverage, in points of 100 people."""
    rows = [seed[name] for seed in tried if name in seed]
    mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    return {
        "answered": len(rows),
        "bias of the value, points": round(100 * mean["value_error"], 2),
        "coverage of the value": round(mean["value_covered"], 3),
        "true difference from practice, points": round(100 * mean["difference"], 2),
        "bias of the difference, points": round(100 * mean["difference_error"], 2),
        "coverage of the difference": round(mean["difference_covered"], 3),
        "width of its interval, points": round(100 * mean["width"], 2),
        "error of the naive difference, points": round(100 * mean["naive_error"], 2),
        "share trimmed": round(mean["trimmed"], 3),
    }


if __name__ == "__main__":
    main()
