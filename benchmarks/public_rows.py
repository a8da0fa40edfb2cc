"""A model on public records: learned from a sample of admissions, judged on a sample of discharges of the same year.

    python benchmarks/public_rows.py FOLDER [--seeds 5]

Four groups of levels, answers known at admission, without state, race, sex, payer, wait or planned medication. The
label is where people were placed, whatever became of them, because admissions do not say; so this is a test of the
method and of nothing else. Beside it stand the most common level and a multinomial logistic regression on the same
answers. The rows are public-use TEDS files in the folder given (they are not part of this project).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.preprocessing import OneHotEncoder

from recommender.glass_box.features import code_answers
from recommender.learning.cohort import Cohort
from recommender.learning.cohort_file import read_cohort
from recommender.learning.features import find_features
from recommender.learning.level_groups import labels_of, level_groups
from recommender.learning.training import People, Recipe, train
from recommender.teds import import_teds

LEARNED = "teds_a_2023_sample/tedsa_2023_sample1000_coded.csv.gz"
JUDGED = "teds_d_2023_sample/tedsd_2023_sample_dev_coded.csv.gz"
# Outpatient, intensive outpatient, residential and withdrawal management, on our ladder.
TOGETHER = ("none..medical_outpatient", "partial_hospitalization..residential_high", "medical_residential..hospital")
RESAMPLES = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    if given.folder is None:
        print("left out: name the folder with the public files")
        return
    learned, judged = (cohort_of(given.folder / name) for name in (LEARNED, JUDGED))
    print(f"learned from {learned.count}, judged on {judged.count}")
    for record in (False, True):
        print("\nwith the questions for the record" if record else "\nthe assessment's questions alone")
        for name, chances, label in models(learned, judged, given.seeds, record=record):
            print(f"{name:<24}" + "  ".join(f"{figure} {words}" for figure, words in figures(label, chances).items()))


def cohort_of(source: Path) -> Cohort:
    """The rows of one file whose placement is known."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "cohort.parquet"
        import_teds(source, target)
        cohort = read_cohort(target, leave_out_faulty=True)
    return cohort.take(np.flatnonzero(cohort.level_placed >= 0))


def models(
    learned: Cohort, judged: Cohort, seeds: int, *, record: bool
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Each model's chances for those who are judged, and where they were placed."""
    groups = level_groups(learned.levels, learned.level_placed, TOGETHER, fewest=20)
    labels, truth = labels_of(groups, learned.level_placed), labels_of(groups, judged.level_placed)
    print("groups:", ", ".join(f"{g.name} {(labels == n).sum()}/{(truth == n).sum()}" for n, g in enumerate(groups)))
    features = find_features(learned.questionnaire, learned.answers, record=record)
    codes, tried = (code_answers(learned.questionnaire, features, cohort.answers) for cohort in (learned, judged))
    known = np.mean([(tried[:, place] < feature.unknown).mean() for place, feature in enumerate(features)])
    ranges = sum(len(feature.ranges) for feature in features)
    print(f"{len(features)} questions, {known:.0%} of their answers known, {ranges} ranges over several cells")
    shares = np.bincount(labels, minlength=len(groups)) / len(labels)
    yield "most common", np.tile(shares, (len(truth), 1)), truth
    encoder = OneHotEncoder(categories=[np.arange(feature.unknown + 1) for feature in features])
    plain = LogisticRegression(C=0.1, max_iter=2000).fit(encoder.fit_transform(codes), labels)
    yield "logistic regression", plain.predict_proba(encoder.transform(tried)), truth
    people = People(codes, labels, np.arange(len(labels)))
    boxes = [train(people, features, groups, Recipe(seed=seed, folds=10)) for seed in range(1, seeds + 1)]
    yield "glass box", boxes[0].probabilities(tried), truth
    yield f"mean of {seeds} glass boxes", np.mean([box.probabilities(tried) for box in boxes], axis=0), truth


def figures(label: np.ndarray, chances: np.ndarray) -> dict[str, str]:
    """Each figure with its 95 % interval over resamples of people."""
    random = np.random.default_rng(1)
    draws = [random.integers(0, len(label), len(label)) for _ in range(RESAMPLES)]
    found = {}
    for name, figure in FIGURES.items():
        low, high = np.nanpercentile([figure(label[rows], chances[rows]) for rows in draws], [2.5, 97.5])
        found[name] = f"{figure(label, chances):.3f} ({low:.3f} to {high:.3f})"
    return found


def auc(label: np.ndarray, chances: np.ndarray, level: int) -> float:
    here = label == level
    return float(roc_auc_score(here, chances[:, level])) if here.any() and not here.all() else float("nan")


FIGURES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "accuracy": lambda label, chances: accuracy_score(label, chances.argmax(axis=1)),
    "macro F1": lambda label, chances: f1_score(label, chances.argmax(axis=1), average="macro", zero_division=0),
    "macro AUC": lambda label, chances: float(
        np.nanmean([auc(label, chances, level) for level in range(chances.shape[1])])
    ),
    "AUC of IOP": lambda label, chances: auc(label, chances, 1),
}


if __name__ == "__main__":
    main()
