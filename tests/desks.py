"""A desk to test on, served for real on a port of this machine, with made-up users at two sites."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from recommender.cli.options import asked_model
from recommender.likely import load_population
from recommender.policy_file import load_policy
from recommender.store import Engine, create_store, new_ring
from recommender.web import BatchRoom, Desk, create_app
from tests.stores import Clock, add_users

USERS = (
    ("ana", "coordinator", "north"),
    ("bo", "clinician", "north"),
    ("cy", "coordinator", "south"),
    ("dee", "administrator", "north"),
    ("eve", "analyst", "north"),
)


def new_desk(folder: Path, clock: Clock, *, staffed: bool = True, model: str | None = None, database: str = "") -> Desk:
    """A desk on an empty store, of SQLite unless said otherwise; with users, whose passwords are all the same."""
    url = database or f"sqlite:///{folder / 'desk.db'}"
    store = create_store(url, new_ring(), heads=folder / "heads", clock=clock)
    if staffed:
        add_users(store, USERS)
    policy = load_policy()
    population = load_population(policy.questionnaire)
    return Desk(
        store, Engine(policy, population, asked_model(model, policy)), population, BatchRoom(folder / "batches", policy)
    )


@contextlib.contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The address of the desk, served by the real server in a thread."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(desk), port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        if desk.batches:
            desk.batches.close()
        desk.store.close()
