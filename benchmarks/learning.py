"""How good a trained model is where the truth is known: simulated people who were not learned from.

    python benchmarks/learning.py [--people 350000] [--judged 350000] [--by age] [--only truth,scoring,training]

`truth` prints its AUC beside the best that anybody could reach who sees the answers alone, calibration, the coverage
of its prediction sets by group, and what being readable costs against boosting without any restriction. `scoring`
times the compiled tables beside `predict_proba` of the scikit-learn models that they were compiled from, `training` a
model beside unrestricted boosting and an explainable boosting machine on the same rows. The people are simulated, of
two seeds; nothing here says how good a model is for real people.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from recommender.evaluation.calibration import Binned
from recommender.evaluation.held_out import HeldOut, Witnessed
from recommender.evaluation.measures import step_bins
from recommender.evaluation.resampling import resample
from recommender.glass_box.features import code_answers
from recommender.glass_box.sets import prediction_sets
from recommender.glass_box.tables import GlassBox
from recommender.learning.boosting import Growth, as_numbers, boosting, compiled, staged_log_odds
from recommender.learning.cohort import Cohort
from recommender.learning.lesson import SUCCESS, Lesson, lesson_of
from recommender.learning.simulated import simulated_cohort
from recommender.learning.teaching import Class, classed, teach
from recommender.learning.training import Recipe, train
from recommender.simulation.truth import Truth

SEED_LEARNED, SEED_JUDGED = 11, 12
SMALLEST_GROUP = 2000
ROWS_TIMED = 200_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=350_000, help="simulated people to learn from")
    parser.add_argument("--judged", type=int, default=350_000, help="simulated people to judge by")
    parser.add_argument("--by", action="append", default=[], help="prediction sets of their own for groups by it")
    parser.add_argument("--only", default="truth,scoring,training")
    given = parser.parse_args()
    lesson = lesson_of(simulated_cohort(given.people, SEED_LEARNED)[0])
    started = time.perf_counter()
    recipe = Recipe(jobs=2, by=tuple(given.by))
    taught = classed(lesson, None, recipe)
    model = teach(taught, recipe)
    figures = {"learned": int(lesson.learned.sum()), "seconds": round(time.perf_counter() - started, 1)}
    if "truth" in given.only:
        figures |= judge(lesson, taught, model, *simulated_cohort(given.judged, SEED_JUDGED))
    if "scoring" in given.only:
        figures["scoring"] = scoring(taught, model)
    if "training" in given.only:
        figures["training"] = training(taught, recipe)
    print(json.dumps(figures, indent=1))


def scoring(taught: Class, model: GlassBox) -> dict[str, object]:
    """Seconds for everybody's chances by tables, and by the scikit-learn models of one fold, with as many trees."""
    rows = np.flatnonzero(taught.lesson.learned)[:ROWS_TIMED]
    codes, labels = taught.codes[rows], taught.lesson.labels[rows]
    numbers = as_numbers(taught.features, codes)
    growth = Growth().for_people(len(rows))
    fitted, off = [], 0.0
    for step, trees in enumerate(model.about["trees"]):
        one = boosting(taught.features, replace(growth, iterations=int(trees)), seed=1).fit(numbers, labels > step)
        told = staged_log_odds(taught.features, compiled(one, taught.features, [int(trees)]), codes[:2000])[0]
        off = max(off, float(np.abs(told - one.decision_function(numbers[:2000])).max()))
        fitted.append(one)
    tables = seconds(lambda: model.probabilities(codes))
    trees = seconds(lambda: [one.predict_proba(numbers) for one in fitted])
    found = {"rows": len(rows), "tables_s": tables, "predict_proba_s": trees, "times": round(trees / tables, 1)}
    return {**found, "largest difference of log odds": off}


def training(taught: Class, recipe: Recipe) -> dict[str, object]:
    """Seconds to train on the same rows: ours with all folds, unrestricted boosting once, an EBM for IOP or not."""
    from interpret.glassbox import ExplainableBoostingClassifier

    rows = np.flatnonzero(taught.lesson.learned)[:ROWS_TIMED]
    numbers, labels = as_numbers(taught.features, taught.codes[rows]), taught.lesson.labels[rows]
    place = next(n for n, group in enumerate(taught.lesson.groups) if group.name == "intensive_outpatient")
    ebm = ExplainableBoostingClassifier(interactions=0, n_jobs=recipe.jobs, random_state=1)
    jobs = {
        "ours, all steps and folds": lambda: train(taught.people(rows), taught.features, taught.lesson.groups, recipe),
        "unrestricted boosting, once": lambda: HistGradientBoostingClassifier(random_state=1).fit(numbers, labels),
        "explainable boosting machine, IOP or not": lambda: ebm.fit(numbers, labels == place),
    }
    return {"rows": len(rows), "questions": len(taught.features), **{n: seconds(job, 1) for n, job in jobs.items()}}


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The least time by the clock."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return round(min(taken), 3)


