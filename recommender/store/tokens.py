"""Tokens for other programs: each with scopes, a site and an end. The database has only a token's hash."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from recommender.errors import Fault, InputError
from recommender.store import users
from recommender.store.audit import COMMAND_LINE, Event, record
from recommender.store.database import Work
from recommender.store.found import checked, found
from recommender.store.schema import CODE_LENGTH, Base, Code, Hash, Id, new_id
from recommender.store.sessions import hash_of

# What a token may be for. No scope reads a record of the store: a program gets answers to what it sends.
SCOPES: Mapping[str, str] = {
    "assess": "Have answers assessed",
    "interview": "Ask for the next question",
    "batch": "Have tables scored",
}
LONGEST_DAYS = 366


class Token(Base):
    """One token. `label` says which program has it."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    hash: Mapped[str] = mapped_column(Hash, unique=True)
    label: Mapped[str] = mapped_column(Code)
    scopes: Mapped[str]
    site: Mapped[str] = mapped_column(Code)
    made_by: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    def holds(self, now: datetime) -> bool:
        """Whether it has not ended and was not revoked."""
        return self.revoked_at is None and now < self.ends_at

    def may(self, scope: str) -> bool:
        """Whether it has a scope."""
        return scope in self.scopes.split()


def subject(token_id: str) -> str:
    """The token as the audit log names it."""
    return f"token {token_id}"


def make(work: Work, label: str, scopes: Iterable[str], site: str, *, days: int, event: Event) -> tuple[str, Token]:
    """A new token: its text, which is told only here, and its row.

    Raises InputError, and NotPermitted for a user who may not make tokens; the command line may.
    """
    require_keeper(work, event)
    wanted = [checked(scope, SCOPES, "scopes") for scope in dict.fromkeys(scopes)]
    check_words(label, wanted, days)
    text = secrets.token_urlsafe(32)
    token = Token(
        id=new_id(),
        hash=hash_of(text),
        label=label.strip(),
        scopes=" ".join(wanted),
        site=site,
        made_by=event.actor,
        made_at=work.now,
        ends_at=work.now + timedelta(days=days),
    )
    work.session.add(token)
    work.session.flush()
    record(work, event, "token made", subject(token.id), scopes=wanted, site=site, days=days)
    return text, token


def require_keeper(work: Work, event: Event) -> None:
    """Lets through whoever may manage tokens: a user with that permission, and the command line of the machine."""
    if users.acting(work, event) is not None or event.through != COMMAND_LINE:
        users.require(work, event, "tokens.manage")


def check_words(label: str, scopes: list[str], days: int) -> None:
    plain = label.strip()
    if not plain or len(plain) > CODE_LENGTH or not plain.isprintable():
        raise InputError(Fault("is blank or too long", field="label", allowed=f"1 to {CODE_LENGTH} characters"))
    if not scopes:
        raise InputError(Fault("a token needs a scope", field="scopes", allowed=", ".join(SCOPES)))
    if not 1 <= days <= LONGEST_DAYS:
        raise InputError(Fault("is not allowed", field="days", given=str(days), allowed=f"1 to {LONGEST_DAYS}"))


def look_up(work: Work, text: str) -> Token | None:
    """The token of a text; None where there is none, or where it ended or was revoked."""
    token = work.session.scalars(select(Token).filter_by(hash=hash_of(text))).one_or_none()
    return token if token is not None and token.holds(work.now) else None


def used(work: Work, token: Token, scope: str, *, event: Event) -> None:
    """Keeps that a token was used, and what for."""
    record(work, event, "token used", subject(token.id), scope=scope)


def revoke(work: Work, token_id: str, *, event: Event) -> Token:
    """Ends a token from now on. Raises NotFound, and NotPermitted like `make`."""
    require_keeper(work, event)
    token = found(work, Token, token_id, lock=True)
    token.revoked_at = token.revoked_at or work.now
    record(work, event, "token revoked", subject(token.id))
    return token


def everyone(work: Work) -> list[Token]:
    """All tokens, newest first, those that ended among them."""
    return list(work.session.scalars(select(Token).order_by(Token.made_at.desc(), Token.id)))
