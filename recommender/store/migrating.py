"""The tables of the store, made and changed step by step: Alembic, with its steps inside the package."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

STEPS = "recommender:store/migrations"


def settings(connection: Connection | None = None) -> Config:
    """What Alembic needs to know; there is no file of settings to lose."""
    config = Config()
    config.set_main_option("script_location", STEPS)
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The version of the tables that this program works with."""
    head = ScriptDirectory.from_config(settings()).get_current_head()
    assert head is not None
    return head


def revision_of(connection: Connection) -> str | None:
    """The version of the tables in a database; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, to: str = "head") -> None:
    """Changes the tables to a version, the newest if none is given; data are kept."""
    with engine.begin() as connection:
        command.upgrade(settings(connection), to)


def downgrade(engine: Engine, to: str) -> None:
    """Takes steps back; what only later versions can hold is lost. `base` takes all tables away."""
    with engine.begin() as connection:
        command.downgrade(settings(connection), to)
