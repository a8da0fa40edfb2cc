"""A referral: whose it is, what was done, and what can be done next; and how a new one comes in."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommender.errors import Fault, InputError, NotFound
from recommender.store import assessments, consents, decisions, disclosures, people, recommendations, referrals
from recommender.store.people import Identity
from recommender.store.referrals import PRIORITIES, SOURCES, STATUSES
from recommender.store.schema import ID_LENGTH, new_id
from recommender.web.rendering import page
from recommender.web.visit import Here, to
from recommender.web.words import load_words

router = APIRouter()
ONCE = re.compile(f"[0-9a-f]{{{ID_LENGTH}}}")
FIELDS = ("given_name", "family_name", "born", "telephone", "email", "address", "record_number")


@router.get("/referrals/new", name="new_referral")
def new_referral(request: Request) -> Response:
    """The form for a new referral, with the id that it will have: sent twice, it is still one."""
    given = {"once": new_id()}
    return page(request, "new_referral.html", **codes(), given=given, fault=None)


@router.post("/referrals", name="add_referral")
def add_referral(request: Request, visit: Here) -> Response:
    """Adds a person with a referral, and shows it."""
    form = visit.form
    once = form.get("once", "") if ONCE.fullmatch(form.get("once", "")) else new_id()
    try:
        identity = Identity(**{name: form.get(name, "").strip() for name in FIELDS})
        with visit.desk.store.writing() as work:
            if referrals.is_there(work, once):
                return to(f"/referrals/{once}")
            person = people.add(work, identity, visit.user.site, event=visit.event)
            source, priority = form.get("source", ""), form.get("priority", "none")
            made = referrals.add(work, person.id, source=source, priority=priority, id=once, event=visit.event)
    except InputError as error:
        fault = error.faults[0].sentence()
        return page(request, "new_referral.html", status=422, **codes(), given=form, fault=fault)
    return to(f"/referrals/{made.id}")


@router.get("/referrals/{referral_id}", name="referral")
def referral(request: Request, referral_id: str, visit: Here) -> Response:
    """All that belongs to one referral."""
    with visit.desk.store.writing() as work:
        found = visit.referral(work, referral_id)
        who = people.identify(work, [found.person_id], event=visit.event)[found.person_id]
        history = [
            (entry, recommendations.of_assessment(work, entry.id), decisions.latest(work, entry.id))
            for entry in assessments.of_person(work, found.person_id)
        ]
        given = [(entry, consents.recipient_of(work, entry)) for entry in consents.of_person(work, found.person_id)]
        left = [
            (entry, disclosures.recipient_of(work, entry)) for entry in disclosures.of_person(work, found.person_id)
        ]
        now = work.now
    held: dict[str, Any] = {"found": found, "who": who, "history": history, "consents": given, "disclosures": left}
    held["now"] = now
    held["level_names"] = {level.id: level.name for level in visit.desk.policy.ladder.levels}
    return page(request, "referral.html", **codes(), **held)


def codes() -> dict[str, Any]:
    """What can be chosen of a referral and a consent."""
    words = load_words()
    kinds = (("statuses", "status", STATUSES), ("priorities", "priority", PRIORITIES), ("sources", "source", SOURCES))
    return {name: words.of(kind, known) for name, kind, known in (*kinds, ("scopes", "scope", consents.SCOPES))}


@router.post("/referrals/{referral_id}", name="change_referral")
def change_referral(referral_id: str, visit: Here) -> Response:
    """Changes status or priority, unless somebody else did in the meantime."""
    form = visit.form
    with visit.desk.store.writing() as work:
        visit.referral(work, referral_id)
        changed = {name: form[name] for name in ("status", "priority") if form.get(name)}
        referrals.change(work, referral_id, seen=visit.seen, event=visit.event, **changed)
    return to(f"/referrals/{referral_id}")


@router.post("/referrals/{referral_id}/assessments", name="start_assessment")
def start_assessment(referral_id: str, visit: Here) -> Response:
    """Begins an assessment."""
    with visit.desk.store.writing() as work:
        found = visit.referral(work, referral_id)
        begun = assessments.start(work, found.person_id, referral_id=found.id, event=visit.event)
        if found.status == "waiting":
            referrals.change(work, found.id, seen=found.version, status="in_assessment", event=visit.event)
    return to(f"/assessments/{begun.id}")


@router.post("/referrals/{referral_id}/consents", name="consent")
def consent(referral_id: str, visit: Here) -> Response:
    """Writes down a consent."""
    form = visit.form
    with visit.desk.store.writing() as work:
        found = visit.referral(work, referral_id)
        told: dict[str, Any] = {name: form.get(name, "").strip() for name in ("scope", "recipient", "purpose")}
        consents.give(work, found.person_id, event=visit.event, **told)
    return to(f"/referrals/{referral_id}")


@router.post("/referrals/{referral_id}/consents/{consent_id}", name="end_consent")
def end_consent(referral_id: str, consent_id: str, visit: Here) -> Response:
    """Ends a consent from now on. Raises NotFound for one of somebody else."""
    with visit.desk.store.writing() as work:
        found = visit.referral(work, referral_id)
        if consent_id not in {entry.id for entry in consents.of_person(work, found.person_id)}:
            raise NotFound(Fault("there is no such record"))
        consents.revoke(work, consent_id, event=visit.event)
    return to(f"/referrals/{referral_id}")
