"""Administration: who may sign in, with what role and at which site. No person's record is seen here."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommender.errors import RecommenderError
from recommender.store import users
from recommender.store.permissions import ROLES
from recommender.web.rendering import page
from recommender.web.visit import Here, Visit, to
from recommender.web.words import load_words

router = APIRouter()


@router.get("/users", name="users")
def everybody(request: Request, visit: Here) -> Response:
    """All users, and the form for a new one."""
    return users_page(request, visit, fault="")


def users_page(request: Request, visit: Visit, *, fault: str) -> Response:
    with visit.desk.store.reading() as work:
        found = users.everybody(work)
    return page(
        request,
        "users.html",
        status=422 if fault else 200,
        users=found,
        roles=load_words().of("role", ROLES),
        fault=fault,
    )


@router.post("/users", name="add_user")
def add(request: Request, visit: Here) -> Response:
    """Adds a user."""
    form = visit.form
    told = {name: form.get(name, "").strip() for name in ("role", "site", "display")}
    try:
        with visit.desk.store.writing() as work:
            users.add(work, form.get("name", ""), form.get("password", ""), event=visit.event, **told)
    except RecommenderError as error:
        return users_page(request, visit, fault=error.faults[0].sentence())
    return to("/users")


@router.post("/users/{user_id}", name="change_user")
def change(request: Request, user_id: str, visit: Here) -> Response:
    """Changes a role or a site, or shuts somebody out; they are signed out everywhere."""
    form = visit.form
    try:
        with visit.desk.store.writing() as work:
            disabled = {"yes": True, "no": False}.get(form.get("disabled", ""))
            changed = {name: form.get(name) or None for name in ("role", "site")}
            users.change(work, user_id, disabled=disabled, event=visit.event, **changed)
    except RecommenderError as error:
        return users_page(request, visit, fault=error.faults[0].sentence())
    return to("/users")
