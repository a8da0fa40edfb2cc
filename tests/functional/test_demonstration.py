"""The released demonstration model: whole, plainly labelled, and used by nobody who does not name it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import ROOT
from tests.models import run

MODELS = ROOT / "models"
VERSION = MODELS / "demonstration/1"
INTAKE = ROOT / "data/intakes/clear_iop.json"
REMEDY = "the questions or levels that it reads have changed: `make demonstration` makes it anew"


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOMMENDER_MODELS", str(MODELS))


def test_it_is_as_it_was_released_and_says_what_it_is() -> None:
    assert run("model", "verify").exit_code == 0
    told = json.loads(run("model", "show", "demonstration", "--format", "json").stdout)
    assert told["data"]["kind"] == "simulated"
    assert told["in_force"][-1]["version"] == "1"
    assert all(gate["passed"] for gate in told["in_force"][-1]["evidence"]["gates"])
    for file in ("card.md", "report.html"):
        assert "Not clinically validated. Simulated: nobody in these data exists." in (VERSION / file).read_text()


def test_it_is_small_and_holds_no_code() -> None:
    files = [path for path in MODELS.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".jsonl", ".md", ".html"}
    assert sum(path.stat().st_size for path in files) < 1_600_000


def test_whoever_names_it_gets_its_opinion_and_nobody_else_does(tmp_path: Path) -> None:
    alone = run("assess", INTAKE, "--format", "json")
    asked = run("assess", INTAKE, "--format", "json", "--model", "demonstration")
    assert asked.exit_code == alone.exit_code, REMEDY
    without, beside = json.loads(alone.stdout), json.loads(asked.stdout)
    assert without["second_opinion"] is None
    assert beside["second_opinion"] is not None
    told = {name for name in beside if beside[name] != without[name]}
    assert told == {"second_opinion", "provenance"}
    assert "made-up people" in run("assess", INTAKE, "--model", "demonstration").stdout
    assert run("assess", tmp_path / "nowhere.json", "--model", "demonstration").exit_code == 10
