"""The solver on open questions, held to the search: it loses no witness of the search, and leaves nothing undecided."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.answers import Answer, answers_of
from recommender.explain import Explainer
from recommender.open_questions import OpenQuestions, open_questions
from recommender.policy import Policy
from recommender.recommendation import recommend

pytest.importorskip("z3", reason="the extra `prove` is not installed")

from recommender.assurance.undecided import decide

Referral = Callable[[int], dict[str, Answer]]

# Rows of the sample referrals, from 0, of which the search leaves some questions undecided.
LEFT_BY_THE_SEARCH = (72, 103, 112, 148, 213, 229, 256, 302)


def explained(policy: Policy, answers: dict[str, Answer]) -> Explainer:
    return Explainer(policy, answers_of(policy.questionnaire, [answers]))


@pytest.mark.parametrize("row", LEFT_BY_THE_SEARCH)
def test_nothing_is_left_undecided(policy: Policy, referral: Referral, row: int) -> None:
    searched = recommend(policy, referral(row)).open
    assert searched.undecided
    found = recommend(policy, referral(row), decide=decide).open
    assert found.undecided == ()
    told = [*(question.id for question in found.can), *found.cannot]
    assert len(told) == len(set(told))
    assert {question.id for question in searched.undecided} <= set(told)
    assert {question.id for question in found.can} == found.witnesses.keys()


@given(row=st.integers(min_value=0, max_value=319), seed=st.integers(min_value=0, max_value=2**32))
@settings(max_examples=20)
def test_no_question_with_a_witness_is_ruled_out(policy: Policy, referral: Referral, row: int, seed: int) -> None:
    chance = random.Random(seed)
    answers = {name: answer for name, answer in referral(row).items() if chance.random() < 0.95}
    explainer = explained(policy, answers)
    found = open_questions(explainer)
    decided = decide(explainer, OpenQuestions((), found.cannot, (*found.can, *found.undecided), {}))
    assert {question.id for question in decided.can} >= {question.id for question in found.can}
    assert decided.undecided == ()
