"""One rule in full: what stands behind it, where it leads, and which cases pin it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from recommender.anatomy import Pinned, Step, anatomy_of, cases_by_rule
from recommender.answers import answers_of
from recommender.assessment import assess
from recommender.cases import packaged_cases
from recommender.cli import main
from recommender.policy import Policy
from recommender.report.rule import rule_as_json, rule_text
from recommender.rules.definitions import questions_behind

NOBODY = Pinned((), ())


def flat(steps: tuple[Step, ...]) -> set[str]:
    return {name for step in steps for name in (step.rule.id, *flat(step.then))}


def test_a_rating_leads_to_strands_and_from_there_to_the_level(policy: Policy) -> None:
    steps = anatomy_of(policy, policy.rules["W3a"], NOBODY).leads_to
    by_id = {step.rule.id: step for step in steps}
    assert by_id["M4"].alone
    assert not by_id["M2"].alone
    assert {"G3"} <= flat(by_id["M4"].then)
    assert "M1" not in by_id, "it needs a rating of 4"
    assert "M9" not in by_id, "M4 asks for more than it, and the highest wins"


def test_readiness_leads_nowhere_near_the_level(policy: Policy) -> None:
    placement = {rule.id for rule in policy.level_rules}
    for area in policy.areas:
        reached = {name for rule in area.rules for name in flat(anatomy_of(policy, rule, NOBODY).leads_to)}
        assert bool(reached & placement) is (area.id != "d4_readiness"), area.id


def test_every_rule_can_be_told_in_both_forms(policy: Policy) -> None:
    for rule in (*policy.rules.values(), *policy.plan_rules.values()):
        anatomy = anatomy_of(policy, rule, NOBODY)
        assert {q.id for q in anatomy.asked()} <= questions_behind(policy.definitions, rule.id)
        assert rule_text(policy, anatomy).startswith(f"{rule.id}  ")
        assert json.loads(json.dumps(rule_as_json(policy, anatomy)))["when"] == rule.text


def test_the_cases_of_a_rule_are_those_in_which_it_fires(policy: Policy) -> None:
    cases = packaged_cases(policy.questionnaire)
    pinned = cases_by_rule(policy, cases)
    result = assess(policy, answers_of(policy.questionnaire, [case.answers for case in cases]))
    for row, case in enumerate(cases):
        fired = {name for name, found in pinned.items() if name in policy.rules and case.id in found.certain}
        assert fired == set(result.rules_fired(row))
        undecided = {name for name, found in pinned.items() if name in policy.rules and case.id in found.possible}
        assert undecided == set(result.rules_undecided(row))
    assert set(pinned) == {*policy.rules, *policy.plan_rules}


@pytest.mark.parametrize(("given", "hint"), [("R55", "`R5`"), ("u2a", "`U2a`"), ("zzz", "policy show")])
def test_an_unknown_rule_is_answered_with_the_nearest(given: str, hint: str) -> None:
    done = CliRunner().invoke(main, ["policy", "explain-rule", given])
    assert done.exit_code == 10
    assert hint in done.stderr


def test_the_command_tells_it(policy: Policy) -> None:
    text = CliRunner().invoke(main, ["policy", "explain-rule", "M6"]).stdout
    assert "withdrawal_treated: derived" in text
    assert "Not clinically validated" in text
    data = json.loads(CliRunner().invoke(main, ["policy", "explain-rule", "M6", "--format", "json"]).stdout)
    assert data["source"]["id"] == policy.rules["M6"].source
    assert {"home_withdrawal_failed"} <= {question["id"] for question in data["questions"]}
