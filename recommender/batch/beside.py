"""Who is asked beside the rules: a population for what is likely, a model for an opinion. Neither changes a level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from recommender.answers import Answers
from recommender.assessment import Assessment
from recommender.batch.few_texts import few, same_for_all
from recommender.likely import Population, likely_levels

if TYPE_CHECKING:
    from recommender.glass_box import GlassBox

# Fewer than for a report on one person: for work on populations the chance to within a few points is enough.
LIKELY_COMPLETIONS = 100
HASH_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Beside:
    """A population and a model, each perhaps none."""

    population: Population | None = None
    model: GlassBox | None = None

    def columns(self, assessment: Assessment, answers: Answers) -> dict[str, Any]:
        """What they say of everybody, as Arrow columns; none where none is asked."""
        found: dict[str, Any] = {}
        if self.population:
            found |= likely_columns(self.population, assessment, answers)
        if self.model:
            found |= opinion_columns(self.model, assessment, answers)
        return found

    def told(self) -> dict[str, Any]:
        """Which they are, for the manifest."""
        population, model = self.population, self.model
        return {
            "population": {"origin": population.origin, "hash": population.hash} if population else None,
            "model": {"name": model.about.get("name"), "hash": model.hash} if model else None,
        }


ALONE = Beside()


def likely_columns(population: Population, assessment: Assessment, answers: Answers) -> dict[str, Any]:
    """The most likely level of everybody, its chance, and the population that says so."""
    policy = assessment.policy
    likely = likely_levels(policy, population, assessment, answers, times=LIKELY_COMPLETIONS)
    return {
        "level_likely": few(policy.ladder.ids, likely.level),
        "level_likely_chance": pa.array(likely.chance.astype(np.float32)),
        "population": same_for_all(likely.origin, len(likely.level)),
    }


def opinion_columns(model: GlassBox, assessment: Assessment, answers: Answers) -> dict[str, Any]:
    """What a model says of everybody.

    `model_suggestion` is the likeliest of its levels among those at or above the rules' floor, `model_iop` the chance
    of intensive outpatient, `model_set_low` and `model_set_high` the ends of its set. Whoever it abstains or disagrees
    on, a person has to look at.
    """
    from recommender.glass_box import opinion_of_answers

    policy, count = assessment.policy, assessment.count
    bounds = assessment.level_at_least, assessment.level_at_most
    said = opinion_of_answers(model, policy.questionnaire, answers, *bounds)
    ids = policy.ladder.ids
    return {
        "model_suggestion": few([group.name for group in model.groups], said.suggestion),
        "model_iop": pa.array(said.iop.astype(np.float32)),
        "model_set_low": few([ids[group.lowest] for group in model.groups], said.set_low),
        "model_set_high": few([ids[group.highest] for group in model.groups], said.set_high),
        "model_abstains": pa.array(said.abstains),
        "model_disagrees": pa.array(said.disagrees),
        "model_hash": same_for_all(model.hash[:HASH_SHOWN], count),
    }
