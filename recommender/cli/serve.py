"""`recommender serve`: the coordinators' desk as a web server on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.cli.extras import require
from recommender.cli.model.opening import models_option
from recommender.cli.options import asked_model, model_option, policy_option, population_option

if TYPE_CHECKING:
    from recommender.store import Store

NEEDED = ("fastapi", "uvicorn", "jinja2", "multipart", "sqlalchemy", "alembic", "cryptography", "argon2")
GRACE_S = 10


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("private"),
    show_default=True,
    help="Where the database, its keys and the head of its audit log are; made if it is not there.",
)
@click.option("--database", envvar="RECOMMENDER_DATABASE", metavar="URL", help="Another database than FOLDER/desk.db.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--https", is_flag=True, help="It is reached by HTTPS, through a proxy: cookies are never sent otherwise."
)
@policy_option
@population_option
@model_option
@models_option
def serve(
    folder: Path,
    database: str | None,
    host: str,
    port: int,
    https: bool,
    policy_file: Path | None,
    population: Path | None,
    model: str | None,
    models: Path | None,
) -> None:
    """Start the coordinators' desk, for a browser.

    The first time it makes a database and its keys in FOLDER, and the page asks for the first administrator. Whoever
    has the keys can read every name: keep a copy of them, away from the database. Stop it with Ctrl-C.

    \b
      recommender serve
      recommender serve --folder /srv/desk --database postgresql://desk@db/desk --https
    """  # noqa: D301  # click reads \b as "keep these lines"
    for module in NEEDED:
        require(module, "web", "The desk")
    import logging

    import uvicorn

    from recommender.likely import load_population
    from recommender.likely.population import PACKAGED
    from recommender.policy_file import ADULT, load_policy
    from recommender.registry.finding import models_folder
    from recommender.store import Engine
    from recommender.web import BatchRoom, Desk, create_app

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    policy = load_policy(policy_file or ADULT)
    reference = load_population(policy.questionnaire, population or PACKAGED)
    store = opened(folder, database or f"sqlite:///{folder / 'desk.db'}")
    room = BatchRoom(folder / "batches", policy)
    engine = Engine(policy, reference, asked_model(model, policy, models))
    desk = Desk(store, engine, reference, room, models_folder(models), secure=https)
    click.echo(f"The desk is at http://{host}:{port}. {policy.statement}", err=True)
    try:
        # No log of addresses: each request is told once, by the name of its page.
        # What was begun may end before the server stops, for so many seconds.
        serving: dict[str, Any] = {"access_log": False, "server_header": False, "timeout_graceful_shutdown": GRACE_S}
        uvicorn.run(create_app(desk), host=host, port=port, log_level="warning", **serving)
    finally:
        room.close()
        store.close()


def opened(folder: Path, database: str) -> Store:
    """The store of a folder, made the first time. Raises InputError where its keys are missing."""
    from recommender.errors import Fault, InputError
    from recommender.store import create_store, new_ring, open_store, read_keys, write_keys

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys, heads, local = folder / "keys", folder / "heads", folder / "desk.db"
    if keys.exists():
        return open_store(database, read_keys(keys), heads=heads)
    if local.exists():
        what = "there is a database and no key file beside it"
        raise InputError(Fault(what, file=str(keys), remedy="Put the keys back; nothing can be read without them."))
    write_keys(new_ring(), keys)
    return create_store(database, read_keys(keys), heads=heads)
