"""The service plan: weeks that add up to the minute, and every service able to appear with its reason."""

from __future__ import annotations

import itertools

import pytest

from recommender.cases import load_examples
from recommender.plan import fill_week, in_week_order
from recommender.policy import Policy
from recommender.recommendation import Recommendation, recommend

# What an intensive outpatient programme holds; each must be able to stand in a plan.
HELD = {
    *("individual_counselling", "group_counselling", "family_counselling", "medication_management", "education"),
    *("relapse_prevention", "peer_support", "mutual_help", "drug_monitoring", "case_management", "vocational_help"),
    *("recreation", "continuing_care"),
}


@pytest.fixture(scope="module")
def recommendations(policy: Policy) -> list[Recommendation]:
    return [recommend(policy, case.answers, id=case.id) for case in load_examples(policy.questionnaire)]


def test_every_week_fills_its_slots_to_the_minute_and_never_overlaps(
    policy: Policy, recommendations: list[Recommendation]
) -> None:
    for recommendation, schedule in itertools.product(recommendations, policy.schedules):
        plan = recommendation.plan
        if plan.level not in schedule.levels:
            continue
        week = fill_week(schedule, plan.inside)
        assert week.hours * 60 == schedule.minutes
        sessions = in_week_order(week.sessions)
        for before, after in itertools.pairwise(sessions):
            assert before.day != after.day or before.end <= after.start
        for session in sessions:
            assert any(
                s.day == session.day and s.start <= session.start and session.end <= s.end for s in schedule.slots
            )


def test_every_service_of_an_iop_can_stand_in_a_plan_with_its_reason(policy: Policy) -> None:
    answers = next(case.answers for case in load_examples(policy.questionnaire) if case.id == "EX03")
    more = {
        "support_person_consent": True,
        "family_conflict": "severe",
        "lives_with_family": True,
        "mutual_help_view": "open",
        "mutual_help_now": "none",
        "work_status": "looking_for_work",
        "job_at_risk": False,
        "sober_activities": "none",
        "boredom_trigger": True,
        "social_needs": 2,
        "timetable_evenings": True,
        "works_evenings": False,
        "rotating_shifts": False,
    }
    from recommender.answers import read_json

    questions = policy.questionnaire.questions
    full = {**answers, **{name: read_json(questions[name], value) for name, value in more.items()}}
    recommendation = recommend(policy, full)
    lines = (*recommendation.plan.inside, *recommendation.plan.beside)
    assert recommendation.level_at_least.id == "intensive_outpatient"
    assert {line.service.id for line in lines} >= HELD
    assert all(line.dose.rule.why and line.dose.rule.source for line in lines)
    assert recommendation.plan.week is not None
    assert recommendation.plan.week.schedule.rule.id == "EVE3"


def test_violence_known_or_unknown_never_gives_joint_family_sessions(policy: Policy) -> None:
    family = [rule.text for rule in policy.plan_rules.values() if rule.section == "family_counselling"]
    apart = [rule.text for rule in policy.plan_rules.values() if rule.section == "safe_person_support"]
    assert family
    assert all("and not violence and" in text for text in family)
    assert apart == ["support_person_consent and violence"]


def test_sessions_of_the_week_have_the_dose_of_the_plan_or_are_told_apart(
    recommendations: list[Recommendation], policy: Policy
) -> None:
    for recommendation, schedule in itertools.product(recommendations, policy.schedules):
        plan = recommendation.plan
        if plan.level not in schedule.levels:
            continue
        week = fill_week(schedule, plan.inside)
        for line in plan.inside:
            lengths = [s.end - s.start for s in week.sessions if s.service == line.service.id]
            assert lengths or line.service.id in week.in_turn
            if line.service.id == "drug_monitoring":
                assert set(lengths) <= {line.dose.minutes}


def test_mutual_help_never_names_one_kind_only(policy: Policy) -> None:
    (service,) = (service for service in policy.services if service.id == "mutual_help")
    assert sum(kind in service.does for kind in ("12-step", "SMART", "LifeRing", "Recovery Dharma")) >= 3
