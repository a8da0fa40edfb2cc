"""`recommender batch`: a table of referrals in, a table of recommendations and a file of rejects out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.options import FILE, policy_option, population_option

if TYPE_CHECKING:
    from recommender.batch import BatchSummary

SOME_REJECTED = 12


@click.command()
@click.argument("source", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="Where to write: .csv, .csv.gz, .parquet or .ndjson.")
@click.option("--rejects", type=FILE, help="CSV for the rows with faults; beside the output if not given.")
@policy_option
@click.option("--chunk-rows", type=click.IntRange(1), default=65_536, show_default=True, help="Rows held at once.")
@click.option("--likely", is_flag=True, help="Add the most likely level, its chance and its population; takes longer.")
@population_option
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
@click.pass_context
def batch(
    ctx: click.Context,
    source: Path,
    output: Path,
    rejects: Path | None,
    policy_file: Path | None,
    chunk_rows: int,
    likely: bool,
    population: Path | None,
    quiet: bool,
) -> None:
    """Score a table of referrals, one row a person.

    SOURCE is a CSV, CSV.gz or Parquet file with a column for each question (`recommender template`), perhaps an `id`,
    and columns whose names begin with `teds_` or `note_`, which are carried through. A row with a fault is not scored:
    the rejects file says why.

    The bounds, ratings and reasons are there for everybody, for work on populations. They are not for showing to a
    person: a level may be shown only where `status` is settled or provisional.

    With --likely (or --population), what is unknown is completed from a population of people: `level_likely` is what
    most completions give, never a substitute for the bounds. Safety questions are never completed.

    Exit code 12: some rows were rejected.
    """
    from recommender.batch import run_batch
    from recommender.likely import load_population
    from recommender.likely.population import PACKAGED
    from recommender.policy_file import ADULT, load_policy

    rejects = rejects or output.with_name(output.name.removesuffix(".gz").rpartition(".")[0] + ".rejects.csv")
    progress = show_progress(quiet)
    policy = load_policy(policy_file or ADULT)
    reference = load_population(policy.questionnaire, population or PACKAGED) if likely or population else None
    summary = run_batch(policy, source, output, rejects, chunk_rows=chunk_rows, progress=progress, population=reference)
    if not quiet:
        if sys.stderr.isatty():
            click.echo("", err=True)
        click.echo(in_words(summary, rejects), err=True)
        click.echo(policy.statement, err=True)
    if summary.rejected:
        ctx.exit(SOME_REJECTED)


def show_progress(quiet: bool) -> Callable[[int], object]:
    """What to call with the rows read so far: a line on a terminal, nothing in a pipe."""
    if quiet or not sys.stderr.isatty():
        return lambda _rows: None
    return lambda rows: click.echo(f"\r{rows:,} rows", nl=False, err=True)


def in_words(summary: BatchSummary, rejects: Path) -> str:
    """The counts of a batch in one line, without anything about a single person."""
    counts = ", ".join(f"{status} {count}" for status, count in summary.by_status.items() if count)
    line = f"Read {summary.read}, scored {summary.scored}, rejected {summary.rejected}"
    line += f" (see {rejects.name})" if summary.rejected else ""
    line += f"; {summary.emergencies} of these are an EMERGENCY" if summary.emergencies else ""
    return f"{line}. By status: {counts}." if counts else f"{line}."
