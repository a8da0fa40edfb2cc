"""Templates into pages. Everything that anybody typed is escaped, wherever it stands."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recommender.policy import NOT_VALIDATED
from recommender.web.card import inline
from recommender.web.words import load_words

TEMPLATES = Path(__file__).parent / "templates"


@functools.cache
def environment() -> Environment:
    """The templates; a name that a page was not given is an error, not a blank."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters["marked"] = inline
    made.globals.update(words=load_words(), statement=NOT_VALIDATED)
    return made


def page(request: Request, template: str, *, status: int = 200, **held: Any) -> HTMLResponse:
    """A page from a template, with who is signed in, if anybody is."""
    visit = getattr(request.state, "visit", None)
    desk = request.app.state.desk
    found = environment().get_template(template)
    content = found.render(visit=visit, desk=desk, path=request.url.path, **held)
    return HTMLResponse(content, status_code=status)
