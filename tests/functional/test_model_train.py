"""`recommender model train` from end to end, on simulated cohorts and on cohorts that cannot teach."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from recommender.cli import main
from recommender.glass_box import load_model
from recommender.levels import load_levels
from recommender.questionnaire_file import load_questionnaire
from tests import command_line

QUESTIONS = ("main_substance", "opioid_days", "alcohol_days", "place_to_sleep", "phq9", "cows")
NAMED = [text for name in QUESTIONS for text in ("--question", name)]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["model", "train", *map(str, arguments)])


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cohort") / "cohort.parquet"
    arguments = ["data", "simulate", "--rows", "6000", "--seed", "4", "--outcomes", "-o", str(path)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    return path


def test_a_cohort_becomes_a_model_that_says_where_it_comes_from(cohort: Path, tmp_path: Path) -> None:
    target = tmp_path / "model.json"
    done = run(cohort, "-o", target, "--quick", "--jobs", "1", *NAMED)
    assert done.exit_code == 0, done.stderr
    assert "kept for judging: the last period" in done.stderr
    assert "Not clinically validated" in done.stderr
    model = load_model(target, load_questionnaire(), load_levels())
    assert {feature.question for feature in model.features} <= {*QUESTIONS}
    about: Any = json.loads(target.read_text())["about"]
    assert about["data"]["kind"] == "simulated"
    assert about["data"]["files"][0]["file"] == "cohort.parquet"
    assert about["learned"] + about["judged"]["people"] <= about["counts"]["did_well"]
    lost = [about["counts"][name] for name in ("without_placement", "outcome_unknown", "did_not_do_well")]
    assert about["counts"]["did_well"] + sum(lost) == about["counts"]["rows"] == 6000


def test_the_same_seed_gives_the_same_file(cohort: Path, tmp_path: Path) -> None:
    once, twice = tmp_path / "a" / "model.json", tmp_path / "b" / "model.json"
    for target, jobs in ((once, "1"), (twice, "2")):
        target.parent.mkdir()
        assert run(cohort, "-o", target, "--quick", "--jobs", jobs, *NAMED).exit_code == 0
    assert once.read_bytes() == twice.read_bytes(), "on one core and on two"


def test_a_process_of_its_own_leaves_nothing_behind_and_says_so(cohort: Path, tmp_path: Path) -> None:
    arguments = ("model", "train", cohort, "-o", tmp_path / "model.json", "--quick", "--quiet", "--jobs", 2)
    done = command_line.run(*arguments, *NAMED)
    assert done.returncode == 0
    assert "leaked" not in done.stderr
    assert "Warning" not in done.stderr


Change = Callable[[pa.Table], pa.Table]


def with_column(name: str, values: Any) -> Change:
    return lambda table: table.set_column(
        table.column_names.index(name), name, pa.array([values] * len(table), type=pa.string())
    )


@pytest.mark.parametrize(
    ("change", "more", "told"),
    [
        (lambda table: table.slice(0, 150), (), "too few people have a known placement and did well"),
        (with_column("level_placed", "intensive_outpatient"), (), "other than intensive outpatient"),
        (with_column("level_placed", "residential_high"), (), "too few of these people were placed at intensive"),
        (with_column("level_placed", "iop"), (), "level_placed"),
        (lambda table: table.drop_columns(["reason"]), (), "nobody's outcome `completed_or_transferred` is known"),
        (None, ("--success", "retained_60"), "there is no such outcome (given: 'retained_60')"),
        (None, ("--question", "race"), "`race` is refused as a feature"),
        (None, ("--question", "LOS"), "`LOS` is refused as a feature"),
        (None, ("--question", "opiod_days"), "opioid_days"),
        (None, ("--together", "outpatient..residential_low"), "without intensive outpatient"),
        (None, ("--together", "a..b"), "is no level of care (given: 'a')"),
    ],
)
def test_what_cannot_teach_is_told_in_a_sentence(
    cohort: Path, tmp_path: Path, change: Change | None, more: tuple[str, ...], told: str
) -> None:
    source = cohort
    if change:
        source = tmp_path / "changed.parquet"
        parquet.write_table(change(parquet.read_table(cohort)), source)
    done = run(source, "-o", tmp_path / "model.json", "--quick", "--jobs", "1", *more)
    assert (done.exit_code, told in done.stderr) == (10, True), done.stderr
    assert not (tmp_path / "model.json").exists()


def test_answers_that_do_not_differ_teach_nothing(cohort: Path, tmp_path: Path) -> None:
    table = parquet.read_table(cohort)
    table = table.drop_columns([name for name in table.column_names if name in load_questionnaire().questions])
    blank = pa.nulls(len(table), pa.string())
    parquet.write_table(table.append_column("age", blank), tmp_path / "blank.parquet")
    done = run(tmp_path / "blank.parquet", "-o", tmp_path / "model.json", "--quick")
    assert (done.exit_code, "has answers that differ" in done.stderr) == (10, True), done.stderr


def test_a_site_with_three_rows_is_learned_from_and_told(cohort: Path, tmp_path: Path) -> None:
    table = parquet.read_table(cohort)
    well = pc.fill_null(pc.is_in(table["reason"], pa.array(["completed", "transferred"])), fill_value=False)
    three = pc.and_(well, pc.less_equal(pc.cumulative_sum(pc.cast(well, pa.int32())), 3))
    site = pc.if_else(three, "tiny", "large")
    table = table.set_column(table.column_names.index("site"), "site", site)
    parquet.write_table(table, tmp_path / "sites.parquet")
    done = run(tmp_path / "sites.parquet", "-o", tmp_path / "model.json", "--quick", "--jobs", "1", *NAMED)
    assert done.exit_code == 0, done.stderr
    assert "Fewer than 100 of them at 1 of 2 sites (fewest at tiny: 3)" in done.stderr
    asked = ("model", "evaluate", tmp_path / "model.json", tmp_path / "sites.parquet", "-o", tmp_path / "evidence")
    judged = CliRunner().invoke(main, [*map(str, asked)], catch_exceptions=False)
    assert judged.exit_code == 0, judged.stderr
    page = (tmp_path / "evidence" / "report.html").read_text(encoding="utf-8")
    assert "fewer than 100 labelled people is judged with everybody, never by itself" in page
    assert "No figures where too few other people are left to train on: large" in page


def test_the_record_is_read_only_where_the_analyst_says_so(cohort: Path, tmp_path: Path) -> None:
    def read_for_the_record(*options: str) -> set[str]:
        done = run(cohort, "-o", tmp_path / "model.json", "--quick", "--jobs", "1", *options)
        assert done.exit_code == 0, done.stderr
        model = load_model(tmp_path / "model.json", load_questionnaire(), load_levels())
        return {feature.question for feature in model.features} & {*load_questionnaire().for_record}

    assert not read_for_the_record()
    assert read_for_the_record("--record")


def test_people_who_came_again_are_not_judged_on(cohort: Path, tmp_path: Path) -> None:
    table = parquet.read_table(cohort)
    # Two rows a person, most of them in different quarters.
    person = pc.cast(pa.array([f"P{number % 3000}" for number in range(len(table))]), pa.string())
    parquet.write_table(table.append_column("person", person), tmp_path / "again.parquet")
    done = run(tmp_path / "again.parquet", "-o", tmp_path / "model.json", "--quick", "--jobs", "1", *NAMED)
    assert done.exit_code == 0, done.stderr
    assert "the same people stand among those kept for judging" in done.stderr
