"""What a trained model says of one person, beside the rules: a second opinion that can be followed by hand.

It says what was usual among similar people who did well. It never lowers what the rules require; where the two differ,
or where it says too little, a person decides and is told so.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from recommender.answers import Answers
from recommender.assessment import Assessment
from recommender.glass_box import GlassBox, opinion
from recommender.glass_box.features import Codes, code_answers
from recommender.glass_box.tables import LevelGroup
from recommender.levels import Ladder
from recommender.policy import Policy


class LevelChance(NamedTuple):
    """A level of the model's ladder, or neighbouring ones that it does not tell apart, and its chance."""

    name: str
    lowest: str
    highest: str
    chance: float
    in_set: bool


class Contribution(NamedTuple):
    """What one answer adds to the log odds of the level that is suggested, or of a higher one."""

    question: str
    title: str
    answer: str
    effect: float


class SecondOpinion(NamedTuple):
    """A model's opinion of one person.

    `suggestion` is the likeliest level among those that reach the rules' floor. `step` is the level that the
    `contributions` argue about ("at least this level"); with `intercept` they add up to its log odds. `coverage` is how
    often the set of levels holds the right one.
    """

    model: str
    hash: str
    about: str
    levels: tuple[LevelChance, ...]
    suggestion: str
    iop: float
    coverage: float
    abstains: bool
    disagrees: bool
    step: str
    intercept: float
    contributions: tuple[Contribution, ...]

    @property
    def needs_a_person(self) -> bool:
        """Whether a person must look at it: it says too little, or something other than the rules."""
        return self.abstains or self.disagrees

    @property
    def set_names(self) -> tuple[str, str]:
        """The lowest and the highest level of the prediction set."""
        inside = [level for level in self.levels if level.in_set]
        return inside[0].lowest, inside[-1].highest


def second_opinion(model: GlassBox, policy: Policy, assessment: Assessment, answers: Answers) -> SecondOpinion:
    """The model's opinion of the first person of some answers, beside the bounds that the rules leave."""
    codes = code_answers(policy.questionnaire, model.features, answers)[:1]
    found = opinion(model, codes, assessment.level_at_least[:1], assessment.level_at_most[:1])
    suggested = int(found.suggestion[0])
    step = max(0, suggested - 1)
    names = [group_name(policy.ladder, group) for group in model.groups]
    inside = range(int(found.set_low[0]), int(found.set_high[0]) + 1)
    return SecondOpinion(
        model=str(model.about.get("name", "model")),
        hash=model.hash,
        about=about_words(model),
        levels=tuple(
            LevelChance(
                names[place],
                policy.ladder.ids[group.lowest],
                policy.ladder.ids[group.highest],
                float(found.probabilities[0, place]),
                place in inside,
            )
            for place, group in enumerate(model.groups)
        ),
        suggestion=names[suggested],
        iop=float(found.iop[0]),
        coverage=model.sets.coverage,
        abstains=bool(found.abstains[0]),
        disagrees=bool(found.disagrees[0]),
        step=names[step + 1],
        intercept=float(model.intercepts[step]),
        contributions=contributions_to(model, policy, codes, step),
    )


def contributions_to(model: GlassBox, policy: Policy, codes: Codes, step: int) -> tuple[Contribution, ...]:
    """What each answer adds to one step of the ladder, the weightiest first. Together they are exact."""
    effects = model.contributions(codes)[0, :, step]
    told = []
    for place in np.argsort(-np.abs(effects), kind="stable").tolist():
        feature = model.features[place]
        question = policy.questionnaire.questions[feature.question]
        answer = feature.words(question, int(codes[0, place]))
        told.append(Contribution(question.id, question.text, answer, float(effects[place])))
    return tuple(told)


def group_name(ladder: Ladder, group: LevelGroup) -> str:
    """A level of the model as people read it: `Intensive outpatient`, `No treatment to Outpatient`."""
    low, high = (ladder.levels[rank].name for rank in (group.lowest, group.highest))
    return low if low == high else f"{low} to {high}"


def about_words(model: GlassBox) -> str:
    """Whom the model learned from, in a sentence."""
    about: Any = model.about
    people, kind = about.get("learned"), about.get("data", {}).get("kind")
    made_up = "made-up people; nothing in it says anything about real ones" if kind == "simulated" else "past records"
    return (
        f"Learned from {people:,} {made_up}." if isinstance(people, int) else "Nothing is told of whom it learned from."
    )
