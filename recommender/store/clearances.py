"""Red flags that a clinician has cleared, with a reason. A clearance holds for what was known when it was given.

As soon as an answer behind the flag changes, or the policy does, it lapses and a clinician has to look again. A flag
that blocks is never cleared: emergencies are treated, not overruled. Clearing a flag changes no rule and no level: it
lets a level be shown that a flag kept back, and lets a decision go below a floor. It gives the assessment a new
version, so that a recommendation always rests on one version alone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from recommender.errors import Conflict, Fault, InputError, NotPermitted
from recommender.interview import Interview
from recommender.policy import Policy, RedFlag
from recommender.store import assessments, users
from recommender.store.audit import Event, record
from recommender.store.database import Work
from recommender.store.found import checked, found
from recommender.store.reasons import CLEARANCE, NEEDS_WORDS
from recommender.store.schema import Base, Code, Hash, Id, Sealed, new_id


class Clearance(Base):
    """One flag cleared by one clinician. `version` of the assessment is the one that the clearance made."""

    __tablename__ = "clearances"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    assessment_id: Mapped[str] = mapped_column(Id, ForeignKey("assessments.id"), index=True)
    version: Mapped[int]
    policy_hash: Mapped[str] = mapped_column(Hash)
    flag: Mapped[str] = mapped_column(Code)
    mode: Mapped[str] = mapped_column(Code)
    reason: Mapped[str] = mapped_column(Code)
    words: Mapped[str] = mapped_column(Sealed)
    cleared_by: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    cleared_at: Mapped[datetime]


def clear(
    work: Work,
    policy: Policy,
    assessment_id: str,
    flag: str,
    *,
    seen: int,
    reason: str,
    words: str = "",
    event: Event,
) -> Clearance:
    """Clears a flag that is up.

    Raises NotPermitted for a flag that blocks, and for whoever may not clear any; Conflict where the assessment was
    changed since version `seen`.
    """
    assessment = found(work, assessments.Assessment, assessment_id, lock=True)
    user = users.require(work, event, "holds.clear", assessment.site)
    if assessment.version != seen:
        raise Conflict(Fault("the assessment was changed in the meantime", remedy="Look at it again, then clear."))
    cleared = clearable(work, policy, assessment_id, flag)
    checked(reason, CLEARANCE, "reason")
    if reason in NEEDS_WORDS and not words.strip():
        raise InputError(Fault("this reason needs words", field="words"))
    assessment.version += 1
    clearance = Clearance(
        id=new_id(),
        assessment_id=assessment_id,
        version=assessment.version,
        policy_hash=policy.hash,
        flag=flag,
        mode=cleared.mode,
        reason=reason,
        words="",
        cleared_by=user.id,
        cleared_at=work.now,
    )
    work.seal(clearance, "words", words)
    work.session.add(clearance)
    work.session.flush()
    record(
        work,
        event,
        "red flag cleared",
        assessments.subject(assessment_id),
        flag=flag,
        reason=reason,
        version=clearance.version,
    )
    return clearance


def clearable(work: Work, policy: Policy, assessment_id: str, flag: str) -> RedFlag:
    """The flag, if it is up and may be cleared."""
    answers = assessments.intake(work, assessment_id, policy).answers
    up = {f.id: f for f in Interview(policy, answers).flags}
    if flag not in up:
        raise InputError(Fault("this red flag is not up", field="flag", given=flag, allowed=", ".join(up) or "none"))
    if up[flag].mode == "block":
        remedy = "Once the emergency is over, ask the safety questions again."
        raise NotPermitted(Fault("an emergency cannot be cleared", remedy=remedy))
    return up[flag]


def standing(work: Work, policy: Policy, assessment_id: str, version: int) -> dict[str, Clearance]:
    """The clearances by flag that held at a version of the assessment: nothing that they rest on was changed since."""
    query = select(Clearance).filter_by(assessment_id=assessment_id, policy_hash=policy.hash)
    query = query.where(Clearance.version <= version).order_by(Clearance.version)
    rows = assessments.in_force(work, assessment_id, version)
    holding: dict[str, Clearance] = {}
    for clearance in work.session.scalars(query):
        if assessments.newest_behind(rows, policy, clearance.flag) <= clearance.version:
            holding[clearance.flag] = clearance
    return holding


def words_of(work: Work, clearance: Clearance) -> str:
    """What the clinician wrote."""
    return work.unsealed(clearance, "words")
