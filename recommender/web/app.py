"""The application: its parts put together."""

from __future__ import annotations

from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles

from recommender.report.html import STYLE
from recommender.web import api, armour
from recommender.web.counters import Counters
from recommender.web.desk import Desk
from recommender.web.limits import Limits
from recommender.web.pages import ROUTERS
from recommender.web.visit import guard

STATIC = Path(__file__).parent / "static"


def create_app(desk: Desk) -> FastAPI:
    """The desk as an application for any ASGI server."""
    app = FastAPI(title="recommender", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(guard)])
    app.state.desk = desk
    armour.put_on(app)
    app.add_middleware(Limits)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_api_route("/report.css", report_style, name="static", include_in_schema=False)
    app.add_api_route("/healthz", health, name="health", include_in_schema=False)
    app.add_api_route("/metrics", metrics, name="metrics", include_in_schema=False)
    app.include_router(api.router)
    for router in ROUTERS:
        app.include_router(router)
    return app


def report_style() -> Response:
    """The style of a person's report, as a file of its own: pages hold no style."""
    return Response(STYLE.replace("body {", ".report {"), media_type="text/css")


def health() -> PlainTextResponse:
    """Whether the desk answers at all."""
    return PlainTextResponse("ok\n")


def metrics(request: Request) -> PlainTextResponse:
    """Counts of requests, for Prometheus."""
    counters: Counters = request.app.state.desk.counters
    return PlainTextResponse(counters.text(), media_type="text/plain; version=0.0.4")
