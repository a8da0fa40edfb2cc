"""Cases beside what is found: what differs is told, with the rules behind the level; so is a faulty file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recommender.assurance.verdicts import run_cases
from recommender.cases import Case, load_cases, load_examples
from recommender.errors import ContentError
from recommender.policy import Policy


@pytest.fixture(scope="module")
def examples(policy: Policy) -> dict[str, Case]:
    return {case.id: case for case in load_examples(policy.questionnaire)}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"expect": "outpatient"}, ("level", "outpatient", "medical_residential")),
        ({"at_most": "hospital"}, ("level", "medical_residential to hospital", "medical_residential")),
        ({"status": "held"}, ("status", "held", "settled")),
        ({"red_flags": ()}, ("red flags", "none", "RF08")),
        ({"red_flags": ("RF08", "RF10")}, ("red flags", "RF08, RF10", "RF08")),
        ({"red_flags": ("RF99",)}, ("red flags", "RF99", "RF08")),
        ({"addons": ("naloxone",)}, ("add-ons", "naloxone", "none")),
        ({"ratings": {"d1_withdrawal": 2}}, ("rating d1_withdrawal", "2", "3")),
        ({"ratings": {"d9": 2}}, ("rating d9", "2", "no such area")),
    ],
)
def test_each_thing_that_differs_is_told(
    changed: dict[str, Any], told: tuple[str, str, str], examples: dict[str, Case], policy: Policy
) -> None:
    run = run_cases(policy, [replace(examples["EX04"], **changed)])
    assert run.verdicts[0].differences == (told,)
    assert run.failed == run.verdicts


def test_a_case_is_not_held_to_what_it_does_not_state(examples: dict[str, Case], policy: Policy) -> None:
    silent = replace(examples["EX04"], red_flags=None, addons=None)
    assert run_cases(policy, [silent]).failed == ()


def test_the_rules_behind_a_level_are_those_of_that_case(examples: dict[str, Case], policy: Policy) -> None:
    run = run_cases(policy, [examples["EX02"], replace(examples["EX04"], expect="none")])
    assert [ground.rule for ground in run.grounds(run.failed[0])] == ["G3", "M4", "W3d", "RF08"]


@pytest.mark.parametrize("name", [{"expect": "outpatiant"}, {"at_most": "hospitl"}, {"addons": ("naloxon",)}])
def test_a_name_that_cannot_be_right_is_a_fault(
    name: dict[str, Any], examples: dict[str, Case], policy: Policy
) -> None:
    with pytest.raises(ContentError) as caught:
        run_cases(policy, [replace(examples["EX04"], **name)])
    assert "Did you mean" in caught.value.faults[0].sentence()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("cases:\n  - {id: A, expect: none, answers: {}}\n  - {id: A, expect: none}\n", 3, "taken"),
        ("cases:\n  - {id: A, expect: none, answers: {alcohol_dayz: 1}}\n", 2, "Did you mean `alcohol_days`"),
        ("cases:\n  - {id: A, expect: none, status: heldd}\n", 2, "Did you mean `held`"),
        ("cases:\n  - {id: A, expect: none, red_flags: RF01}\n", 2, "is not a list"),
        ("cases:\n  - {id: A, expect: none, ratings: {d1_withdrawal: high}}\n", 2, "not a whole number"),
        ("cases:\n  - {id: A}\n", 2, "`expect` is missing"),
        ("cases:\n  - A\n", 2, "not an entry with keys"),
        ("cases: []\n", 1, "`cases` is missing"),
        # Four drinks a day on no day: nobody can be so, and an intake would be sent back.
        ("cases:\n  - {id: A, expect: none}\n  - {id: B, expect: none, answers: {drinks_per_day: 4}}\n", 3, "case B"),
    ],
)
def test_a_faulty_file_of_cases_is_told_with_its_line(
    text: str, line: int, says: str, policy: Policy, tmp_path: Path
) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_cases(policy.questionnaire, [path])
    fault = caught.value.faults[0]
    assert fault.line == line
    assert says in fault.sentence()


def test_two_files_may_not_share_an_id(policy: Policy, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one.yaml", "two.yaml")]
    for path in paths:
        path.write_text("cases:\n  - {id: A, expect: none}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"two\.yaml"):
        load_cases(policy.questionnaire, paths)


def test_generated_cases_need_no_story_and_stand_over_the_same_baseline(
    examples: dict[str, Case], policy: Policy, tmp_path: Path
) -> None:
    path = tmp_path / "pairs.yaml"
    path.write_text(
        "cases:\n  - {id: P1, rule: U1b, condition: audit >= 16, expect: outpatient, answers: {audit: 16}}\n",
        encoding="utf-8",
    )
    (pair,) = load_cases(policy.questionnaire, [path])
    assert (pair.rule, pair.condition, pair.red_flags) == ("U1b", "audit >= 16", None)
    assert pair.answers.keys() == examples["EX01"].answers.keys()
    assert run_cases(policy, [pair]).failed == ()
