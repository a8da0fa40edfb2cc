"""An assessment as it stands: its answers, what was carried forward, and which red flags nobody has read about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from recommender.answers import Answer
from recommender.interview import Interview, pending_for, questions_left
from recommender.policy import RedFlag
from recommender.questionnaire import Question
from recommender.store import Work, assessments
from recommender.store.assessments import Assessment, RecordedAnswer
from recommender.store.audit import AuditEntry, history
from recommender.web.visit import Visit

# What the audit log says of a card that was read.
ACKNOWLEDGED = "red flag acknowledged"


class Begun(NamedTuple):
    """An assessment as it stands: its answers, and those that were carried forward and that nobody has confirmed.

    `earlier` are all answers of the assessment that this one repeats.
    """

    assessment: Assessment
    rows: Sequence[RecordedAnswer]
    held: Interview
    carried: Mapping[str, Answer]
    earlier: Mapping[str, Answer]


def begin(work: Work, visit: Visit, assessment_id: str) -> Begun:
    """The interview that the stored answers are. Raises NotFound for another site's."""
    policy, assessment = visit.desk.policy, visit.assessment(work, assessment_id)
    rows = assessments.in_force(work, assessment.id)
    carried = assessments.carried_forward(rows, policy.questionnaire)
    before = assessments.in_force(work, assessment.earlier_id) if assessment.earlier_id else []
    earlier = assessments.answers_in(before, policy.questionnaire)
    return Begun(assessment, rows, Interview(policy, assessments.counted(rows, policy)), carried, earlier)


def unacknowledged(work: Work, begun: Begun) -> list[RedFlag]:
    """The red flags that are up and whose card nobody has read since the answers behind it were given."""
    if not begun.held.flags:
        return []
    policy, subject = begun.held.policy, assessments.subject(begun.assessment.id)
    read: dict[str, int] = dict(map(acknowledged, history(work, subject)))
    newest = {flag.id: assessments.newest_behind(begun.rows, policy, flag.id) for flag in begun.held.flags}
    return [flag for flag in begun.held.flags if read.get(flag.id, -1) < newest[flag.id]]


def acknowledged(entry: AuditEntry) -> tuple[str, int]:
    """The flag whose card was read, and at which version of the answers."""
    detail = json.loads(entry.detail) if entry.action == ACKNOWLEDGED else {}
    return detail.get("flag", ""), detail.get("version", 0)


def topic_questions(held: Interview, topic: str) -> list[str]:
    """The questions of a topic that are asked of this person, answered or not."""
    found = next((entry for entry in held.policy.questionnaire.topics if entry.id == topic), None)
    names = found.questions if found else ()
    return [name for name in names if name in held.answers or held.is_open(name)]


def to_confirm(begun: Begun) -> Mapping[str, int]:
    """How many answers of each topic were carried forward, are still asked, and are not confirmed."""
    topics = {topic.id: topic_questions(begun.held, topic.id) for topic in begun.held.policy.questionnaire.topics}
    counts = {topic: sum(name in begun.carried for name in names) for topic, names in topics.items()}
    return {topic: count for topic, count in counts.items() if count}


class Standing(NamedTuple):
    """Where an interview stands, as the top of the page shows it."""

    shown: bool
    status: str
    low: int
    high: int
    answered: int
    left: int
    certified: bool
    pending: tuple[Question, ...]
    plan_left: int
    to_confirm: int


def standing(begun: Begun) -> Standing:
    """Where the interview stands."""
    held = begun.held
    low, high = held.bounds
    shown = held.level_shown and not held.safety_open
    pending = tuple(held.question(name) for name in pending_for(held, "nurse"))
    left, later = len(held.may_still_matter), questions_left(held)
    waiting = sum(to_confirm(begun).values())
    return Standing(shown, held.status, low, high, len(held.answers), left, held.certified, pending, later, waiting)
