"""Assessments: one person's answers at one time, each answer a row that is never overwritten.

An answer that is changed or taken back stays with who gave it and when; the new one stands beside it. `version` rises
with each change. Whoever writes says which version they saw: if somebody else changed one of the same questions since,
nothing is written and `Conflict` names those questions. Two people who answer different questions do not collide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column

from recommender.answers import DECLINED, NOT_KNOWN, Answer, read_json, write_json
from recommender.errors import Conflict, Fault, InputError, did_you_mean
from recommender.intake import Intake
from recommender.policy import Policy
from recommender.questionnaire import Questionnaire
from recommender.rules.bounds import ANSWERED, MISSING
from recommender.rules.definitions import questions_behind
from recommender.store import referrals
from recommender.store.audit import Event, record
from recommender.store.database import Work
from recommender.store.found import checked, found
from recommender.store.people import get as get_person
from recommender.store.schema import Base, Code, Id, new_id

# Where an answer comes from.
SOURCES: Mapping[str, str] = {
    "interview": "Said in the interview",
    "nurse": "Measured or found by a nurse or clinician",
    "chart": "Read in a record",
    "referral": "Came with the referral",
    "batch": "Came in a table",
    "carried_forward": "Carried forward from the last assessment",
    "api": "Sent by another program",
}
# An answer from there is confirmed by giving it again.
CARRIED = "carried_forward"
# How an answer stands: not known and declined are two things, and neither is a value. `withdrawn` is an answer that was
# taken back: as if it had never been asked.
STATES: Mapping[int, str] = {ANSWERED: "answered", NOT_KNOWN: "not_known", DECLINED: "declined", MISSING: "withdrawn"}


class Assessment(Base):
    """One assessment. `earlier_id` is the one that it reassesses."""

    __tablename__ = "assessments"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("people.id"), index=True)
    referral_id: Mapped[str | None] = mapped_column(Id, ForeignKey("referrals.id"), index=True)
    earlier_id: Mapped[str | None] = mapped_column(Id, ForeignKey("assessments.id"))
    site: Mapped[str] = mapped_column(Code, index=True)
    started_by: Mapped[str] = mapped_column(Code)
    started_at: Mapped[datetime]
    version: Mapped[int]


class RecordedAnswer(Base):
    """One answer as it was given: `value` is JSON as in an intake file, null unless `answered`.

    It holds from `version` of the assessment on, and up to `until`, where another took its place.
    """

    __tablename__ = "answers"
    __table_args__ = (
        # At most one answer to a question holds at a time: the database itself sees to it.
        Index(
            "ix_answers_in_force",
            "assessment_id",
            "question",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    assessment_id: Mapped[str] = mapped_column(Id, ForeignKey("assessments.id"), index=True)
    question: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Code)
    value: Mapped[str | None]
    source: Mapped[str] = mapped_column(Code)
    given_by: Mapped[str] = mapped_column(Code)
    given_at: Mapped[datetime]
    version: Mapped[int]
    until: Mapped[int | None]


def subject(assessment_id: str) -> str:
    """The assessment as the audit log names it."""
    return f"assessment {assessment_id}"


def start(work: Work, person_id: str, *, referral_id: str | None = None, event: Event) -> Assessment:
    """A new assessment of a person, without answers."""
    assessment = new(work, person_id, referral_id, None, event)
    record(work, event, "assessment started", subject(assessment.id), referral=referral_id)
    return assessment


def reassess(work: Work, assessment_id: str, *, event: Event) -> Assessment:
    """A new assessment of the same person with all answers carried forward, each marked so."""
    earlier = get(work, assessment_id)
    assessment = new(work, earlier.person_id, earlier.referral_id, earlier.id, event)
    for row in in_force(work, earlier.id):
        add_row(work, assessment, row.question, (row.state, row.value), CARRIED, event)
    record(work, event, "assessment started", subject(assessment.id), earlier=earlier.id)
    return assessment


def new(work: Work, person_id: str, referral_id: str | None, earlier_id: str | None, event: Event) -> Assessment:
    site = get_person(work, person_id).site
    if referral_id is not None and referrals.get(work, referral_id).person_id != person_id:
        raise InputError(Fault("this referral is of another person", field="referral"))
    assessment = Assessment(
        id=new_id(),
        person_id=person_id,
        referral_id=referral_id,
        earlier_id=earlier_id,
        site=site,
        started_by=event.actor,
        started_at=work.now,
        version=1,
    )
    work.session.add(assessment)
    work.session.flush()
    return assessment


def get(work: Work, assessment_id: str) -> Assessment:
    """An assessment. Raises NotFound."""
    return found(work, Assessment, assessment_id)


def of_person(work: Work, person_id: str) -> list[Assessment]:
    """A person's assessments, newest first."""
    query = select(Assessment).filter_by(person_id=person_id).order_by(Assessment.started_at.desc(), Assessment.id)
    return list(work.session.scalars(query))


