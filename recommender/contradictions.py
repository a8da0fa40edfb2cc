"""Answers that cannot stand together: found for many people at once, and told to whoever entered them.

Three kinds: a question with an answer although it is certainly not asked, a total that its parts cannot add up to, and
what the questionnaire itself declares as a contradiction. Unknown answers never make one: each is certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answer, Answers, Column, answers_of, write_text
from recommender.errors import Fault
from recommender.questionnaire import Contradiction, Question, Questionnaire
from recommender.rules.bounds import ANSWERED, Bounds
from recommender.rules.definitions import Formula, questions_behind
from recommender.rules.program import Program, compile_program
from recommender.rules.tree import Node, Nominal, names_asked_about, names_read

Truths = NDArray[np.bool_]

UNSURE_REMEDY = "Correct what is wrong; where that cannot be found out, answer not_known."
# Small enough that the arrays of one stretch stay in the processor's cache.
PEOPLE_AT_A_TIME = 16_384
NOBODY = np.array([False])


def check_intake(
    questionnaire: Questionnaire, answers: Mapping[str, Answer], unread: frozenset[str] = frozenset()
) -> list[Fault]:
    """The contradictions in one person's answers; `unread` names questions with an answer that could not be read."""
    rows = {name: np.array([True]) for name in unread}
    return [fault for _, fault in contradictions(questionnaire, answers_of(questionnaire, [answers]), rows)]


def contradictions(
    questionnaire: Questionnaire, answers: Answers, unread: Mapping[str, Truths] | None = None
) -> list[tuple[int, Fault]]:
    """What certainly cannot stand together, by row (from 0) of many people's answers.

    `unread` says for which rows (n,) the answer to a question was there and could not be read. A contradiction that
    hangs on such a question is not reported: it may go away with the fault.
    """
    found: list[tuple[int, Fault]] = []
    for start in range(0, answers.count, PEOPLE_AT_A_TIME):
        part = answers.rows(start, start + PEOPLE_AT_A_TIME)
        doubt = {name: rows[start : start + PEOPLE_AT_A_TIME] for name, rows in (unread or {}).items()}
        found.extend((start + row, fault) for row, fault in _contradictions_of(questionnaire, part, doubt))
    return sorted(found, key=lambda entry: entry[0])


def _contradictions_of(
    questionnaire: Questionnaire, answers: Answers, unread: Mapping[str, Truths]
) -> Iterator[tuple[int, Fault]]:
    _, program = compiled_checks(questionnaire)
    yield from broken_checks(questionnaire, answers, program.run(answers.inputs()), unread)


def broken_checks(
    questionnaire: Questionnaire, answers: Answers, values: Mapping[str, Bounds], unread: Mapping[str, Truths]
) -> Iterator[tuple[int, Fault]]:
    """The contradictions by row, from the values of the checks' conditions, worked out already."""
    checks, _ = compiled_checks(questionnaire)
    for check in checks:
        broken = check.broken(values[check.name], answers)
        # What a check hangs on is looked up only where an answer could not be read: it takes longer than the check.
        for name in reads(questionnaire, check) & unread.keys() if unread else ():
            broken = broken & ~unread[name]
        for row in np.flatnonzero(np.broadcast_to(broken, answers.count)):
            yield int(row), check.fault(questionnaire, answers, values[check.name], int(row))


def any_broken(questionnaire: Questionnaire, values: Mapping[str, Bounds], answers: Answers) -> Truths:
    """Whose answers certainly contradict each other, from values by the checks' names: (n,), or (1,) for all alike."""
    checks, _ = compiled_checks(questionnaire)
    result: Truths = NOBODY
    for check in checks:
        result = result | check.broken(values[check.name], answers)
    return result


@dataclass(frozen=True)
class Check:
    """One way in which answers can contradict each other: a condition, and the questions that a person is told of."""

    name: str
    node: Node
    questions: tuple[str, ...]
    what: str
    remedy: str

    def broken(self, value: Bounds, answers: Answers) -> Truths:
        """For whom the answers certainly contradict each other: (n,), or (1,) where it is the same for everybody."""
        raise NotImplementedError

    def fault(self, questionnaire: Questionnaire, answers: Answers, value: Bounds, row: int) -> Fault:
        """The contradiction as one person is told of it, with the answers as given."""
        given = ", ".join((*self.answers_given(questionnaire, answers, row), *self.also_known(value, row)))
        return Fault(self.what, field=", ".join(self.questions), given=given, remedy=self.remedy)

    def answers_given(self, questionnaire: Questionnaire, answers: Answers, row: int) -> Iterator[str]:
        for name in self.questions:
            column = answers.columns.get(name)
            if column is not None and column.state[row] == ANSWERED:
                answer = Answer(int(column.lower[row]), int(column.upper[row]))
                yield f"{name} = {write_text(questionnaire.questions[name], answer)}"

    def also_known(self, _value: Bounds, _row: int) -> Iterator[str]:
        """What beside the answers helps to see the contradiction."""
        return iter(())


