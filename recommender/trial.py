"""One person many times over, each time with other answers: the level that follows, and whether the answers can stand.

What changes of answers are searched with. A question that is then not asked any more loses its answer; one that is then
asked for the first time is unknown until it is answered.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answer, Answers, Column, unknown
from recommender.contradictions import any_broken, compiled_checks
from recommender.explain import TRIED_WHOLE, Explainer
from recommender.policy import LEVEL, Policy
from recommender.questionnaire import Question
from recommender.rules.bounds import ANSWERED, MISSING, Bounds, dtype_of
from recommender.rules.definitions import Asked, Definition, Formula
from recommender.rules.program import Program, Step, compile_program
from recommender.rules.prose import at
from recommender.rules.tree import Comparison, Constant, Membership, Node, Nominal, names_asked_about, names_read, walk

Rows = NDArray[np.int64]

# In a row of trials: the answer stays as it is.
KEPT = -(2**40)
# Small enough that the arrays of one stretch stay in the processor's cache.
ROWS_AT_A_TIME = 16_384


class Outcome(NamedTuple):
    """What follows from each row of trials, arrays of n: the bounds of the level, and whether the answers can stand."""

    at_least: NDArray[np.int8]
    at_most: NDArray[np.int8]
    stands: NDArray[np.bool_]


class Trials:
    """One person's answers, ready to be changed.

    Where answers change, one whose question is then not asked falls away; where only open questions are answered, it
    stays, and can contradict what is answered.
    """

    def __init__(self, explainer: Explainer, *, answers_fall_away: bool = True) -> None:
        self.answers_fall_away = answers_fall_away
        self.policy, self.explainer = explainer.policy, explainer
        self.questions = self.policy.questionnaire.questions
        self.kept_while_asked = frozenset(filter(self.is_kept_while_asked, self.questions))
        self.worked_out = frozenset(filter(self.follows, explainer.answers.columns))
        self.columns = dict(self.starting_columns())
        self.around = trial_program(self.policy).around(Answers(1, self.columns).inputs())
        self.steps: list[Step] = []
        self.covered: frozenset[str] = frozenset()

    # ------------------------------------------------------------------------------------------- one person's answers
    def bounds(self, name: str) -> tuple[int, int]:
        """What is known of a question now."""
        value = self.explainer.values[name]
        return at(value.lower, 0), at(value.upper, 0)

    def is_asked(self, name: str) -> bool:
        """Whether a question is asked, or may be."""
        gate = self.questions[name].ask_if
        return gate is None or self.explainer.situation.truth(gate) is not False

    def is_answered(self, name: str) -> bool:
        """Whether there is an answer of the person's own, also a range, that a change can change."""
        column = self.explainer.answers.columns.get(name)
        return column is not None and column.state[0] == ANSWERED and name in self.columns

    def is_kept_while_asked(self, name: str) -> bool:
        """Whether the answer falls away with the question: unless it was given although nobody had asked."""
        question = self.questions[name]
        if question.ask_if is None or question.computed is not None or name in asked_about(self.policy):
            return False
        column = self.explainer.answers.columns.get(name)
        if column is None or column.state[0] == MISSING:
            return True
        return self.is_asked(name) and (self.answers_fall_away or column.state[0] != ANSWERED)

    def follows(self, name: str) -> bool:
        """Whether a total that was entered is known from its parts as well, so that it is worked out anew from them."""
        question = self.questions[name]
        if question.computed is None or not question.must_agree:
            return False
        low, high = self.explainer.situation.bounds(question.computed)
        return low == high

    def starting_columns(self) -> Iterator[tuple[str, Column]]:
        """The answers as they are, with one entry each."""
        for name, column in self.explainer.answers.columns.items():
            if name not in self.worked_out:
                state = self.state_of(name, np.asarray(column.state))
                yield name, Column(column.lower, column.upper, state)

    def state_of(self, name: str, state: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """An answer without the state of one counts exactly while its question is asked."""
        return np.full_like(state, MISSING) if name in self.kept_while_asked else state

    # ----------------------------------------------------------------------------------------------------- many trials
    def run(self, names: Sequence[str], rows: Rows) -> Outcome:
        """The outcome of each row (n, names) of answers to `names`, KEPT where the answer stays."""
        starts = range(0, max(len(rows), 1), ROWS_AT_A_TIME)
        parts = [self.stretch(names, rows[start : start + ROWS_AT_A_TIME]) for start in starts]
        if len(parts) == 1:
            return parts[0]
        return Outcome(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def stretch(self, names: Sequence[str], rows: Rows) -> Outcome:
        values, answers = self.values(names, rows)
        count = len(rows)
        level = values[LEVEL]
        broken = any_broken(self.policy.questionnaire, values, answers)
        spread = [np.broadcast_to(array, count) for array in (level.lower, level.upper, ~broken)]
        return Outcome(*spread)

    def values(self, names: Sequence[str], rows: Rows) -> tuple[Mapping[str, Bounds], Answers]:
        """By name, what is known with the answers of each row; and these answers."""
        columns = dict(self.columns)
        columns.update((name, self.column(name, rows[:, place])) for place, name in enumerate(names))
        answers = Answers(len(rows), columns)
        if not self.covered.issuperset(names):
            self.covered = self.covered.union(names)
            self.steps = self.around.steps_behind(self.covered)
        return self.around.run(self.steps, answers.inputs()), answers

    def column(self, name: str, tried: Rows) -> Column:
        """One question's answers, by row."""
        question = self.questions[name]
        now = self.columns.get(name) or nothing(question)
        changed = tried != KEPT
        if not changed.any():
            return now
        value = np.where(changed, tried, 0)
        given = (1 << value if isinstance(question.type, Nominal) else value).astype(dtype_of(question.type))
        lower = np.where(changed, given, now.lower)
        upper = lower if now.lower is now.upper else np.where(changed, given, now.upper)
        state = self.state_of(name, np.where(changed, np.uint8(ANSWERED), now.state))
        return Column(lower, upper, state)

    def after(self, answers: Mapping[str, Answer], changes: Sequence[Mapping[str, int]]) -> list[dict[str, Answer]]:
        """The person's answers with new ones, by change.

        What is then not asked, and totals that follow from their parts, fall away.
        """
        names = list(dict.fromkeys(name for new in changes for name in new))
        rows = np.array([[new.get(name, KEPT) for name in names] for new in changes], dtype=np.int64)
        values, _ = self.values(names, rows.reshape(len(changes), len(names)))
        gates = {name: values[gate_name(name)].upper for name in self.kept_while_asked}
        found = []
        for row, new in enumerate(changes):
            told = {**answers, **{name: plain_answer(self.questions[name], value) for name, value in new.items()}}
            closed = {name for name in told if name in gates and not at(gates[name], row)}
            found.append({n: answer for n, answer in told.items() if n not in closed and n not in self.worked_out})
        return found

    # ------------------------------------------------------------------------------------------------ values worth it
    def better(self, name: str) -> list[int]:
        """The answers worth trying that are better than what is known, the nearest first."""
        question = self.questions[name]
        ends = self.bounds(name)
        if question.worse == "none" or question.changes in ("fixed", "only_worse"):
            return []
        found = self.below(name, ends[0]) if question.worse == "up" else self.above(name, ends[1])
        return [value for value in found if value in question.improves_to or not question.improves_to]

    def worse(self, name: str) -> list[int]:
        """The answers worth trying that are worse than what is known, the nearest first."""
        question = self.questions[name]
        low, high = self.bounds(name)
        if question.worse == "none" or question.changes == "fixed":
            return []
        return self.above(name, high) if question.worse == "up" else self.below(name, low)

    def other(self, name: str) -> list[int]:
        """Answers without a better or worse that can change, the nearest first."""
        question = self.questions[name]
        if question.worse != "none" or question.changes == "fixed":
            return []
        low, high = self.bounds(name)
        if isinstance(question.type, Nominal):
            return [value for value in range(len(question.names)) if not low >> value & 1]
        found = [*self.below(name, low), *self.above(name, high)]
        return sorted(found, key=lambda value: (self.movement(name, value), value))

    def below(self, name: str, end: int) -> list[int]:
        """The highest answer below each cut-off under `end`, falling."""
        question = self.questions[name]
        if question.maximum - question.minimum < TRIED_WHOLE:
            return list(range(end - 1, question.minimum - 1, -1))
        cuts = {cut - 1 for cut in boundaries(self.policy).get(name, ())} | self.beside(name) | {question.minimum}
        return sorted((cut for cut in cuts if question.minimum <= cut < end), reverse=True)

    def above(self, name: str, end: int) -> list[int]:
        """The lowest answer above each cut-off over `end`, rising."""
        question = self.questions[name]
        if question.maximum - question.minimum < TRIED_WHOLE:
            return list(range(end + 1, question.maximum + 1))
        cuts = boundaries(self.policy).get(name, frozenset()) | self.beside(name) | {question.maximum}
        return sorted(cut for cut in cuts if end < cut <= question.maximum)

    def beside(self, name: str) -> set[int]:
        """Answers near to those of questions that this one is compared with."""
        found: set[int] = set()
        for partner in linked(self.policy).get(name, ()):
            ends = {*self.bounds(partner), *(cut - 1 for cut in boundaries(self.policy).get(partner, ()))}
            found |= {end + step for end in ends for step in (-1, 0, 1)}
        return found

    def movement(self, name: str, value: int) -> float:
        """How far an answer moves, as a part of the way that the rules can tell apart: 0 to 1."""
        question = self.questions[name]
        low, high = self.bounds(name)
        if isinstance(question.type, Nominal):
            return 1.0
        start = min(max(value, low), high)
        cuts: Sequence[int] | frozenset[int] = boundaries(self.policy).get(name, frozenset())
        if question.maximum - question.minimum < TRIED_WHOLE or not cuts:
            return abs(value - start) / (question.maximum - question.minimum)
        return sum(min(value, start) < cut <= max(value, start) for cut in cuts) / len(cuts)


def nothing(question: Question) -> Column:
    """A column of one in which there is no answer."""
    answer = unknown(question, MISSING)
    kind = dtype_of(question.type)
    lower, upper = (np.array([end], dtype=kind) for end in (answer.lower, answer.upper))
    return Column(lower, upper, np.array([MISSING], dtype=np.uint8))


def plain_answer(question: Question, value: int) -> Answer:
    """One value as an answer."""
    bits = 1 << value if isinstance(question.type, Nominal) else value
    return Answer(bits, bits)


def gate_name(question: str) -> str:
    """What the trial program calls the condition under which a question is asked."""
    return f"asked {question}"


@functools.lru_cache(maxsize=4)
def trial_program(policy: Policy) -> Program:
    """The level, the gates, and what contradicts itself, in one program."""
    questions = policy.questionnaire.questions.values()
    checks, _ = compiled_checks(policy.questionnaire)
    added = {check.name: Formula(check.name, check.node) for check in checks}
    gates = {gate_name(q.id): Formula(gate_name(q.id), q.ask_if) for q in questions if q.ask_if is not None}
    return compile_program({**policy.definitions, **added, **gates}, [LEVEL, *added, *gates])


@functools.lru_cache(maxsize=4)
def asked_about(policy: Policy) -> frozenset[str]:
    """The questions of which some rule asks whether they were answered."""
    return frozenset().union(*(names_asked_about(node) for node in nodes(policy)))


def nodes(policy: Policy) -> Iterator[Node]:
    """Every expression of a policy and its questionnaire."""
    for definition in policy.definitions.values():
        if isinstance(definition, Formula):
            yield definition.node
        elif isinstance(definition, Asked):
            yield from (node for node in (definition.ask_if, definition.computed) if node is not None)
    yield from (contradiction.when for contradiction in policy.questionnaire.contradictions)


@functools.lru_cache(maxsize=4)
def boundaries(policy: Policy) -> Mapping[str, frozenset[int]]:
    """By question, the answers from which on some condition may think otherwise than of the answer just below."""
    found: dict[str, set[int]] = {}
    for part in (part for node in nodes(policy) for part in walk(node)):
        match part:
            case Comparison(operator, left, Constant(value)):
                starts = {"<": (value,), ">=": (value,), ">": (value + 1,), "<=": (value + 1,)}
                cuts = set(starts.get(operator, (value, value + 1)))
            case Membership(left, values) if not isinstance(left.type, Nominal):
                cuts = {value + step for value in values for step in (0, 1)}
            case _:
                continue
        for name in names_read(left):
            for question in sources(policy.definitions, name):
                found.setdefault(question, set()).update(cuts)
    return {name: frozenset(cuts) for name, cuts in found.items()}


@functools.lru_cache(maxsize=4)
def linked(policy: Policy) -> Mapping[str, frozenset[str]]:
    """By question, those that some condition compares it with."""
    found: dict[str, set[str]] = {}
    for part in (part for node in nodes(policy) for part in walk(node)):
        if isinstance(part, Comparison) and not isinstance(part.right, Constant):
            sides = [set(names_read(side)) & set(policy.questionnaire.questions) for side in (part.left, part.right)]
            for one, other in (sides, sides[::-1]):
                for name in one:
                    found.setdefault(name, set()).update(other)
    return {name: frozenset(names) for name, names in found.items()}


def sources(definitions: Mapping[str, Definition], name: str) -> Iterator[str]:
    """The questions that the number behind a name is made of."""
    definition = definitions[name]
    if isinstance(definition, Asked):
        yield name
        inner = names_read(definition.computed) if definition.computed is not None else frozenset()
    else:
        inner = names_read(definition.node) if isinstance(definition, Formula) else frozenset()
    for part in sorted(inner):
        yield from sources(definitions, part)


__all__: list[Any] = ["KEPT", "Outcome", "Rows", "Trials", "plain_answer", "trial_program"]
