"""The worklist: who waits, how long, and who must not wait longer; with search and filters."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommender.store import Work, assessments, people, recommendations, referrals
from recommender.store.referrals import PRIORITIES, STATUSES, Referral
from recommender.web.rendering import page
from recommender.web.visit import Here, Visit
from recommender.web.words import load_words

router = APIRouter()
DAY, HOUR = 1440, 60


class Line(NamedTuple):
    """One referral as the list shows it."""

    referral: Referral
    name: str
    age: str
    due: str
    late: bool
    status: str
    assessment: str
    standing: str


@router.get("/worklist", name="worklist")
def worklist(request: Request, visit: Here, status: str = "", priority: str = "") -> Response:
    """The referrals of the user's site: those due first, then the longest waiting."""
    with visit.desk.store.writing() as work:
        found = referrals.worklist(work, visit.user.site, status=status if status in STATUSES else None)
        found = [r for r in found if priority not in PRIORITIES or r.priority == priority]
        lines = lines_of(work, visit, found)
    filters = {"status": status, "priority": priority}
    held: dict[str, Any] = {
        "lines": lines,
        **codes(),
        "filters": filters,
        "searched": False,
    }
    return page(request, "worklist.html", **held)


@router.post("/worklist", name="worklist")
def search(request: Request, visit: Here) -> Response:
    """The same for the people that a search finds. Sent in a form, so that no name stands in an address."""
    form = visit.form
    by = {name: form[name].strip() for name in ("family_name", "born", "record_number") if form.get(name, "").strip()}
    with visit.desk.store.writing() as work:
        found = people.search(work, visit.user.site, event=visit.event, **by) if by else []
        of_them = [referral for person in found for referral in referrals.of_person(work, person.id)]
        lines = lines_of(work, visit, of_them)
    filters = {"status": "", "priority": ""}
    held: dict[str, Any] = {
        "lines": lines,
        **codes(),
        "filters": filters,
        "searched": True,
    }
    return page(request, "worklist.html", **held)


def lines_of(work: Work, visit: Visit, found: list[Referral]) -> list[Line]:
    """The referrals with names; who saw them is kept in the audit log."""
    names = people.identify(work, {r.person_id for r in found}, event=visit.event, purpose="worklist") if found else {}
    called = {person: who.name or who.record_number for person, who in names.items()}
    return [line_of(work, referral, called[referral.person_id]) for referral in found]


def line_of(work: Work, referral: Referral, name: str) -> Line:
    assessed = [a for a in assessments.of_person(work, referral.person_id) if a.referral_id == referral.id]
    latest = assessed[0].id if assessed else ""
    made = recommendations.of_assessment(work, latest) if latest else []
    due, late = due_words(referral, work.now)
    standing = made[0].status if made else "begun" if latest else "not_begun"
    age = ago(work.now - referral.received_at)
    return Line(
        referral,
        name,
        age,
        due,
        late,
        load_words()(f"status.{referral.status}"),
        latest,
        load_words()(f"standing.{standing}"),
    )


def codes() -> dict[str, dict[str, str]]:
    """What a referral can be filtered by."""
    words = load_words()
    return {"statuses": words.of("status", STATUSES), "priorities": words.of("priority", PRIORITIES)}


def ago(time: timedelta) -> str:
    """How long, in the largest unit that says enough: `3 days`, `5 hours`, `20 minutes`."""
    words, minutes = load_words(), int(time.total_seconds() // 60)
    if DAY <= minutes < 2 * DAY:
        return words("one_day")
    for size, unit in ((DAY, "days"), (HOUR, "hours")):
        if minutes >= 2 * size:
            return words(unit, count=minutes // size)
    return words("minutes", count=max(minutes, 0))


def due_words(referral: Referral, now: datetime) -> tuple[str, bool]:
    """By when somebody must have been helped, as time left, and whether it has passed."""
    if referral.due_at is None:
        return "", False
    left = referral.due_at - now
    words = load_words()
    if left > timedelta(0):
        return words("time_left", time=ago(left)), False
    return words("time_late", time=ago(-left)), True
