"""Recommendations as they were given: the exact text, and every input that it takes to compute it again.

A recommendation is made outside of any transaction, because it takes a while, and kept only if nothing that it rests on
was changed meanwhile. What is kept is never changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from recommender.contradictions import check_intake
from recommender.errors import Conflict, Fault
from recommender.intake import FaultyIntake, Intake, write_intake
from recommender.likely import Population
from recommender.policy import Policy
from recommender.recommendation import Recommendation, as_json, recommend
from recommender.store import assessments, clearances
from recommender.store.audit import Event, record
from recommender.store.clearances import Clearance
from recommender.store.code_version import code_version
from recommender.store.database import Store, Work
from recommender.store.found import found
from recommender.store.schema import Base, Code, Hash, Id, new_id

if TYPE_CHECKING:
    from recommender.glass_box import GlassBox

# The audit log's word for it.
MADE = "recommendation made"


@dataclass(frozen=True)
class Engine:
    """What turns answers into a recommendation: the policy, the population that says what is likely, and a model."""

    policy: Policy
    population: Population | None = None
    model: GlassBox | None = None

    @property
    def inputs(self) -> dict[str, str]:
        """The hashes of all that a recommendation rests on beside the answers."""
        return {
            "policy_hash": self.policy.hash,
            "population_hash": self.population.hash if self.population else "",
            "model_hash": self.model.hash if self.model else "",
            "code": code_version(),
        }


class StoredRecommendation(Base):
    """One recommendation. `result` is the text that `recommender assess --format json` prints for these answers."""

    __tablename__ = "recommendations"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    assessment_id: Mapped[str] = mapped_column(Id, ForeignKey("assessments.id"), index=True)
    version: Mapped[int]
    answers_hash: Mapped[str] = mapped_column(Hash)
    policy_hash: Mapped[str] = mapped_column(Hash)
    population_hash: Mapped[str] = mapped_column(Hash)
    model_hash: Mapped[str] = mapped_column(Hash)
    code: Mapped[str]
    status: Mapped[str] = mapped_column(Code)
    result: Mapped[str]
    result_hash: Mapped[str] = mapped_column(Hash)
    made_by: Mapped[str] = mapped_column(Code)
    made_at: Mapped[datetime]

    @property
    def told(self) -> dict[str, Any]:
        """The result as data."""
        told: dict[str, Any] = json.loads(self.result)
        return told

    @property
    def level_shown(self) -> bool:
        """Whether a level may be shown: none is held back, or a clinician has cleared what held it."""
        return self.told["bounds"] is not None


def issue(
    store: Store, engine: Engine, assessment_id: str, *, event: Event
) -> tuple[Recommendation, StoredRecommendation]:
    """Makes a recommendation of the answers as they stand, keeps it, and gives it as an object and as it was kept.

    Raises FaultyIntake where answers contradict each other (unless it is an emergency), Conflict where somebody changed
    the assessment while it was made. Takes no lock while it computes; call it outside of any transaction.
    """
    with store.reading() as work:
        assessment = assessments.get(work, assessment_id)
        version = assessment.version
        made, text = compute(work, engine, assessment_id, version)
        answers_hash = hash_of_answers(engine.policy, made)
    with store.writing() as work:
        now = found(work, assessments.Assessment, assessment_id, lock=True)
        if now.version != version:
            raise Conflict(Fault("somebody changed the assessment in the meantime", remedy="Ask for it again."))
        kept = StoredRecommendation(
            id=new_id(),
            assessment_id=assessment_id,
            version=version,
            answers_hash=answers_hash,
            status=made.status,
            result=text,
            result_hash=digest(text),
            made_by=event.actor,
            made_at=work.now,
            **engine.inputs,
        )
        work.session.add(kept)
        work.session.flush()
        said = {"recommendation": kept.id, "version": version, "result": kept.result_hash, "policy": kept.policy_hash}
        record(work, event, MADE, assessments.subject(assessment_id), **said)
    return made, kept


def get(work: Work, recommendation_id: str) -> StoredRecommendation:
    """A recommendation as it was kept. Raises NotFound."""
    return found(work, StoredRecommendation, recommendation_id)


def of_assessment(work: Work, assessment_id: str) -> list[StoredRecommendation]:
    """The recommendations made of an assessment, newest first."""
    query = select(StoredRecommendation).filter_by(assessment_id=assessment_id)
    # By version first: two can have been made in the same tick of a clock.
    newest_first = (StoredRecommendation.version.desc(), StoredRecommendation.made_at.desc(), StoredRecommendation.id)
    return list(work.session.scalars(query.order_by(*newest_first)))


def is_current(work: Work, kept: StoredRecommendation, engine: Engine) -> bool:
    """Whether the answers, the clearances and the policy are still those that it was made of."""
    version = assessments.get(work, kept.assessment_id).version
    return version == kept.version and kept.policy_hash == engine.policy.hash


# ----------------------------------------------------------------------------------------------------------- computing
def compute(work: Work, engine: Engine, assessment_id: str, version: int) -> tuple[Recommendation, str]:
    """The recommendation of the answers and clearances at a version, and its text."""
    policy = engine.policy
    intake = assessments.intake(work, assessment_id, policy, version)
    made = recommend(policy, intake.answers, id=assessment_id, population=engine.population, model=engine.model)
    faults = check_intake(policy.questionnaire, intake.answers)
    if faults and made.status != "blocked":
        raise FaultyIntake(faults, intake.answers)
    counted = clearances.standing(work, policy, assessment_id, version)
    return made, as_text(made, counted)


def as_text(made: Recommendation, counted: Mapping[str, Clearance]) -> str:
    """The result as text. Where clearances count, the level is told although it was held, with who cleared what."""
    up = {flag.id for flag in made.red_flags if flag.certain}
    said = [plain(clearance) for flag, clearance in sorted(counted.items()) if flag in up]
    told = as_json(made, for_clinician=is_released(made, counted))
    if said:
        told["cleared"] = said
    return json.dumps(told, indent=2, ensure_ascii=False)


def is_released(made: Recommendation, counted: Mapping[str, Clearance]) -> bool:
    """Whether every flag that holds the level was cleared and no safety question is open."""
    holding = {flag.id for flag in made.red_flags if flag.certain and flag.stops}
    return made.status == "held" and holding <= counted.keys() and not made.safety_unanswered


def plain(clearance: Clearance) -> dict[str, str]:
    """A clearance as the result tells it; the clinician's own words stay sealed."""
    at = clearance.cleared_at.isoformat()
    return {
        "flag": clearance.flag,
        "reason": clearance.reason,
        "by": clearance.cleared_by,
        "at": at,
        "id": clearance.id,
    }


def hash_of_answers(policy: Policy, made: Recommendation) -> str:
    """The hash of the answers in the form of an intake file."""
    return digest(write_intake(policy.questionnaire, Intake(made.id, "", made.answers)))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
