"""Who is signed in. A session is a random token in a cookie; the database has only its hash, so it opens nothing."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from recommender.store.audit import Event, record
from recommender.store.database import Store, Work
from recommender.store.schema import Base, Hash, Id

if TYPE_CHECKING:
    from recommender.store.users import User

IDLE, ABSOLUTE = timedelta(minutes=15), timedelta(hours=10)
# A session that was seen less than this ago is not written again.
SEEN_STEP = timedelta(seconds=30)


class SignedIn(Base):
    """One session; `id` is the hash of its token. `form_secret` is what pages put into their forms against forgery."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(Hash, primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    form_secret: Mapped[str] = mapped_column(Hash)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def is_over(self, now: datetime) -> bool:
        """Whether it was ended, was idle for too long, or is too old."""
        return self.ended_at is not None or now - self.seen_at >= IDLE or now - self.started_at >= ABSOLUTE


def subject(user_id: str) -> str:
    return f"user {user_id}"


def start(work: Work, user_id: str, *, event: Event) -> str:
    """The token of a new session. It is told once, here; always a new one, whatever the browser had before."""
    token = secrets.token_urlsafe(32)
    session = SignedIn(
        id=hash_of(token), user_id=user_id, form_secret=secrets.token_hex(32), started_at=work.now, seen_at=work.now
    )
    work.session.add(session)
    work.session.flush()
    record(work, event, "signed in", subject(user_id))
    return token


def look_up(work: Work, token: str) -> tuple[SignedIn, User] | None:
    """The session of a token and its user; None where it is over, or the user is disabled."""
    from recommender.store.users import User

    session = work.session.get(SignedIn, hash_of(token))
    if session is None or session.is_over(work.now):
        return None
    user = work.session.get(User, session.user_id)
    return (session, user) if user is not None and not user.disabled else None


def see(store: Store, session: SignedIn) -> None:
    """Keeps that a session is in use. The one write without an audit entry: it changes nothing but this moment."""
    now = store.clock()
    if now - session.seen_at >= SEEN_STEP:
        with store.writing() as work:
            work.session.execute(update(SignedIn).filter_by(id=session.id, ended_at=None).values(seen_at=now))


def end(work: Work, token: str, *, event: Event) -> None:
    """Signs out: the token opens nothing from now on."""
    session = work.session.get(SignedIn, hash_of(token))
    if session is not None and session.ended_at is None:
        session.ended_at = work.now
        record(work, event, "signed out", subject(session.user_id))


def end_all(work: Work, user_id: str, *, event: Event) -> int:
    """Signs a user out everywhere; how many sessions that ended."""
    open_ones = list(work.session.scalars(select(SignedIn).filter_by(user_id=user_id, ended_at=None)))
    for session in open_ones:
        session.ended_at = work.now
    if open_ones:
        record(work, event, "signed out everywhere", subject(user_id), sessions=len(open_ones))
    return len(open_ones)


def forget(work: Work, *, event: Event) -> int:
    """Deletes the sessions that are over; how many there were."""
    over = [session.id for session in work.session.scalars(select(SignedIn)) if session.is_over(work.now)]
    if over:
        work.session.execute(delete(SignedIn).where(SignedIn.id.in_(over)))
        record(work, event, "sessions deleted", "sessions", count=len(over))
    return len(over)


def hash_of(token: str) -> str:
    """What the database knows of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
