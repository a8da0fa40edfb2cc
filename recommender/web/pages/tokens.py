"""Tokens for other programs: made, shown once, and revoked. What a program may do is its scopes, never more."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommender.errors import InputError
from recommender.store import tokens
from recommender.web.rendering import page
from recommender.web.visit import Here, Visit, to

router = APIRouter()


@router.get("/tokens", name="tokens")
def everyone(request: Request, visit: Here) -> Response:
    """All tokens, and the form for a new one."""
    return tokens_page(request, visit)


def tokens_page(request: Request, visit: Visit, *, text: str = "", fault: str = "") -> Response:
    """The page; with the text of a token that was just made, which is shown only here."""
    with visit.desk.store.reading() as work:
        found = [(token, token.holds(work.now)) for token in tokens.everyone(work)]
    held = {"tokens": found, "scopes": tokens.SCOPES, "text": text, "fault": fault}
    return page(request, "tokens.html", status=422 if fault else 200, **held)


@router.post("/tokens", name="make_token")
def make(request: Request, visit: Here) -> Response:
    """Makes a token for a program of this user's site."""
    days, scopes = visit.form.get("days", ""), visit.sent.get("scope", [])
    try:
        with visit.desk.store.writing() as work:
            held = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0
            label, site = visit.form.get("label", ""), visit.user.site
            text, _ = tokens.make(work, label, scopes, site, days=held, event=visit.event)
    except InputError as error:
        return tokens_page(request, visit, fault=error.faults[0].sentence())
    return tokens_page(request, visit, text=text)


@router.post("/tokens/{token_id}", name="revoke_token")
def revoke(token_id: str, visit: Here) -> Response:
    """Ends a token from now on."""
    with visit.desk.store.writing() as work:
        tokens.revoke(work, token_id, event=visit.event)
    return to("/tokens")
