"""Rows of a table that become referrals: a person each, known by their id there, with an assessment begun."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from recommender.answers import read_text
from recommender.policy import Policy
from recommender.rules.bounds import MISSING
from recommender.store import assessments, people, referrals
from recommender.store.audit import Event
from recommender.store.database import Work
from recommender.store.people import Identity
from recommender.store.referrals import Referral

ID = "id"


def arrive(work: Work, policy: Policy, rows: Iterable[Mapping[str, str]], site: str, *, event: Event) -> list[Referral]:
    """A referral for each row, by column, with what it answers. Raises InputError for an answer that cannot be read."""
    return [arrive_one(work, policy, row, site, event) for row in rows]


def arrive_one(work: Work, policy: Policy, row: Mapping[str, str], site: str, event: Event) -> Referral:
    person = people.add(work, Identity(record_number=(row.get(ID) or "").strip()), site, event=event)
    referral = referrals.add(work, person.id, source="batch", event=event)
    begun = assessments.start(work, person.id, referral_id=referral.id, event=event)
    questions = policy.questionnaire.questions
    read = {name: read_text(questions[name], text) for name, text in row.items() if name in questions and text}
    given = {name: answer for name, answer in read.items() if answer.state != MISSING}
    seen = begun.version
    assessments.answer(work, begun.id, given, policy.questionnaire, seen=seen, source="batch", event=event)
    return referral
