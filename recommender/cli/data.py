"""`recommender data`: tables of answers, read from TEDS or made up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.options import FILE, policy_option

if TYPE_CHECKING:
    from recommender.teds import ImportSummary

QUESTIONS_SHOWN = 12
TABLE = ".csv, .csv.gz or .parquet"


@click.command()
@click.argument("source", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help=f"Where to write the answers: {TABLE}.")
@click.option(
    "--variant", metavar="NAME", help="Which years' codes the file uses; found out from the file if not given."
)
@click.option(
    "--for-leak-audit",
    is_flag=True,
    help="Also the codes that no model may see, as teds_code_… columns, for `recommender model leak-audit`.",
)
def import_teds(source: Path, output: Path, variant: str | None, for_leak_audit: bool) -> None:
    """Turn a TEDS file into a table of answers.

    SOURCE is a public-use file of the Treatment Episode Data Set (CSV, CSV.gz or Parquet), admissions or discharges,
    with its own column names and codes. The output has one row an admission: `id`, a column for each question that TEDS
    says something about, and `teds_…` columns that are carried along and are no answers. What TEDS does not say stays
    blank; "some use" becomes 1..29. Where the file has them, the columns of a cohort come with it: `level_placed`, and
    from discharges `reason` and `days_in_care` (docs/learning-data.md).

    \b
      recommender data import-teds tedsa_puf_2021.csv -o build/teds.parquet
      recommender batch build/teds.parquet -o build/teds_levels.parquet

    The summary goes to standard error. Exit code 10: the file cannot be read as TEDS; every odd code is listed.
    """  # noqa: D301  # click needs the control character itself
    import recommender.teds
    from recommender.learning.leak import refused_columns

    bare = refused_columns(recommender.teds.read_mapping().columns) if for_leak_audit else ()
    summary = recommender.teds.import_teds(source, output, variant=variant, bare=bare)
    for line in in_words(summary):
        click.echo(line, err=True)


def in_words(summary: ImportSummary) -> Iterator[str]:
    """The summary of an import, line by line."""
    yield f"{summary.rows_read:,} rows read, {summary.rows_written:,} written."
    yield f"Coding: {summary.variant} ({summary.variant_reason})."
    known = sorted(summary.known.items(), key=lambda entry: -entry[1])
    yield f"On average {sum(summary.known.values()):.1f} questions have an answer. Share of rows with one:"
    yield from (f"  {share:7.1%}  {name}" for name, share in known[:QUESTIONS_SHOWN])
    if len(known) > QUESTIONS_SHOWN:
        yield f"           and {len(known) - QUESTIONS_SHOWN} more; every other question is blank."
    for name, rows in summary.contradicted.items():
        yield f"{name}: left blank in {rows:,} rows, because columns contradict each other."
    if summary.not_used:
        yield "Columns not used:"
        yield from (f"  {name}: {why}" for name, why in summary.not_used.items())
    for name, rows in summary.odd_codes.items():
        yield f"{name}: {rows:,} rows with a code that no codebook has; the column is not used."
    yield f"Mapping {summary.mapping_version}, {summary.mapping_hash[:12]}."


@click.command()
@click.option("--rows", type=click.IntRange(1), required=True, help="How many people.")
@click.option("--seed", type=int, required=True, help="Any whole number; the same seed gives the same people.")
@click.option("-o", "--output", type=FILE, required=True, help=f"Where to write the answers: {TABLE}.")
@click.option(
    "--unknown",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Share of unknown answers, 0 to 1; 0.08 if not given. Of safety questions it is a twentieth of that.",
)
@click.option("--only-used", is_flag=True, help="Only the questions that the policy reads.")
@click.option(
    "--outcomes", is_flag=True, help="Also where each person was placed, how long they stayed and why it ended."
)
@policy_option
def simulate(
    rows: int,
    seed: int,
    output: Path,
    unknown: float | None,
    only_used: bool,
    outcomes: bool,
    policy_file: Path | None,
) -> None:
    """Make up people, to try things out with.

    Nobody in the output exists. How common each answer is follows TEDS-D 2019 where TEDS knows it and is invented where
    it does not (`content/simulation.yaml` says which). Good for trying, testing and timing; never for judging a policy
    or a model.

    \b
      recommender data simulate --rows 1000 --seed 7 -o build/people.csv
      recommender batch build/people.csv -o build/levels.parquet

    A person depends on the seed and the row alone: more rows, or a file of another form, change nobody.

    With --outcomes the file is a cohort: placements by a made-up way of placing, outcomes by made-up chances at each
    level (`content/outcomes.yaml`), several sites and quarters. The truth behind it is known, so it shows whether
    learning and judging find it (docs/learning-data.md).
    """  # noqa: D301  # click needs the control character itself
    from recommender.simulation import load_simulation, write_simulation

    questions = used_by(policy_file) if only_used else None
    if outcomes:
        from recommender.simulation.cohort import write_cohort
        from recommender.simulation.responses import load_responses

        columns = write_cohort(output, rows, seed, unknown_share=unknown, questions=questions)
        click.echo(f"{rows:,} synthetic people, {len(columns)} columns, seed {seed}, in {output.name}.", err=True)
        click.echo(load_responses().statement, err=True)
        return
    columns = write_simulation(output, rows, seed, unknown_share=unknown, questions=questions)
    click.echo(f"{rows:,} synthetic people, {len(columns) - 1} questions, seed {seed}, in {output.name}.", err=True)
    click.echo(load_simulation().statement, err=True)


def used_by(policy_file: Path | None) -> tuple[str, ...]:
    """The questions that a policy reads."""
    from recommender.policy_file import ADULT, load_policy

    return load_policy(policy_file or ADULT).questions_used
