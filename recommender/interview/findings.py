"""What follows from people's answers, worked out for all of them at once: what is known, the bounds, what can matter.

One person's interview has findings of its own; many interviews that are held side by side share them, a row each.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from recommender.answers import Answer, Answers, answers_of, unknown
from recommender.likely.evidence import question_values
from recommender.matters import Matters, Trace, level_of, trace, what_matters
from recommender.policy import Policy
from recommender.questionnaire import Question
from recommender.rules.bounds import ANSWERED, MISSING, Bounds, Given


class Findings:
    """What follows from the answers of `people` under a policy; each part is worked out when it is first asked for."""

    def __init__(self, policy: Policy, people: Sequence[Mapping[str, Answer]]) -> None:
        self.policy, self.people = policy, people

    @functools.cached_property
    def columns(self) -> Answers:
        """The answers as columns, a row a person."""
        return answers_of(self.policy.questionnaire, self.people)

    @functools.cached_property
    def inputs(self) -> dict[str, Given]:
        """The answers as the rules take them, with measurements that were not taken yet left open.

        The rules read a measurement only where it was taken. Before anybody said that it will not be, it may still
        come, and turn out dangerous.
        """
        inputs = self.columns.inputs()
        for name in self.policy.read_if_answered:
            bounds, state = inputs.get(name) or open_answer(self.policy.questionnaire.questions[name])
            inputs[name] = Given(bounds, np.where(state == MISSING, np.uint8(ANSWERED), state))
        return inputs

    @functools.cached_property
    def values(self) -> dict[str, Bounds]:
        """What is known of each question and each gate."""
        return question_values(self.policy.questionnaire, self.columns)

    @functools.cached_property
    def traced(self) -> Trace:
        """Every step of the rules behind the level."""
        return trace(self.policy, self.inputs, len(self.people))

    @functools.cached_property
    def level(self) -> Bounds:
        """The lowest and highest rank that the answers allow, whatever is still asked."""
        return level_of(self.traced)

    @functools.cached_property
    def matters(self) -> Matters:
        """What can still change the level."""
        return what_matters(self.traced)


def open_answer(question: Question) -> Given:
    """An answer that will come and of which nothing is known."""
    ends = unknown(question, ANSWERED)
    lower, upper = (np.array([end], dtype=np.int32) for end in (ends.lower, ends.upper))
    return Given(Bounds(lower, upper), np.array([ANSWERED], dtype=np.uint8))
