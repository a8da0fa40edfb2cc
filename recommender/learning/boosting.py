"""One step of the ladder learned: additive, monotone boosting, compiled exactly into tables.

`HistGradientBoostingClassifier` with `interaction_cst="no_interactions"` grows trees that read one feature each. Their
sum is a function of each feature alone, added up; so a few questions to it give all of it: everything unknown, and
then each cell of each feature by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.glass_box.features import Codes, Feature

Floats = NDArray[np.float64]
# A leaf has at least one in so many people.
PEOPLE_A_LEAF = 600


@dataclass(frozen=True, slots=True)
class Growth:
    """How trees are grown, and how many at most; the best number of them is found in training.

    A tree reads one question, so there have to be many. Few leaves, and a floor of people under each, keep the tables
    smooth.
    """

    iterations: int = 400
    learning_rate: float = 0.2
    leaves: int = 3
    smallest_leaf: int = 20
    l2: float = 20.0
    stages: int = 20

    def for_people(self, count: int) -> Growth:
        """The same for so many people: the more there are, the more of them a leaf needs."""
        return replace(self, smallest_leaf=max(self.smallest_leaf, count // PEOPLE_A_LEAF))

    @property
    def kept(self) -> tuple[int, ...]:
        """After how many trees the tables are kept, to choose among."""
        return tuple(dict.fromkeys(np.linspace(1, self.iterations, self.stages + 1)[1:].round().astype(int).tolist()))


@dataclass(frozen=True, eq=False)
class Staged:
    """The tables of one step after more and more trees.

    `table` is (stages, cells): the cells of all features one after another, each with its unknown last, relative to
    everything unknown; `intercept` (stages,) is the log odds of everything unknown.
    """

    table: Floats
    intercept: Floats


def as_numbers(features: Sequence[Feature], codes: Codes) -> NDArray[np.float32]:
    """(n, f) codes as scikit-learn reads them: a place on the scale of cells, or the set of choices; unknown is NaN."""
    numbers = np.empty(codes.shape, dtype=np.float32, order="F")
    for column, feature in enumerate(features):
        numbers[:, column] = np.append(feature.places, np.nan)[codes[:, column]]
    return numbers


def boosting(features: Sequence[Feature], growth: Growth, seed: int) -> Any:
    """The scikit-learn model of one step, not fitted yet: additive, and monotone where a question has a direction."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        interaction_cst="no_interactions",
        monotonic_cst=[feature.direction for feature in features],
        categorical_features=[not feature.ordered for feature in features],
        max_iter=growth.iterations,
        learning_rate=growth.learning_rate,
        max_leaf_nodes=growth.leaves,
        min_samples_leaf=growth.smallest_leaf,
        l2_regularization=growth.l2,
        # It would hold back random rows, of people that stand in the others too.
        early_stopping=False,
        random_state=seed,
    )


def fit_step(
    features: Sequence[Feature],
    codes: Codes,
    reached: NDArray[np.bool_],
    weights: Floats | None,
    growth: Growth,
    seed: int,
) -> Staged:
    """The tables of "at least this level" from the codes (n, f) of people and who of them reached it (n,)."""
    model = boosting(features, growth, seed)
    model.fit(as_numbers(features, codes), reached, sample_weight=weights)
    return compiled(model, features, growth.kept)


def compiled(model: Any, features: Sequence[Feature], stages: Sequence[int]) -> Staged:
    """The tables of a fitted additive model after each of `stages` trees; exact but for rounding."""
    questions = as_numbers(features, one_at_a_time(features))
    wanted = set(stages)
    told = [
        answer.ravel().copy()
        for trees, answer in enumerate(model.staged_decision_function(questions), start=1)
        if trees in wanted
    ]
    log_odds = np.array(told)
    return Staged(log_odds[:, 1:] - log_odds[:, :1], log_odds[:, 0])


def one_at_a_time(features: Sequence[Feature]) -> Codes:
    """A row where everything is unknown, then one for each cell of each feature, alone."""
    nothing = np.array([feature.unknown for feature in features], dtype=np.uint8)
    rows = [nothing]
    for place, feature in enumerate(features):
        for cell in range(feature.unknown + 1):
            row = nothing.copy()
            row[place] = cell
            rows.append(row)
    return np.array(rows)


def offsets(features: Sequence[Feature]) -> NDArray[np.intp]:
    """Where the cells of each feature begin in a row of `Staged.table`, and where the last ends."""
    return np.concatenate([[0], np.cumsum([feature.unknown + 1 for feature in features])]).astype(np.intp)


def staged_log_odds(features: Sequence[Feature], staged: Staged, codes: Codes) -> Floats:
    """(stages, n): the log odds of people after each stage."""
    total = np.repeat(staged.intercept[:, None], len(codes), axis=1)
    for place, start in enumerate(offsets(features)[:-1]):
        total += staged.table[:, start + codes[:, place].astype(np.intp)]
    return total
