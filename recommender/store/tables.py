"""All tables of the store in one place, for what goes through them all: migrations, backup, rotation of keys."""

from __future__ import annotations

from recommender.store import (  # noqa: F401  # each adds its tables to the base
    assessments,
    audit,
    clearances,
    consents,
    decisions,
    disclosures,
    people,
    recommendations,
    referrals,
    sessions,
    sign_ins,
    tokens,
    users,
)
from recommender.store.schema import Base

METADATA = Base.metadata
