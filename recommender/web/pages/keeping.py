"""What keeps the store: which key seals, how long the audit log is, and whom to forget by age. Counts alone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from recommender.errors import InputError
from recommender.store import retention
from recommender.store.audit import AuditHead
from recommender.web.rendering import page
from recommender.web.visit import Here, Visit, to

router = APIRouter()


@router.get("/keys", name="keys")
def keys(request: Request, visit: Here) -> Response:
    """The keys by id, never themselves, and the end of the audit log."""
    with visit.desk.store.reading() as work:
        head = work.session.scalars(select(AuditHead)).one()
        held: dict[str, Any] = {"current": work.keys.current, "older": [*work.keys.keys][:-1], "head": head}
    return page(request, "keys.html", **held)


@router.get("/retention", name="retention")
def retained(request: Request, visit: Here, years: str = "", erased: str = "") -> Response:
    """How many people nothing has happened to for so many years."""
    return retention_page(request, visit, years or str(retention.USUAL_YEARS), erased)


def retention_page(request: Request, visit: Visit, years: str, erased: str) -> Response:
    due, fault = 0, ""
    try:
        with visit.desk.store.reading() as work:
            due = len(retention.due(work, number(years)))
    except InputError as error:
        fault = error.faults[0].sentence()
    held: dict[str, Any] = {"years": years, "due": due, "fault": fault, "erased": erased if erased.isdigit() else ""}
    return page(request, "retention.html", status=422 if fault else 200, **held)


@router.post("/retention", name="erase_due")
def erase_due(visit: Here) -> Response:
    """Erases who they are. Asks first how many it is about, and does nothing unless that is still so."""
    years, expected = visit.form.get("years", ""), visit.form.get("expected", "")
    with visit.desk.store.writing() as work:
        still = len(retention.due(work, number(years))) == number(expected)
        count = retention.erase_due(work, number(years), event=visit.event) if still else 0
    return to(f"/retention?years={number(years)}&erased={count}" if still else f"/retention?years={number(years)}")


def number(text: str) -> int:
    """A number that a form holds; -1 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
