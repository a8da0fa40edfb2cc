"""`recommender model leak-audit`: how well a model would seem to do if it could see what it must not."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.options import FILE

if TYPE_CHECKING:
    from recommender.learning.leak_audit import LeakAudit

DIAGNOSTIC = (
    "A diagnostic, and no model: what is added below is not known when a level is recommended, or must not count. A "
    "step up says how far whoever lets it in would deceive themselves."
)
WIDTH = 100


@click.command()
@click.argument("cohort", type=FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--picture", type=FILE, metavar="FILE", help="Also draw it: .svg or .png. Needs the extra `report`.")
@click.option("--leave-out-faulty", is_flag=True, help="Leave out rows with a fault instead of refusing the file.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same gives the same figures.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def leak_audit(cohort: Path, form: str, picture: Path | None, leave_out_faulty: bool, seed: int, quiet: bool) -> None:
    """Show what a model would gain by cheating.

    COHORT is a table of past intakes with `level_placed` and some of the columns that every other command refuses as
    features: who somebody is or who pays, where, the wait, the planned medication, the length of stay, what was
    recorded at discharge. Each group is added to the answers at intake, on top of the ones before: a staircase of AUC.

    \b
      recommender data import-teds tedsd_puf_2021.csv -o build/teds.parquet --for-leak-audit
      recommender model leak-audit build/teds.parquet --picture build/leaks.svg
    """  # noqa: D301  # click reads \b as "keep these lines"
    from recommender.cli.model.progress import progress_line
    from recommender.learning.cohort_file import read_cohort
    from recommender.learning.leak import load_leaks
    from recommender.learning.leak_audit import audit_leaks
    from recommender.report.picture_file import check_picture

    if picture is not None:
        check_picture(picture)
    people = read_cohort(cohort, leave_out_faulty=leave_out_faulty)
    with progress_line("groups", quiet) as progress:
        tell = (lambda done: progress(done, len(load_leaks()) - 1)) if progress else None
        audit = audit_leaks(cohort, people, seed=seed, progress=tell)
    if picture is not None:
        from recommender.report.leak_picture import Stair, draw_staircase

        stairs = [Stair(step.title, step.macro, step.iop) for step in audit.steps]
        draw_staircase(stairs, audit.people, DIAGNOSTIC, picture)
    if form == "json":
        told = {"statement": DIAGNOSTIC, **dataclasses.asdict(audit)}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(in_words(audit)))


def in_words(audit: LeakAudit) -> Iterator[str]:
    """The staircase, line by line."""
    yield from textwrap.wrap(DIAGNOSTIC, WIDTH)
    yield ""
    yield f"{audit.people:,} people, {len(audit.levels)} levels or groups of levels. AUC on people who were left out:"
    yield f"{'':<42}{'all levels':>12}{'IOP':>8}{'alone: all':>14}{'IOP':>8}"
    for step in audit.steps:
        title = step.title if step.group == "allowed" else f"+ {step.title}"
        figures = f"{step.macro:>12.3f}{step.iop:>8.3f}{step.alone_macro:>14.3f}{step.alone_iop:>8.3f}"
        yield f"{title:<42}{figures}"
    yield ""
    for step in audit.steps[1:]:
        yield from textwrap.wrap(f"{step.title}: {', '.join(step.columns)}. Refused because {step.why}.", WIDTH)
    if audit.missing:
        yield f"Not in this table: {'; '.join(audit.missing)}."
