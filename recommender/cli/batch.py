"""`recommender batch`: a table of referrals in, a table of recommendations and a file of rejects out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.cli.options import FILE, asked_model, model_option, policy_option, population_option
from recommender.cli.progress import JsonLog, TerminalLine

if TYPE_CHECKING:
    from recommender.batch import BatchSummary
    from recommender.batch.run import Engine

SOME_REJECTED = 12
STOPPED = 130


@click.command()
@click.argument("source")
@click.option("-o", "--output", type=FILE, required=True, help="Where to write: .csv, .csv.gz, .parquet or .ndjson.")
@click.option("--rejects", type=FILE, help="CSV for the rows with faults; beside the output if not given.")
@policy_option
@click.option(
    "--reasons",
    type=click.Choice(("codes", "text")),
    default="codes",
    show_default=True,
    help="Reasons as the ids of rules, or as their sentences.",
)
@click.option("--resume", is_flag=True, help="Go on with an unfinished run of this output, if there is one.")
@click.option("--workers", type=click.IntRange(1), help="Processes on this machine; as many as cores if not given.")
@click.option(
    "--engine",
    type=click.Choice(("local", "dask", "spark")),
    default="local",
    show_default=True,
    help="Who does the work: this machine or a cluster.",
)
@click.option("--scheduler", metavar="ADDRESS", help="For dask: the scheduler, such as tcp://10.0.0.5:8786.")
@click.option("--master", metavar="URL", help="For spark: the master, such as spark://host:7077 or local[2].")
@click.option(
    "--chunk-rows",
    type=click.IntRange(1),
    default=65_536,
    show_default=True,
    help="Rows that a worker holds at once; a part has about as many.",
)
@click.option("--likely", is_flag=True, help="Add the most likely level, its chance and its population; takes longer.")
@population_option
@model_option
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
@click.option("--json-log", is_flag=True, help="Progress and summary as lines of JSON, without anything personal.")
@click.pass_context
def batch(
    ctx: click.Context,
    /,
    source: str,
    output: Path,
    rejects: Path | None,
    policy_file: Path | None,
    workers: int | None,
    quiet: bool,
    json_log: bool,
    engine: str,
    scheduler: str | None,
    master: str | None,
    likely: bool,
    population: Path | None,
    model: str | None,
    **options: Any,
) -> None:
    """Score a table of referrals, one row a person.

    SOURCE is a CSV, CSV.gz or Parquet file with a column for each question (`recommender template`), perhaps an `id`,
    and columns whose names begin with `teds_` or `note_`, which are carried through. It may also be a folder or a
    quoted glob of such files, or a URL that fsspec can open, such as s3://bucket/folder. A row with a fault is not
    scored: the rejects file says why.

    The bounds, ratings and reasons are there for everybody, for work on populations. They are not for showing to a
    person: a level may be shown only where `status` is settled or provisional.

    A run that was stopped, killed or ran out of disk keeps its finished parts beside the output; the same command with
    --resume goes on from there and ends with the same bytes. A manifest beside the output says what was done.

    With --likely (or --population), what is unknown is completed from a population of people: `level_likely` is what
    most completions give, never a substitute for the bounds. Safety questions are never completed.

    With --model, a trained model gives a second opinion in the columns `model_…`; it changes no other column.

    Exit code 12: some rows were rejected.
    """
    from recommender.batch import run_batch
    from recommender.batch.beside import Beside
    from recommender.batch.local import cores
    from recommender.likely import load_population
    from recommender.likely.population import PACKAGED
    from recommender.policy_file import ADULT, load_policy

    rejects = rejects or output.with_name(output.name.removesuffix(".gz").rpartition(".")[0] + ".rejects.csv")
    policy = load_policy(policy_file or ADULT)
    reference = load_population(policy.questionnaire, population or PACKAGED) if likely or population else None
    progress = JsonLog() if json_log else TerminalLine.where_it_is_seen(quiet)
    summary: BatchSummary
    try:
        summary = run_batch(
            policy,
            source,
            output,
            rejects,
            workers=workers or cores(),
            engine=cluster(engine, scheduler, master),
            progress=progress.step,
            beside=Beside(reference, asked_model(model, policy)),
            **options,
        )
    except KeyboardInterrupt:
        progress.end()
        click.echo("Stopped. What is finished is kept: the same command with --resume goes on from there.", err=True)
        ctx.exit(STOPPED)
    progress.end()
    if json_log:
        progress.finished(summary)
    elif not quiet:
        click.echo(in_words(summary, rejects), err=True)
        click.echo(policy.statement, err=True)
    if summary.rejected:
        ctx.exit(SOME_REJECTED)


def cluster(engine: str, scheduler: str | None, master: str | None) -> Engine | None:
    """The engine of a cluster, or nothing for this machine."""
    for option, given, wanted in (("--scheduler", scheduler, "dask"), ("--master", master, "spark")):
        if given is not None and engine != wanted:
            raise click.UsageError(f"{option} goes with --engine {wanted}.")
        if given is None and engine == wanted:
            raise click.UsageError(f"--engine {wanted} needs {option}.")
    if engine == "dask":
        from recommender.batch.dask import dask_engine

        return dask_engine(scheduler or "")
    if engine == "spark":
        from recommender.batch.spark import spark_engine

        return spark_engine(master or "")
    return None


def in_words(summary: BatchSummary, rejects: Path) -> str:
    """The counts of a batch in one line, without anything about a single person."""
    counts = ", ".join(f"{status} {count}" for status, count in summary.by_status.items() if count)
    line = f"Read {summary.read}, scored {summary.scored}, rejected {summary.rejected}"
    line += f" (see {rejects.name})" if summary.rejected else ""
    line += f"; {summary.emergencies} of these are an EMERGENCY" if summary.emergencies else ""
    return f"{line}. By status: {counts}." if counts else f"{line}."
