"""One request of one user: who they are, what they may see, and how what they do is told to the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from recommender.errors import Fault, NotFound, NotPermitted
from recommender.store import Event, Work, assessments, permissions, recommendations, referrals, sessions
from recommender.store.assessments import Assessment
from recommender.store.recommendations import StoredRecommendation
from recommender.store.referrals import Referral
from recommender.store.sessions import SignedIn
from recommender.store.users import User
from recommender.web.armour import COOKIE, forged
from recommender.web.caller import let_in
from recommender.web.desk import Desk
from recommender.web.doors import DOORS, OPEN, PROGRAM, SIGNED_IN

SAFE = ("GET", "HEAD")
Sent = Mapping[str, list[str]]
Row = TypeVar("Row", Assessment, Referral)


@dataclass(frozen=True, eq=False)
class Visit:
    """A request of somebody who is signed in. `sent` is what they filled in: all that a form holds under a name."""

    desk: Desk
    user: User
    session: SignedIn
    event: Event
    sent: Sent

    @property
    def form(self) -> Mapping[str, str]:
        """What they filled in, one text a name."""
        return last_of(self.sent)

    @property
    def seen(self) -> int:
        """The version that the form was filled in on; 0 for what is none, which no record has."""
        text = self.form.get("seen", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def may(self, permission: str, site: str | None = None) -> bool:
        """Whether this user may do something to records of a site."""
        return permissions.may(self.user, permission, site)

    def assessment(self, work: Work, assessment_id: str) -> Assessment:
        """An assessment of the user's own site. Raises NotFound for any other, so that nobody can try ids."""
        return self.own(assessments.get(work, assessment_id))

    def referral(self, work: Work, referral_id: str) -> Referral:
        """A referral of the user's own site. Raises NotFound."""
        return self.own(referrals.get(work, referral_id))

    def recommendation(self, work: Work, recommendation_id: str) -> tuple[StoredRecommendation, Assessment]:
        """A recommendation of the user's own site, and its assessment. Raises NotFound."""
        kept = recommendations.get(work, recommendation_id)
        return kept, self.assessment(work, kept.assessment_id)

    def own(self, row: Row) -> Row:
        if row.site != self.user.site:
            raise NotFound(Fault("there is no such record"))
        return row


class Turned(HTTPException):
    """Sends the browser elsewhere instead of answering."""

    def __init__(self, target: str) -> None:
        super().__init__(303, headers={"Location": target})


async def guard(request: Request) -> None:
    """Lets a request through its door, or does not. Called for every route, before anything else."""
    permission = DOORS.get(request.scope["route"].name)
    if permission is None:
        raise NotPermitted(Fault("this page is shut"))
    if permission.startswith(PROGRAM):
        request.state.caller = await run_in_threadpool(let_in, request, permission.removeprefix(PROGRAM))
        return
    request.state.sent = await sent(request)
    request.state.form = last_of(request.state.sent)
    if permission == OPEN:
        return
    visit = await run_in_threadpool(visit_of, request)
    # Also for the page that says no: whoever is turned away still finds the way out.
    request.state.visit = visit
    if request.method not in SAFE and forged(visit.session.form_secret, visit.form.get("form_secret", "")):
        raise NotPermitted(Fault("this form is from another session", remedy="Open the page again and repeat it."))
    if permission != SIGNED_IN:
        permissions.require(visit.user, permission)


async def sent(request: Request) -> Sent:
    """What a form holds, files left out."""
    found: dict[str, list[str]] = {}
    if request.method not in SAFE:
        for name, value in (await request.form()).multi_items():
            if isinstance(value, str):
                found.setdefault(name, []).append(value)
    return found


def last_of(sent: Sent) -> dict[str, str]:
    """One text a name: of several the last."""
    return {name: texts[-1] for name, texts in sent.items()}


def visit_of(request: Request) -> Visit:
    """Who this is. Sends to the sign-in page whoever is nobody, and brings them back here."""
    desk: Desk = request.app.state.desk
    token = request.cookies.get(COOKIE, "")
    with desk.store.reading() as work:
        known = sessions.look_up(work, token) if token else None
    if known is None:
        back = request.url.path if request.method in SAFE else "/"
        raise Turned(f"/sign-in?back={back}")
    session, user = known
    sessions.see(desk.store, session)
    event = Event(user.id, through="web", request=request.state.request_id)
    return Visit(desk, user, session, event, request.state.sent)


def visit_in(request: Request) -> Visit:
    """The visit that a page is asked in."""
    found: Visit = request.state.visit
    return found


# What every page behind a door takes.
Here = Annotated[Visit, Depends(visit_in)]


def to(path: str) -> Response:
    """After something was done: look at the result, so that going back or reloading does nothing twice."""
    return RedirectResponse(path, status_code=303)
