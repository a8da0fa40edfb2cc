"""How Alembic runs the steps: on the connection that it is handed, in the transaction that is open there."""

from __future__ import annotations

from alembic import context

from recommender.store import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.METADATA,
    # SQLite cannot change most of a column in place; Alembic then copies the table.
    render_as_batch=True,
)
context.run_migrations()
