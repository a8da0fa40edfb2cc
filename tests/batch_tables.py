"""Tables of made-up people for the tests of `recommender batch`, and what a run leaves behind."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from recommender.batch import BatchSummary, run_batch
from recommender.policy_file import load_policy

POLICY = load_policy()
# A few answers that go together now and then, from which random people are made.
SOME_ANSWERS: dict[str, list[str]] = {
    "overdose_now": ["no", "no", "no", "yes", "", "?"],
    "suicide_thoughts": ["none", "none", "wish_to_be_dead", "none..thoughts_no_method"],
    "age": ["17", "30", "30", "41", "64", "zebra"],
    "alcohol_days": ["0", "3", "30", "1..29", "?", ""],
    "drinks_per_day": ["", "", "", "6"],
    "opioid_signs": ["none", "severe", ""],
    "home_use": ["none", "sometimes", "most_days", "yes_how_often_not_stated"],
    "main_substance": ["alcohol", "opioid", "alcohol|opioid", ""],
}
PART_ROWS = 50


def people(count: int, seed: int = 1) -> pd.DataFrame:
    """Made-up people, each cell as a CSV file has it; some rows have faults, and ids repeat far apart."""
    chance = random.Random(seed)
    table = pd.DataFrame({name: chance.choices(cells, k=count) for name, cells in SOME_ANSWERS.items()})
    table.insert(0, "id", [f"P{number % (count - 7):04d}" if number % 61 else "" for number in range(count)])
    table["note_ward"] = chance.choices(["west", "öst", 'a "b", c'], k=count)
    return table


def parquet_of(folder: Path, count: int = 400, seed: int = 1) -> Path:
    """A Parquet file of made-up people in row groups of PART_ROWS, each of which becomes a part."""
    path = folder / "people.parquet"
    people(count, seed).to_parquet(path, row_group_size=PART_ROWS)
    return path


def score(source: Path | str, target: Path, **options: Any) -> BatchSummary:
    """Scores a table in parts of PART_ROWS; the rejects stand beside the target."""
    options = {"chunk_rows": PART_ROWS, **options}
    return run_batch(POLICY, source, target, rejects_of(target), **options)


def rejects_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.rejects.csv")


def left(target: Path) -> tuple[bytes, bytes, bytes]:
    """The bytes of the output, the rejects and the manifest of a finished run, of which nothing else is left."""
    assert not parts_of(target).exists()
    manifest = target.with_name(f"{target.name}.manifest.json").read_bytes()
    return target.read_bytes(), rejects_of(target).read_bytes(), manifest.replace(target.name.encode(), b"target")


def parts_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.parts")


def stop_after(parts: int, stop: Callable[[], object]) -> Callable[..., None]:
    """A progress that calls `stop` when so many parts are finished."""
    finished = 0

    def progress(*_: object) -> None:
        nonlocal finished
        finished += 1
        if finished == parts:
            stop()

    return progress


def interrupt() -> None:
    raise KeyboardInterrupt
