"""What a model says of people: chances, a set of levels, and a suggestion that respects the rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.glass_box.features import Codes, code_answers
from recommender.glass_box.sets import prediction_sets
from recommender.glass_box.tables import GlassBox, level_chances
from recommender.questionnaire import Questionnaire

Floats = NDArray[np.float64]
Ranks = NDArray[np.int8]


@dataclass(frozen=True)
class Opinion:
    """The model's opinion of n people, in columns. Levels are positions among the model's k groups of levels.

    `probabilities` (n, k) add up to 1; `at_least` (n, k - 1) falls along the ladder; `set_low` and `set_high` (n,) are
    the ends of the prediction set; `abstains` (n,) where the set is too wide to say anything; `suggestion` (n,) is the
    likeliest group among those that reach the rules' floor; `disagrees` (n,) where no level of the set lies within the
    rules' bounds. `iop` (n,) is the chance of the intensive outpatient level against all others.
    """

    probabilities: Floats
    at_least: Floats
    set_low: Ranks
    set_high: Ranks
    abstains: NDArray[np.bool_]
    suggestion: Ranks
    disagrees: NDArray[np.bool_]
    iop: Floats

    @property
    def for_a_person(self) -> NDArray[np.bool_]:
        """Who a person must look at: the model abstains, or disagrees with the rules."""
        flagged: NDArray[np.bool_] = self.abstains | self.disagrees
        return flagged


def opinion(model: GlassBox, codes: Codes, at_least: Ranks, at_most: Ranks) -> Opinion:
    """The opinion on people by their codes (n, f), beside the rules' bounds (n,) in ranks of the ladder of levels."""
    falling = model.at_least(codes)
    chances = level_chances(falling)
    low, high = prediction_sets(model.sets, model.features, codes, chances)
    lowest = np.array([group.lowest for group in model.groups])
    highest = np.array([group.highest for group in model.groups])
    # A group counts as reached where its highest level reaches the floor; the floor itself still holds inside it.
    allowed = highest >= at_least[:, None]
    suggestion = np.where(allowed, chances, -1.0).argmax(axis=1)
    return Opinion(
        probabilities=chances,
        at_least=falling,
        set_low=low,
        set_high=high,
        abstains=high - low + 1 > model.sets.widest,
        suggestion=suggestion.astype(np.int8),
        disagrees=(highest[high] < at_least) | (lowest[low] > at_most),
        iop=chances[:, model.iop],
    )


def opinion_of_answers(
    model: GlassBox, questionnaire: Questionnaire, answers: Answers, at_least: Ranks, at_most: Ranks
) -> Opinion:
    """The same for answers that are not coded yet."""
    return opinion(model, code_answers(questionnaire, model.features, answers), at_least, at_most)
