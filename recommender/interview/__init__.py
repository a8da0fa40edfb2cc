"""The interview: safety first, then always the question that most surely settles the level, until none can change it.

findings    what follows from answers, for many people at once
state       the answers so far of one person, and what is open
look_ahead  which block of questions is most surely needed
steps       what to ask next, and why
"""

from recommender.interview.look_ahead import LookAhead
from recommender.interview.state import Interview, together
from recommender.interview.steps import (
    EVERYBODY,
    LEVEL_PHASE,
    PLAN,
    REST,
    SAFETY,
    Step,
    block_of,
    pending_for,
    questions_left,
    steps,
    steps_of_each,
    still_due,
)

__all__ = [
    "EVERYBODY",
    "LEVEL_PHASE",
    "PLAN",
    "REST",
    "SAFETY",
    "Interview",
    "LookAhead",
    "Step",
    "block_of",
    "pending_for",
    "questions_left",
    "steps",
    "steps_of_each",
    "still_due",
    "together",
]
