"""How likely each placement was for each person, and what was to be expected of it.

Both are learned in folds: nobody's numbers come from a model that saw them (cross-fitting), so that a model which
learns too well cannot flatter a way of placing. State, site, period, payer, sex and race are read here, and only here:
who compares levels without them mistakes a rich state for a good level. Nothing of this places anybody.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.glass_box.features import Feature, code_answers
from recommender.learning.features import find_features
from recommender.learning.splits import fold_of
from recommender.policy_value.study import Study

Floats = NDArray[np.float64]
AROUND = ("site", "state", "period")
AUDIT = ("payer", "sex", "race", "ethnicity")
FOLDS = 5
# A level with fewer people in a fold cannot be learned from.
FEWEST_OF_A_LEVEL = 20
RARE = 20
CHANCES_AT_LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Nuisance:
    """For n people and k groups of levels: `chance` (n, k) of each placement, and what is `expected` (n, k) of it.

    `bed_days` (n, k) are expected nights in a bed, NaN where nobody's stay is known.
    """

    chance: Floats
    expected: Floats
    bed_days: Floats


def learn(study: Study, *, folds: int = FOLDS, seed: int = 1, jobs: int = 1) -> Nuisance:
    """Both, for everybody, from people of the other folds; all rows of a person stand in one fold."""
    from joblib import Parallel, delayed

    columns = described(study)
    fold = fold_of(study.cohort.person, folds, seed)
    made = Parallel(n_jobs=jobs)(delayed(of_fold)(study, columns, fold, number) for number in range(folds))
    chance, expected, bed_days = (np.empty((len(study), len(study.groups))) for _ in range(3))
    for number, parts in enumerate(made):
        rows = fold == number
        chance[rows], expected[rows], bed_days[rows] = parts
    return Nuisance(chance, expected, bed_days)


def of_fold(study: Study, columns: Floats, fold: NDArray[np.intp], number: int) -> tuple[Floats, Floats, Floats]:
    """The three for the people of one fold, learned from all others."""
    learned, judged = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
    seen, new = columns[learned], columns[judged]
    placed = study.placed[learned]
    chance = chances_of(seen, placed, new, len(study.groups))
    expected, bed_days = np.empty_like(chance), np.empty_like(chance)
    for group in range(len(study.groups)):
        there = placed == group
        expected[:, group] = expected_of(seen[there], study.outcome[learned][there], new)
        bed_days[:, group] = nights_of(seen[there], study.bed_days[learned][there], new)
    return chance, expected, bed_days


def chances_of(seen: Floats, placed: NDArray[np.int8], new: Floats, groups: int) -> Floats:
    """(m, groups): how likely each placement is for new people."""
    model = fitted(logistic("lbfgs"), seen, placed)
    chance = np.full((len(new), groups), CHANCES_AT_LEAST)
    chance[:, model.classes_.astype(int)] = model.predict_proba(new)
    chance = chance.clip(CHANCES_AT_LEAST)
    result: Floats = chance / chance.sum(axis=1, keepdims=True)
    return result


def expected_of(seen: Floats, outcome: Floats, new: Floats) -> Floats:
    """(m,): what is to be expected of new people at one level; the mean where nobody differs there."""
    if len(outcome) < FEWEST_OF_A_LEVEL or outcome.min() == outcome.max():
        return np.full(len(new), outcome.mean() if len(outcome) else 0.5)
    chances: Floats = fitted(logistic("newton-cholesky"), seen, outcome).predict_proba(new)[:, 1]
    return chances


def nights_of(seen: Floats, nights: Floats, new: Floats) -> Floats:
    """(m,): expected nights in a bed at one level, from those whose stay is known."""
    from sklearn.linear_model import Ridge

    known = np.isfinite(nights)
    if not known.any():
        return np.full(len(new), np.nan)
    if nights[known].min() == nights[known].max() or known.sum() < FEWEST_OF_A_LEVEL:
        return np.full(len(new), nights[known].mean())
    found: Floats = Ridge(alpha=10.0).fit(seen[known], nights[known]).predict(new)
    return found.clip(0)


def logistic(solver: str) -> Any:
    """Logistic regression, held back enough to bear many columns; each solver is the fastest where it is used."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=0.5, max_iter=200, solver=solver)


def fitted(model: Any, columns: Floats, target: NDArray[Any]) -> Any:
    """The model fitted; that it might come a hair closer with more steps is no news to the reader."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(columns, target)


def described(study: Study) -> Floats:
    """(n, columns): the answers, and everything around them that may sway a placement and its outcome."""
    cohort = study.cohort
    features = find_features(cohort.questionnaire, cohort.answers)
    codes = code_answers(cohort.questionnaire, features, cohort.answers)
    parts = [part for place, f in enumerate(features) for part in answer_columns(f, codes[:, place])]
    parts += [part for name in AROUND for part in ones(getattr(cohort, name))]
    for name in AUDIT:
        if name in cohort.answers.columns:
            parts += ones(cohort.answers.columns[name].lower.astype(np.int64))
    return np.stack(parts, axis=1)


def answer_columns(feature: Feature, codes: NDArray[np.uint8]) -> Iterator[Floats]:
    """A question as columns: its order as a number from 0 to 1, or its choices apart; what is unknown apart."""
    unknown = codes == feature.unknown
    if feature.ordered:
        yield np.append(feature.places / max(1, len(feature.cells) - 1), 0.5)[codes]
    else:
        yield from ones(np.where(unknown, -1, codes.astype(np.int64)))
    if unknown.sum() >= RARE and not unknown.all():
        yield unknown.astype(np.float64)


def ones(codes: NDArray[Any]) -> list[Floats]:
    """A column for each value that enough people have, but for the commonest; -1 is nothing."""
    values, counts = np.unique(codes[codes >= 0], return_counts=True)
    common = values[np.argsort(-counts, kind="stable")][1:]
    return [(codes == value).astype(np.float64) for value in common if np.count_nonzero(codes == value) >= RARE]
