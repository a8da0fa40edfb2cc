"""What every command on the store needs: which database, which keys, where the heads are; and the store opened."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from recommender.cli.extras import require
from recommender.cli.options import FILE

if TYPE_CHECKING:
    from recommender.store import Event, KeyRing, Store

DATABASE, KEYS, HEADS = "RECOMMENDER_DATABASE", "RECOMMENDER_KEY_FILE", "RECOMMENDER_HEADS"
# What the store itself needs; all come with the extra.
NEEDED = ("sqlalchemy", "alembic", "cryptography", "argon2")


class Place(NamedTuple):
    """Where a store is. Without a key file the keys stand in the variable RECOMMENDER_KEYS."""

    database: str
    keys: Path | None
    heads: Path | None

    @property
    def heads_file(self) -> Path:
        """Where heads are kept: beside the keys, unless said otherwise."""
        from recommender.errors import Fault, InputError

        if self.heads is None and self.keys is None:
            raise InputError(Fault("no file for the heads of the audit log is given", remedy="Name it with --heads."))
        return self.heads or Path(f"{self.keys}.heads")

    def ring(self) -> KeyRing:
        """The keys. Raises InputError."""
        need_store()
        from recommender.store import read_keys

        return read_keys(self.keys)

    def open(self) -> Store:
        """The store, closed with the command. Raises InputError where there is none, or it is of another version."""
        ring = self.ring()
        from recommender.store import open_store

        return closed_at_the_end(open_store(self.database, ring, heads=self.heads_file))

    def create(self) -> Store:
        """A new store in an empty database, closed with the command. Raises InputError where there is one."""
        ring = self.ring()
        from recommender.store import create_store

        return closed_at_the_end(create_store(self.database, ring, heads=self.heads_file))


def closed_at_the_end(store: Store) -> Store:
    click.get_current_context().call_on_close(store.close)
    return store


def store_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say where the store is; the command gets them as one `place`."""

    @click.option(
        "--database",
        envvar=DATABASE,
        required=True,
        metavar="URL",
        help=f"sqlite:///FILE or postgresql://USER@HOST/NAME (or {DATABASE}).",
    )
    @click.option("--keys", envvar=KEYS, type=FILE, metavar="FILE", help=f"The key file (or {KEYS}).")
    @click.option(
        "--heads",
        envvar=HEADS,
        type=FILE,
        metavar="FILE",
        help=f"Where the end of the audit log is kept a second time; beside the keys if not given (or {HEADS}).",
    )
    @functools.wraps(command)
    def placed(database: str, keys: Path | None, heads: Path | None, **others: Any) -> Any:
        return command(place=Place(database, keys, heads), **others)

    return placed


def need_store() -> None:
    """Raises NotInstalled where the extra of the store is missing."""
    for module in NEEDED:
        require(module, "web", "The store")


def by_command_line() -> Event:
    """The event of whoever has the keys and the database, and runs a command on them."""
    from recommender.store import COMMAND_LINE, Event

    return Event(COMMAND_LINE, through=COMMAND_LINE)
