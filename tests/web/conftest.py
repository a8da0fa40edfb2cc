"""A real browser on a real server. Skipped, with the reason, where there is no Chromium or no driver for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from recommender.web import Desk
from tests.desks import new_desk, served
from tests.stores import PASSWORD, Clock

playwright = pytest.importorskip("playwright.sync_api", reason="pages are tested with Playwright, which is not there")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Where to put pictures for the documentation, if anywhere: RECOMMENDER_PICTURES=docs/pictures.
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PICTURES = os.environ.get("RECOMMENDER_PICTURES")


def check(page: Any) -> None:
    """No fault of accessibility that can be found by a program."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=WCAG)
    told = [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in found.response["violations"] for n in v["nodes"]]
    assert told == [], f"{page.url}: {told}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, or another one on the path."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Desk:
    return new_desk(tmp_path, clock)


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    with served(desk) as address:
        yield address


@pytest.fixture
def sign_in(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Gives a page of somebody who has signed in, in a browser of their own."""
    contexts: list[Any] = []

    def signed_in(name: str, **settings: Any) -> Any:
        settings = {"base_url": address, "viewport": {"width": 1100, "height": 900}, **settings}
        context = browser.new_context(**settings)
        contexts.append(context)
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield signed_in
    for context in contexts:
        context.close()


@pytest.fixture
def picture() -> Callable[[Any, str], None]:
    """Keeps a picture of a page where pictures are asked for."""

    def take(page: Any, name: str) -> None:
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)

    return take
