"""What a real record leaves open: topics never reached, answers not known or declined, and answers only roughly known.

A rough answer is a range that holds the true one, so no gap ever makes a record contradict itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from recommender.answers import DECLINED, NOT_KNOWN, Column, unknown
from recommender.questionnaire import Question
from recommender.rules.bounds import ANSWERED, MISSING
from recommender.simulation.chance import Chance, Floats
from recommender.simulation.model import Gaps, SimulationModel

Positions = NDArray[np.intp]
STATES = {"blank": MISSING, "not_known": NOT_KNOWN, "declined": DECLINED}


def with_gaps(model: SimulationModel, chance: Chance, columns: Mapping[str, Column], share: float) -> dict[str, Column]:
    """The same answers with `share` (0 to 1) of them unknown; see `Gaps` for what that share means."""
    questions = model.questionnaire.questions
    return {name: one_question(model, chance, questions[name], column, share) for name, column in columns.items()}


def one_question(model: SimulationModel, chance: Chance, question: Question, column: Column, share: float) -> Column:
    """The answers of everybody to one question, with gaps."""
    skipped, single = shares(model.gaps, question, share)
    column = Column(column.lower.copy(), column.upper.copy(), column.state.copy())
    asked = column.state == ANSWERED
    if single:
        place = chance.uniform(f"unknown {question.id}") / single
        here = np.flatnonzero(asked & (place < 1))
        roughen(model.gaps, question, column, here, place[here])
    if skipped:
        never_reached = asked & (chance.uniform(f"unknown topic {question.topic}") < skipped)
        leave_open(question, column, np.flatnonzero(never_reached), MISSING)
    return column


def shares(gaps: Gaps, question: Question, share: float) -> tuple[float, float]:
    """How many answers are unknown with their whole topic, and how many of the others one by one."""
    if is_safety(question):
        return 0.0, share * gaps.safety
    skipped = share * gaps.whole_topics
    # Of the answers in topics that were reached, so many are unknown that all together make up the share.
    return skipped, (share - skipped) / (1 - skipped) if skipped < 1 else 0.0


def is_safety(question: Question) -> bool:
    """A safety question, or a measurement that one is worked out from."""
    return question.safety or question.area == "safety"


def roughen(gaps: Gaps, question: Question, column: Column, here: Positions, kind: Floats) -> None:
    """Makes the answers of the people in `here` unknown; `kind` (0 to 1) picks in which way."""
    picked = np.searchsorted(np.cumsum(list(gaps.kinds.values()))[:-1], kind, side="right")
    for number, name in enumerate(gaps.kinds):
        chosen = here[picked == number]
        if name == "range":
            put_in_ranges(question, column, chosen, gaps.ranges.get(question.id, ()))
        else:
            leave_open(question, column, chosen, STATES[name])


def put_in_ranges(question: Question, column: Column, here: Positions, ranges: Iterable[tuple[int, int]]) -> None:
    """Widens each answer to the first of the ranges that holds it; not known where none does."""
    for low, high in ranges:
        value = column.lower[here]
        inside = (value >= low) & (value <= high)
        column.lower[here[inside]], column.upper[here[inside]] = low, high
        here = here[~inside]
    leave_open(question, column, here, NOT_KNOWN)


def leave_open(question: Question, column: Column, here: Positions, state: int) -> None:
    """Makes everything possible for the people in `here`."""
    ends = unknown(question, state)
    column.lower[here], column.upper[here], column.state[here] = ends.lower, ends.upper, state