# ------------------------------------------------------------------------------------------------------------- answers
def answer(
    work: Work,
    assessment_id: str,
    given: Mapping[str, Answer | None],
    questionnaire: Questionnaire,
    *,
    seen: int,
    source: str = "interview",
    event: Event,
) -> Assessment:
    """Writes some answers; None takes one back. The version that comes back is the one to say next time as `seen`.

    The answer that stands already is written only where it was carried forward: then it is confirmed by it.

    Raises Conflict, with nothing written, where somebody changed one of these questions since version `seen`.
    """
    assessment = found(work, Assessment, assessment_id, lock=True)
    checked(source, SOURCES, "source")
    rows = {row.question: row for row in in_force(work, assessment.id)}
    refuse_conflicts([rows[name] for name in given if name in rows and rows[name].version > seen])
    written = {name: as_written(questionnaire, name, value) for name, value in given.items()}
    changed = {name: new for name, new in written.items() if is_news(rows.get(name), new)}
    if not changed:
        return assessment
    assessment.version += 1
    for name in changed.keys() & rows.keys():
        rows[name].until = assessment.version
    # The old rows must have ended before the new ones begin, or there would be two in force.
    work.session.flush()
    for name, new in changed.items():
        add_row(work, assessment, name, new, source, event)
    work.session.flush()
    states = {name: state for name, (state, _) in changed.items()}
    record(work, event, "answered", subject(assessment.id), questions=states, source=source, version=assessment.version)
    return assessment


def refuse_conflicts(rows: list[RecordedAnswer]) -> None:
    """Raises Conflict with the questions that somebody changed in the meantime."""
    if rows:
        remedy = "Look at what stands there now, then answer again."
        faults = [Fault("somebody answered this in the meantime", field=row.question, remedy=remedy) for row in rows]
        raise Conflict(faults)


def as_written(questionnaire: Questionnaire, name: str, value: Answer | None) -> tuple[str, str | None]:
    """State and value as a row has them. Raises InputError where there is no such question."""
    if name not in questionnaire.questions:
        remedy = did_you_mean(name, questionnaire.questions)
        raise InputError(Fault("there is no question of this name", given=name, remedy=remedy))
    if value is None or value.state != ANSWERED:
        return STATES[MISSING if value is None else value.state], None
    return STATES[ANSWERED], json.dumps(write_json(questionnaire.questions[name], value))


def is_news(row: RecordedAnswer | None, new: tuple[str, str | None]) -> bool:
    return row is None or row.source == CARRIED or (row.state, row.value) != new


def add_row(
    work: Work, assessment: Assessment, name: str, new: tuple[str, str | None], source: str, event: Event
) -> None:
    state, value = new
    work.session.add(
        RecordedAnswer(
            id=new_id(),
            assessment_id=assessment.id,
            question=name,
            state=state,
            value=value,
            source=source,
            given_by=event.actor,
            given_at=work.now,
            version=assessment.version,
        )
    )


def in_force(work: Work, assessment_id: str, version: int | None = None) -> list[RecordedAnswer]:
    """The answers that hold now, or held at a version."""
    query = select(RecordedAnswer).filter_by(assessment_id=assessment_id).order_by(RecordedAnswer.question)
    if version is None:
        return list(work.session.scalars(query.where(RecordedAnswer.until.is_(None))))
    ended = RecordedAnswer.until.is_(None) | (RecordedAnswer.until > version)
    return list(work.session.scalars(query.where(RecordedAnswer.version <= version, ended)))


def newest_behind(rows: Iterable[RecordedAnswer], policy: Policy, rule: str) -> int:
    """The version at which the last of the answers behind a rule was given; 0 where none was."""
    behind = questions_behind(policy.definitions, rule)
    return max((row.version for row in rows if row.question in behind), default=0)


def changes(work: Work, assessment_id: str, after: int = 0) -> list[RecordedAnswer]:
    """Every answer ever given after a version, oldest first: what somebody else wrote, or the whole history."""
    query = select(RecordedAnswer).filter_by(assessment_id=assessment_id).where(RecordedAnswer.version > after)
    return list(work.session.scalars(query.order_by(RecordedAnswer.version, RecordedAnswer.question)))


def intake(work: Work, assessment_id: str, policy: Policy, version: int | None = None) -> Intake:
    """The answers that hold now, or held at a version, as an intake under the assessment's id.

    What was said about safety months ago says nothing about today: such an answer that was carried forward counts as
    not asked until it is given again.
    Raises InputError with the questions that this questionnaire does not know any more, or reads otherwise.
    """
    return Intake(assessment_id, "", counted(in_force(work, get(work, assessment_id).id, version), policy))


def counted(rows: Iterable[RecordedAnswer], policy: Policy) -> dict[str, Answer]:
    """The answers of some rows that count: see `intake`."""
    safety = policy.safety_questions
    asked = [row for row in rows if row.source != CARRIED or row.question not in safety]
    return answers_in(asked, policy.questionnaire)


def carried_forward(rows: Iterable[RecordedAnswer], questionnaire: Questionnaire) -> dict[str, Answer]:
    """Of some rows the answers that come from the assessment before, and that nobody has given again."""
    return answers_in([row for row in rows if row.source == CARRIED], questionnaire)


def answers_in(rows: Iterable[RecordedAnswer], questionnaire: Questionnaire) -> dict[str, Answer]:
    """The answers of some rows, in the order of the questionnaire."""
    read: dict[str, Answer] = {}
    faults: list[Fault] = []
    for row in rows:
        if row.state == STATES[MISSING]:
            continue
        if row.question not in questionnaire.questions:
            faults.append(Fault("the questionnaire has no such question any more", field=row.question))
            continue
        try:
            value = json.loads(row.value) if row.value is not None else row.state
            read[row.question] = read_json(questionnaire.questions[row.question], value)
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return {name: read[name] for name in questionnaire.questions if name in read}
