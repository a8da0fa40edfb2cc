"""Another program that calls the API: its token, and how often it may ask."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from recommender.store import Event, tokens
from recommender.store.tokens import Token
from recommender.web.desk import Desk

BEARER = "bearer "


@dataclass(frozen=True)
class Caller:
    """A request of a program whose token has the scope that is needed."""

    desk: Desk
    token: Token
    event: Event

    @property
    def owner(self) -> str:
        """Whose batches these are: a program sees those of its own token alone."""
        return tokens.subject(self.token.id)


class Unknown(HTTPException):
    """A request without a token that holds."""

    def __init__(self) -> None:
        super().__init__(401, "no token that holds was sent", {"WWW-Authenticate": "Bearer"})


def let_in(request: Request, scope: str) -> Caller:
    """The caller. Raises HTTPException 401 without a token, 429 for one too fast, 403 for one without the scope.

    Each use is an event of the audit log.
    """
    desk: Desk = request.app.state.desk
    sent = request.headers.get("authorization", "")
    text = sent[len(BEARER) :].strip() if sent[: len(BEARER)].lower() == BEARER else ""
    with desk.store.reading() as work:
        token = tokens.look_up(work, text) if text else None
    if token is None:
        raise Unknown
    wait = desk.api_pace.wait(token.id)
    if wait:
        raise HTTPException(429, "too many requests", {"Retry-After": str(math.ceil(wait))})
    if not token.may(scope):
        raise HTTPException(403, f"this token has not the scope `{scope}`")
    event = Event(tokens.subject(token.id), through="api", request=request.state.request_id)
    with desk.store.writing() as work:
        tokens.used(work, token, scope, event=event)
    return Caller(desk, token, event)


def caller_in(request: Request) -> Caller:
    """The caller of a request that came through its door."""
    found: Caller = request.state.caller
    return found


# What every function of the API takes.
Calling = Annotated[Caller, Depends(caller_in)]
