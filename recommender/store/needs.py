"""Need against capacity: what was indicated, what was offered, and why it was something else, counted over decisions.

Only counts leave this module, never a record; which of them may be shown is for `impact.disclosure`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import func, select

from recommender.store.assessments import Assessment
from recommender.store.database import Work
from recommender.store.decisions import Decision


class Outcome(NamedTuple):
    """What somebody was offered (blank: not yet), and why it was another level than the indicated one (or blank)."""

    offered: str
    reason: str


def needs(work: Work, site: str | None = None) -> dict[str, dict[Outcome, int]]:
    """By indicated level, how many people were offered what and why: of each assessment the decision that stands."""
    newest = select(Decision.assessment_id, func.max(Decision.number).label("number")).group_by(Decision.assessment_id)
    standing = newest.subquery()
    query = (
        select(Decision.indicated, Decision.offered, Decision.difference_reason, func.count())
        .join(standing, (Decision.assessment_id == standing.c.assessment_id) & (Decision.number == standing.c.number))
        .group_by(Decision.indicated, Decision.offered, Decision.difference_reason)
    )
    if site is not None:
        query = query.join(Assessment, Assessment.id == Decision.assessment_id).where(Assessment.site == site)
    found: dict[str, dict[Outcome, int]] = {}
    for indicated, offered, reason, count in work.session.execute(query):
        found.setdefault(indicated, {})[Outcome(offered, reason)] = count
    return found


def totals(found: Mapping[str, Mapping[Outcome, int]]) -> dict[str, int]:
    """By indicated level, how many people."""
    return {level: sum(outcomes.values()) for level, outcomes in found.items()}
