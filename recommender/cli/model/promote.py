"""`recommender model promote` and `rollback`: which version of a model is in force, decided by a named person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.model.opening import models_option
from recommender.cli.options import FILE, policy_option

if TYPE_CHECKING:
    from recommender.registry.gates import GateResult
    from recommender.registry.log import Log

by_option = click.option("--by", required=True, metavar="NAME", help="Who decides it.")
reason_option = click.option("--reason", required=True, metavar="TEXT", help="Why, in at least three words.")


@click.command()
@click.argument("version", metavar="NAME@VERSION")
@click.argument("cohort", type=FILE)
@by_option
@reason_option
@click.option(
    "--trained-on", type=FILE, metavar="COHORT", help="The cohort that it was made from, if COHORT is another one."
)
@click.option("--gates", "gates_file", type=FILE, help="The gates; the packaged ones if not given.")
@click.option("--try", "only_try", is_flag=True, help="Only tell which gates are open; promote nothing.")
@click.option("--leave-out-faulty", is_flag=True, help="Leave out rows with a fault instead of refusing the file.")
@policy_option
@models_option
def promote(
    version: str,
    cohort: Path,
    by: str,
    reason: str,
    trained_on: Path | None,
    gates_file: Path | None,
    only_try: bool,
    leave_out_faulty: bool,
    policy_file: Path | None,
    models: Path | None,
) -> None:
    """Put a version in force, if every gate is open.

    The version is judged on COHORT as by `recommender model evaluate`, beside the version in force on the same people.
    The gates are declared in `content/gates.yaml`: enough people, none of them seen in training, no flip, not worse
    than the version in force, calibration, coverage, gaps between groups. Who decided, why, when and on which figures
    is kept in the log of the model, and so is from when to when each version was in force.

    \b
      recommender model promote clinic@2 build/cohort.parquet --by "Dr. Example" --reason "as good, better calibrated"

    Exit code 23: a gate is closed; nothing was changed.
    """  # noqa: D301  # click reads \b as "keep these lines"
    from recommender.cli.model.opening import open_model, shelf_of
    from recommender.errors import NotPromoted
    from recommender.judging.comparison import compare
    from recommender.judging.evidence import Effort, evidence_on
    from recommender.learning.cohort_file import read_cohort
    from recommender.policy_file import ADULT, load_policy
    from recommender.registry.gates import GATES, load_gates, through_gates
    from recommender.registry.shelf import check_approval

    check_approval(by, reason)
    shelf, number = shelf_of(version, models)
    gates, policy = load_gates(gates_file or GATES), load_policy(policy_file or ADULT)
    opened = open_model(version, models)
    in_force = shelf.log.in_force()
    people = read_cohort(cohort, leave_out_faulty=leave_out_faulty)
    before = None if trained_on is None else read_cohort(trained_on, leave_out_faulty=leave_out_faulty)
    effort = Effort(trials="none")
    found = evidence_on(opened.model, policy, people, name=opened.label, trained_on=before, effort=effort)
    differences = None
    if in_force is not None:
        other = open_model(f"{shelf.name}@{in_force}", models).model
        differences = compare(opened.model, other, policy, people).differences
    results = through_gates(gates, found.findings, found.facts, differences)
    click.echo(found.statement)
    for line in gates_in_words(results, in_force):
        click.echo(line)
    if only_try:
        closed = [gate.fault() for gate in results if not gate.passed]
        if closed:
            raise NotPromoted(closed)
        return
    log = shelf.promote(number, results, by=by, reason=reason)
    click.echo(f"{opened.label} is in force, by {by}: {reason}")
    click.echo(last_line(log))


@click.command()
@click.argument("name")
@by_option
@reason_option
@models_option
def rollback(name: str, by: str, reason: str, models: Path | None) -> None:
    """Put the version in force that was so before.

    It needs no gates: they were open when that version was promoted, and going back must not wait.
    """
    from recommender.registry import Shelf
    from recommender.registry.finding import models_folder

    log = Shelf(models_folder(models), name).roll_back(by=by, reason=reason)
    click.echo(f"{name}@{log.in_force()} is in force again, by {by}: {reason}")
    click.echo(last_line(log))


def gates_in_words(results: Iterable[GateResult], in_force: str | None) -> Iterator[str]:
    """Every gate on a line: open or closed, what was found, and the limit."""
    yield (
        "No version is in force yet, so it is compared with none."
        if in_force is None
        else (f"Beside version {in_force}, which is in force, on the same people:")
    )
    for gate in results:
        found = "not known" if gate.found is None else f"{gate.found:.4g}"
        yield f"  {'open  ' if gate.passed else 'CLOSED'}  {gate.about}: {found} ({gate.limit})"


def last_line(log: Log) -> str:
    return f"Last line of the log: {log.last}"
