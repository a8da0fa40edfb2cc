"""Users: who signs in, with what role and at which site. Passwords are kept as Argon2id hashes."""

from __future__ import annotations

import functools
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, mapped_column

from recommender.errors import Conflict, Fault, InputError
from recommender.store import permissions, sessions
from recommender.store.audit import Event, record
from recommender.store.database import Work
from recommender.store.found import checked, found
from recommender.store.schema import CODE_LENGTH, Base, Code, Id, new_id

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200


class User(Base):
    """Somebody who signs in. `name` is what they type, in lower case; `display` is how others see them."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(Code, unique=True)
    display: Mapped[str]
    role: Mapped[str] = mapped_column(Code)
    site: Mapped[str] = mapped_column(Code)
    password_hash: Mapped[str]
    disabled: Mapped[bool]
    created_at: Mapped[datetime]


def subject(user_id: str) -> str:
    """The user as the audit log names them."""
    return f"user {user_id}"


def add(work: Work, name: str, password: str, *, role: str, site: str, display: str = "", event: Event) -> User:
    """A new user. Raises Conflict where the name is taken, InputError for a poor password or an unknown role."""
    if by_name(work, name):
        raise Conflict(Fault("there is a user of this name already", field="name", given=name))
    user = User(
        id=new_id(),
        name=sign_in_name(name),
        display=display or name,
        role=checked(role, permissions.ROLES, "role"),
        site=site,
        password_hash=hashed(password, name),
        disabled=False,
        created_at=work.now,
    )
    work.session.add(user)
    work.session.flush()
    record(work, event, "user added", subject(user.id), role=role, site=site)
    return user


def get(work: Work, user_id: str) -> User:
    """A user. Raises NotFound."""
    return found(work, User, user_id)


def by_name(work: Work, name: str) -> User | None:
    """The user who signs in under a name."""
    return work.session.scalars(select(User).filter_by(name=sign_in_name(name))).one_or_none()


def everybody(work: Work) -> list[User]:
    """All users by name, the disabled among them."""
    return list(work.session.scalars(select(User).order_by(User.name)))


def is_first_run(work: Work) -> bool:
    """Whether nobody can sign in yet."""
    return not work.session.scalar(select(func.count()).select_from(User))


def change(
    work: Work,
    user_id: str,
    *,
    role: str | None = None,
    site: str | None = None,
    display: str | None = None,
    disabled: bool | None = None,
    event: Event,
) -> User:
    """Changes what is given and signs the user out everywhere. The last administrator cannot be taken away."""
    user = found(work, User, user_id, lock=True)
    user.role = user.role if role is None else checked(role, permissions.ROLES, "role")
    user.site = user.site if site is None else site
    user.display = user.display if display is None else display
    user.disabled = user.disabled if disabled is None else disabled
    work.session.flush()
    if not any(u.role == permissions.ADMINISTRATOR and not u.disabled for u in everybody(work)):
        raise InputError(
            Fault("nobody would be left who can add users", remedy="Make somebody else administrator first.")
        )
    said = {"role": role, "site": site, "disabled": disabled}
    record(work, event, "user changed", subject(user.id), **{k: v for k, v in said.items() if v is not None})
    sessions.end_all(work, user.id, event=event)
    return user


def set_password(work: Work, user_id: str, password: str, *, event: Event) -> None:
    """Gives a user a new password and signs them out everywhere."""
    user = found(work, User, user_id, lock=True)
    user.password_hash = hashed(password, user.name)
    record(work, event, "password changed", subject(user.id))
    sessions.end_all(work, user.id, event=event)


def acting(work: Work, event: Event) -> User | None:
    """The user who acts in an event; None for the command line."""
    return work.session.get(User, event.actor)


def require(work: Work, event: Event, permission: str, site: str | None = None) -> User:
    """The user who acts. Raises NotPermitted where they may not do this, or where no user acts."""
    user = acting(work, event)
    permissions.require(user, permission, site)
    assert user is not None
    return user


# ----------------------------------------------------------------------------------------------------------- passwords
@functools.cache
def hasher() -> PasswordHasher:
    """Argon2id with the library's settings of today (RFC 9106, low memory)."""
    return PasswordHasher()


@functools.cache
def nobodys_hash() -> str:
    """What a password is checked against where there is no such user, so that both answers take as long."""
    return hasher().hash("nobody has this password")


def password_matches(user: User | None, password: str) -> bool:
    """Whether this is the password of an enabled user. Takes as long where there is no user."""
    try:
        hasher().verify(user.password_hash if user else nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return user is not None and not user.disabled


def hashed(password: str, name: str) -> str:
    """The hash of a new password. Raises InputError for one that is too short, too long or the name itself."""
    allowed_length = f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InputError(Fault("has a wrong length", field="password", allowed=allowed_length))
    if len(set(password)) < 5 or sign_in_name(name) in password.casefold():
        raise InputError(
            Fault("is easy to guess", field="password", remedy="Use several words that belong to nothing.")
        )
    return hasher().hash(password)


def sign_in_name(name: str) -> str:
    """The name as it is kept. Raises InputError for a blank one."""
    plain = name.strip().casefold()
    if not plain or len(plain) > CODE_LENGTH or not plain.isprintable():
        raise InputError(Fault("is blank or too long", field="name", allowed=f"1 to {CODE_LENGTH} characters"))
    return plain
