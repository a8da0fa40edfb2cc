"""`recommender model watch`: whether new people are still like those that a model was made from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.model.opening import models_option
from recommender.cli.options import FILE, policy_option

if TYPE_CHECKING:
    from recommender.judging.drift import Watch

QUESTIONS_SHOWN = 10


@click.command()
@click.argument("model")
@click.argument("newdata", type=FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--leave-out-faulty", is_flag=True, help="Leave out rows with a fault instead of refusing the file.")
@policy_option
@models_option
def watch(
    model: str,
    newdata: Path,
    form: str,
    leave_out_faulty: bool,
    policy_file: Path | None,
    models: Path | None,
) -> None:
    """Look whether new people are still like those that a model was made from.

    NEWDATA is a cohort, or a table of answers. For each question: how far the answers have moved (population stability
    index), beside what chance alone would give. Where placements and outcomes are known: whether prediction sets still
    hold the label as often as promised, and whether probabilities still mean what they say. The limits are declared in
    `content/drift.yaml`.

    \b
      recommender model watch clinic build/new.parquet

    Exit code 24: something has drifted; 0: stable, or worth a look.
    """  # noqa: D301  # click reads \b as "keep these lines"
    import recommender.judging.drift as drift
    from recommender.cli.model.opening import open_model
    from recommender.errors import Drifted, Fault
    from recommender.learning.cohort_file import read_cohort
    from recommender.policy_file import ADULT, load_policy
    from recommender.report.evaluation.data import plain

    opened = open_model(model, models)
    people = read_cohort(newdata, leave_out_faulty=leave_out_faulty)
    found = drift.watch(opened.model, load_policy(policy_file or ADULT), people)
    if form == "json":
        click.echo(json.dumps({"model": opened.label, "verdict": found.verdict, **plain(found)}, indent=1))
    else:
        for line in watch_words(found, opened.label):
            click.echo(line)
    if found.verdict == drift.DRIFTED:
        remedy = "Find out what has changed, and train anew on recent people."
        gone = [f"the answers to `{entry.question}`" for entry in found.shifts if entry.verdict == drift.DRIFTED]
        gone += [f"the {entry.what}" for entry in found.promises if entry.verdict == drift.DRIFTED]
        raise Drifted(Fault(f"{what} drifted", remedy=remedy) for what in gone)


def watch_words(found: Watch, label: str) -> Iterator[str]:
    """What was found, line by line; the questions that moved furthest first."""
    from recommender.report.evaluation.words import figure_words

    whom = "people with a label, as in training" if found.like_with_like else "people, all who came"
    yield f"{label}: {found.verdict}. {found.people:,} {whom}."
    yield "PSI by question (by chance alone up to):"
    for entry in found.shifts[:QUESTIONS_SHOWN]:
        yield f"  {entry.psi:.3f} ({entry.by_chance:.3f})  {entry.question}  {entry.verdict}"
    rest = found.shifts[QUESTIONS_SHOWN:]
    if rest:
        yield f"  and {len(rest)} more, none above {rest[0].psi:.3f}"
    for promise in found.promises:
        beside = "promised" if promise.what.startswith("coverage") else "a perfect model would have"
        told = f"{figure_words(promise.found)}, {beside} {promise.promised:.3f}"
        yield f"{promise.what.capitalize()}: {told}  {promise.verdict}"
    if found.silent:
        yield f"Coverage and calibration cannot be told: {found.silent}"
    if not found.like_with_like:
        yield "The model was made from people who did well; all who come differ a little, even without any drift."
