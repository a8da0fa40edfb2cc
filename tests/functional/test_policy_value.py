"""`recommender policy-value` from end to end: an answer, a refusal, and cohorts that say too little."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from recommender.cli import main


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["policy-value", *map(str, arguments), "--jobs", "1"])


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cohort") / "cohort.parquet"
    arguments = ["data", "simulate", "--rows", "7000", "--seed", "6", "--outcomes", "-o", str(path)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    return path


def test_an_answer_has_intervals_overlap_and_a_picture(cohort: Path, tmp_path: Path) -> None:
    picture = tmp_path / "value.svg"
    done = run(cohort, "--format", "json", "--picture", picture)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert "simulated" in told["about"]
    assert "Not clinically validated" in told["statement"]
    way = told["ways"][0]
    assert way["name"] == "rules"
    for name in ("value", "difference", "bed_days"):
        assert way[name]["low"] < way[name]["value"] < way[name]["high"]
    assert 0 <= way["overlap"]["trimmed"] < 0.1
    assert told["people"] <= told["counts"]["people"] == 7000
    assert picture.read_text().count("<svg") == 1


Change = Callable[[pa.Table], pa.Table]


def replaced(name: str, values: Callable[[pa.Table], list[str]]) -> Change:
    return lambda table: table.set_column(table.column_names.index(name), name, pa.array(values(table), pa.string()))


def by_a_rule(table: pa.Table) -> list[str]:
    """Everybody placed by one answer alone: nobody like anybody else was ever placed differently."""
    heavy = table.column("main_substance").to_pylist()
    return ["residential_high" if name == "alcohol" else "intensive_outpatient" for name in heavy]


@pytest.mark.parametrize(
    ("change", "more", "code", "told"),
    [
        (replaced("level_placed", by_a_rule), (), 25, "would place many people where people like them were hardly"),
        (None, ("--outcome", "completed"), 10, "needs an outcome at a fixed number of days"),
        (None, ("--outcome", "retained_60"), 10, "Did you mean"),
        (lambda table: table.drop_columns(["days_in_care"]), (), 10, "nobody's outcome `retained_90` is known"),
        (lambda table: table.slice(0, 300), (), 10, "too few people have a known placement and a known outcome"),
        (
            replaced("level_placed", lambda table: ["intensive_outpatient"] * len(table)),
            (),
            10,
            "hardly any of these people",
        ),
        (replaced("level_placed", lambda table: [""] * len(table)), (), 10, "too few people have a known placement"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(
    cohort: Path, tmp_path: Path, change: Change | None, more: tuple[str, ...], code: int, told: str
) -> None:
    source: Any = cohort
    if change:
        source = tmp_path / "changed.parquet"
        parquet.write_table(change(parquet.read_table(cohort)), source)
    done = run(source, *more)
    assert (done.exit_code, told in done.stderr) == (code, True), done.stderr
