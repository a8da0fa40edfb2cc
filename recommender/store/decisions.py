"""Decisions: the level that a person found indicated, the one that was offered, and the one that was accepted.

Three fields, because they differ in life, and a coded reason wherever they do. A decision is signed by a clinician;
from then on it is not changed, a new one takes its place. The signature is a keyed hash of everything that was signed.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from recommender.errors import Conflict, Fault, InputError, NotPermitted
from recommender.levels import Ladder
from recommender.store import assessments, users
from recommender.store.audit import Event, record
from recommender.store.database import Work
from recommender.store.found import checked, found
from recommender.store.reasons import ABOUT_NEED, DIFFERENCE, NEEDS_WORDS
from recommender.store.recommendations import StoredRecommendation, of_assessment
from recommender.store.recommendations import get as get_recommendation
from recommender.store.schema import Base, Code, Hash, Id, Sealed, new_id

# Beside the levels: nothing was offered or accepted; or it is not known yet.
NOTHING, OPEN = "nothing", ""
USE = "signature"
NEEDED = {
    "override_reason": "What is indicated lies outside what the rules found.",
    "difference_reason": "What is indicated, offered and accepted differ.",
}


class Decision(Base):
    """One decision. `is_override` where what is indicated lies outside what the rules found."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("assessment_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    assessment_id: Mapped[str] = mapped_column(Id, ForeignKey("assessments.id"), index=True)
    recommendation_id: Mapped[str] = mapped_column(Id, ForeignKey("recommendations.id"))
    number: Mapped[int]
    indicated: Mapped[str] = mapped_column(Code)
    offered: Mapped[str] = mapped_column(Code)
    accepted: Mapped[str] = mapped_column(Code)
    is_override: Mapped[bool]
    override_reason: Mapped[str] = mapped_column(Code)
    difference_reason: Mapped[str] = mapped_column(Code)
    words: Mapped[str] = mapped_column(Sealed)
    decided_by: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    decided_at: Mapped[datetime]
    signed_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    signed_at: Mapped[datetime | None]
    signature_key: Mapped[str | None] = mapped_column(Id)
    signature: Mapped[str | None] = mapped_column(Hash)


def decide(
    work: Work,
    ladder: Ladder,
    recommendation_id: str,
    *,
    indicated: str,
    offered: str = OPEN,
    accepted: str = OPEN,
    override_reason: str = "",
    difference_reason: str = "",
    words: str = "",
    seen: int = 0,
    event: Event,
) -> Decision:
    """Writes a decision on the newest recommendation; it takes the place of the one before.

    `seen` is the number of the decision that stood when this one was made (0: none): Conflict where another one came.
    `override_reason` is needed where `indicated` is outside what the rules found, `difference_reason` where the three
    levels differ. Raises InputError for a missing or wrong reason, NotPermitted while no level may be shown.
    """
    kept = get_recommendation(work, recommendation_id)
    assessment = found(work, assessments.Assessment, kept.assessment_id, lock=True)
    user = users.require(work, event, "decisions.write", assessment.site)
    refuse_outdated(work, kept, assessment, seen)
    levels = [*ladder.ids, NOTHING, OPEN]
    checked(indicated, ladder.ids, "indicated")
    checked(offered, levels, "offered")
    checked(accepted, levels, "accepted")
    is_override = outside(kept, ladder, indicated)
    check_reasons(is_override, override_reason, [indicated, offered, accepted], difference_reason, words)
    decision = Decision(
        id=new_id(),
        assessment_id=assessment.id,
        recommendation_id=kept.id,
        number=seen + 1,
        indicated=indicated,
        offered=offered,
        accepted=accepted,
        is_override=is_override,
        override_reason=override_reason,
        difference_reason=difference_reason,
        words="",
        decided_by=user.id,
        decided_at=work.now,
    )
    work.seal(decision, "words", words)
    work.session.add(decision)
    work.session.flush()
    said = {name: getattr(decision, name) for name in ("number", "is_override", "override_reason", "difference_reason")}
    record(work, event, "decided", assessments.subject(assessment.id), decision=decision.id, **said)
    return decision


def refuse_outdated(work: Work, kept: StoredRecommendation, assessment: assessments.Assessment, seen: int) -> None:
    """Raises Conflict unless the recommendation is the newest, of the answers that stand, and nobody decided since."""
    standing = latest(work, assessment.id)
    newest = of_assessment(work, assessment.id)[0]
    if kept.version != assessment.version or newest.result_hash != kept.result_hash:
        raise Conflict(Fault("the answers were changed since this recommendation", remedy="Have a new one made."))
    if (standing.number if standing else 0) != seen:
        raise Conflict(Fault("somebody decided in the meantime", remedy="Look at that decision first."))


