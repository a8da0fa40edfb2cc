"""What all tables share: their base, the kinds of their columns, and how ids are made."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

ID_LENGTH, CODE_LENGTH, HASH_LENGTH = 32, 64, 64
# Constraints have names of their own, so that a migration can change them on every database.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Id = String(ID_LENGTH)
Code = String(CODE_LENGTH)
Hash = String(HASH_LENGTH)


class Moment(TypeDecorator[datetime]):
    """A point in time. Always UTC, on databases that know time zones and on those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's
        if value is None:
            return None
        assert value.tzinfo is not None, "a time without a zone"
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Sealed(TypeDecorator[str]):
    """A text that only a key opens: what `KeyRing.seal` made. A kind of its own, so that rotation finds every one."""

    impl = Text
    cache_ok = True


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment(), str: Text()}


def place_of(row: Base, column: str) -> str:
    """What a sealed text is sealed for, such as `decisions.words ID`; `id` is the key of every table that has one."""
    return f"{row.__tablename__}.{column} {row.id}"  # type: ignore[attr-defined]  # every such table has it


def new_id() -> str:
    """A random id that says nothing and cannot be guessed."""
    return uuid.uuid4().hex
