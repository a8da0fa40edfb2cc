"""The steps in which the tables of the store are made and changed (Alembic)."""
