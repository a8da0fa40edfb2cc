"""`recommender policy check`, `diff` and `mutants` as their users run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recommender.assurance.coverage import measure
from recommender.assurance.difference import compare
from recommender.assurance.mutants import fate, mutants
from recommender.cases import load_cases
from recommender.certificate import CERTIFICATES
from recommender.cli import main
from recommender.policy import Policy
from recommender.policy_file import ADULT, load_policy

A1 = "\n       and last_overdose <= 'months_2_to_12'\""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["policy", *map(str, arguments)])


def edited(folder: Path, name: str, *edits: tuple[str, str]) -> Path:
    text = ADULT.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_the_packaged_policy_holds_for_every_intake_and_is_not_proved_twice(tmp_path: Path, policy: Policy) -> None:
    certificate = tmp_path / "adult.json"
    first = run("check", "--certificate", certificate, "--format", "json")
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert told["holds"] is True
    assert told["properties"] > 1000
    proved, kept = (json.loads(f.read_text(encoding="utf-8")) for f in (certificate, CERTIFICATES / "adult.json"))
    assert {**proved, "proved_on": ""} == {**kept, "proved_on": ""}, "renew the certificate with `make docs`"
    again = json.loads(run("check", "--format", "json").stdout)
    assert again["proved_before"] == again["properties"] == told["properties"]
    # An edit costs what it touches, and what it breaks comes with an intake that `assess` reads.
    broken = edited(tmp_path, "broken.yaml", (A1, '"'))
    refuted = run("check", broken, "--counterexamples", tmp_path / "against")
    assert refuted.exit_code == 14
    assert "RF15 sets a floor above it" in refuted.stdout
    assert "1 of" in refuted.stderr
    (intake,) = (tmp_path / "against").iterdir()
    assessed = CliRunner().invoke(main, ["assess", str(intake), "--format", "json"])
    answer = json.loads(assessed.stdout)
    assert answer["level"] == "intensive_outpatient"
    assert [flag["id"] for flag in answer["red_flags"]] == ["RF15"]
    assert [alternative["id"] for alternative in answer["alternatives"]] == []


def test_a_policy_without_z3_says_which_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "z3" else found(name, *more))
    refused = run("check")
    assert refused.exit_code == 15
    assert "recommender[prove]" in refused.stderr
    told = run("diff", ADULT, ADULT)
    assert told.exit_code == 0
    assert "recommender[prove]" in told.stderr
    assert "Nothing was edited" in told.stdout


def test_a_difference_is_told_in_words_and_every_region_of_it_by_an_intake(tmp_path: Path, policy: Policy) -> None:
    new = edited(
        tmp_path,
        "new.yaml",
        ("when: \"leaving_level >= 'intensive_outpatient'\"", "when: \"leaving_level >= 'partial_hospitalization'\""),
    )
    told = run("diff", ADULT, new, "--format", "json")
    assert told.exit_code == 0, told.output
    data = json.loads(told.stdout)
    assert [(edit["name"], edit["what"]) for edit in data["edits"]] == [("T9", "condition")]
    regions = {((r["old"]["level"], r["old"]["stop"]), (r["new"]["level"], r["new"]["stop"])) for r in data["regions"]}
    assert (("outpatient", ""), ("none", "")) in regions
    assert all(old != new for old, new in regions)
    after = load_policy(new)
    for region in compare(policy, after).regions:
        if region.old.level:
            ranks = [region.example.assessment(each).level_at_least[0] for each in (policy, after)]
            assert [policy.ladder.ids[rank] for rank in ranks] == [region.old.level, region.new.level]
    assert "for instance an adult with nothing wrong, but leaving level" in run("diff", ADULT, new).stdout


def test_an_edit_that_says_the_same_is_proved_to_change_nothing(tmp_path: Path) -> None:
    new = edited(
        tmp_path,
        "new.yaml",
        ('when: "tolerance_lost", why: "Tolerance', 'when: "not not tolerance_lost", why: "Tolerance'),
    )
    told = run("diff", ADULT, new)
    assert "Proved: no complete intake gets another level" in told.stdout


def test_nearly_every_small_slip_is_noticed_by_the_cases(policy: Policy) -> None:
    cases = load_cases(policy.questionnaire)
    fates = [fate(mutant, cases, lambda _policy: True) for mutant in mutants(ADULT, policy, 24, seed=3)]
    missed = [(entry.mutant.rule, entry.mutant.slip) for entry in fates if not entry.noticed_by]
    assert len(missed) <= 2, missed
    assert {entry.noticed_by for entry in fates} >= {"cases"}


def test_the_measure_of_cases_sees_what_is_missing(policy: Policy) -> None:
    from recommender.answers import answers_of

    few = [case.answers for case in load_cases(policy.questionnaire)[:20]]
    coverage = measure(policy, answers_of(policy.questionnaire, few))
    assert 0 < coverage.share < 0.7
    assert coverage.count > 450
