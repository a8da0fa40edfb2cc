"""A clinician clears a red flag that holds or raises the level, with a reason."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from recommender.store import clearances
from recommender.store.recommendations import issue
from recommender.web.visit import Here, to

router = APIRouter()


@router.post("/assessments/{assessment_id}/clearances", name="clear")
def clear(assessment_id: str, visit: Here) -> Response:
    """Clears one flag, and has the recommendation made anew, since it rests on what was cleared."""
    form = visit.form
    with visit.desk.store.writing() as work:
        visit.assessment(work, assessment_id)
        told = {name: form.get(name, "").strip() for name in ("flag", "reason", "words")}
        clearances.clear(work, visit.desk.policy, assessment_id, seen=visit.seen, event=visit.event, **told)
    _, kept = issue(visit.desk.store, visit.desk.engine, assessment_id, event=visit.event)
    return to(f"/recommendations/{kept.id}")
