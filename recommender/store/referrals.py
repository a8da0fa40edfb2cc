"""Referrals: that somebody was sent, or came, and waits. With the time by which the most urgent must be seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from recommender.errors import Conflict, Fault
from recommender.store.audit import Event, record
from recommender.store.database import Work
from recommender.store.found import checked, found
from recommender.store.people import get as get_person
from recommender.store.schema import Base, Code, Id, new_id


class Priority(NamedTuple):
    """Who must not wait: in words, within what time somebody must have been admitted or helped in the meantime."""

    words: str
    within: timedelta | None
    source: str


# 42 USC 300x-27 and 45 CFR 96.126 and 96.131: preference for pregnant women and people who inject; interim services
# within 48 hours where no place is free, admission of people who inject within 14 days.
BLOCK_GRANT = "45 CFR 96.126, 96.131"
PRIORITIES: Mapping[str, Priority] = {
    "pregnant_injecting": Priority("Pregnant and injecting", timedelta(hours=48), BLOCK_GRANT),
    "pregnant": Priority("Pregnant", timedelta(hours=48), BLOCK_GRANT),
    "injecting": Priority("Injecting", timedelta(days=14), BLOCK_GRANT),
    "none": Priority("No statutory priority", None, ""),
}
SOURCES: Mapping[str, str] = {
    "self": "Came by themselves",
    "family": "Family or friends",
    "health_care": "Doctor, clinic or hospital",
    "crisis": "Crisis line or emergency service",
    "treatment": "Another treatment programme",
    "school": "School",
    "employer": "Employer",
    "justice": "Court, probation or police",
    "community": "Other community service",
    "batch": "A table of referrals",
    "other": "Other",
}
STATUSES: Mapping[str, str] = {
    "waiting": "Waiting",
    "in_assessment": "In assessment",
    "decided": "Decided",
    "closed": "Closed",
}


class Referral(Base):
    """One referral. `version` rises with each change; `assigned_to` is a user's id."""

    __tablename__ = "referrals"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("people.id"), index=True)
    site: Mapped[str] = mapped_column(Code, index=True)
    source: Mapped[str] = mapped_column(Code)
    priority: Mapped[str] = mapped_column(Code)
    status: Mapped[str] = mapped_column(Code, index=True)
    assigned_to: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    received_at: Mapped[datetime]
    version: Mapped[int]

    @property
    def due_at(self) -> datetime | None:
        """By when this person must have been helped; None where no statute says so."""
        within = PRIORITIES[self.priority].within
        return self.received_at + within if within else None


def subject(referral_id: str) -> str:
    """The referral as the audit log names it."""
    return f"referral {referral_id}"


def add(
    work: Work,
    person_id: str,
    *,
    source: str,
    priority: str = "none",
    received_at: datetime | None = None,
    id: str = "",
    event: Event,
) -> Referral:
    """A new referral of a person, at the person's site; received now unless said otherwise.

    `id` is one that `new_id` gave and that no record has: a form that is sent twice then makes one referral.
    """
    referral = Referral(
        id=id or new_id(),
        person_id=person_id,
        site=get_person(work, person_id).site,
        source=checked(source, SOURCES, "source"),
        priority=checked(priority, PRIORITIES, "priority"),
        status="waiting",
        received_at=received_at or work.now,
        version=1,
    )
    work.session.add(referral)
    work.session.flush()
    record(work, event, "referral added", subject(referral.id), source=source, priority=priority)
    return referral


def get(work: Work, referral_id: str) -> Referral:
    """A referral. Raises NotFound."""
    return found(work, Referral, referral_id)


def is_there(work: Work, referral_id: str) -> bool:
    """Whether a referral has this id."""
    return work.session.get(Referral, referral_id) is not None


def of_person(work: Work, person_id: str) -> list[Referral]:
    """A person's referrals, newest first."""
    return list(
        work.session.scalars(select(Referral).filter_by(person_id=person_id).order_by(Referral.received_at.desc()))
    )


def worklist(work: Work, site: str | None = None, *, status: str | None = None) -> list[Referral]:
    """The referrals of a site (or all) with one status (or not closed): those due first, then the longest waiting."""
    query = select(Referral).order_by(Referral.received_at, Referral.id)
    query = query if site is None else query.filter_by(site=site)
    query = query.filter_by(status=status) if status else query.where(Referral.status != "closed")
    order = list(PRIORITIES)
    return sorted(work.session.scalars(query), key=lambda r: (order.index(r.priority), r.received_at))


def change(
    work: Work,
    referral_id: str,
    *,
    seen: int,
    status: str | None = None,
    priority: str | None = None,
    assigned_to: str | None = None,
    event: Event,
) -> Referral:
    """Changes what is given. Raises Conflict where somebody changed the referral since version `seen`."""
    referral = found(work, Referral, referral_id, lock=True)
    if referral.version != seen:
        raise Conflict(Fault("somebody changed this referral in the meantime", remedy="Look at it again."))
    if status is not None:
        referral.status = checked(status, STATUSES, "status")
    if priority is not None:
        referral.priority = checked(priority, PRIORITIES, "priority")
    if assigned_to is not None:
        referral.assigned_to = assigned_to or None
    referral.version += 1
    changed = {"status": status, "priority": priority, "assigned_to": assigned_to}
    said = {name: value for name, value in changed.items() if value is not None}
    record(work, event, "referral changed", subject(referral.id), **said)
    return referral
