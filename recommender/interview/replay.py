"""Interviews replayed with people whose answers are all known already: what each is asked until the level is certified.

Many are interviewed side by side, so that what follows from an answer, and what to ask next, is worked out for all of
them at once. Each is asked what an interview of their own would ask.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from recommender.answers import NOT_KNOWN, Answer, unknown
from recommender.interview.look_ahead import LookAhead
from recommender.interview.state import Interview, together
from recommender.interview.steps import EVERYBODY, LEVEL_PHASE, SAFETY, Step, steps_of_each, still_due
from recommender.policy import Policy

SIDE_BY_SIDE = 64


@dataclass
class Replay:
    """The interview of the person at `row`: as it stands, what was `asked`, in order, and what of it for safety.

    `planned` steps are still to come, and `block` are the questions of the step that has begun.
    """

    row: int
    interview: Interview
    truth: Mapping[str, Answer]
    asked: list[str] = field(default_factory=list)
    asked_for_safety: list[str] = field(default_factory=list)
    planned: list[Step] = field(default_factory=list)
    block: list[str] = field(default_factory=list)
    phase: str = SAFETY

    def next_question(self) -> str | None:
        """The next question of what is planned. A block that has begun is finished."""
        while True:
            while self.block:
                name = self.block.pop(0)
                if self.interview.is_open(name):
                    return name
            if not self.planned or self.interview.certified:
                return None
            step = self.planned.pop(0)
            self.phase, self.block = step.phase, list(still_due(self.interview, step))

    def answer(self, name: str) -> None:
        """Asks a question; what the person has no answer to is not known."""
        self.asked.append(name)
        if self.phase == SAFETY:
            self.asked_for_safety.append(name)
        told = self.truth.get(name) or unknown(self.interview.question(name), NOT_KNOWN)
        # Only what is certainly asked is asked, so that no answer takes out another.
        self.interview = Interview(self.interview.policy, {**self.interview.answers, name: told})


def replay(
    policy: Policy, look_ahead: LookAhead, people: Iterable[Mapping[str, Answer]], side_by_side: int = SIDE_BY_SIDE
) -> Iterator[Replay]:
    """The interview of each of `people`, as they end; a person's answers stand by question.

    It ends when the level is certified, or when nothing that is left to ask can matter to it.
    """
    waiting = (Replay(row, Interview(policy, {}), truth) for row, truth in enumerate(people))
    going = list(itertools.islice(waiting, side_by_side))
    while going:
        for one, interview in zip(going, together([one.interview for one in going]), strict=True):
            one.interview = interview
        names = next_questions(going, look_ahead)
        for one, name in zip(going, names, strict=True):
            if name is None:
                yield one
            else:
                one.answer(name)
        going = [one for one, name in zip(going, names, strict=True) if name is not None]
        going += itertools.islice(waiting, side_by_side - len(going))


def next_questions(going: list[Replay], look_ahead: LookAhead) -> list[str | None]:
    """The next question of each, None where the interview is over; new steps are planned where all are done."""
    names = [one.next_question() for one in going]
    rows = [row for row, name in enumerate(names) if name is None and not going[row].interview.certified]
    interviews, last = [going[row].interview for row in rows], [going[row].asked[-1:] for row in rows]
    plans = steps_of_each(interviews, look_ahead, by=EVERYBODY, last=["".join(name) for name in last])
    for row, plan in zip(rows, plans, strict=True):
        going[row].planned = [step for step in plan if step.phase in (SAFETY, LEVEL_PHASE)]
        names[row] = going[row].next_question()
    return names
