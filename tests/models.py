"""A small model and the simulated cohorts around it, made once as a user makes them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner, Result

from recommender.cli import main

QUESTIONS = ("main_substance", "opioid_days", "alcohol_days", "place_to_sleep", "phq9", "cows", "ciwa", "work_status")


class Made(NamedTuple):
    """The cohort that a model was made from, the model, and another cohort, as Parquet and as CSV."""

    folder: Path
    cohort: Path
    model: Path
    later: Path
    csv: Path


def run(*arguments: object) -> Result:
    """One run of the command, in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def make(folder: Path) -> Made:
    """Simulates two cohorts and trains a quick model of a few questions on the first."""
    made = Made(folder, *(folder / name for name in ("cohort.parquet", "model.json", "later.parquet", "later.csv")))
    for rows, seed, target in ((6000, 4, made.cohort), (3000, 5, made.later), (3000, 5, made.csv)):
        done = run("data", "simulate", "--rows", rows, "--seed", seed, "--outcomes", "-o", target)
        assert done.exit_code == 0, done.stderr
    named = [word for name in QUESTIONS for word in ("--question", name)]
    done = run("model", "train", made.cohort, "-o", made.model, "--quick", "--jobs", "1", *named)
    assert done.exit_code == 0, done.stderr
    return made
