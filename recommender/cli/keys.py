"""`recommender keys`: the keys that keep identities unreadable in the database."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.late import CONTEXT
from recommender.cli.options import FILE
from recommender.cli.stored import Place, by_command_line, need_store, store_options

WARNING = "Keep a copy where the database is not. Without it, no name can be read again and the audit log not checked."


@click.group(name="keys", context_settings=CONTEXT)
def keys_group() -> None:
    """Make and renew the keys of the store."""


@keys_group.command()
@click.argument("file", type=FILE)
def new(file: Path) -> None:
    """Make a new key file, which only its owner can read."""
    need_store()
    from recommender.store import new_ring, write_keys

    file.parent.mkdir(parents=True, exist_ok=True)
    write_keys(new_ring(), file)
    click.echo(f"Keys written to {file}. {WARNING}")


@keys_group.command()
@store_options
def rotate(place: Place) -> None:
    """Add a new key and seal everything anew with it.

    The old keys stay in the file, because the audit log was marked with them. Restart whatever has the store open.
    """
    from recommender.errors import Fault, InputError

    if place.keys is None:
        raise InputError(Fault("the keys are not in a file", remedy="Add a line to the variable, then run this again."))
    store = place.open()
    from recommender.store.keys import add_key
    from recommender.store.rotation import rotate as seal_anew

    store.keys = add_key(place.keys)
    with store.writing() as work:
        count = seal_anew(work, event=by_command_line())
    click.echo(f"New key {store.keys.current}; {count} sealed texts renewed. {WARNING}")
