"""`recommender audit`: is the audit log whole, and what is its end."""

from __future__ import annotations

import click

from recommender.cli.late import CONTEXT
from recommender.cli.stored import Place, store_options


@click.group(name="audit", context_settings=CONTEXT)
def audit_group() -> None:
    """Check that the audit log is whole."""


@audit_group.command()
@store_options
@click.option("--head", "noted", metavar="NUMBER:MARK", help="An end that you noted earlier, to compare as well.")
def verify(place: Place, noted: str | None) -> None:
    """Go through the whole audit log.

    Finds entries that were changed, taken out, put in or moved, and an end that was cut off since a head was kept.
    Exit code 19 if anything is wrong.
    """
    store = place.open()
    from recommender.errors import Fault, Tampered
    from recommender.store.anchor import head_in, read_heads
    from recommender.store.audit_check import check

    heads = read_heads(place.heads_file)
    if noted:
        heads.append(head_in(noted, Fault("is not the end of a log", field="--head", allowed="NUMBER:MARK")))
    with store.snapshot() as work:
        report = check(work, heads)
    if report.findings:
        raise Tampered([Fault(finding) for finding in report.findings])
    click.echo(f"The audit log is whole: {report.entries} entries, {len(heads)} heads compared.")
    click.echo(f"Its end: {report.head}")


@audit_group.command()
@store_options
def head(place: Place) -> None:
    """Print the end of the log, to be noted where nobody can change it."""
    store = place.open()
    from sqlalchemy import select

    from recommender.store.anchor import Head
    from recommender.store.audit import AuditHead

    with store.reading() as work:
        row = work.session.scalars(select(AuditHead)).one()
        click.echo(str(Head(row.number, row.mark)))
