"""`recommender database`: the tables of the store."""

from __future__ import annotations

import click

from recommender.cli.late import CONTEXT
from recommender.cli.stored import Place, need_store, store_options


@click.group(name="database", context_settings=CONTEXT)
def database_group() -> None:
    """Make and upgrade the tables of the store."""


@database_group.command()
@store_options
def create(place: Place) -> None:
    """Make the tables in an empty database."""
    place.create().close()
    click.echo("The store is there. Nobody can sign in yet: `recommender serve` sets up the first user.")


@database_group.command()
@store_options
def upgrade(place: Place) -> None:
    """Change the tables to what this program needs; data are kept. Make a backup first."""
    need_store()
    from recommender.store import migrating
    from recommender.store.database import engine_for, reachable

    engine = engine_for(place.database)
    with reachable(engine) as connection:
        was = migrating.revision_of(connection)
    migrating.upgrade(engine)
    click.echo(f"The tables are of version {migrating.newest()}; they were of {was or 'none'}.")
