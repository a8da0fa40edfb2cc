"""Rows for an analyst that identify nobody: what was answered and decided, without who, where and when exactly.

After the Safe Harbor method of the HIPAA Privacy Rule (45 CFR 164.514(b)(2)): no names, numbers or places, of dates the
year alone, and ages from 90 on as one. Rows stand in no order and under ids of their own. What is left may still tell
somebody apart to a reader who knows much of them: it is for analysts, and that it was taken is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping

from sqlalchemy import select

from recommender.answers import Answer, write_text
from recommender.errors import Fault, InputError
from recommender.policy import Policy
from recommender.rules.bounds import ANSWERED
from recommender.store import assessments
from recommender.store.assessments import Assessment
from recommender.store.audit import Event, record
from recommender.store.database import Work
from recommender.store.decisions import NOTHING, latest

# Fewer would be told apart too easily.
FEWEST_ROWS = 11
AGE, OLDEST = "age", 90
BESIDE = ("id", "period", "level_indicated", "level_offered")
Row = dict[str, str]


def deidentified_rows(work: Work, policy: Policy, *, event: Event) -> list[Row]:
    """A row for each assessment with a decision, by column of a cohort. Raises InputError where there are too few."""
    rows = sorted(rows_of(work, policy), key=lambda row: row["id"])
    if len(rows) < FEWEST_ROWS:
        what = "too few people were decided on to be told without telling who they are"
        raise InputError(Fault(what, allowed=f"at least {FEWEST_ROWS}", remedy="Wait until there are more."))
    record(work, event, "rows without identities taken", "people", rows=len(rows))
    return rows


def rows_of(work: Work, policy: Policy) -> Iterator[Row]:
    for assessment in work.session.scalars(select(Assessment)):
        decision = latest(work, assessment.id)
        if decision is None:
            continue
        answers = assessments.intake(work, assessment.id, policy).answers
        offered = "" if decision.offered == NOTHING else decision.offered
        beside = (secrets.token_hex(8), str(decision.decided_at.year), decision.indicated, offered)
        yield {**dict(zip(BESIDE, beside, strict=True)), **dict(told(policy, answers))}


def told(policy: Policy, answers: Mapping[str, Answer]) -> Iterator[tuple[str, str]]:
    """Each answer as text."""
    questions = policy.questionnaire.questions
    for name, answer in answers.items():
        given = Answer(OLDEST, questions[name].maximum) if name == AGE and answer.upper >= OLDEST else answer
        if answer.state == ANSWERED:
            yield name, write_text(questions[name], given)
