"""The slow evaluator that a person can follow: one fully answered person, one value at a time.

It is here to be read, and to be the judge of the fast evaluators: they are tested against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from recommender.rules.definitions import Asked, Definition, Formula
from recommender.rules.tree import (
    AllOf,
    Answered,
    AnyOf,
    Arithmetic,
    Choose,
    Comparison,
    Constant,
    CountTrue,
    Extreme,
    Membership,
    Node,
    Not,
    Ordered,
    Points,
    Reference,
)

COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
CALCULATE: Mapping[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}


class Incomplete(Exception):
    """A question that is asked, cannot be computed, and has no answer: the reference reads complete intakes only."""


class Person:
    """All named values of one person.

    `answers` holds a plain integer for each answered question; a question that is absent was not answered.
    """

    def __init__(self, definitions: Mapping[str, Definition], answers: Mapping[str, int]) -> None:
        self.definitions, self.answers = definitions, answers
        self.known: dict[str, int] = {}

    def value(self, name: str) -> int:
        """The value of a question, derived value, rating, strand or rule (rules and yes/no as 0 or 1)."""
        if name not in self.known:
            self.known[name] = self._work_out(self.definitions[name])
        return self.known[name]

    def _work_out(self, definition: Definition) -> int:
        if isinstance(definition, Asked):
            return self._question(definition)
        if isinstance(definition, Formula):
            return self.evaluate(definition.node)
        return max((value for rule, value in definition.cases if self.value(rule)), default=0)

    def _question(self, question: Asked) -> int:
        if question.name in self.answers:
            return self.answers[question.name]
        if question.ask_if is not None and not self.evaluate(question.ask_if):
            return question.when_not_asked
        if question.computed is not None:
            return self.evaluate(question.computed)
        raise Incomplete(question.name)

    def evaluate(self, node: Node) -> int:
        """The value of an expression; yes/no as 0 or 1."""
        match node:
            case Constant(value):
                return value
            case Reference(name):
                return self.value(name)
            case Answered(name):
                return int(name in self.answers)
            case Not(operand):
                return int(not self.evaluate(operand))
            case AllOf(operands):
                return int(all(self.evaluate(part) for part in operands))
            case AnyOf(operands):
                return int(any(self.evaluate(part) for part in operands))
            case Comparison(operator, left, right):
                return int(COMPARE[operator](self.evaluate(left), self.evaluate(right)))
            case Membership(operand, values):
                return int(self.evaluate(operand) in values)
            case Points(operand):
                assert isinstance(operand.type, Ordered)
                return operand.type.scores[self.evaluate(operand)]
            case Arithmetic(operator, left, right):
                return CALCULATE[operator](self.evaluate(left), self.evaluate(right))
            case Extreme(function, operands):
                results = [self.evaluate(part) for part in operands]
                return min(results) if function == "min" else max(results)
            case CountTrue(operands):
                return sum(self.evaluate(part) for part in operands)
            case Choose(condition, then, otherwise):
                return self.evaluate(then if self.evaluate(condition) else otherwise)
