"""Made-up people, each with what the policy must find: `content/cases/examples.yaml` and `vignettes.yaml`.

Here is also how many there must be: every level, every group of red flags and every flag is told of, and every rule is
true for somebody.
"""

from __future__ import annotations

import pytest

from recommender.assurance.verdicts import CaseRun, run_cases
from recommender.cases import CASE_FILES, PAIRS, STORIES, Case, load_cases
from recommender.policy import Policy
from recommender.policy_file import load_policy

QUESTIONNAIRE = load_policy().questionnaire
CASES = load_cases(QUESTIONNAIRE, STORIES)
FEWEST = 5


@pytest.fixture(scope="module")
def run(policy: Policy) -> CaseRun:
    return run_cases(policy, CASES)


@pytest.mark.parametrize("row", range(len(CASES)), ids=lambda row: f"{CASES[row].id} {CASES[row].about[:60]}")
def test_what_a_case_states_is_found(row: int, run: CaseRun) -> None:
    assert run.verdicts[row].differences == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_states_its_red_flags_and_add_ons_and_tells_of_a_person(case: Case) -> None:
    assert case.about
    assert case.red_flags is not None
    assert case.addons is not None


def test_there_are_cases_for_every_level_and_every_group_of_red_flags(run: CaseRun) -> None:
    few = {name: t.cases for name, t in (run.by_level() | run.by_flag_group()).items() if t.cases < FEWEST}
    assert few == {}
    assert len(run.verdicts) >= 60


def test_there_is_a_case_for_every_red_flag_and_every_add_on(run: CaseRun, policy: Policy) -> None:
    assert [flag for flag, counted in run.by_flag().items() if counted.cases == 0] == []
    assert {name for case in CASES for name in case.addons or ()} == set(policy.ladder.beside)


def test_every_red_flag_stands_in_a_declared_group(policy: Policy) -> None:
    assert {flag.group for flag in policy.red_flags} == set(policy.flag_groups)


def test_every_status_is_told_of() -> None:
    assert {case.status for case in CASES} == {"settled", "provisional", "held", "blocked", "safety_unanswered"}


def test_every_rule_is_true_in_some_case(run: CaseRun) -> None:
    assert run.rules_not_reached == ()


def test_the_cases_show_every_condition_of_every_rule_to_matter(policy: Policy) -> None:
    run = run_cases(policy, load_cases(QUESTIONNAIRE, CASE_FILES))
    assert [verdict.case.id for verdict in run.failed] == [], f"a rule was changed: renew {PAIRS.name} with `make docs`"
    assert run.coverage.missing == ()
