"""Everything sealed anew with the current key. Old keys stay in the key file: the audit log is marked with them."""

from __future__ import annotations

from sqlalchemy import select

from recommender.store import people, tables  # noqa: F401  # all tables have to be known
from recommender.store.audit import Event, record
from recommender.store.database import Work
from recommender.store.schema import Base, Sealed


def rotate(work: Work, *, event: Event) -> int:
    """Seals every text that an older key sealed with the current one, and renews the blind index; how many it were."""
    count = 0
    for kind, column in sealed_columns():
        stale = ~getattr(kind, column).startswith(f"{work.keys.current}.", autoescape=True)
        for row in work.session.scalars(select(kind).where(stale, getattr(kind, column) != "")):
            work.seal(row, column, work.unsealed(row, column))
            count += 1
            if isinstance(row, people.Person):
                people.index(work, row.id, people.unsealed(work, row))
    record(work, event, "keys rotated", "database", key=work.keys.current, sealed=count)
    return count


def sealed_columns() -> list[tuple[type[Base], str]]:
    """Every column of the store that holds sealed texts."""
    kinds = sorted(Base.__subclasses__(), key=lambda kind: kind.__tablename__)
    return [(kind, c.key) for kind in kinds for c in kind.__table__.columns if isinstance(c.type, Sealed)]
