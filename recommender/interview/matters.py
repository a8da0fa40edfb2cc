"""Which unanswered questions can still matter to the level: read off the compiled policy, backwards.

A step of the program matters if its value is still open and something that matters reads it. So a question behind a
condition that is false already, or behind a rule that asks for no more than is certain, drops out. What is left out can
certainly not change the level; what is left in may.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.explain import everything
from recommender.policy import LEVEL, Policy
from recommender.rules.bounds import Bounds, Inputs
from recommender.rules.definitions import Highest, questions_behind
from recommender.rules.tree import Nominal

Truths = NDArray[np.bool_]
Array = NDArray[Any]
NOBODY = np.array([False])


class Trace(NamedTuple):
    """The value of every step of the program, for n people at once."""

    registers: list[Bounds]
    people: int


@functools.lru_cache(maxsize=4)
def highest_registers(policy: Policy) -> Mapping[int, tuple[int, ...]]:
    """By register of a rating, strand or the level: the values that its sources set, in their order."""
    outputs = everything(policy).outputs
    return {
        outputs[name]: tuple(sorted({value for _, value in definition.cases if value > 0}))
        for name, definition in policy.definitions.items()
        if isinstance(definition, Highest)
    }


@functools.lru_cache(maxsize=4)
def level_questions(policy: Policy) -> tuple[str, ...]:
    """The questions that the level can depend on, in the order asked; those that are worked out from others too."""
    behind = questions_behind(policy.definitions, LEVEL)
    return tuple(name for name in policy.questionnaire.questions if name in behind)


@functools.lru_cache(maxsize=4)
def level_steps(policy: Policy) -> tuple[int, ...]:
    """The steps that the level needs, in order."""
    program = everything(policy)
    needed = {program.outputs[LEVEL]}
    for number in range(len(program.steps) - 1, -1, -1):
        step = program.steps[number]
        if step.target in needed:
            needed.update(step.sources)
    return tuple(number for number, step in enumerate(program.steps) if step.target in needed)


def trace(policy: Policy, inputs: Inputs, people: int) -> Trace:
    """Every step behind the level, worked out for `count` people."""
    program = everything(policy)
    registers: list[Any] = [None] * program.registers
    for number in level_steps(policy):
        step = program.steps[number]
        registers[step.target] = step.kernel(inputs, *[registers[source] for source in step.sources])
    return Trace(registers, people)


def level_of(policy: Policy, traced: Trace) -> Bounds:
    """The bounds of the level (n,)."""
    level = traced.registers[everything(policy).outputs[LEVEL]]
    lower, upper = (np.broadcast_to(end, (traced.people,)) for end in level)
    return Bounds(lower, upper)


def questions_that_matter(policy: Policy, traced: Trace) -> dict[str, Truths]:
    """By question behind the level, for whom it can still matter: arrays of (n,) or (1,)."""
    program = everything(policy)
    questions = {program.outputs[name]: name for name in level_questions(policy)}
    highest = highest_registers(policy)
    matters: list[Truths | None] = [None] * program.registers
    matters[program.outputs[LEVEL]] = np.array([True])
    found: dict[str, Truths] = {}
    for number in reversed(level_steps(policy)):
        step = program.steps[number]
        read = matters[step.target]
        if read is None:
            continue
        value = traced.registers[step.target]
        name = questions.get(step.target)
        own = read & is_open(policy, value, name)
        if name is not None:
            found[name] = own
        if not own.any():
            continue
        values = highest.get(step.target)
        for place, source in enumerate(step.sources):
            passed = own if values is None else own & (values[place] > value.lower)
            before = matters[source]
            matters[source] = passed if before is None else before | passed
    return {name: found.get(name, NOBODY) for name in level_questions(policy)}


def is_open(policy: Policy, value: Bounds, question: str | None) -> Truths:
    """For whom a value is not settled."""
    if question is not None and isinstance(policy.questionnaire.questions[question].type, Nominal):
        several: Truths = (value.lower & (value.lower - value.lower.dtype.type(1))) != 0
        return several
    if value.lower is value.upper:
        return NOBODY
    return np.asarray(value.lower != value.upper)
