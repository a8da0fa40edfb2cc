"""Which unanswered questions can still matter to the level: read off the compiled policy, backwards.

A step of the program matters if its value is still open and something that matters reads it. So a question behind a
condition that is false already, or behind a rule that asks for no more than is certain, drops out. What is left out can
certainly not change the level; what is left in may.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.explain import everything
from recommender.policy import LEVEL, Policy
from recommender.rules.bounds import Bounds, Inputs
from recommender.rules.definitions import Highest, questions_behind
from recommender.rules.program import Program, Step
from recommender.rules.tree import Nominal

Truths = NDArray[np.bool_]
Rows = NDArray[np.int64]
NOBODY, EVERYBODY = np.array([False]), np.array([True])


class Trace(NamedTuple):
    """The value of every step behind the level, for `people` at once; `steps` are those worked out for them."""

    policy: Policy
    registers: list[Bounds]
    steps: tuple[int, ...]
    people: int


class Matters(NamedTuple):
    """What can still matter: the questions behind the level, and the steps through which they reach it, in order.

    `questions` says for whom, as arrays of (n,) or (1,).
    """

    questions: Mapping[str, Truths]
    steps: tuple[int, ...]


class Plan(NamedTuple):
    """What is looked up again and again in the compiled policy.

    `steps` are those behind the level; `questions` are by register; `totals` are the registers of those that are worked
    out from others, which is their last source; `highest` has, by register of a rating, a strand or the level, the
    values that its sources set, in their order.
    """

    steps: tuple[int, ...]
    questions: Mapping[int, str]
    totals: frozenset[int]
    highest: Mapping[int, tuple[int, ...]]


@functools.lru_cache(maxsize=4)
def plan_of(policy: Policy) -> Plan:
    """The plan of a policy."""
    program, questions = everything(policy), policy.questionnaire.questions
    needed = {program.outputs[LEVEL]}
    for step in reversed(program.steps):
        if step.target in needed:
            needed.update(step.sources)
    return Plan(
        steps=tuple(number for number, step in enumerate(program.steps) if step.target in needed),
        questions={program.outputs[name]: name for name in level_questions(policy)},
        totals=frozenset(program.outputs[name] for name in questions if questions[name].computed is not None),
        highest={
            program.outputs[name]: tuple(sorted({value for _, value in definition.cases if value > 0}))
            for name, definition in policy.definitions.items()
            if isinstance(definition, Highest)
        },
    )


@functools.lru_cache(maxsize=4)
def level_questions(policy: Policy) -> tuple[str, ...]:
    """The questions that the level can depend on, in the order asked; those that are worked out from others too."""
    behind = questions_behind(policy.definitions, LEVEL)
    return tuple(name for name in policy.questionnaire.questions if name in behind)


# ------------------------------------------------------------------------------------------------------------- forwards
def trace(policy: Policy, inputs: Inputs, people: int) -> Trace:
    """Every step behind the level, worked out."""
    program, steps = everything(policy), plan_of(policy).steps
    registers: list[Any] = [None] * program.registers
    run(program, steps, registers, inputs)
    return Trace(policy, registers, steps, people)


def traced_again(before: Trace, steps: tuple[int, ...], inputs: Inputs, who: Rows) -> Trace:
    """The same people over and over with other answers: `who` (n,) is the row of `before` that each is.

    Only `steps` are worked out; all others stay as they were.
    """
    program = everything(before.policy)
    registers: list[Any] = list(before.registers)
    made = {program.steps[number].target for number in steps}
    kept = {source for number in steps for source in program.steps[number].sources if source not in made}
    for register in (*kept, program.outputs[LEVEL]):
        registers[register] = bounds_at(registers[register], who)
    run(program, steps, registers, inputs)
    return Trace(before.policy, registers, steps, len(who))


def run(program: Program, steps: tuple[int, ...], registers: list[Any], inputs: Inputs) -> None:
    """Works out some steps of a program, in place."""
    for number in steps:
        step = program.steps[number]
        registers[step.target] = step.kernel(inputs, *[registers[source] for source in step.sources])


def bounds_at(bounds: Bounds, who: Rows) -> Bounds:
    """The bounds of some rows; those that are the same for everybody stay one entry."""
    if len(bounds.lower) == 1 and len(bounds.upper) == 1:
        return bounds
    lower, upper = (end[who] if len(end) > 1 else end for end in bounds)
    return Bounds(lower, lower if bounds.lower is bounds.upper else upper)


def level_of(traced: Trace) -> Bounds:
    """The bounds of the level (n,)."""
    level = traced.registers[everything(traced.policy).outputs[LEVEL]]
    lower, upper = (np.broadcast_to(end, (traced.people,)) for end in level)
    return Bounds(lower, upper)


# ------------------------------------------------------------------------------------------------------------ backwards
# Who reads a value, and the least of it that makes a difference there; 0 where anything may.
Reads = list[tuple[int, Truths]]


def what_matters(traced: Trace, *, parts_of_totals: bool = True) -> Matters:
    """What can still matter to the level, for each person; without the parts of totals, a total stands for them."""
    program, plan = everything(traced.policy), plan_of(traced.policy)
    readers: dict[int, Reads] = {program.outputs[LEVEL]: [(0, EVERYBODY)]}
    found = dict.fromkeys(level_questions(traced.policy), NOBODY)
    steps = []
    for number in reversed(traced.steps):
        step = program.steps[number]
        value, question = traced.registers[step.target], plan.questions.get(step.target)
        reads = still_read(readers.get(step.target, []), is_open(traced.policy, value, question))
        if not reads:
            continue
        steps.append(number)
        if question is not None:
            found[question] = anybody(reads)
        sources = step.sources if parts_of_totals or step.target not in plan.totals else step.sources[:-1]
        for source, passed in zip(sources, passed_on(program, plan, step, value, reads), strict=False):
            readers.setdefault(source, []).extend(passed)
    return Matters(found, tuple(reversed(steps)))


def still_read(reads: Reads, still_open: Truths) -> Reads:
    """The readers for whom a value is open, where there are any."""
    return [(least, who) for least, reader in reads if (who := reader & still_open).any()]


def passed_on(program: Program, plan: Plan, step: Step, value: Bounds, reads: Reads) -> Iterator[Reads]:
    """By source of a step, who reads it.

    Of a rating, a strand or the level, only rules that set enough for a reader, and more than is certain already.
    """
    values = plan.highest.get(step.target)
    if values is None:
        yield from itertools.repeat([(program.limits.get(step.target, 0), anybody(reads))], len(step.sources))
        return
    for sets in values:
        enough = [(least, who) for least, who in reads if least <= sets]
        yield [(0, anybody(enough) & (sets > value.lower))] if enough else []


def anybody(reads: Reads) -> Truths:
    """For whom there is any reader."""
    return functools.reduce(np.logical_or, (who for _, who in reads))


def is_open(policy: Policy, value: Bounds, question: str | None) -> Truths:
    """For whom a value is not settled."""
    if question is not None and isinstance(policy.questionnaire.questions[question].type, Nominal):
        several: Truths = (value.lower & (value.lower - value.lower.dtype.type(1))) != 0
        return several
    if value.lower is value.upper:
        return NOBODY
    return np.asarray(value.lower != value.upper)
