"""A stored recommendation computed again: the same byte for byte, or which of its inputs is not what it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from recommender.errors import RecommenderError
from recommender.store import assessments, recommendations
from recommender.store.audit import AuditEntry
from recommender.store.database import Work
from recommender.store.recommendations import Engine, StoredRecommendation, digest

INPUTS = {
    "policy_hash": "the policy",
    "population_hash": "the population that says what is likely",
    "model_hash": "the model",
    "code": "the program",
}


@dataclass(frozen=True)
class Replay:
    """What came out: `same` byte for byte or not, what changed since (in sentences), and the text of today."""

    kept: StoredRecommendation
    same: bool
    changed: tuple[str, ...]
    text: str


def replay(work: Work, engine: Engine, recommendation_id: str) -> Replay:
    """Computes a recommendation again from the stored answers and clearances. Raises NotFound."""
    kept = recommendations.get(work, recommendation_id)
    changed = [*edits(work, kept), *other_inputs(kept, engine)]
    try:
        made, text = recommendations.compute(work, engine, kept.assessment_id, kept.version)
    except RecommenderError as error:
        return Replay(kept, False, (*changed, f"The answers cannot be read or assessed any more: {error}."), "")
    if recommendations.hash_of_answers(engine.policy, made) != kept.answers_hash:
        changed.append(f"The answers at version {kept.version} are not those that it was made of.")
    if text != kept.result and not changed:
        changed.append("No recorded input changed, and yet the result did: this is a fault of the program.")
    return Replay(kept, text == kept.result, tuple(changed), text)


def edits(work: Work, kept: StoredRecommendation) -> Iterator[str]:
    """Whether the stored text is the one that was stored, and that the audit log tells of."""
    if digest(kept.result) != kept.result_hash:
        yield "The stored text was changed after it was stored."
    logged = select(AuditEntry.detail).filter_by(
        subject=assessments.subject(kept.assessment_id), action=recommendations.MADE
    )
    if not any(kept.id in detail and kept.result_hash in detail for detail in work.session.scalars(logged)):
        yield "The audit log does not tell of this recommendation with this text."


def other_inputs(kept: StoredRecommendation, engine: Engine) -> Iterator[str]:
    """The inputs beside the answers that are not what they were."""
    for name, now in engine.inputs.items():
        was = getattr(kept, name)
        if was != now:
            yield f"It was made with another state of {INPUTS[name]}: {was or 'none'}; now {now or 'none'}."
