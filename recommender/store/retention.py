"""Erasing by age: whoever nothing has happened to for some years is no longer told apart.

Identities go, and free text with them, which may name somebody; what was answered and decided stays, about nobody. How
long a record must be kept is for the law of the place: six years is what HIPAA asks for its own papers (45 CFR
164.316(b)(2)), states ask for more.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, func, select, update

from recommender.errors import Fault, InputError
from recommender.store import people
from recommender.store.assessments import Assessment, RecordedAnswer
from recommender.store.audit import Event, record
from recommender.store.clearances import Clearance
from recommender.store.consents import Consent
from recommender.store.database import Work
from recommender.store.decisions import Decision
from recommender.store.disclosures import Disclosure
from recommender.store.people import Person
from recommender.store.referrals import Referral
from recommender.store.users import require

FEWEST_YEARS, USUAL_YEARS, MOST_YEARS = 1, 6, 100


def due(work: Work, years: int) -> list[str]:
    """The people whose last record is so many years old, and who are not erased yet. Raises InputError."""
    if not FEWEST_YEARS <= years <= MOST_YEARS:
        allowed = f"{FEWEST_YEARS} to {MOST_YEARS}"
        raise InputError(Fault("is not a number of years to keep", field="years", given=str(years), allowed=allowed))
    before = years_before(work.now, years)
    recent = {person for query in last_records() for person, last in work.session.execute(query) if last > before}
    known = work.session.scalars(select(Person).filter_by(erased_at=None).where(Person.created_at <= before))
    return sorted(person.id for person in known if person.id not in recent)


def erase_due(work: Work, years: int, *, event: Event) -> int:
    """Erases who they are; how many it were. Raises InputError, and NotPermitted for whoever may not."""
    require(work, event, "retention.run")
    found = due(work, years)
    for person in found:
        people.erase(work, person, event=event)
        blank_words(work, person)
    record(work, event, "identities erased by age", "people", years=years, people=len(found))
    return len(found)


def blank_words(work: Work, person_id: str) -> None:
    """Takes away what was written in free text about a person's decisions and cleared flags, and on their consents."""
    own = select(Assessment.id).filter_by(person_id=person_id)
    for kind in (Decision, Clearance):
        work.session.execute(update(kind).where(kind.assessment_id.in_(own)).values(words=""))
    work.session.execute(update(Consent).filter_by(person_id=person_id).values(recipient="", purpose=""))


def last_records() -> list[Select[str, datetime]]:
    """By person, when something last happened: one query for each kind of record."""
    of_assessment = select(Assessment.person_id, func.max(RecordedAnswer.given_at)).join(
        RecordedAnswer, RecordedAnswer.assessment_id == Assessment.id
    )
    of_decision = select(Assessment.person_id, func.max(Decision.decided_at)).join(
        Decision, Decision.assessment_id == Assessment.id
    )
    return [
        select(Referral.person_id, func.max(Referral.received_at)).group_by(Referral.person_id),
        select(Assessment.person_id, func.max(Assessment.started_at)).group_by(Assessment.person_id),
        of_assessment.group_by(Assessment.person_id),
        of_decision.group_by(Assessment.person_id),
        select(Disclosure.person_id, func.max(Disclosure.made_at)).group_by(Disclosure.person_id),
    ]


def years_before(now: datetime, years: int) -> datetime:
    """The same day so many years ago; of the last day of February the first of March."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, month=3, day=1)
