"""The models of the registry: which there are, what stands on their cards, and their reports."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommender.errors import Fault, NotFound
from recommender.registry import Shelf, Version
from recommender.registry.finding import names_in
from recommender.web.card import card_html
from recommender.web.rendering import page
from recommender.web.visit import Here, Visit

router = APIRouter()
CARD, REPORT = "card.md", "report.html"
# A report is a page of its own, with its own style and pictures, and without any script.
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"


@router.get("/models", name="models")
def models(request: Request, visit: Here) -> Response:
    """Every model with its versions, and which is in force since when."""
    folder = visit.desk.models
    shelves = [Shelf(folder, name) for name in names_in(folder)]
    held = [(shelf.name, shelf.versions(), shelf.log.in_force(), shelf.log.periods()) for shelf in shelves]
    return page(request, "models.html", models=held)


@router.get("/models/{name}/{number}", name="model")
def model(request: Request, name: str, number: str, visit: Here) -> Response:
    """The card of one version."""
    version = version_of(visit, name, number)
    card = card_html(version.content(CARD).decode("utf-8", errors="replace"), label=version.label)
    return page(request, "model.html", label=version.label, name=name, number=number, card=card)


@router.get("/models/{name}/{number}/report", name="model_report")
def model_report(name: str, number: str, visit: Here) -> Response:
    """The report of one version, as it was released."""
    content = version_of(visit, name, number).content(REPORT)
    return Response(content, media_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})


def version_of(visit: Visit, name: str, number: str) -> Version:
    """A version that is there. Raises NotFound, and Tampered where it is not as it was released."""
    folder = visit.desk.models
    if name not in names_in(folder) or number not in Shelf(folder, name).versions():
        raise NotFound(Fault("there is no such model"))
    return Shelf(folder, name).version(number)
