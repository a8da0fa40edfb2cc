"""What simpler and what freer models say of the same people, made from the same people as the model.

They are here to show what can be reached at all and what being readable costs. None of them is ever released.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.held_out import Witnessed
from recommender.glass_box.features import Codes, Feature
from recommender.glass_box.tables import GlassBox
from recommender.judging.judged import Split
from recommender.learning.boosting import as_numbers

Chances = NDArray[np.float64]
MAJORITY, LOGISTIC, FREE, ADDITIVE = (
    "Always the commonest",
    "Logistic regression",
    "Boosting, unrestricted",
    "Explainable boosting machine",
)
# More people than this make a challenger slower and hardly better.
MOST_PEOPLE = 50_000


def challengers(model: GlassBox, split: Split, codes: Codes, *, every: bool = False, seed: int = 0) -> list[Witnessed]:
    """The challengers' verdicts on the judged, made from those of the coded people (n, f) whom the model learned from.

    None where the model was made from another cohort. `every` adds the explainable boosting machine, which takes long.
    """
    learned = split.learned[:: max(1, -(-len(split.learned) // MOST_PEOPLE))]
    if not len(learned):
        return []
    levels = len(model.groups)
    found = []
    task = Task(model.features, codes[learned], split.everybody.rows.label[learned], codes[split.places], seed)
    for name, train in chosen(every):
        classes, chances = train(task)
        whole = np.zeros((len(split.places), levels))
        whole[:, classes] = chances
        found.append(Witnessed(name, whole.argmax(axis=1).astype(np.int8), whole))
    return found


@dataclass(frozen=True, eq=False)
class Task:
    """Codes (n, f) of those who are learned from, their labels (n,), and the codes of those who are tried."""

    features: tuple[Feature, ...]
    codes: Codes
    label: NDArray[Any]
    tried: Codes
    seed: int


# The levels that were learned, and the chance of each for everybody who is tried.
Trained = tuple[NDArray[Any], Chances]


def chosen(every: bool) -> Iterator[tuple[str, Callable[[Task], Trained]]]:
    """The challengers by name."""
    yield from ((MAJORITY, majority), (LOGISTIC, logistic_regression), (FREE, boosting))
    if every:
        yield ADDITIVE, additive


def majority(task: Task) -> Trained:
    """How common each level is, whoever comes."""
    classes, counts = np.unique(task.label, return_counts=True)
    return classes, np.tile(counts / counts.sum(), (len(task.tried), 1))


def logistic_regression(task: Task) -> Trained:
    """Multinomial, on one column a cell."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import OneHotEncoder

    columns = OneHotEncoder(categories=[np.arange(feature.unknown + 1) for feature in task.features], dtype=np.float32)
    # Rare cells are pulled to the middle; without that it would be a weaker challenger.
    fit = LogisticRegression(C=0.1, max_iter=1000).fit(columns.fit_transform(task.codes), task.label)
    return fit.classes_, fit.predict_proba(columns.transform(task.tried)).astype(np.float64)


def boosting(task: Task) -> Trained:
    """Trees that may read several questions, in any direction."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    fit = HistGradientBoostingClassifier(
        categorical_features=[not feature.ordered for feature in task.features],
        learning_rate=0.06,
        max_leaf_nodes=15,
        early_stopping=True,
        random_state=task.seed,
    )
    fit.fit(as_numbers(task.features, task.codes), task.label)
    return fit.classes_, fit.predict_proba(as_numbers(task.features, task.tried))


def additive(task: Task) -> Trained:
    """The nearest relative: additive as well, without order of levels, directions or rules."""
    from interpret.glassbox import ExplainableBoostingClassifier

    kinds = ["continuous" if feature.ordered else "nominal" for feature in task.features]
    fit = ExplainableBoostingClassifier(
        interactions=0, outer_bags=4, n_jobs=1, random_state=task.seed, feature_types=kinds
    )
    fit.fit(task.codes.astype(np.float64), task.label)
    return fit.classes_, fit.predict_proba(task.tried.astype(np.float64))
