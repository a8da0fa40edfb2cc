"""A model's second opinion wherever it may be asked for: `assess`, `batch` and `interview`, and when there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from recommender.cli import main
from recommender.cli.interview.session import Session
from recommender.glass_box import load_model
from recommender.intake import Intake, read_intake_file
from recommender.levels import load_levels
from recommender.likely import load_population
from recommender.policy import Policy
from recommender.questionnaire_file import load_questionnaire

ROOT = Path(__file__).parents[2]
CASE = ROOT / "data" / "intakes" / "clear_iop.json"
REFERRALS = ROOT / "data" / "referrals.csv"
QUESTIONS = ("main_substance", "opioid_days", "alcohol_days", "place_to_sleep", "phq9", "cows", "craving")
LEVELS = load_levels()
RANK = {name: rank for rank, name in enumerate(LEVELS.ids)}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    cohort, target = folder / "cohort.parquet", folder / "tried.json"
    assert run("data", "simulate", "--rows", 6000, "--seed", 5, "--outcomes", "-o", cohort).exit_code == 0
    named = [text for name in QUESTIONS for text in ("--question", name)]
    assert run("model", "train", cohort, "-o", target, "--quick", "--jobs", 1, *named).exit_code == 0
    return target


def opinion_of(model: Path, case: Path = CASE, *more: str) -> dict[str, Any]:
    done = run("assess", case, "--model", model, "--format", "json", *more)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_one_person_gets_an_opinion_that_adds_up(model: Path) -> None:
    told = opinion_of(model)["second_opinion"]
    assert "lowers nothing that the rules require" in told["statement"]
    assert sum(level["chance"] for level in told["levels"]) == pytest.approx(1)
    assert told["iop"] == next(level["chance"] for level in told["levels"] if level["name"] == "Intensive outpatient")
    inside = [level["in_set"] for level in told["levels"]]
    assert any(inside)
    assert np.count_nonzero(np.diff(np.array([False, *inside, False]).astype(int))) == 2, "a set has no gaps"
    assert {entry["question"] for entry in told["contributions"]} <= {*QUESTIONS}
    loaded = load_model(model, load_questionnaire(), LEVELS)
    assert told["hash"] == loaded.hash


def test_nothing_but_the_opinion_is_different_with_a_model(model: Path) -> None:
    with_it = opinion_of(model)
    without = json.loads(run("assess", CASE, "--format", "json").stdout)
    for told in (with_it, without):
        told.pop("second_opinion")
    assert {key: with_it["provenance"].pop(key) for key in ("model", "model_hash")}["model"] == "tried"
    assert with_it == without


def test_no_opinion_is_shown_while_no_level_may_be_shown(model: Path, tmp_path: Path) -> None:
    case = json.loads(CASE.read_text())
    case["answers"]["suicide_thoughts"] = "wish_to_be_dead"
    held = tmp_path / "held.json"
    held.write_text(json.dumps(case))
    assert opinion_of(model, held)["second_opinion"] is None
    assert opinion_of(model, held, "--for-clinician")["second_opinion"] is not None
    assert "Usual for similar people" not in run("assess", held, "--model", model).stdout


@pytest.mark.parametrize("form", ["text", "html"])
def test_the_report_shows_it(model: Path, form: str) -> None:
    page = run("assess", CASE, "--model", model, "--format", form, "--full").stdout
    assert "Usual for similar people who did well" in page
    assert "made-up people" in page


def test_a_batch_gets_columns_and_no_suggestion_lies_below_the_floor(model: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.parquet"
    assert run("batch", REFERRALS, "-o", target, "--model", model, "-q").exit_code == 0
    plain = tmp_path / "plain.parquet"
    assert run("batch", REFERRALS, "-o", plain, "-q").exit_code == 0
    table, before = parquet.read_table(target), parquet.read_table(plain)
    added = [name for name in table.column_names if name.startswith("model_")]
    assert table.drop_columns(added).equals(before)
    rows = table.to_pylist()
    for row in rows:
        highest = row["model_suggestion"].split("..")[-1]
        assert RANK[highest] >= RANK[row["level_at_least"]]
        outside = RANK[row["model_set_high"]] < RANK[row["level_at_least"]]
        assert row["model_disagrees"] == (outside or RANK[row["model_set_low"]] > RANK[row["level_at_most"]])
    manifest = json.loads((tmp_path / "out.parquet.manifest.json").read_text())
    assert manifest["model"]["hash"].startswith(rows[0]["model_hash"])


def test_one_and_many_get_the_same(model: Path, tmp_path: Path) -> None:
    case = json.loads(CASE.read_text())
    questions = load_questionnaire().questions
    plain = {name: value for name, value in case["answers"].items() if isinstance(value, str | int | bool)}
    left_out = {name for name in case["answers"] if name not in plain}
    assert not left_out & {*QUESTIONS}, "what the model reads is a plain answer in this intake"
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in plain.items()}
    table = pa.table({"id": ["A"], **{name: [text] for name, text in texts.items() if name in questions}})
    parquet.write_table(table, tmp_path / "one.parquet")
    assert run("batch", tmp_path / "one.parquet", "-o", tmp_path / "o.parquet", "--model", model, "-q").exit_code == 0
    row = parquet.read_table(tmp_path / "o.parquet").to_pylist()[0]
    told = opinion_of(model)["second_opinion"]
    assert row["model_iop"] == pytest.approx(told["iop"], abs=1e-6)
    assert (row["model_set_low"], row["model_set_high"]) == (told["set"]["lowest"], told["set"]["highest"])


class Typist:
    """Somebody at the keyboard who ends the interview; what was shown is kept."""

    plain = True

    def __init__(self) -> None:
        self.shown: list[str] = []

    def show(self, lines: list[str]) -> None:
        self.shown += lines

    def ask(self, *_: object) -> str:
        return "q"


def test_the_interview_tells_it_once_the_level_is_certain(model: Path, policy: Policy, tmp_path: Path) -> None:
    answers = read_intake_file(str(CASE), policy.questionnaire).answers
    desk = Typist()
    loaded = load_model(model, policy.questionnaire, policy.ladder)
    population = load_population(policy.questionnaire)
    Session(policy, population, tmp_path / "c.json", Intake("c", "", answers), desk, loaded).run()
    assert "Usual for similar people who did well" in "\n".join(desk.shown)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda text: text[: len(text) // 2], "is not a whole model file"),
        (lambda text: text.replace('"reading_hash": "', '"reading_hash": "0'), "another version of the questionnaire"),
        (lambda text: text.replace('"ladder_hash": "', '"ladder_hash": "0'), "another version of the levels of care"),
        (lambda text: text.replace('"intercepts": [', '"intercepts": [NaN,'), "NaN"),
    ],
)
def test_a_damaged_or_foreign_model_is_refused(model: Path, tmp_path: Path, damage: Any, told: str) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(damage(model.read_text()))
    for command in (("assess", CASE), ("batch", REFERRALS, "-o", tmp_path / "o.csv")):
        done = run(*command, "--model", broken)
        assert (done.exit_code, told in done.stderr) == (10, True), done.stderr


def test_a_model_that_is_not_there_is_told() -> None:
    done = run("assess", CASE, "--model", "nobody")
    assert (done.exit_code, "there is no such model" in done.stderr) == (10, True)
