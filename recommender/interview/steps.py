"""What to ask next, and why: safety first, then what settles the level, then what the plan needs, then the rest."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from recommender.interview.look_ahead import Block, Choice, LookAhead
from recommender.interview.state import Interview, order_of
from recommender.policy import Policy
from recommender.rules.definitions import questions_behind

SAFETY, LEVEL_PHASE, PLAN, REST = "safety", "level", "plan", "rest"
PHASES = (SAFETY, LEVEL_PHASE, PLAN, REST)
EVERYBODY = ("coordinator", "nurse")
REASONS = {
    SAFETY: "Safety questions come first and are always asked.",
    PLAN: "The service plan reads this answer. It cannot change the level.",
    REST: "Completes the form. It can change neither the level nor the plan.",
}
ALWAYS_NEEDED = 0.995


class Step(NamedTuple):
    """A block of questions to ask now, in order; `phase` is one of PHASES, `reason` a sentence for the coordinator."""

    phase: str
    block: Block
    reason: str


def steps(
    interview: Interview, look_ahead: LookAhead, *, by: Sequence[str] = ("coordinator",), last: str = ""
) -> list[Step]:
    """What to ask next of those who are asked by `by`: all blocks that are sure to be needed, or the best one.

    `last` is the question answered last: among equals, its topic goes on. Empty when nothing is left to ask.
    """
    return steps_of_each([interview], look_ahead, by=by, last=[last])[0]


def steps_of_each(
    interviews: Sequence[Interview], look_ahead: LookAhead, *, by: Sequence[str], last: Sequence[str]
) -> list[list[Step]]:
    """What to ask next in each of several interviews under one policy, which are looked at together."""
    found: list[list[Step]] = []
    waiting: dict[int, list[Block]] = {}
    for row, interview in enumerate(interviews):
        phase, blocks = next_blocks(interview, by)
        found.append([Step(phase, block, REASONS.get(phase, "")) for block in blocks])
        if phase == LEVEL_PHASE:
            waiting[row] = same_topic_first(interview, blocks, last[row])
    if waiting:
        ranked = look_ahead.rank([interviews[row] for row in waiting], list(waiting.values()))
        for row, choices in zip(waiting, ranked, strict=True):
            found[row] = level_steps(choices, look_ahead.surely)
    return found


def next_blocks(interview: Interview, by: Sequence[str]) -> tuple[str, list[Block]]:
    """The phase that an interview is in, and what can be asked in it."""
    for phase in PHASES:
        names = [name for name in wanted(interview, phase) if interview.question(name).asked_by in by]
        if names:
            return phase, blocks_of(interview, names)
    return REST, []


def level_steps(ranked: Sequence[Choice], surely: float) -> list[Step]:
    """The steps to be sure of, or the best one."""
    sure = [choice for choice in ranked if choice.needed >= surely]
    chosen = sure or ranked[:1]
    return [Step(LEVEL_PHASE, choice.block, level_reason(choice.needed, choice.saved)) for choice in chosen]


def level_reason(needed: float, saved: float) -> str:
    """Why a block is asked for the level."""
    if needed >= ALWAYS_NEEDED:
        return "The level stays open without this answer, whatever else is answered."
    if needed >= 0.5:
        return f"Most likely needed to settle the level ({needed:.0%})."
    if saved >= 0.5:
        return f"May settle part of the level and make about {saved:.0f} other question(s) needless."
    return "May help to settle the level."


def wanted(interview: Interview, phase: str) -> list[str]:
    """The questions of a phase that can be asked now, in the order of the form."""
    if phase == SAFETY:
        return list(interview.safety_open)
    if phase == LEVEL_PHASE:
        low, high = interview.bounds
        return [] if low == high else [name for name in interview.may_still_matter if interview.is_open(name)]
    names = plan_questions(interview.policy) if phase == PLAN else tuple(interview.policy.questionnaire.questions)
    return [name for name in names if interview.is_open(name) and interview.question(name).decides]


@functools.lru_cache(maxsize=4)
def plan_questions(policy: Policy) -> tuple[str, ...]:
    """The questions that the service plan and the report read, in the order of the form."""
    names = frozenset().union(*(questions_behind(policy.definitions, rule) for rule in policy.plan_rules))
    return tuple(name for name in policy.questionnaire.questions if name in names)


def pending_for(interview: Interview, by: str) -> list[str]:
    """The questions for safety and the level that wait for somebody, such as the nurse."""
    found = dict.fromkeys([*wanted(interview, SAFETY), *wanted(interview, LEVEL_PHASE)])
    return [name for name in found if interview.question(name).asked_by == by]


def questions_left(interview: Interview) -> int:
    """How many questions complete the plan and the form."""
    return len({*wanted(interview, PLAN), *wanted(interview, REST)})


# -------------------------------------------------------------------------------------------------------------- blocks
@functools.lru_cache(maxsize=4)
def instruments_of(policy: Policy) -> dict[str, tuple[str, ...]]:
    """By question, all questions of the instrument that must be asked as a whole with it."""
    found: dict[str, tuple[str, ...]] = {}
    for instrument in policy.questionnaire.instruments.values():
        for name in instrument.questions if instrument.whole else ():
            found[name] = max(found.get(name, ()), instrument.questions, key=len)
    return found


def blocks_of(interview: Interview, names: Iterable[str]) -> list[Block]:
    """Questions with those that must be asked with them, in the order of the form, each question once."""
    return list(dict.fromkeys(block_of(interview, name) for name in names))


def block_of(interview: Interview, name: str) -> Block:
    """A question and the other questions of its instrument that are asked now by the same person."""
    whole = instruments_of(interview.policy).get(name, (name,))
    by = interview.question(name).asked_by
    return tuple(other for other in whole if interview.is_open(other) and interview.question(other).asked_by == by)


def same_topic_first(interview: Interview, blocks: list[Block], last: str) -> list[Block]:
    """The blocks from the topic of the last answer on, round the form, so that the talk does not jump."""
    if not last:
        return blocks
    here = order_of(interview.policy)[last]
    return sorted(blocks, key=lambda block: (order_of(interview.policy)[block[0]] < here, interview.place(block[0])))


def still_due(interview: Interview, step: Step) -> Iterator[str]:
    """The questions of a step that was planned before the last answers and is still worth asking."""
    due = step.phase in (PLAN, REST) or step.phase == SAFETY or interview.matter.intersection(step.block)
    yield from (name for name in step.block if due and interview.is_open(name))
