"""What answers say about the states of a population's questions: a plain answer, a range, a set, a gate, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.likely.population import Variable
from recommender.questionnaire import Question, Questionnaire
from recommender.rules.bounds import ANSWERED, MISSING, Bounds, Given, Program, compile_program
from recommender.rules.definitions import Formula
from recommender.rules.tree import Nominal

Array = NDArray[Any]
Floats = NDArray[np.float64]
_COMPILED: dict[str, Program] = {}


def gate_of(name: str) -> str:
    """The name under which the condition of a question is worked out."""
    return f"gate of {name}"


def question_values(questionnaire: Questionnaire, answers: Answers) -> dict[str, Bounds]:
    """What is known of every question, and of every gate (under `gate_of`)."""
    if questionnaire.hash not in _COMPILED:
        gates = {gate_of(q.id): Formula(gate_of(q.id), q.ask_if) for q in questionnaire.questions.values() if q.ask_if}
        definitions = {**questionnaire.definitions, **gates}
        _COMPILED[questionnaire.hash] = compile_program(definitions, definitions)
    return _COMPILED[questionnaire.hash].run(answers.inputs())


def weights_of(
    question: Question, variable: Variable, values: Mapping[str, Bounds], given: Given | None, count: int
) -> Floats:
    """For each person, how much of each state the answers leave possible: (n, states), 0 to 1."""
    value = values[question.id]
    weights = np.zeros((count, variable.states))
    asked = len(variable.starts)
    weights[:, :asked] = inside(question, variable, value)
    if not variable.blank:
        return weights
    answered = np.zeros(count, dtype=bool) if given is None else given.state == ANSWERED
    weights[~answered, asked] = 1
    if question.ask_if is not None:
        gate = values[gate_of(question.id)]
        entered = np.zeros(1, dtype=bool) if given is None else given.state != MISSING
        weights[np.broadcast_to(gate.lower, (count,)), asked] = 0
        weights[np.broadcast_to(~gate.upper & ~entered, (count,)), :asked] = 0
    return weights


def inside(question: Question, variable: Variable, value: Bounds) -> Floats:
    """The part of each state's values that lies in each person's range or set: (n or 1, states)."""
    if isinstance(question.type, Nominal):
        bits = value.lower.astype(np.int64)[:, None]
        return (bits >> variable.starts & 1).astype(np.float64)
    low = np.maximum(value.lower.astype(np.int64)[:, None], variable.starts)
    high = np.minimum(value.upper.astype(np.int64)[:, None], variable.ends)
    part: Floats = np.maximum(high - low + 1, 0) / (variable.ends - variable.starts + 1)
    return part
