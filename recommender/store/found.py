"""One record by its id, or a clear word that there is none; and a code that is one of those allowed."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from recommender.errors import Fault, InputError, NotFound, did_you_mean
from recommender.store.database import Work
from recommender.store.schema import Base

Row = TypeVar("Row", bound=Base)


def found(work: Work, kind: type[Row], key: str, *, lock: bool = False) -> Row:
    """The record of a kind with this id, locked until the transaction ends if `lock`. Raises NotFound."""
    row = work.session.get(kind, key, with_for_update=lock, populate_existing=lock)
    if row is None:
        raise NotFound(Fault(f"there is no such record in {kind.__tablename__}", given=key))
    return row


def checked(code: str, allowed: Collection[str], field: str) -> str:
    """The code. Raises InputError where it is none of those allowed."""
    if code not in allowed:
        listed = ", ".join(allowed)
        raise InputError(
            Fault(
                "is not one of the codes", field=field, given=code, allowed=listed, remedy=did_you_mean(code, allowed)
            )
        )
    return code
