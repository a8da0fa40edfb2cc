"""The decision: what is indicated, what was offered, what was accepted, and why they differ; and the signature."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommender.errors import InputError
from recommender.store import decisions, referrals
from recommender.web.pages.result import DECIDED, result_page
from recommender.web.visit import Here, to

router = APIRouter()


@router.post("/recommendations/{recommendation_id}/decisions", name="decide")
def decide(request: Request, recommendation_id: str, visit: Here) -> Response:
    """Writes a decision down; what is missing is said at the form, with all that was filled in."""
    told = {name: visit.form.get(name, "").strip() for name in DECIDED}
    try:
        with visit.desk.store.writing() as work:
            kept, _ = visit.recommendation(work, recommendation_id)
            decisions.decide(work, visit.desk.policy.ladder, kept.id, seen=visit.seen, event=visit.event, **told)
    except InputError as error:
        return result_page(request, visit, recommendation_id, told, error.faults)
    return to(f"/recommendations/{recommendation_id}#decision")


@router.post("/decisions/{decision_id}/signature", name="sign")
def sign(decision_id: str, visit: Here) -> Response:
    """Signs the decision that stands, and closes the assessment's part of the referral."""
    with visit.desk.store.writing() as work:
        decision = decisions.get(work, decision_id)
        assessment = visit.assessment(work, decision.assessment_id)
        decisions.sign(work, decision_id, event=visit.event)
        if assessment.referral_id is not None:
            referral = referrals.get(work, assessment.referral_id)
            referrals.change(work, referral.id, seen=referral.version, status="decided", event=visit.event)
    return to(f"/recommendations/{decision.recommendation_id}#decision")
