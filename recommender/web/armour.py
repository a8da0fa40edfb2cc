"""What protects every page: headers, cookies, secrets in forms, and a page for what went wrong."""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from recommender.errors import Conflict, ContentError, InputError, NotFound, NotPermitted, RecommenderError
from recommender.web.rendering import page

COOKIE, BEFORE = "desk", "before"
API = "/api/"
LOG = logging.getLogger("recommender.web")
HEADERS = {
    # No script, style or picture but our own files; nobody may put the pages into a frame.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
STATUS: tuple[tuple[type[RecommenderError], int], ...] = (
    (Conflict, 409),
    (NotPermitted, 403),
    (NotFound, 404),
    (InputError, 422),
    (ContentError, 422),
)


def put_on(app: FastAPI) -> None:
    """Adds the headers, the log and the pages about faults to an application."""

    @app.middleware("http")
    async def with_headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        request.state.request_id = secrets.token_hex(8)
        began = time.perf_counter()
        response = await go_on(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.url.path.startswith("/static/"):
            response.headers["Cache-Control"] = "public, max-age=3600"
        tell(request, response.status_code, time.perf_counter() - began)
        return response

    @app.exception_handler(RecommenderError)
    async def as_page(request: Request, error: RecommenderError) -> Response:
        status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
        if request.url.path.startswith(API):
            return JSONResponse({"faults": [{"field": f.field, "message": f.message()} for f in error.faults]}, status)
        sentences = [fault.sentence() for fault in error.faults]
        return page(request, "fault.html", status=status, kind=error.kind, sentences=sentences)


def tell(request: Request, status: int, seconds: float) -> None:
    """One line of JSON: which page by its name, never by its address, and nothing that anybody typed."""
    route = request.scope.get("route")
    name = getattr(route, "name", "none")
    told = {"route": name, "method": request.method, "status": status, "ms": round(1000 * seconds, 1)}
    request.app.state.desk.counters.count(name, request.method, status, seconds)
    LOG.info(json.dumps({**told, "request": request.state.request_id}))


def forged(expected: str, given: str) -> bool:
    """Whether a form does not hold the secret of its session."""
    return not hmac.compare_digest(expected.encode(), given.encode())


def set_cookie(response: Response, name: str, value: str, *, secure: bool) -> None:
    """A cookie that no script can read, and that no other site can have sent."""
    response.set_cookie(name, value, httponly=True, secure=secure, samesite="strict", path="/")
