"""Rows for an analyst that identify nobody: what was answered and decided, without who, where and when exactly.

After the Safe Harbor method of the HIPAA Privacy Rule (45 CFR 164.514(b)(2)): no names, numbers or places, of dates the
year alone, and ages in bands, the last of which has no end. Beyond it, small cells are made coarser: whoever knows how
somebody may be described (`describing`), or where they were placed, finds at least `FEWEST_ROWS` rows like theirs,
because what would tell fewer apart is left blank, which a cohort reads as not known. Rows stand in no order and under
ids of their own. The answers to all other questions stand as they were given and may still tell somebody apart to a
reader who knows much of them: it is for analysts, and that it was taken is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from recommender.answers import Answer, write_text
from recommender.errors import Fault, InputError
from recommender.policy import Policy
from recommender.questionnaire import Question
from recommender.rules.bounds import ANSWERED
from recommender.store import assessments
from recommender.store.assessments import Assessment
from recommender.store.audit import Event, record
from recommender.store.database import Work
from recommender.store.decisions import NOTHING, latest

# Fewer would be told apart too easily.
FEWEST_ROWS = 11
# Where a band of ages ends and the next begins.
AGE, AGES_FROM = "age", (18, 25, 35, 45, 55, 65, 75)
LEVELS = ("level_indicated", "level_offered")
BESIDE = ("id", "period", *LEVELS)
# What others may know of somebody, beside what is asked for audit alone.
OUTSIDE = (AGE, "pregnancy", "veteran", "language", "place_to_sleep")
Row = dict[str, str]


def deidentified_rows(work: Work, policy: Policy, *, event: Event) -> list[Row]:
    """A row for each assessment with a decision, by column of a cohort. Raises InputError where there are too few."""
    rows = sorted(rows_of(work, policy), key=lambda row: row["id"])
    make_coarser(rows, describing(policy))
    make_coarser(rows, LEVELS)
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
        if answer.state == ANSWERED:
            question = questions[name]
            yield name, write_text(question, banded(question, answer) if name == AGE else answer)


def banded(question: Question, age: Answer) -> Answer:
    """An age as the bands that it may lie in."""
    starts, ends = (question.minimum, *AGES_FROM), (*(first - 1 for first in AGES_FROM), question.maximum)
    return Answer(max(first for first in starts if first <= age.lower), min(end for end in ends if end >= age.upper))


def describing(policy: Policy) -> tuple[str, ...]:
    """The questions whose answers others may know of somebody; those that are kept longest come first."""
    questions = policy.questionnaire
    return (*(name for name in OUTSIDE if name in questions.questions), *sorted(questions.beside))


def make_coarser(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Blanks cells of some columns until each row is like at least `FEWEST_ROWS` in all of them; there are as many.

    Values of too few rows are blanked together, with those of a larger value where they are too few even so, and with
    them everything that stands in the later columns.
    """
    if not columns:
        return
    alike: dict[str, list[Row]] = {}
    for row in rows:
        alike.setdefault(row.get(columns[0], ""), []).append(row)
    kept = [alike[value] for value in sorted(alike) if len(alike[value]) >= FEWEST_ROWS]
    blanked = [row for group in alike.values() if len(group) < FEWEST_ROWS for row in group]
    while blanked and len(blanked) < FEWEST_ROWS and kept:
        blanked += kept.pop()
    for row in blanked:
        row.update(dict.fromkeys(columns, ""))
    for group in kept:
        make_coarser(group, columns[1:])
