"""The rules in force: in words, with their hash, and whether they are proved."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommender.certificate import certificate_for
from recommender.web.rendering import page
from recommender.web.visit import Here
from recommender.web.words import load_words

router = APIRouter()


@router.get("/policy", name="policy")
def policy(request: Request, visit: Here) -> Response:
    """Every rule: its sentence, its source, and since when it holds."""
    found = visit.desk.policy
    parts = [
        (load_words()("red_flags"), [(flag.rule, flag.name) for flag in found.red_flags]),
        *[(area.title, [(rule, "") for rule in area.rules]) for area in found.areas],
        (load_words()("placement"), [(rule, "") for rule in found.placement]),
    ]
    certificate = certificate_for(found)
    return page(request, "policy.html", policy=found, parts=parts, proved=certificate.line() if certificate else "")
