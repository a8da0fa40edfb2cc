"""What many tests need: the packaged policy, loaded once; real public data where at hand; a store on either kind."""

from __future__ import annotations

import csv
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from recommender.answers import Answer, read_text
from recommender.policy import Policy
from recommender.policy_file import load_policy
from recommender.store import Store, create_store, new_ring
from tests.models import Made, make
from tests.postgres import NoServer, server
from tests.stores import Clock

# Tests share the cores already: threads inside scikit-learn would wait for one another, minutes instead of seconds. It
# is read at the first import, here and in the processes that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Deterministic and short here; `pytest --hypothesis-profile=long` looks further.
settings.register_profile("short", derandomize=True, deadline=None, max_examples=50)
settings.register_profile("long", deadline=None, max_examples=3000, suppress_health_check=list(HealthCheck))
settings.load_profile("short")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The adult policy that ships with the package."""
    return load_policy()


@pytest.fixture(scope="session")
def referral(policy: Policy) -> Callable[[int], dict[str, Answer]]:
    """By row, from 0, the synthetic referrals of the sample: answers with gaps, ranges and refusals."""
    questions = policy.questionnaire.questions
    with (ROOT / "data" / "referrals.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            {name: text for name, text in row.items() if name in questions and text} for row in csv.DictReader(file)
        ]
    return [{name: read_text(questions[name], text) for name, text in row.items()} for row in rows].__getitem__


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real public data beside the checkout; its files may be measured, never copied here."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside this checkout: real public data are not part of the project")
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[], str]]:
    """Gives the URL of an empty database each time, one of two in turn, on a real PostgreSQL server."""
    from sqlalchemy import text

    from recommender.store.database import engine_for

    names = itertools.cycle(["first", "second"])
    try:
        running = server()
        url = running.__enter__()
    except NoServer as reason:
        pytest.skip(str(reason))
    own = engine_for(url.format("postgres"))

    with own.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in ("first", "second"):
            connection.execute(text(f"CREATE DATABASE {name}"))

    def new_database() -> str:
        # To empty a database is much faster than to make one.
        url_of_one = url.format(next(names))
        emptied = engine_for(url_of_one)
        with emptied.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        emptied.dispose()
        return url_of_one

    yield new_database
    own.dispose()
    running.__exit__(None, None, None)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    url: str = request.getfixturevalue("postgresql")()
    return url


@pytest.fixture
def store(database: str, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """A new store on either kind of database, with a clock that the test sets."""
    made = create_store(database, new_ring(), heads=tmp_path / "heads", clock=clock)
    yield made
    made.close()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A small model and the cohorts around it; tests write beside them and never over them."""
    return make(tmp_path_factory.mktemp("models"))
