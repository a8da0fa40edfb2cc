"""The reviewer's packet: two printed pages for a payer or programme, every statement traced to an answer."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommender.errors import Fault, NotPermitted
from recommender.explain import Fact
from recommender.store import decisions, disclosures, people, recommendations
from recommender.store.disclosures import NO_NOTICE, NOTICE, PURPOSES
from recommender.web.rendering import page
from recommender.web.visit import Here
from recommender.web.words import load_words

router = APIRouter()


@router.get("/recommendations/{recommendation_id}/packet", name="packet_form")
def packet_form(request: Request, recommendation_id: str, visit: Here) -> Response:
    """Asks to whom it goes and what for, before anything is shown."""
    with visit.desk.store.reading() as work:
        kept, _ = visit.recommendation(work, recommendation_id)
    return page(request, "packet_form.html", kept=kept, purposes=load_words().of("purpose", PURPOSES))


@router.post("/recommendations/{recommendation_id}/packet", name="packet")
def packet(request: Request, recommendation_id: str, visit: Here) -> Response:
    """Keeps the disclosure, then shows the packet for printing. Without a ground for it nothing is shown."""
    form = visit.form
    with visit.desk.store.writing() as work:
        kept, assessment = visit.recommendation(work, recommendation_id)
        if not kept.level_shown:
            raise NotPermitted(Fault("no level may be shown yet, so there is nothing to hand on"))
        recipient, purpose = form.get("recipient", ""), form.get("purpose", "")
        said = {"recipient": recipient, "purpose": purpose, "what": "reviewer packet"}
        disclosure = disclosures.disclose(work, assessment.person_id, event=visit.event, **said)
        who = people.identify(work, [assessment.person_id], event=visit.event, purpose=purpose)[assessment.person_id]
        made, _ = recommendations.compute(work, visit.desk.engine, assessment.id, kept.version)
        decision = decisions.latest(work, assessment.id)
    return page(
        request,
        "packet.html",
        r=made,
        kept=kept,
        who=who,
        recipient=recipient,
        disclosure=disclosure,
        decision=decision,
        notice="" if purpose in NO_NOTICE else NOTICE,
        levels={level.id: level for level in visit.desk.policy.ladder.levels},
        answers_behind=answers_behind,
    )


def answers_behind(facts: Sequence[Fact]) -> list[tuple[str, str]]:
    """The answers that some facts rest on, each once, as people read them."""
    told = dict.fromkeys(answer for fact in facts for answer in fact.answers)
    return [(name.replace("_", " "), words) for name, words in told]