def judge(lesson: Lesson, taught: Class, model: GlassBox, cohort: Cohort, truth: Truth) -> dict[str, object]:
    """All figures on the people of another seed who did well."""
    rows = np.flatnonzero(cohort.outcomes[SUCCESS] == 1)
    best = best_chances(lesson, truth)[rows]
    people = cohort.take(rows)
    label = np.searchsorted([group.highest for group in lesson.groups], people.level_placed)
    codes = code_answers(cohort.questionnaire, model.features, people.answers)
    ours = model.probabilities(codes)
    low, high = prediction_sets(model.sets, model.features, codes, ours)
    covered = (low <= label) & (label <= high)
    free = unrestricted(taught, codes)
    return {
        "judged": len(rows),
        "groups of levels": [group.name for group in lesson.groups],
        "macro AUC": {
            name: macro_auc(label, chances) for name, chances in (("ours", ours), ("best", best), ("free", free))
        },
        "AUC of IOP": {
            name: auc(label == model.iop, chances[:, model.iop])
            for name, chances in (("ours", ours), ("best", best), ("free", free))
        },
        "share of what can be told": share_told(label, ours, best, model.iop),
        "ECE": {"all": ece(label, ours), **by_group(people, lambda kept: ece(label[kept], ours[kept]))},
        "noise floor of the ECE": {
            "all": noise_floor(label, ours),
            **by_group(people, lambda kept: noise_floor(label[kept], ours[kept])),
        },
        "coverage": {"all": float(covered.mean()), **by_group(people, lambda kept: float(covered[kept].mean()))},
        "levels in a set": float((high - low + 1).mean()),
        "log loss": {
            name: log_loss(label, chances) for name, chances in (("ours", ours), ("best", best), ("free", free))
        },
    }


def best_chances(lesson: Lesson, truth: Truth) -> np.ndarray:
    """The true chances by group of levels, of whoever sees answers and no circumstances."""
    each = truth.placement_of_successes(SUCCESS)
    group = np.searchsorted([group.highest for group in lesson.groups], truth.declared.ranks)
    return np.stack([each[:, group == place].sum(axis=1) for place in range(len(lesson.groups))], axis=1)


def unrestricted(taught: Class, codes: np.ndarray) -> np.ndarray:
    """The chances by boosting that may combine questions and needs no direction, learned from the same people."""
    rows = np.flatnonzero(taught.lesson.learned)
    model = HistGradientBoostingClassifier(
        categorical_features=[not feature.ordered for feature in taught.features], random_state=1
    )
    model.fit(as_numbers(taught.features, taught.codes[rows]), taught.lesson.labels[rows])
    return model.predict_proba(as_numbers(taught.features, codes))


def auc(positive: np.ndarray, score: np.ndarray) -> float:
    return float(roc_auc_score(positive, score))


def macro_auc(label: np.ndarray, chances: np.ndarray) -> float:
    """The mean over levels of each against the others."""
    return float(np.mean([auc(label == level, chances[:, level]) for level in range(chances.shape[1])]))


def share_told(label: np.ndarray, ours: np.ndarray, best: np.ndarray, iop: int) -> dict[str, float]:
    """(AUC - 0.5) of ours by that of the truth: for the mean of levels, for IOP, and for each step of the ladder."""
    steps = range(1, ours.shape[1])
    pairs = {
        "macro": (macro_auc(label, ours), macro_auc(label, best)),
        "IOP": (auc(label == iop, ours[:, iop]), auc(label == iop, best[:, iop])),
        "mean of steps": tuple(
            float(np.mean([auc(label >= step, chances[:, step:].sum(axis=1)) for step in steps]))
            for chances in (ours, best)
        ),
    }
    return {name: (found - 0.5) / (true - 0.5) for name, (found, true) in pairs.items()}


def ece(label: np.ndarray, chances: np.ndarray) -> float:
    """The calibration error as reports tell it: mean of the steps, in ten bins of about equal size."""
    return float(np.mean([binned.ece().value for binned in bins_of(label, chances)]))


def noise_floor(label: np.ndarray, chances: np.ndarray) -> float:
    """The calibration error that remains if every chance is true."""
    return float(np.mean([binned.expected_floor() for binned in bins_of(label, chances)]))


def bins_of(label: np.ndarray, chances: np.ndarray) -> list[Binned]:
    levels = tuple(map(str, range(chances.shape[1])))
    rows = HeldOut(levels, label, np.full(len(label), -1), np.arange(len(label)))
    alone = resample(rows.site, rows.person, resamples=0)
    return step_bins(alone, rows, Witnessed("", chances.argmax(axis=1), chances))


def log_loss(label: np.ndarray, chances: np.ndarray) -> float:
    return float(-np.log(chances[np.arange(len(label)), label].clip(min=1e-12)).mean())


def by_group(people: Cohort, figure) -> dict[str, object]:
    """The worst and the best group of at least SMALLEST_GROUP people, by each split."""
    found = {}
    for name, codes in splits(people).items():
        values = [figure(codes == code) for code in np.unique(codes) if (codes == code).sum() >= SMALLEST_GROUP]
        found[name] = {"groups": len(values), "least": min(values), "most": max(values)}
    return found


def splits(people: Cohort) -> dict[str, np.ndarray]:
    columns = people.answers.columns
    found = {name: columns[name].lower for name in ("sex", "race", "place_to_sleep") if name in columns}
    found["age"] = np.searchsorted([18, 25, 35, 45, 55, 65], columns["age"].lower, side="right")
    return {**found, "site": people.site, "period": people.period}


if __name__ == "__main__":
    main()
