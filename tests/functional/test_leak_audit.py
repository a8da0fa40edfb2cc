"""`recommender model leak-audit`: a staircase of what a model would gain by cheating, and never a model."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from recommender.cli import main


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["model", "leak-audit", *map(str, arguments), "--quiet"])


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulated people, with a column of the discharge that gives the placement away."""
    path = tmp_path_factory.mktemp("cohort") / "cohort.parquet"
    arguments = ["data", "simulate", "--rows", "2500", "--seed", "8", "--outcomes", "-o", str(path), "--only-used"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    # A few questions are enough; the others would only take time.
    table = parquet.read_table(path)
    kept = ("id", "level_placed", "days_in_care", "site", "age", "main_substance", "alcohol_days", "cows", "race")
    table = table.select([name for name in kept if name in table.column_names])
    told = pa.array([f"code {len(level)}" for level in table.column("level_placed").to_pylist()], pa.string())
    parquet.write_table(table.append_column("teds_code_services_d", told).append_column("teds_code_los_d", told), path)
    return path


def test_a_column_that_gives_the_placement_away_is_the_high_step(cohort: Path, tmp_path: Path) -> None:
    picture = tmp_path / "leaks.svg"
    done = run(cohort, "--format", "json", "--picture", picture)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert "A diagnostic, and no model" in told["statement"]
    steps = {step["group"]: step for step in told["steps"]}
    assert told["steps"][0]["group"] == "allowed"
    assert "teds_code_los_d" in steps["discharge"]["columns"]
    assert "placement" not in steps, "with the placement itself everything is known"
    assert steps["discharge"]["alone_macro"] > 0.9 > steps["allowed"]["macro"]
    assert steps["stay"]["columns"]
    assert "<svg" in picture.read_text()


def test_a_table_without_forbidden_columns_has_nothing_to_audit(cohort: Path, tmp_path: Path) -> None:
    table = parquet.read_table(cohort)
    kept = ["id", "level_placed", "age", "main_substance", "alcohol_days"]
    parquet.write_table(table.select(kept), tmp_path / "plain.parquet")
    done = run(tmp_path / "plain.parquet")
    assert (done.exit_code, "nothing to audit" in done.stderr) == (10, True), done.stderr
