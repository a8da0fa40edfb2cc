"""Signing in: the password is checked, failures slow down, and nobody can tell whether a name exists.

Failures are counted for the name that was typed and for the address that it came from, whether there is such a user or
not; the database has only keyed hashes of both.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from recommender.store import sessions, users
from recommender.store.audit import Event, record
from recommender.store.database import Store, Work
from recommender.store.schema import Base, Hash, Id, new_id
from recommender.store.users import User

WINDOW = timedelta(minutes=15)
FREE_TRIES, FREE_TRIES_AN_ADDRESS = 5, 50
NOBODY = "nobody"


class FailedSignIn(Base):
    """One failure, under the keyed hash of a name or of an address."""

    __tablename__ = "failed_sign_ins"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token: Mapped[str] = mapped_column(Hash, index=True)
    at: Mapped[datetime]


class Attempt(NamedTuple):
    """What came of a try: the token of a session and its user, or nothing; `wait` where too many tries failed."""

    token: str | None
    user: User | None
    wait: timedelta


def sign_in(store: Store, name: str, password: str, *, address: str = "", event: Event) -> Attempt:
    """Checks a password and starts a session. `event.actor` is not read: who acts is known only afterwards.

    While a name or an address has to wait, no password is even looked at.
    """
    with store.reading() as work:
        wait = waiting(work, name, address)
        user = None if wait else by_typed_name(work, name)
    if wait:
        return Attempt(None, None, wait)
    # Outside of any transaction, because it takes a while on purpose.
    right = users.password_matches(user, password)
    with store.writing() as work:
        if right and user is not None:
            forget_failures(work, name)
            return Attempt(sessions.start(work, user.id, event=event._replace(actor=user.id)), user, timedelta(0))
        for token in tokens(work, name, address):
            work.session.add(FailedSignIn(id=new_id(), token=token, at=work.now))
        who = f"user {user.id}" if user else "users"
        record(work, event._replace(actor=user.id if user else NOBODY), "sign-in failed", who)
    return Attempt(None, None, timedelta(0))


def by_typed_name(work: Work, name: str) -> User | None:
    """The user of a name as it was typed; None for a name that nobody could have."""
    return work.session.scalars(select(User).filter_by(name=name.strip().casefold())).one_or_none()


def waiting(work: Work, name: str, address: str) -> timedelta:
    """How long to wait before the next try: until the oldest of too many failures is out of the window."""
    longest = timedelta(0)
    for token, free in zip(tokens(work, name, address), (FREE_TRIES, FREE_TRIES_AN_ADDRESS), strict=False):
        since = FailedSignIn.at > work.now - WINDOW
        times = list(work.session.scalars(select(FailedSignIn.at).filter_by(token=token).where(since)))
        if len(times) >= free:
            longest = max(longest, sorted(times)[-free] + WINDOW - work.now)
    return longest


def tokens(work: Work, name: str, address: str) -> list[str]:
    """The keyed hashes that failures are counted under: the name's, then the address's if it is known."""
    named = work.keys.token("sign-in name", name.strip().casefold())
    return [named, work.keys.token("address", address)] if address else [named]


def forget_failures(work: Work, name: str) -> None:
    """A success ends the counting for a name, and what is out of the window goes."""
    work.session.execute(delete(FailedSignIn).filter_by(token=tokens(work, name, "")[0]))
    work.session.execute(delete(FailedSignIn).where(FailedSignIn.at <= work.now - WINDOW))