def outside(kept: StoredRecommendation, ladder: Ladder, indicated: str) -> bool:
    """Whether a level is outside what the rules found.

    Raises NotPermitted while no level may be shown, and below a floor that a red flag sets and no clinician cleared.
    """
    told = kept.told
    if told["bounds"] is None:
        remedy = "Answer the safety questions, or have a clinician clear what holds the level."
        raise NotPermitted(Fault("no level may be shown yet, so none can be decided on", remedy=remedy))
    rank = ladder.level(indicated).rank
    low, high = (ladder.level(told["bounds"][end]).rank for end in ("at_least", "at_most"))
    if rank < low:
        refuse_below_floors(told)
    return not low <= rank <= high


def refuse_below_floors(told: dict[str, object]) -> None:
    flags, entries = told["red_flags"], told.get("cleared", [])
    assert isinstance(flags, list)
    assert isinstance(entries, list)
    gone = {entry["flag"] for entry in entries}
    standing = [f["name"] for f in flags if f["certain"] and f["mode"] == "floor" and f["id"] not in gone]
    if standing:
        remedy = "A clinician has to clear it first, or the level stays."
        raise NotPermitted(
            [Fault("a red flag sets a floor under this level", given=name, remedy=remedy) for name in standing]
        )


def check_reasons(
    is_override: bool, override_reason: str, levels: list[str], difference_reason: str, words: str
) -> None:
    """Raises InputError where a reason is missing, unknown, or stands where there is nothing to give a reason for."""
    told = [level for level in levels if level != OPEN]
    for field, needed, reason, codes in (
        ("override_reason", is_override, override_reason, ABOUT_NEED),
        ("difference_reason", len(set(told)) > 1, difference_reason, DIFFERENCE),
    ):
        if needed and not reason:
            raise InputError(Fault("a reason is needed", field=field, allowed=", ".join(codes), remedy=NEEDED[field]))
        if needed:
            checked(reason, codes, field)
        elif reason:
            raise InputError(Fault("is given although nothing differs", field=field, remedy="Leave it out."))
        if reason in NEEDS_WORDS and not words.strip():
            raise InputError(Fault("this reason needs words", field="words"))


def sign(work: Work, decision_id: str, *, event: Event) -> Decision:
    """Signs the decision that stands. Raises NotPermitted for whoever may not sign, Conflict for any other decision."""
    decision = found(work, Decision, decision_id, lock=True)
    assessment = found(work, assessments.Assessment, decision.assessment_id, lock=True)
    user = users.require(work, event, "decisions.sign", assessment.site)
    kept = get_recommendation(work, decision.recommendation_id)
    standing = latest(work, decision.assessment_id)
    if standing is None or standing.id != decision.id or decision.signed_at or kept.version != assessment.version:
        raise Conflict(Fault("this decision does not stand any more, or is signed", remedy="Look at it again."))
    decision.signed_by, decision.signed_at = user.id, work.now
    decision.signature_key = work.keys.current
    decision.signature = work.keys.mark(USE, content(decision, kept.result_hash), decision.signature_key)
    record(work, event, "decision signed", assessments.subject(decision.assessment_id), decision=decision.id)
    return decision


def signature_holds(work: Work, decision: Decision) -> bool:
    """Whether a signed decision, and the recommendation that it is on, are as they were signed."""
    if decision.signature is None or decision.signature_key not in work.keys.keys:
        return False
    kept = get_recommendation(work, decision.recommendation_id)
    return decision.signature == work.keys.mark(USE, content(decision, kept.result_hash), decision.signature_key)


def content(decision: Decision, result_hash: str) -> bytes:
    """Everything that is signed, as bytes."""
    left_out = {"signature", "words"}
    columns = [column.key for column in Decision.__table__.columns if column.key not in left_out]
    said = {name: str(getattr(decision, name)) for name in columns}
    return json.dumps({**said, "result": result_hash}, sort_keys=True).encode()


def get(work: Work, decision_id: str) -> Decision:
    """A decision. Raises NotFound."""
    return found(work, Decision, decision_id)


def of_assessment_newest_first(work: Work, assessment_id: str) -> list[Decision]:
    """All decisions on an assessment, newest first."""
    query = select(Decision).filter_by(assessment_id=assessment_id).order_by(Decision.number.desc())
    return list(work.session.scalars(query))


def latest(work: Work, assessment_id: str) -> Decision | None:
    """The decision that stands."""
    decisions = of_assessment_newest_first(work, assessment_id)
    return decisions[0] if decisions else None


def words_of(work: Work, decision: Decision) -> str:
    """What was written in free text."""
    return work.unsealed(decision, "words")
