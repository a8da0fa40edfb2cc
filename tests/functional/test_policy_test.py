"""`recommender policy test` from end to end, on the packaged policy and on one whose rule was changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recommender.cli import main
from recommender.policy_file import ADULT


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["policy", "test", *arguments])


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The adult policy with the count of overdoses that asks for residential care one higher."""
    text = ADULT.read_text(encoding="utf-8")
    assert text.count("overdoses_30_days >= 2") == 1
    path = tmp_path / "changed.yaml"
    path.write_text(text.replace("overdoses_30_days >= 2", "overdoses_30_days >= 3"), encoding="utf-8")
    return path


def test_the_packaged_policy_passes_and_says_how_far_its_cases_reach() -> None:
    done = run()
    assert done.exit_code == 0
    assert done.stderr == ""
    for words in (
        "pass.",
        "psychiatric_hospital",
        "Dangerous withdrawal",
        "Rules true in at least one case",
        "Not clin",
    ):
        assert words in done.stdout


def test_a_changed_rule_is_caught_with_what_was_expected_and_what_was_found(changed: Path) -> None:
    done = run(str(changed))
    assert done.exit_code == 13
    assert "two overdoses this month" in done.stdout
    assert "level: expected residential_high; found partial_hospitalization" in done.stdout
    assert "U3b" in done.stdout, "a rule behind the level that was found"
    assert "V53" in done.stderr
    assert "Never true: U4a" in done.stdout


def test_json_is_data(changed: Path) -> None:
    done = run(str(changed), "--format", "json")
    assert done.exit_code == 13
    told = json.loads(done.stdout)
    failing = [entry for entry in told["verdicts"] if not entry["passes"]]
    # The story, and then pairs of cases: the rule's own says which rule it was.
    assert failing[0]["id"] == "V53"
    assert any(entry["id"].startswith("U4a.") for entry in failing[1:])
    assert failing[0]["grounds"]
    assert told["rules"]["not_reached"] == ["U4a"]
    tallies = told["by_level"].values()
    assert sum(tally["cases"] - tally["passed"] for tally in tallies) == len(failing)
    assert sum(tally["cases"] for tally in tallies) == told["cases"]


def test_a_file_that_is_not_there_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    done = run("--cases", str(tmp_path / "nowhere.yaml"))
    assert done.exit_code == 11
    assert "cannot be read" in done.stderr
