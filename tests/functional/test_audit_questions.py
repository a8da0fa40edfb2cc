"""Questions for audit and for the record, from the command line: there when asked for, and without any effect."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from recommender.policy import Policy
from tests.command_line import run
from tests.teds_rows import read_rows

INTAKE = Path(__file__).parents[2] / "data" / "intakes" / "clear_iop.json"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("audit") / "people.csv"
    assert run("data", "simulate", "--rows", 150, "--seed", 4, "-o", target).returncode == 0
    return target


def scored(source: Path, folder: Path) -> tuple[int, list[dict[str, str]], list[dict[str, str]]]:
    """Exit code, results and rejects of a batch."""
    target, rejects = folder / "levels.csv", folder / "rejects.csv"
    done = run("batch", source, "-o", target, "--rejects", rejects, "-q")
    return done.returncode, read_rows(target), read_rows(rejects)


def test_a_form_has_them_only_when_asked_for(policy: Policy) -> None:
    for_audit, for_record = set(policy.questionnaire.for_audit), set(policy.questionnaire.for_record)
    for options in ((), ("--all",), ("--format", "json")):
        asked = run("template", *options).stdout.replace('"', "").split(",")
        assert not (for_audit | for_record).intersection(asked)
    audit, record = (set(run("template", option).stdout.strip().split(",")) for option in ("--audit", "--record"))
    assert for_audit <= audit - record
    assert for_record <= record - audit
    assert for_audit <= set(json.loads(run("template", "--audit", "--format", "json").stdout)["answers"])


def test_no_result_changes_with_them_or_lacks_anything_without_them(
    people: Path, tmp_path: Path, policy: Policy
) -> None:
    rows = read_rows(people)
    assert {row["sex"] for row in rows} >= {"female", "male"}
    without = [{name: cell for name, cell in row.items() if name not in policy.questionnaire.beside} for row in rows]
    with (tmp_path / "without.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(without[0]))
        writer.writeheader()
        writer.writerows(without)
    assert scored(people, tmp_path) == scored(tmp_path / "without.csv", tmp_path)


def test_a_cell_that_cannot_be_read_is_a_fault_like_any_other(people: Path, tmp_path: Path) -> None:
    text = people.read_text(encoding="utf-8")
    (tmp_path / "people.csv").write_text(text.replace("female", "femail", 1), encoding="utf-8")
    code, _, rejects = scored(tmp_path / "people.csv", tmp_path)
    assert code == 12
    assert [row["field"] for row in rejects] == ["sex"]


def test_one_person_may_have_them_too(tmp_path: Path) -> None:
    intake = json.loads(INTAKE.read_text(encoding="utf-8"))
    intake["answers"] |= {
        "sex": "female",
        "race": "more_than_one",
        "ethnicity": "declined",
        "payer": None,
        "schooling": "college",
    }
    (tmp_path / "intake.json").write_text(json.dumps(intake), encoding="utf-8")
    plain, audited = (run("assess", path, "--full") for path in (INTAKE, tmp_path / "intake.json"))
    assert audited.returncode == plain.returncode
    assert audited.stdout == plain.stdout
