"""Browsers without a screen, over HTTP, on a desk that is served for real."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Client

from recommender.answers import read_text
from recommender.intake import read_intake_file
from recommender.store import assessments
from recommender.web import Desk
from tests.desks import new_desk, served
from tests.stores import INTAKES, PASSWORD, SETUP, Clock

Enter = Callable[[str], tuple[Client, str]]
TYPED = "<script>alert(1)</script>'\"; DROP TABLE people; --"


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Desk:
    return new_desk(tmp_path, clock)


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    with served(desk) as address:
        yield address


@pytest.fixture
def browser(address: str) -> Iterator[Callable[[], Client]]:
    """Gives browsers, each with cookies of its own."""
    opened: list[Client] = []

    def another() -> Client:
        opened.append(Client(base_url=address, follow_redirects=False, timeout=30))
        return opened[-1]

    yield another
    for client in opened:
        client.close()


@pytest.fixture
def client(browser: Callable[[], Client]) -> Client:
    return browser()


@pytest.fixture
def enter(browser: Callable[[], Client]) -> Callable[[str], tuple[Client, str]]:
    """Gives a browser of somebody who has signed in, and the secret of their forms."""

    def signed_in(name: str) -> tuple[Client, str]:
        made = browser()
        assert try_in(made, name).status_code == 303
        return made, secret_in(made.get("/policy").text)

    return signed_in


def secret_in(text: str) -> str:
    found = re.search(r'name="form_secret" value="([^"]+)"', text)
    assert found
    return found[1]


def try_in(client: Client, name: str, password: str = PASSWORD) -> Any:
    form = secret_in(client.get("/sign-in").text)
    return client.post("/sign-in", data={"name": name, "password": password, "form_secret": form, "back": "/"})


def recommended(desk: Desk, client: Client, form: str, **changed: str) -> str:
    """The page of a recommendation that somebody has made."""
    where = client.post("/referrals", data={"form_secret": form, "source": "self", "priority": "none"})
    begun = client.post(f"{where.headers['location']}/assessments", data={"form_secret": form}).headers["location"]
    questionnaire = desk.policy.questionnaire
    answers = dict(read_intake_file(str(INTAKES / "clear_iop.json"), questionnaire).answers)
    answers |= {name: read_text(questionnaire.questions[name], text) for name, text in changed.items()}
    with desk.store.writing() as work:
        assessments.answer(work, begun.split("/")[-1], answers, questionnaire, seen=1, event=SETUP)
    made: str = client.post(f"{begun}/recommendations", data={"form_secret": form}).headers["location"]
    return made
