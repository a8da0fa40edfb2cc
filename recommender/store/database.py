"""The store opened: one database by its URL, the keys, and transactions that read or write.

SQLite runs with a write-ahead log and waits for the disk at each commit, so what was acknowledged survives `kill -9`
and a power cut. Writers take their turn: a transaction that writes locks the database (SQLite) or the head of the audit
chain (PostgreSQL) before it looks at anything that it decides on.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from recommender.errors import Fault, InputError
from recommender.store import anchor, migrating
from recommender.store.audit import AuditHead
from recommender.store.keys import KeyRing
from recommender.store.schema import Base, place_of

WAIT_FOR_LOCK_S = 30
SQLITE, POSTGRESQL = "sqlite", "postgresql"
DRIVERS = {SQLITE: "sqlite", POSTGRESQL: "postgresql+psycopg"}
FORM = "sqlite:///FILE or postgresql://USER@HOST/NAME"
WRITES = "recommender_writes"

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of this machine, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Work:
    """One transaction: everything in it happens, or nothing. `now` is the same throughout."""

    session: Session
    keys: KeyRing
    now: datetime

    def seal(self, row: Base, column: str, text: str) -> None:
        """Puts a text into a column, sealed for this column of this row."""
        setattr(row, column, self.keys.seal(text, place_of(row, column)))

    def unsealed(self, row: Base, column: str) -> str:
        """The text in a sealed column, blank where it was erased.

        Raises InputError where it was changed or moved, or its key is missing.
        """
        sealed = getattr(row, column)
        return self.keys.open(sealed, place_of(row, column)) if sealed else ""


class Store:
    """An open store. Several threads and processes may use one database at a time."""

    def __init__(self, engine: Engine, keys: KeyRing, heads: Path | None, clock: Clock) -> None:
        self.engine, self.keys, self.heads, self.clock = engine, keys, heads, clock
        self._sessions = sessionmaker(expire_on_commit=False)
        # In one process, threads wait for each other here instead of asking SQLite again and again.
        self._turn = threading.Lock()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextlib.contextmanager
    def reading(self) -> Iterator[Work]:
        """A transaction that sees one state of the database and changes nothing."""
        with self.engine.connect() as connection, self._sessions(bind=connection) as session:
            yield Work(session, self.keys, self.clock())

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Work]:
        """A long reading of one state of the database, whatever others write meanwhile."""
        level = {} if self.dialect == SQLITE else {"isolation_level": "REPEATABLE READ"}
        connection = self.engine.connect().execution_options(**level)
        with connection, self._sessions(bind=connection) as session:
            yield Work(session, self.keys, self.clock())

    @contextlib.contextmanager
    def writing(self) -> Iterator[Work]:
        """A transaction that is kept when the block ends, and undone when it raises."""
        with self._in_turn(), self.engine.connect() as plain:
            connection = plain.execution_options(**{WRITES: True})
            with self._sessions(bind=connection) as session, session.begin():
                before = session.scalars(select(AuditHead).with_for_update()).one()
                was = before.number
                yield Work(session, self.keys, self.clock())
                session.flush()
                head = anchor.Head(before.number, before.mark)
            if self.heads is not None and head.number > was:
                anchor.write_head(self.heads, head)

    def close(self) -> None:
        """Lets go of every connection."""
        self.engine.dispose()

    def _in_turn(self) -> contextlib.AbstractContextManager[Any]:
        return self._turn if self.dialect == SQLITE else contextlib.nullcontext()


# ------------------------------------------------------------------------------------------------------------- opening
def create_store(url: str, keys: KeyRing, *, heads: Path | None = None, clock: Clock = utc_now) -> Store:
    """A new store with its tables, in an empty database. Raises InputError where there are tables already."""
    engine = engine_for(url)
    close_to_others(engine)
    with reachable(engine) as connection:
        if migrating.revision_of(connection) is not None:
            remedy = "Leave out what creates it, or name another database."
            raise InputError(Fault("there is a store in this database already", remedy=remedy))
    migrating.upgrade(engine)
    return Store(engine, keys, heads, clock)


def close_to_others(engine: Engine) -> None:
    """Makes a new SQLite file that only its owner can read; what SQLite puts beside it gets the same rights."""
    file = Path(str(engine.url.database))
    if engine.dialect.name == SQLITE and file.parent.is_dir() and not file.exists():
        file.touch(mode=0o600)


def open_store(url: str, keys: KeyRing, *, heads: Path | None = None, clock: Clock = utc_now) -> Store:
    """The store in a database. Raises InputError where there is none, or where it is of another version."""
    engine = engine_for(url)
    if engine.dialect.name == SQLITE and not Path(str(engine.url.database)).is_file():
        raise InputError(Fault("there is no such database", file=engine.url.database))
    with reachable(engine) as connection:
        found, newest = migrating.revision_of(connection), migrating.newest()
    if found != newest:
        what = (
            "holds no store" if found is None else f"holds a store of version {found}, and this program needs {newest}"
        )
        remedy = "Make a backup, then run `recommender database upgrade`." if found else None
        raise InputError(Fault(f"the database {what}", remedy=remedy))
    return Store(engine, keys, heads, clock)


def engine_for(url: str) -> Engine:
    """The engine of a database URL. What is sent to the database never stands in the text of an error."""
    try:
        engine = create_engine(driver_url(url), hide_parameters=True, **pool_of(url))
    except (ArgumentError, NoSuchModuleError):
        raise InputError(Fault("this is not the URL of a database", allowed=FORM)) from None
    if engine.dialect.name == SQLITE:
        event.listen(engine, "connect", set_up_sqlite)
        event.listen(engine, "begin", begin_sqlite)
    return engine


def driver_url(url: str) -> URL:
    """The URL with the driver that we use. Raises ArgumentError for another kind of database."""
    found = make_url(url)
    backend = found.get_backend_name()
    if backend not in DRIVERS or (backend == SQLITE and not found.database):
        raise ArgumentError("a database of another kind")
    return found.set(drivername=DRIVERS[backend])


def pool_of(url: str) -> dict[str, Any]:
    if url.startswith(SQLITE):
        return {"connect_args": {"timeout": WAIT_FOR_LOCK_S}}
    return {"pool_pre_ping": True}


def set_up_sqlite(connection: Any, _: object) -> None:
    """What SQLite needs to keep its promises on each connection."""
    # We say ourselves when a transaction begins; the driver would begin one too late.
    connection.isolation_level = None
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {setting}").close()


def begin_sqlite(connection: Connection) -> None:
    """A transaction that will write takes the lock at once: it must not decide on what another is changing."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def reachable(engine: Engine) -> Iterator[Connection]:
    """A connection. Raises InputError where there is no way to the database; no name or password is told."""
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError:
        raise InputError(Fault("the database cannot be reached", remedy="Check its URL and that it runs.")) from None
