"""`recommender backup` and `recommender restore`: the whole store in one file, and back."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.options import FILE
from recommender.cli.stored import Place, by_command_line, store_options


@click.command()
@click.argument("file", type=FILE)
@store_options
def backup(file: Path, place: Place) -> None:
    """Copy the whole store into one file.

    FILE must be new. Others may work on meanwhile.

    The keys are not in it. Answers in it are readable: keep it as safe as the database.
    """
    store = place.open()
    from recommender.store.backup import back_up

    made = back_up(store, file, event=by_command_line())
    click.echo(f"{made.rows} rows in {file}. The end of the audit log in it: {made.head}")


@click.command()
@click.argument("file", type=FILE)
@store_options
def restore(file: Path, place: Place) -> None:
    """Make a new store of a backup.

    It needs an empty database, of SQLite or PostgreSQL, wherever the backup was made.

    Nothing is ever overwritten: name a database without a store and a file of heads that is not there.
    """
    ring = place.ring()
    from recommender.store.backup import restore as make_store

    made = make_store(file, place.database, ring, heads=place.heads_file, event=by_command_line())
    click.echo(f"{made.rows} rows restored. The audit log is whole up to {made.head}")
