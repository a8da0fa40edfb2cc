"""`recommender batch --likely`: the most likely level of every row, beside the bounds."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from click.testing import CliRunner
from pyarrow import parquet

from recommender.cli import main
from recommender.policy import Policy

REFERRALS = Path(__file__).parents[2] / "data" / "referrals.csv"


def test_likely_adds_a_level_inside_the_bounds_with_its_population(policy: Policy, tmp_path: Path) -> None:
    plain, target = tmp_path / "plain.parquet", tmp_path / "scored.parquet"
    for path, options in ((plain, ()), (target, ("--likely",))):
        done = CliRunner().invoke(main, ["batch", str(REFERRALS), "-o", str(path), "--quiet", *options])
        assert done.exit_code in (0, 12), done.output
    table, ranks = parquet.read_table(target), {level.id: level.rank for level in policy.ladder.levels}
    names = ("level_at_least", "level_likely", "level_at_most")
    columns = (table[name].cast(pa.string()).to_pylist() for name in names)
    chances = table["level_likely_chance"].to_pylist()
    for low, likely, high, chance in zip(*columns, chances, strict=True):
        assert ranks[low] <= ranks[likely] <= ranks[high]
        assert 0 < chance <= 1
        assert chance == 1 or low != high
    assert set(table["population"].cast(pa.string()).to_pylist()) == {"Synthetic referrals 0.1.0, 2026-11-23"}
    added = {"level_likely", "level_likely_chance", "population"}
    kept = [name for name in table.column_names if name not in added]
    assert table.select(kept).equals(parquet.read_table(plain)), "everything else is as it was"
