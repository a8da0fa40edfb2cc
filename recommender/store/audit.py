"""The audit log: who did what to which record, when. Each entry is chained to the one before by a keyed hash.

Every function of the store that writes takes an `Event` and adds an entry in the same transaction, so there is no
change without its entry and no entry without its change. An entry names records and questions and never holds an
answer, a name or a free text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from recommender.store.schema import Base, Code, Hash, Id

if TYPE_CHECKING:
    from recommender.store.database import Work

USE = "audit chain"
# What stands before the first entry.
BEGINNING = "0" * 64
# Whoever acts without being a user: the program on the command line, and the page that sets up the first user.
COMMAND_LINE, SETUP = "command line", "set-up"


class Event(NamedTuple):
    """What the caller of a write knows of it.

    Who acts (a user's id), through what (`web`, `api`, `command line`), and under which request id.
    """

    actor: str
    through: str = "web"
    request: str = ""


class AuditEntry(Base):
    """One entry. `mark` is a keyed hash of all other columns, `previous` the mark of the entry before."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Code, index=True)
    through: Mapped[str] = mapped_column(Code)
    request: Mapped[str] = mapped_column(Code)
    action: Mapped[str] = mapped_column(Code)
    subject: Mapped[str] = mapped_column(Code, index=True)
    detail: Mapped[str]
    key: Mapped[str] = mapped_column(Id)
    previous: Mapped[str] = mapped_column(Hash)
    mark: Mapped[str] = mapped_column(Hash)


class AuditHead(Base):
    """The number and mark of the last entry: one row, which every writer locks, so that the chain never forks."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    mark: Mapped[str] = mapped_column(Hash)


def record(work: Work, event: Event, action: str, subject: str, **detail: Any) -> AuditEntry:
    """Adds an entry to the chain, in the transaction of the change that it tells of."""
    head = work.session.scalars(select(AuditHead).with_for_update()).one()
    entry = AuditEntry(
        number=head.number + 1,
        at=work.now,
        actor=event.actor,
        through=event.through,
        request=event.request,
        action=action,
        subject=subject,
        detail=json.dumps(detail, sort_keys=True),
        key=work.keys.current,
        previous=head.mark,
    )
    entry.mark = work.keys.mark(USE, content(entry), entry.key)
    work.session.add(entry)
    head.number, head.mark = entry.number, entry.mark
    work.session.flush()
    return entry


def content(entry: AuditEntry) -> bytes:
    """Everything that an entry says, as bytes that are the same on every database."""
    said: Mapping[str, Any] = {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "through": entry.through,
        "request": entry.request,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "key": entry.key,
        "previous": entry.previous,
    }
    return json.dumps(said, sort_keys=True).encode()


def history(work: Work, subject: str) -> list[AuditEntry]:
    """The entries on one record, such as `assessment ID`, oldest first."""
    return list(work.session.scalars(select(AuditEntry).filter_by(subject=subject).order_by(AuditEntry.number)))


def latest(work: Work, *, count: int = 100, before: int | None = None) -> list[AuditEntry]:
    """The last entries, newest first; those with a number below `before`, to turn pages."""
    wanted = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(count)
    return list(work.session.scalars(wanted if before is None else wanted.where(AuditEntry.number < before)))
