"""Smallest changes and open questions of the examples: what is told, what is left out, and what is never proposed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import yaml

from recommender.answers import Answer, answers_of, read_json
from recommender.assessment import assess
from recommender.cases import load_examples
from recommender.change import Changes
from recommender.policy import LEVEL, Policy
from recommender.questionnaire_file import QUESTIONS
from recommender.recommendation import CHANGES_ARE_FACTS, Recommendation, as_json, recommend
from recommender.report.html import html_report
from recommender.report.text import text_report
from recommender.rules.definitions import questions_behind


@pytest.fixture(scope="module")
def people(policy: Policy) -> dict[str, dict[str, Answer]]:
    return {case.id: dict(case.answers) for case in load_examples(policy.questionnaire)}


def with_answers(policy: Policy, answers: Mapping[str, Answer], **given: object) -> dict[str, Answer]:
    """The answers with others; None takes one out."""
    questions = policy.questionnaire.questions
    read = {name: read_json(questions[name], value) for name, value in given.items() if value is not None}
    return {name: answer for name, answer in {**answers, **read}.items() if name not in given or name in read}


def sets(changes: Changes) -> list[tuple[dict[str, object], str]]:
    return [(change.new, change.level) for change in changes.sets]


def test_every_question_behind_the_level_says_whether_its_answer_can_change(policy: Policy) -> None:
    declared = {
        entry["id"]
        for path in QUESTIONS.glob("*.yaml")
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["questions"]
        if "changes" in entry
    }
    assert questions_behind(policy.definitions, LEVEL) <= declared


def test_history_age_and_pregnancy_are_never_undone(policy: Policy) -> None:
    questions = policy.questionnaire.questions
    assert {questions[name].changes for name in ("age", "pregnancy", "main_substance")} == {"fixed"}
    history = (
        "failed_level",
        "last_overdose",
        "withdrawal_seizure_history",
        "suicide_behaviour",
        "residential_returns",
    )
    assert {questions[name].changes for name in history} == {"only_worse"}


LOWER = [
    ("EX03", [({"alcohol_days": 3, "expected_use": "low"}, "outpatient")]),
    ("EX09", [({"ciwa": 18}, "medical_residential")]),
    ("EX18", [({"stimulant_days": 11}, "partial_hospitalization")]),
    ("EX23", [({"dry_days": 1826}, "none")]),
    # A pregnancy, and a programme that was just left, are no answers that could become others.
    ("EX21", []),
    ("EX27", []),
]


@pytest.mark.parametrize(("name", "expected"), LOWER, ids=[entry[0] for entry in LOWER])
def test_what_would_lower_a_level(
    policy: Policy,
    people: dict[str, dict[str, Answer]],
    name: str,
    expected: list[tuple[dict[str, object], str]],
) -> None:
    found = recommend(policy, people[name]).changes.lower
    assert sets(found) == expected
    assert found.possible is bool(expected)
    assert found.complete_to == 4


def test_a_taper_with_a_prescriber_is_told_and_not_more_sedatives(
    policy: Policy, people: dict[str, dict[str, Answer]]
) -> None:
    found = recommend(policy, people["EX34"]).changes.lower
    assert [change.new["sedative_pattern"] for change in found.sets] == ["prescribed_stable"] * len(found.sets)


def test_answers_that_hang_together_change_together(policy: Policy, people: dict[str, dict[str, Answer]]) -> None:
    answers = with_answers(policy, people["EX03"], heavy_days=25, dry_days=0, days_in_bed=0)
    first, second = recommend(policy, answers).changes.lower.sets
    # Without any drinking day the question on heavy days is not asked, and then only the last use must be long ago.
    assert first.new == {"alcohol_days": 0, "dry_days": 30, "expected_use": "low"}
    assert set(first.not_asked) >= {"heavy_days", "drinks_per_day", "alcohol_last_days"}
    assert second.new == {"alcohol_days": 3, "heavy_days": 3, "expected_use": "low"}


def test_emergencies_come_last_among_what_would_raise_a_level(
    policy: Policy, people: dict[str, dict[str, Answer]]
) -> None:
    for name in ("EX02", "EX14", "EX24"):
        changes = recommend(policy, people[name]).changes.higher.sets
        ranks = [(len(change.answers), change.status == "blocked") for change in changes]
        assert ranks == sorted(ranks)


# ------------------------------------------------------------------------------------------------------ open questions
OPEN = {
    "EX03": ("expected_use", "craving", "sober_support", "psych_function"),
    "EX06": ("organ_risk", "severe_withdrawal_history", "signs_rising", "home_withdrawal_failed"),
    "EX15": ("friends_use", "coping", "residential_returns", "failed_level"),
    "EX29": ("dry_days", "sober_adult_at_night", "home_use", "place_to_sleep"),
}


def half_open(policy: Policy, people: dict[str, dict[str, Answer]], name: str) -> Recommendation:
    return recommend(policy, with_answers(policy, people[name], **dict.fromkeys(OPEN[name])))


@pytest.mark.parametrize("name", OPEN)
def test_a_question_that_can_change_the_level_comes_with_two_completions_that_show_it(
    policy: Policy, people: dict[str, dict[str, Answer]], name: str
) -> None:
    found = half_open(policy, people, name)
    assert found.open.can
    for question, witness in found.open.witnesses.items():
        levels = []
        for outcome in witness.outcomes:
            whole = with_answers(policy, found.answers, **{**witness.others, question: outcome.answer})
            result = assess(policy, answers_of(policy.questionnaire, [whole]))
            levels.append(policy.ladder.ids[int(result.level_at_least[0])])
        assert levels == [outcome.level for outcome in witness.outcomes]
        assert levels[0] != levels[1]


@pytest.mark.parametrize("name", OPEN)
def test_no_open_question_is_left_undecided_here_and_none_stands_twice(
    policy: Policy, people: dict[str, dict[str, Answer]], name: str
) -> None:
    found = half_open(policy, people, name).open
    assert found.undecided == ()
    assert {question.id for question in found.can}.isdisjoint(found.cannot)
    assert {*(question.id for question in found.can), *found.cannot} >= set(OPEN[name])


def test_a_question_that_cannot_change_the_level_is_said_so(
    policy: Policy, people: dict[str, dict[str, Answer]]
) -> None:
    answers = with_answers(
        policy, people["EX29"], craving=None, expected_use=None, sober_adult_at_night=None, dry_days=None
    )
    found = recommend(policy, answers)
    assert "craving" in found.open.cannot
    assert "craving" in as_json(found)["explanation"]["cannot_change_it"]


# ------------------------------------------------------------------------------------------------------------- reports
def test_reports_tell_changes_as_facts_about_the_rules(policy: Policy, people: dict[str, dict[str, Answer]]) -> None:
    found = recommend(policy, people["EX03"], id="somebody")
    text, page = " ".join(text_report(found, full=True).split()), html_report(found)
    assert "Outpatient (OP), with alcohol days (30 days -> 3 days or fewer) and expected use (moderate -> low)" in text
    assert "alcohol days (30 days → 3 days or fewer)" in page
    for told in (text, page, as_json(found)["changes"]["statement"]):
        assert CHANGES_ARE_FACTS in told
    assert "Would lower" not in text_report(found)


def test_no_change_is_told_while_the_level_may_not_be_shown(
    policy: Policy, people: dict[str, dict[str, Answer]]
) -> None:
    held = recommend(policy, people["EX16"])
    assert not held.level_shown
    assert as_json(held)["changes"] is None
    assert "Would lower" not in text_report(held, full=True)
    assert "What would lower it" not in html_report(held)
    assert as_json(held, for_clinician=True)["changes"]["lower"]["sets"]
