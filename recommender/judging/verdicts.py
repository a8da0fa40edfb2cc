"""What the model, the rules and the clinicians say of the same people, as candidates for the same table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.assessment import Assessment, assess
from recommender.evaluation.held_out import Witnessed
from recommender.glass_box.features import Codes, code_answers
from recommender.glass_box.opinion import Opinion, opinion
from recommender.glass_box.tables import GlassBox
from recommender.judging.judged import in_groups
from recommender.learning.cohort import UNKNOWN, Cohort
from recommender.policy import Policy

MODEL, MODEL_ALONE, RULES = "Model and rules", "Model without rules", "Rules alone"
PLACED, INDICATED = "Clinicians: placed (the label)", "Clinicians: indicated"


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What is said of n people: their codes (n, f), the rules' assessment, and the model's opinion beside it."""

    model: GlassBox
    codes: Codes
    assessment: Assessment
    opinion: Opinion

    def of_model(self) -> Witnessed:
        """The model as it is used: its likeliest level among those that reach the rules' floor."""
        return self._said(MODEL, self.opinion.suggestion)

    def of_model_alone(self) -> Witnessed:
        """What the model would say if there were no rules. Shown to compare; nobody is given it."""
        return self._said(MODEL_ALONE, self.opinion.probabilities.argmax(axis=1).astype(np.int8))

    def of_rules(self) -> Witnessed:
        """The level that the rules require, in the model's own levels."""
        return Witnessed(RULES, in_groups(self.assessment.level_at_least, self.model.groups))

    def _said(self, name: str, chosen: NDArray[np.int8]) -> Witnessed:
        found = self.opinion
        return Witnessed(
            name,
            chosen,
            found.probabilities,
            found.set_low,
            found.set_high,
            found.abstains,
            self.model.sets.coverage,
        )


def verdicts(model: GlassBox, policy: Policy, cohort: Cohort) -> Verdicts:
    """What the rules and the model say of the people of a cohort."""
    codes = code_answers(cohort.questionnaire, model.features, cohort.answers)
    found = assess(policy, cohort.answers)
    said = opinion(model, codes, found.level_at_least, found.level_at_most)
    return Verdicts(model, codes, found, said)


def of_clinicians(model: GlassBox, cohort: Cohort) -> Iterator[Witnessed]:
    """Where people were placed, and what the assessment then found necessary if that was recorded."""
    for name, ranks in ((INDICATED, cohort.level_indicated), (PLACED, cohort.level_placed)):
        if (ranks != UNKNOWN).any():
            yield Witnessed(name, in_groups(ranks, model.groups))
