"""Stores to test on, and the people in them. All made up."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from recommender.answers import read_json
from recommender.intake import read_intake_file
from recommender.policy import Policy
from recommender.store import Event, Store, assessments, people, users
from recommender.store.assessments import Assessment
from recommender.store.schema import new_id

INTAKES = Path(__file__).parents[1] / "data" / "intakes"
PASSWORD = "four words of nothing"  # noqa: S105  # of people who do not exist
SETUP = Event("set-up")
WHO = people.Identity("Zoë", "Quillfeather", "1980-02-03", telephone="+1 (555) 010-0199", record_number="MR-77/12")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Desk(NamedTuple):
    """Those who work at a desk, as the events of what they do."""

    coordinator: Event
    clinician: Event
    elsewhere: Event


def staffed(store: Store) -> Desk:
    """A coordinator and a clinician of one site, and a clinician of another."""
    posts = (("ana", "coordinator", "north"), ("bo", "clinician", "north"), ("cy", "clinician", "south"))
    return Desk(*(Event(user) for user in add_users(store, posts)))


def add_users(store: Store, posts: Iterable[tuple[str, str, str]]) -> list[str]:
    """Users by name, role and site, without the time that a password hash takes for each; their ids."""
    with store.writing() as work:
        made = [
            users.User(
                id=new_id(),
                name=name,
                display=name,
                role=role,
                site=site,
                password_hash=password_hash(),
                disabled=False,
                created_at=work.now,
            )
            for name, role, site in posts
        ]
        work.session.add_all(made)
        return [user.id for user in made]


@functools.cache
def password_hash() -> str:
    """One hash for everybody: to make it is slow on purpose."""
    return users.hashed(PASSWORD, "somebody")


def assessed(store: Store, policy: Policy, desk: Desk, intake: str, **changes: Any) -> Assessment:
    """Somebody whose answers are those of a sample intake, some of them changed; None takes an answer out."""
    answers = dict(read_intake_file(str(INTAKES / f"{intake}.json"), policy.questionnaire).answers)
    for name, value in changes.items():
        answers.pop(name, None)
        if value is not None:
            answers[name] = read_json(policy.questionnaire.questions[name], value)
    with store.writing() as work:
        person = people.add(work, WHO, "north", event=desk.coordinator)
        started = assessments.start(work, person.id, event=desk.coordinator)
        return assessments.answer(
            work, started.id, answers, policy.questionnaire, seen=started.version, event=desk.coordinator
        )


def give(store: Store, policy: Policy, who: Event, assessment: Assessment, **values: Any) -> Assessment:
    """Answers some questions as somebody who saw this state of the assessment."""
    questions = policy.questionnaire.questions
    given: Mapping[str, Any] = {name: read_json(questions[name], value) for name, value in values.items()}
    with store.writing() as work:
        return assessments.answer(work, assessment.id, given, policy.questionnaire, seen=assessment.version, event=who)
