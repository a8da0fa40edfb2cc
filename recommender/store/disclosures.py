"""Disclosures: every time a record leaves, to whom, what for, and on what ground. Without a ground it does not leave.

A record goes to a court, lawyer or police only under a consent for legal proceedings that names them: no consent to
care, and no other ground here, opens it (42 CFR 2.12, 2.31, 2.33). A court order is for counsel to weigh, outside of
this program. This is a guard, not legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from recommender.errors import Fault, InputError, NotPermitted
from recommender.store import consents, users
from recommender.store.audit import Event, record
from recommender.store.consents import Consent
from recommender.store.database import Work
from recommender.store.found import checked
from recommender.store.people import get as get_person
from recommender.store.people import subject
from recommender.store.schema import Base, Code, Id, Sealed, new_id

# What a disclosure is for, and the scopes of consent that allow it; empty where none is needed.
PURPOSES: Mapping[str, tuple[str, ...]] = {
    "treatment": ("care", "named_recipient"),
    "payment": ("care", "named_recipient"),
    "operations": ("care", "named_recipient"),
    "other": ("named_recipient",),
    "legal_proceedings": ("legal_proceedings",),
    "to_the_person": (),
    "medical_emergency": (),
}
# Purposes whose consent must name this very recipient.
NAMED_ONLY = frozenset({"named_recipient", "legal_proceedings"})
# The short form of the statement that goes with each disclosure (42 CFR 2.32).
NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
NO_NOTICE = frozenset({"to_the_person"})


class Disclosure(Base):
    """One disclosure: `what` left (such as `reviewer packet`), to whom, what for, and under which consent, if any."""

    __tablename__ = "disclosures"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("people.id"), index=True)
    consent_id: Mapped[str | None] = mapped_column(Id, ForeignKey("consents.id"))
    recipient: Mapped[str] = mapped_column(Sealed)
    purpose: Mapped[str] = mapped_column(Code)
    what: Mapped[str] = mapped_column(Code)
    made_by: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]


def recipient_of(work: Work, disclosure: Disclosure) -> str:
    """Who got the record."""
    return work.unsealed(disclosure, "recipient")


def disclose(work: Work, person_id: str, *, recipient: str, purpose: str, what: str, event: Event) -> Disclosure:
    """Keeps a disclosure, before anything leaves. Raises NotPermitted where there is no ground for it."""
    person = get_person(work, person_id)
    users.require(work, event, "disclosures.write", person.site)
    checked(purpose, PURPOSES, "purpose")
    if not recipient.strip():
        raise InputError(Fault("somebody has to receive it", field="recipient"))
    ground = ground_for(work, person_id, recipient.strip(), purpose)
    disclosure = Disclosure(
        id=new_id(),
        person_id=person.id,
        consent_id=ground.id if ground else None,
        recipient="",
        purpose=purpose,
        what=what,
        made_by=event.actor,
        made_at=work.now,
    )
    work.seal(disclosure, "recipient", recipient.strip())
    work.session.add(disclosure)
    work.session.flush()
    record(work, event, "disclosed", subject(person.id), disclosure=disclosure.id, purpose=purpose, what=what)
    return disclosure


def ground_for(work: Work, person_id: str, recipient: str, purpose: str) -> Consent | None:
    """The consent that a disclosure rests on; None where none is needed. Raises NotPermitted where one is missing."""
    scopes = PURPOSES[purpose]
    if not scopes:
        return None
    for consent in consents.of_person(work, person_id):
        named = consents.recipient_of(work, consent).casefold() == recipient.casefold()
        if consent.scope in scopes and consent.holds(work.now) and (named or consent.scope not in NAMED_ONLY):
            return consent
    remedy = "Ask the person for a consent that covers it, or do not disclose."
    raise NotPermitted(Fault("no consent allows this disclosure", field="purpose", given=purpose, remedy=remedy))


def of_person(work: Work, person_id: str) -> list[Disclosure]:
    """The account of a person's disclosures, newest first."""
    query = select(Disclosure).filter_by(person_id=person_id).order_by(Disclosure.made_at.desc(), Disclosure.id)
    return list(work.session.scalars(query))
