"""Explanations say only what was computed: reasons that fired, levels refuted by rules, open questions that matter."""

from __future__ import annotations

import pytest

from recommender.answers import Answer, unknown
from recommender.cases import load_examples
from recommender.policy import Policy
from recommender.recommendation import Recommendation, as_json, recommend
from recommender.report.html import html_report
from recommender.report.text import text_report
from recommender.rules.bounds import MISSING
from recommender.rules.tree import Nominal


@pytest.fixture(scope="module")
def people(policy: Policy) -> dict[str, dict[str, Answer]]:
    return {case.id: dict(case.answers) for case in load_examples(policy.questionnaire)}


def test_every_lower_level_is_refuted_by_a_rule_that_fired(
    policy: Policy, people: dict[str, dict[str, Answer]]
) -> None:
    for name, answers in people.items():
        found = recommend(policy, answers, id=name)
        refuted = [entry.level for entry in found.explanation.not_lower]
        assert refuted == list(policy.ladder.ids[: found.level_at_least.rank])
        for entry in found.explanation.not_lower:
            for reason in entry.by.flat():
                assert reason.why
                assert reason.source


def test_every_reason_ends_in_answers(policy: Policy, people: dict[str, dict[str, Answer]]) -> None:
    for answers in people.values():
        for reason in recommend(policy, answers).explanation.reasons:
            leaves = [part for part in reason.flat() if not part.because]
            assert all(leaf.facts for leaf in leaves)


def without(policy: Policy, answers: dict[str, Answer], *names: str) -> Recommendation:
    return recommend(policy, {name: answer for name, answer in answers.items() if name not in names})


def test_an_open_question_is_named_with_what_it_can_do(policy: Policy, people: dict[str, dict[str, Answer]]) -> None:
    found = without(policy, people["EX03"], "withdrawal_seizure_history")
    assert found.status == "safety_unanswered"
    (question,) = [q for q in found.explanation.still_open if q.id == "withdrawal_seizure_history"]
    assert question.alone
    assert policy.ladder.ids[question.floor] == "medical_residential"
    assert policy.ladder.ids[question.ceiling] == "intensive_outpatient"


def test_a_settled_level_has_nothing_open(policy: Policy, people: dict[str, dict[str, Answer]]) -> None:
    assert recommend(policy, people["EX03"]).explanation.still_open == ()


@pytest.mark.parametrize("name", ["EX09", "EX16", "EX36"])
def test_no_report_tells_a_level_that_is_held_or_not_cleared(
    policy: Policy, people: dict[str, dict[str, Answer]], name: str
) -> None:
    answers = {**people[name], "suicide_thoughts": unknown(policy.questionnaire.questions["suicide_thoughts"], MISSING)}
    found = recommend(policy, answers)
    assert not found.level_shown
    told = as_json(found)
    assert told["level"] is told["bounds"] is told["explanation"] is told["plan"] is None
    names = [level.name for level in policy.ladder.levels if level.rank > 0]
    for report in (text_report(found), text_report(found, full=True), html_report(found)):
        body = report.split("Red flags")[0] + report.split("areas of need")[-1]
        assert not [level for level in names if f"{level} (" in body or f">{level}<" in body]
        assert "Not clinically validated" in report
    assert as_json(found, for_clinician=True)["bounds"] is not None


def test_reports_say_not_validated_and_escape_what_they_are_given(
    policy: Policy, people: dict[str, dict[str, Answer]]
) -> None:
    found = recommend(policy, people["EX03"], id="<script>alert(1)</script>")
    page = html_report(found)
    assert "<script" not in page
    assert "Not clinically validated" in page
    assert "http" not in page


def with_one_more(policy: Policy, answers: dict[str, Answer], name: str, value: int) -> Recommendation:
    question = policy.questionnaire.questions[name]
    bits = 1 << value if isinstance(question.type, Nominal) else value
    return recommend(policy, {**answers, name: Answer(bits, bits)})


# People with a few answers taken out, each leaving something open in another way: counts, ranges, gates.
OPEN = {
    "EX06": ("organ_risk", "severe_withdrawal_history", "signs_rising", "home_withdrawal_failed"),
    "EX15": ("friends_use", "coping", "residential_returns", "failed_level"),
    "EX21": ("expected_use", "craving", "disorder"),
    "EX33": ("alcohol_days", "place_to_sleep", "home_use"),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_told_of_open_questions_is_what_answering_them_does(
    policy: Policy, people: dict[str, dict[str, Answer]], name: str
) -> None:
    answers = {key: answer for key, answer in people[name].items() if key not in OPEN[name]}
    found = recommend(policy, answers)
    told = {question.id: question for question in found.explanation.still_open}
    assert bool(told) == (not found.settled)
    for key in OPEN[name]:
        question = policy.questionnaire.questions[key]
        tried = [with_one_more(policy, answers, key, value) for value in range(question.minimum, question.maximum + 1)]
        floor = max(one.level_at_least.rank for one in tried)
        ceiling = min(one.level_at_most.rank for one in tried)
        moves = (floor, ceiling) != (found.level_at_least.rank, found.level_at_most.rank)
        assert (key in told and told[key].alone) == moves, key
        if moves:
            assert (told[key].floor, told[key].ceiling) == (floor, ceiling), key
