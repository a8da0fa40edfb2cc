"""Signing in and out, and the first run, in which the first administrator is made."""

from __future__ import annotations

import secrets
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommender.errors import Fault, InputError, NotPermitted
from recommender.store import SETUP, Event, sessions, sign_ins, users
from recommender.store.permissions import ADMINISTRATOR
from recommender.web.armour import BEFORE, COOKIE, forged, set_cookie
from recommender.web.desk import Desk
from recommender.web.rendering import page
from recommender.web.visit import Here, to

router = APIRouter()
HOME = {"coordinator": "/worklist", "clinician": "/worklist", "administrator": "/users", "analyst": "/policy"}


@router.get("/sign-in", name="sign_in")
def sign_in(request: Request, back: str = "/") -> Response:
    """The form; on a desk without users, the first run."""
    with desk_of(request).store.reading() as work:
        if users.is_first_run(work):
            return to("/first-run")
    return with_secret(request, "sign_in.html", back=own_path(back), wait=None, failed=False)


@router.post("/sign-in", name="try_sign_in")
def try_sign_in(request: Request) -> Response:
    """Signs in. Who may have to wait, and whether the name or the password was wrong, nobody is told."""
    check_secret(request)
    desk, form = desk_of(request), request.state.form
    address = request.client.host if request.client else ""
    event = Event("", through="web", request=request.state.request_id)
    attempt = sign_ins.sign_in(desk.store, form.get("name", ""), form.get("password", ""), address=address, event=event)
    back = own_path(form.get("back", "/"))
    if attempt.token is None:
        status = 429 if attempt.wait else 403
        minutes = -(-attempt.wait // timedelta(minutes=1)) if attempt.wait else None
        return with_secret(request, "sign_in.html", status=status, back=back, wait=minutes, failed=True)
    response = to(back)
    set_cookie(response, COOKIE, attempt.token, secure=desk.secure)
    response.delete_cookie(BEFORE)
    return response


@router.post("/sign-out", name="sign_out")
def sign_out(request: Request, visit: Here) -> Response:
    """Ends the session, here and in the database."""
    with visit.desk.store.writing() as work:
        sessions.end(work, request.cookies.get(COOKIE, ""), event=visit.event)
    response = to("/sign-in")
    response.delete_cookie(COOKIE)
    return response


@router.get("/", name="home")
def home(visit: Here) -> Response:
    """To the page that this role works on."""
    return to(HOME[visit.user.role])


@router.get("/first-run", name="first_run")
def first_run(request: Request) -> Response:
    """The form for the first administrator. There is none once somebody can sign in."""
    refuse_second_run(request)
    return with_secret(request, "first_run.html", fault=None, name="", site="")


@router.post("/first-run", name="set_up")
def set_up(request: Request) -> Response:
    """Makes the first administrator."""
    check_secret(request)
    refuse_second_run(request)
    form = request.state.form
    name, site = form.get("name", ""), form.get("site", "").strip() or "main"
    try:
        with desk_of(request).store.writing() as work:
            if not users.is_first_run(work):
                raise NotPermitted(Fault("somebody was faster"))
            users.add(work, name, form.get("password", ""), role=ADMINISTRATOR, site=site, event=Event(SETUP))
    except InputError as error:
        fault = error.faults[0].sentence()
        return with_secret(request, "first_run.html", status=422, fault=fault, name=name, site=site)
    return to("/sign-in")


def refuse_second_run(request: Request) -> None:
    with desk_of(request).store.reading() as work:
        if not users.is_first_run(work):
            raise NotPermitted(Fault("this desk is set up already", remedy="Sign in."))


# ------------------------------------------------------------------------------------------- forms before a session
def with_secret(request: Request, template: str, *, status: int = 200, **held: object) -> Response:
    """A page with a form for somebody without a session: its secret stands in a cookie as well."""
    secret = secrets.token_urlsafe(16)
    response = page(request, template, status=status, secret=secret, **held)
    set_cookie(response, BEFORE, secret, secure=desk_of(request).secure)
    return response


def check_secret(request: Request) -> None:
    given, expected = request.state.form.get("form_secret", ""), request.cookies.get(BEFORE, "")
    if not expected or forged(expected, given):
        raise NotPermitted(Fault("this form is too old", remedy="Go back to the sign-in page and try again."))


def own_path(path: str) -> str:
    """A path on this desk; the first page for anything that leads elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk
