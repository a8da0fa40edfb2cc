"""How faults are told on the command line."""

from __future__ import annotations

import click

from recommender.errors import SHOWN_AT_MOST, RecommenderError


def report(error: RecommenderError) -> None:
    """Prints each fault on stderr, up to a limit. The sentences may hold what was given; they are not for a log."""
    for fault in error.faults[:SHOWN_AT_MOST]:
        click.echo(fault.sentence(), err=True)
    if len(error.faults) > SHOWN_AT_MOST:
        click.echo(f"… and {len(error.faults) - SHOWN_AT_MOST} more.", err=True)
