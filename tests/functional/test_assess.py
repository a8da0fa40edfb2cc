"""`recommender assess` from end to end: what it prints, where, and the exit code that says how the person stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recommender.cli import main

INTAKES = Path(__file__).parents[2] / "data" / "intakes"
CODES = {
    "clear_iop": 0,
    "outpatient": 0,
    "residential": 0,
    "medical": 0,
    "emergency": 20,
    "half_finished": 22,
}


def assess(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["assess", *arguments], input=given)


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_the_exit_code_says_how_the_person_stands(name: str, code: int) -> None:
    done = assess(str(INTAKES / f"{name}.json"))
    assert done.exit_code == code
    assert "Not clinically validated" in done.stdout
    assert done.stderr == ""
    assert "\x1b" not in done.stdout, "colour only on a terminal"


@pytest.mark.parametrize("name", CODES)
def test_json_is_data_and_holds_no_level_that_may_not_be_shown(name: str) -> None:
    done = assess(str(INTAKES / f"{name}.json"), "--format", "json")
    told = json.loads(done.stdout)
    shown = CODES[name] == 0
    assert (told["bounds"] is not None) == (told["ratings"] is not None) == (told["plan"] is not None) == shown
    assert told["provenance"]["policy_status"] == "unvalidated"


def test_standard_input_and_files_give_the_same() -> None:
    file = INTAKES / "clear_iop.json"
    assert assess("-", given=file.read_text(encoding="utf-8")).stdout == assess(str(file)).stdout


def test_an_emergency_is_told_before_a_slip_in_the_intake() -> None:
    faulty = {"id": "x", "answers": {"overdose_now": True, "alcohol_days": 3, "heavy_days": 5, "agee": 30}}
    done = assess("-", given=json.dumps(faulty))
    assert done.exit_code == 20
    assert "Emergency" in done.stdout
    assert "911" in done.stdout
    assert "more days of heavy drinking" in done.stderr
    assert "'agee'" in done.stderr


def test_a_held_person_gets_no_level_but_a_clinician_sees_the_bounds() -> None:
    intake = json.loads((INTAKES / "clear_iop.json").read_text(encoding="utf-8"))
    intake["answers"]["violence"] = True
    done = assess("-", given=json.dumps(intake))
    assert done.exit_code == 21
    assert "Intensive outpatient" not in done.stdout
    assert "Intensive outpatient" in assess("-", "--for-clinician", given=json.dumps(intake)).stdout


def test_a_filled_template_can_be_given_back() -> None:
    template = CliRunner().invoke(main, ["template", "--format", "json"]).stdout
    intake = json.loads(template)
    assert set(intake["answers"].values()) == {""}
    intake["answers"].update(overdose_now=True)
    assert assess("-", given=json.dumps(intake)).exit_code == 20
