"""The result: the level with its reasons, as the report shows it, and what can be done with it next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommender.errors import Fault
from recommender.recommendation import Recommendation
from recommender.report.html import report_body
from recommender.store import Work, assessments, clearances, decisions, recommendations
from recommender.store.assessments import Assessment
from recommender.store.reasons import ABOUT_NEED, CLEARANCE, DIFFERENCE
from recommender.store.recommendations import StoredRecommendation, issue
from recommender.web.answering import said
from recommender.web.rendering import page
from recommender.web.visit import Here, Visit, to
from recommender.web.words import load_words

router = APIRouter()
# What a decision says.
DECIDED = ("indicated", "offered", "accepted", "override_reason", "difference_reason", "words")


@router.post("/assessments/{assessment_id}/recommendations", name="issue")
def make(assessment_id: str, visit: Here) -> Response:
    """Makes a recommendation of the answers as they stand, keeps it, and shows it."""
    with visit.desk.store.reading() as work:
        visit.assessment(work, assessment_id)
    _, kept = issue(visit.desk.store, visit.desk.engine, assessment_id, event=visit.event)
    return to(f"/recommendations/{kept.id}")


@router.get("/recommendations/{recommendation_id}", name="result")
def result(request: Request, recommendation_id: str, visit: Here) -> Response:
    """The page of one recommendation as it was given."""
    return result_page(request, visit, recommendation_id, {}, ())


def result_page(
    request: Request, visit: Visit, recommendation_id: str, typed: Mapping[str, str], faults: Sequence[Fault]
) -> Response:
    """The same, with what was filled in of a decision and what is wrong with it."""
    with visit.desk.store.reading() as work:
        kept, assessment = visit.recommendation(work, recommendation_id)
        made, text = recommendations.compute(work, visit.desk.engine, assessment.id, kept.version)
        decision = decisions.latest(work, assessment.id)
        held: dict[str, Any] = {
            "kept": kept,
            "assessment": assessment,
            "current": recommendations.is_current(work, kept, visit.desk.engine),
            "same": text == kept.result,
            "report": report_body(made, shown=kept.level_shown),
            "holding": holding(work, visit, assessment, made, kept),
            "decision": decision,
            "decision_words": decisions.words_of(work, decision) if decision else "",
            "moved": moved(work, visit, assessment, kept),
            "unconfirmed": unconfirmed(work, visit, kept),
            "changes": changes(work, visit, assessment, kept),
        }
    held |= {"typed": typed, "faults": {fault.field: fault.message() for fault in faults}}
    levels = visit.desk.policy.ladder.levels
    reasons: dict[str, Any] = {
        "about_need": load_words().of("difference", sorted(ABOUT_NEED)),
        "difference": load_words().of("difference", DIFFERENCE),
        "level_names": {level.id: level.name for level in levels},
    }
    status = 422 if faults else 200
    return page(
        request,
        "result.html",
        status=status,
        levels=levels,
        clearance=load_words().of("clearance", CLEARANCE),
        **reasons,
        **held,
    )


def changes(work: Work, visit: Visit, assessment: Assessment, kept: StoredRecommendation) -> list[tuple[str, str, str]]:
    """For a reassessment, the questions that have another answer now: words, then and now."""
    if assessment.earlier_id is None:
        return []
    policy = visit.desk.policy
    questions = policy.questionnaire.questions
    before = assessments.answers_in(assessments.in_force(work, assessment.earlier_id), policy.questionnaire)
    now = assessments.intake(work, assessment.id, policy, kept.version).answers
    both = [name for name in questions if name in before and name in now and before[name] != now[name]]
    return [(questions[n].text, said(questions[n], before[n]), said(questions[n], now[n])) for n in both]


def unconfirmed(work: Work, visit: Visit, kept: StoredRecommendation) -> int:
    """How many answers that count were carried forward and not confirmed."""
    policy = visit.desk.policy
    rows = assessments.in_force(work, kept.assessment_id, kept.version)
    carried = assessments.carried_forward(rows, policy.questionnaire)
    return len(carried.keys() - set(policy.safety_questions))


def holding(
    work: Work, visit: Visit, assessment: Assessment, made: Recommendation, kept: StoredRecommendation
) -> list[tuple[str, str]]:
    """The red flags that keep the level back and that a clinician could clear: id and name."""
    cleared = clearances.standing(work, visit.desk.policy, assessment.id, kept.version)
    up = [flag for flag in made.red_flags if flag.certain and flag.mode in ("hold", "floor")]
    return [(flag.id, flag.name) for flag in up if flag.id not in cleared]


def moved(work: Work, visit: Visit, assessment: Assessment, kept: StoredRecommendation) -> str:
    """For a reassessment, how the level stands to the one before: `up`, `down`, `same`; nothing where unknown."""
    if assessment.earlier_id is None or not kept.level_shown:
        return ""
    earlier = recommendations.of_assessment(work, assessments.get(work, assessment.earlier_id).id)
    if not earlier or not earlier[0].level_shown:
        return ""
    ladder = visit.desk.policy.ladder
    was, now = (ladder.level(r.told["bounds"]["at_least"]).rank for r in (earlier[0], kept))
    return "up" if now > was else "down" if now < was else "same"