class Impossible(Check):
    """A rule of the questionnaire that may not be true."""

    def broken(self, value: Bounds, _answers: Answers) -> Truths:
        return value.lower


@dataclass(frozen=True)
class ClosedGate(Check):
    """A question that is certainly not asked and has an answer other than the one that then holds."""

    question: Question

    def broken(self, value: Bounds, answers: Answers) -> Truths:
        column = answers.columns.get(self.question.id)
        if column is None:
            return NOBODY
        broken: Truths = ~value.upper & (column.state == ANSWERED) & excludes(self.question, column)
        return broken


@dataclass(frozen=True)
class WrongTotal(Check):
    """A total that its parts cannot add up to."""

    question: Question

    def broken(self, value: Bounds, answers: Answers) -> Truths:
        column = answers.columns.get(self.question.id)
        if column is None:
            return NOBODY
        apart = (column.lower > value.upper) | (column.upper < value.lower)
        broken: Truths = apart & (column.state == ANSWERED)
        return broken

    def also_known(self, value: Bounds, row: int) -> Iterator[str]:
        ends = [int(end[row if len(end) > 1 else 0]) for end in value]
        yield f"its parts give {write_text(self.question, Answer(*ends))}"


def excludes(question: Question, column: Column) -> Truths:
    """Who gave an answer that cannot be the one that holds when the question is not asked."""
    fixed = question.when_not_asked
    if isinstance(question.type, Nominal):
        missed: Truths = (column.lower & column.lower.dtype.type(1 << fixed)) == 0
        return missed
    outside: Truths = (column.lower > fixed) | (column.upper < fixed)
    return outside


# Kept by the hash of the questions: a questionnaire itself cannot be a key of a cache.
_COMPILED: dict[str, tuple[tuple[Check, ...], Program]] = {}


def compiled_checks(questionnaire: Questionnaire) -> tuple[tuple[Check, ...], Program]:
    """Every check of a questionnaire, and the program that works out their conditions; compiled once."""
    if questionnaire.hash not in _COMPILED:
        checks = tuple(checks_of(questionnaire))
        formulas = {check.name: Formula(check.name, check.node) for check in checks}
        program = compile_program({**questionnaire.definitions, **formulas}, formulas)
        _COMPILED[questionnaire.hash] = checks, program
    return _COMPILED[questionnaire.hash]


def conditions(questionnaire: Questionnaire) -> dict[str, Formula]:
    """What the checks hang on, by the names under which `broken_checks` wants their values."""
    checks, _ = compiled_checks(questionnaire)
    return {check.name: Formula(check.name, check.node) for check in checks}


def checks_of(questionnaire: Questionnaire) -> Iterator[Check]:
    for question in questionnaire.questions.values():
        if question.ask_if is not None and question.answered_anyway == "contradiction":
            yield closed_gate(questionnaire, question, question.ask_if)
        if question.computed is not None and question.must_agree:
            yield wrong_total(question, question.computed)
    for contradiction in questionnaire.contradictions:
        yield impossible(contradiction)


def closed_gate(questionnaire: Questionnaire, question: Question, gate: Node) -> Check:
    named = named_in(questionnaire, gate)
    return ClosedGate(
        name=f"gate of {question.id}",
        node=gate,
        questions=(question.id, *named),
        what=f"`{question.id}` has an answer, but is asked only if {question.ask_if_text}",
        remedy=f"Take out the answer to `{question.id}`, or correct {' or '.join(f'`{name}`' for name in named)}.",
        question=question,
    )


def wrong_total(question: Question, total: Node) -> Check:
    return WrongTotal(
        name=f"parts of {question.id}",
        node=total,
        questions=(question.id,),
        what=f"`{question.id}` does not agree with its parts, {question.computed_text}",
        remedy=f"Correct the total or the parts; without an answer, `{question.id}` is worked out from its parts.",
        question=question,
    )


def impossible(contradiction: Contradiction) -> Check:
    return Impossible(
        name=f"contradiction {contradiction.id}",
        node=contradiction.when,
        questions=contradiction.questions,
        what=f"{contradiction.why.rstrip('.')} ({contradiction.id})",
        remedy=UNSURE_REMEDY,
    )


def named_in(questionnaire: Questionnaire, node: Node) -> tuple[str, ...]:
    """The questions that a condition names itself, in the order asked."""
    names = names_read(node) | names_asked_about(node)
    return tuple(name for name in questionnaire.questions if name in names)


def reads(questionnaire: Questionnaire, check: Check) -> frozenset[str]:
    """Every question that a check hangs on, also through other questions."""
    behind = (questions_behind(questionnaire.definitions, name) for name in named_in(questionnaire, check.node))
    return frozenset(check.questions).union(*behind)
