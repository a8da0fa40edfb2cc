"""Backup and restore: the whole store in one file that any database takes back.

The file is gzipped text, one JSON value a line: a head, then each table's rows, then a foot with the number of rows and
the hash of all lines before it. It is read in one transaction, so work can go on meanwhile. What is sealed stays
sealed; answers are readable, so only its owner can read the file. The keys are not in it: keep them elsewhere.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from sqlalchemy import Column, Connection, Table, insert, select

from recommender import __version__
from recommender.errors import Fault, InputError, Tampered
from recommender.store import migrating
from recommender.store.anchor import Head, head_in
from recommender.store.audit import AuditHead, Event, record
from recommender.store.audit_check import AuditReport, check
from recommender.store.database import Clock, Store, Work, create_store, utc_now
from recommender.store.keys import KeyRing, only_for_the_owner
from recommender.store.schema import Moment
from recommender.store.tables import METADATA

FORMAT = "recommender backup 1"
AT_ONCE = 500
DAMAGED = "Take another copy of the backup; this one is damaged."


class Backup(NamedTuple):
    """What a backup holds: how many rows, and the head of its audit log."""

    rows: int
    head: Head


# -------------------------------------------------------------------------------------------------------------- backup
def back_up(store: Store, file: Path, *, event: Event) -> Backup:
    """Writes the whole store into a new file. Raises InputError where the file is there already."""
    with new_file(file) as raw:
        with store.writing() as work:
            record(work, event, "backup made", "database")
        with store.snapshot() as work, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as stream:
            row = work.session.scalars(select(AuditHead)).one()
            head = Head(row.number, row.mark)
            count = write_lines(stream, lines(work, head))
    return Backup(count, head)


def new_file(file: Path) -> IO[bytes]:
    try:
        return open(file, "xb", opener=only_for_the_owner)
    except FileExistsError:
        remedy = "Name another file: a backup is never overwritten."
        raise InputError(Fault("is there already", file=str(file), remedy=remedy)) from None
    except OSError as error:
        raise InputError(Fault(f"cannot be written: {error.strerror}", file=str(file))) from None


def lines(work: Work, head: Head) -> Iterator[Any]:
    """The head of the file, then a name before each table's rows."""
    revision = migrating.revision_of(work.session.connection())
    yield {"format": FORMAT, "tables": revision, "made_at": work.now.isoformat(), "head": str(head), "by": __version__}
    for table in METADATA.sorted_tables:
        yield {"table": table.name}
        query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=AT_ONCE)
        for row in work.session.execute(query):
            yield [plain(value) for value in row]


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def write_lines(stream: gzip.GzipFile, values: Iterator[Any]) -> int:
    """Writes the lines and the foot; how many rows there were."""
    whole, rows = hashlib.sha256(), 0
    for value in values:
        line = json.dumps(value, ensure_ascii=False).encode() + b"\n"
        whole.update(line)
        stream.write(line)
        rows += isinstance(value, list)
    stream.write(json.dumps({"rows": rows, "hash": whole.hexdigest()}).encode() + b"\n")
    return rows


# ------------------------------------------------------------------------------------------------------------- restore
def restore(file: Path, url: str, keys: KeyRing, *, heads: Path, event: Event, clock: Clock = utc_now) -> Backup:
    """Makes a new store of a backup, in an empty database, with a new file of heads.

    Raises InputError where there is a store or a file of heads already, or the file is no whole backup of this version;
    Tampered where its audit log does not hold together. Then nothing is left behind.
    """
    if heads.exists():
        raise InputError(Fault("is there already", file=str(heads), remedy="Name another file for the heads."))
    found = looked_through(file)
    store = create_store(url, keys, heads=heads, clock=clock)
    try:
        with store.writing() as work:
            fill(work.session.connection(), file)
            work.session.expire_all()
            refuse_broken(check(work, [found.head]), file)
            record(work, event, "restored from a backup", "database", head=str(found.head))
    except BaseException:
        migrating.downgrade(store.engine, "base")
        raise
    finally:
        store.close()
    return found


def refuse_broken(report: AuditReport, file: Path) -> None:
    """Raises Tampered with what is wrong with the audit log of a backup."""
    if report.findings:
        raise Tampered([Fault(finding, file=file.name) for finding in report.findings])


def looked_through(file: Path) -> Backup:
    """What a backup says of itself, once all of it was read. Raises InputError unless whole and of this version."""
    whole, rows = hashlib.sha256(), 0
    head: Any = None
    foot: Any = None
    for number, line in enumerate(read_lines(file)):
        value = parsed(line, file, number)
        if foot:
            raise damaged(file)
        if isinstance(value, dict) and "hash" in value:
            foot = value
            continue
        head = value if number == 0 else head
        whole.update(line)
        rows += isinstance(value, list)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise InputError(Fault("is not a backup", file=str(file)))
    if foot != {"rows": rows, "hash": whole.hexdigest()}:
        raise damaged(file)
    if head["tables"] != migrating.newest():
        what = f"is a backup of version {head['tables']}, and this program needs {migrating.newest()}"
        remedy = "Restore it with the program that made it, then upgrade."
        raise InputError(Fault(what, file=str(file), remedy=remedy))
    return Backup(rows, head_in(head["head"], Fault("has no head", file=str(file))))


def read_lines(file: Path) -> Iterator[bytes]:
    """The lines of a backup. Raises InputError where it cannot be read."""
    try:
        with gzip.open(file) as stream:
            yield from stream
    except FileNotFoundError:
        raise InputError(Fault("there is no such file", file=str(file))) from None
    except (OSError, EOFError):
        raise damaged(file) from None


def parsed(line: bytes, file: Path, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise (damaged(file) if number else InputError(Fault("is not a backup", file=str(file)))) from None


def damaged(file: Path) -> InputError:
    """The error for a backup that is not whole."""
    return InputError(Fault("is not whole", file=str(file), remedy=DAMAGED))


def fill(connection: Connection, file: Path) -> None:
    """Puts the rows of a backup that was looked through into the empty tables."""
    connection.execute(METADATA.tables["audit_head"].delete())
    waiting: list[dict[str, Any]] = []
    table: Table | None = None
    for line in read_lines(file):
        value = json.loads(line)
        if isinstance(value, list):
            assert table is not None
            waiting.append(as_row(table, value))
        if waiting and (len(waiting) == AT_ONCE or not isinstance(value, list)):
            assert table is not None
            connection.execute(insert(table), waiting)
            waiting = []
        if isinstance(value, dict) and "table" in value:
            table = METADATA.tables[value["table"]]


def as_row(table: Table, values: list[Any]) -> dict[str, Any]:
    """A row of the file as the table takes it."""
    return {column.name: as_value(column, v) for column, v in zip(table.columns, values, strict=True)}


def as_value(column: Column[Any], value: Any) -> Any:
    return datetime.fromisoformat(value) if value is not None and isinstance(column.type, Moment) else value
