"""Consents to disclose a record, as 42 CFR part 2 wants them: to whom, what for, until when; and their end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from recommender.errors import Fault, InputError
from recommender.store.audit import Event, record
from recommender.store.database import Work
from recommender.store.found import checked, found
from recommender.store.people import get as get_person
from recommender.store.people import subject
from recommender.store.schema import Base, Code, Id, Sealed, new_id

# What a consent can be for (42 CFR 2.31, 2.33). One for legal proceedings stands by itself, never as part of another.
SCOPES: Mapping[str, str] = {
    "care": "Treatment, payment and health care operations",
    "named_recipient": "One named recipient, for one purpose",
    "legal_proceedings": "A court, lawyer, police or another authority, for one named proceeding",
}


class Consent(Base):
    """One consent. It ends at `ends_at`, or when revoked. To whom and what for is sealed, for it may name somebody."""

    __tablename__ = "consents"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("people.id"), index=True)
    scope: Mapped[str] = mapped_column(Code)
    recipient: Mapped[str] = mapped_column(Sealed)
    purpose: Mapped[str] = mapped_column(Sealed)
    given_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    written_by: Mapped[str] = mapped_column(Code)

    def holds(self, now: datetime) -> bool:
        """Whether it was given, has not ended and was not revoked."""
        ended = self.ends_at is not None and self.ends_at <= now
        return self.given_at <= now and not ended and self.revoked_at is None


def recipient_of(work: Work, consent: Consent) -> str:
    """To whom a consent lets the record go; may be blank for `care`."""
    return work.unsealed(consent, "recipient")


def purpose_of(work: Work, consent: Consent) -> str:
    """What a consent is for, in words."""
    return work.unsealed(consent, "purpose")


def give(
    work: Work,
    person_id: str,
    *,
    scope: str,
    recipient: str = "",
    purpose: str = "",
    ends_at: datetime | None = None,
    event: Event,
) -> Consent:
    """Writes down that a person signed a consent now. A recipient and a purpose are needed for all but `care`."""
    person = get_person(work, person_id)
    checked(scope, SCOPES, "scope")
    if scope != "care" and not (recipient.strip() and purpose.strip()):
        raise InputError(Fault("a consent of this kind names a recipient and a purpose", field="recipient"))
    consent = Consent(
        id=new_id(),
        person_id=person.id,
        scope=scope,
        recipient="",
        purpose="",
        given_at=work.now,
        ends_at=ends_at,
        written_by=event.actor,
    )
    work.seal(consent, "recipient", recipient.strip())
    work.seal(consent, "purpose", purpose.strip())
    work.session.add(consent)
    work.session.flush()
    record(work, event, "consent given", subject(person.id), consent=consent.id, scope=scope)
    return consent


def revoke(work: Work, consent_id: str, *, event: Event) -> Consent:
    """Ends a consent from now on; what was disclosed under it stays disclosed."""
    consent = found(work, Consent, consent_id, lock=True)
    consent.revoked_at = consent.revoked_at or work.now
    record(work, event, "consent revoked", subject(consent.person_id), consent=consent.id)
    return consent


def of_person(work: Work, person_id: str) -> list[Consent]:
    """A person's consents, newest first, those that ended among them."""
    return list(work.session.scalars(select(Consent).filter_by(person_id=person_id).order_by(Consent.given_at.desc())))
