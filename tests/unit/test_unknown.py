"""Unknown is never "no": gates, computed questions, partial answers and refusals, each by a small example."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommender.answers import answers_of, read_json
from recommender.assessment import STATUSES, Assessment, assess
from recommender.cases import load_examples
from recommender.policy import Policy
from recommender.rules.program import compile_program


def bounds(policy: Policy, name: str, **given: Any) -> tuple[int, int]:
    """The bounds of a question from a few answers, everything else not asked yet."""
    questions = policy.questionnaire.questions
    people = answers_of(policy.questionnaire, [{key: read_json(questions[key], value) for key, value in given.items()}])
    value = compile_program(policy.definitions, [name]).run(people.inputs())[name]
    return int(value.lower[0]), int(value.upper[0])


GATES = [
    # drinks_per_day is asked if alcohol_days >= 1 and is 0 where it is not asked.
    ({"alcohol_days": 0}, (0, 0)),
    ({"alcohol_days": 5}, (0, 100)),
    ({}, (0, 100)),
    ({"alcohol_days": {"from": 0, "to": 2}}, (0, 100)),
    ({"alcohol_days": 5, "drinks_per_day": 7}, (7, 7)),
    ({"alcohol_days": 5, "drinks_per_day": None}, (0, 100)),
    ({"alcohol_days": 0, "drinks_per_day": None}, (0, 100)),
]


@pytest.mark.parametrize(("given", "expected"), GATES)
def test_a_gate_closes_only_where_it_is_certainly_closed(
    policy: Policy, given: dict[str, Any], expected: tuple[int, int]
) -> None:
    assert bounds(policy, "drinks_per_day", **given) == expected


def test_a_total_that_is_not_known_is_worked_out_from_its_items(policy: Policy) -> None:
    items = {f"phq_{number}": "several_days" for number in range(1, 10)}
    assert bounds(policy, "phq9", **items) == (9, 9)
    assert bounds(policy, "phq9", **items, phq9=None) == (9, 9)
    assert bounds(policy, "phq9", **{**items, "phq_3": "declined"}) == (8, 11)
    assert bounds(policy, "phq9", phq9={"from": 10}) == (10, 27)


def changed(policy: Policy, **given: Any) -> Assessment:
    """A settled person of the examples with a few answers changed; None takes an answer out."""
    example = next(case for case in load_examples(policy.questionnaire) if case.id == "EX03")
    questions = policy.questionnaire.questions
    read = {key: read_json(questions[key], value) for key, value in given.items() if value != "not asked"}
    kept = {key: answer for key, answer in example.answers.items() if key not in given}
    return assess(policy, answers_of(policy.questionnaire, [{**kept, **read}]))


@pytest.mark.parametrize("question", ["overdose_now", "suicide_thoughts", "vitals", "pregnancy", "age", "violence"])
@pytest.mark.parametrize("way", ["not asked", None, "declined"])
def test_a_safety_question_without_an_answer_is_not_cleared(policy: Policy, question: str, way: Any) -> None:
    result = changed(policy, **{question: way})
    assert STATUSES[result.status[0]] == "safety_unanswered"
    assert question in result.safety_unanswered(0)


@pytest.mark.parametrize(
    "given",
    [
        {"suicide_thoughts": {"from": "none", "to": "wish_to_be_dead"}},
        {"last_overdose": "ever_time_not_stated"},
        {"age": {"from": 16, "to": 20}},
        {"phq9": "not asked", "phq_1": "nearly_every_day", "phq_2": "nearly_every_day", "phq_9": "declined"},
    ],
)
def test_an_answer_that_leaves_a_block_or_hold_open_does_not_clear_it(policy: Policy, given: dict[str, Any]) -> None:
    result = changed(policy, **given)
    assert STATUSES[result.status[0]] == "safety_unanswered"
    assert set(result.safety_unanswered(0)) & set(given)


@pytest.mark.parametrize(
    "measured",
    [{"oxygen": 80}, {"pulse": 0}, {"pulse": 160}, {"systolic": 85}, {"breaths": 3}, {"temperature_dangerous": True}],
)
@pytest.mark.parametrize("summed_up", ["in_range", "raised"])
def test_a_dangerous_measurement_blocks_whatever_the_summary_says(
    policy: Policy, measured: dict[str, Any], summed_up: str
) -> None:
    assert STATUSES[changed(policy, vitals=summed_up, **measured).status[0]] == "blocked"


def test_a_measurement_that_was_not_taken_says_nothing(policy: Policy) -> None:
    assert STATUSES[changed(policy, vitals="in_range", pulse=70).status[0]] == "settled"


def test_nobody_and_many_people_across_a_stretch_give_the_same_as_one(policy: Policy) -> None:
    example = next(case for case in load_examples(policy.questionnaire) if case.id == "EX03")
    one = answers_of(policy.questionnaire, [example.answers])
    assert assess(policy, answers_of(policy.questionnaire, [])).count == 0
    many = answers_of(policy.questionnaire, [example.answers] * 16_385)
    result, single = assess(policy, many), assess(policy, one)
    assert result.count == 16_385
    assert np.array_equal(np.unique(result.level_at_least), np.unique(single.level_at_least))
    assert (result.fired == single.fired).all()
