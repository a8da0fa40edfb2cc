"""Expressions in English: a rule as a clinician reads it, and the facts that made it true for one person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from recommender.rules.bounds import Bounds, Inputs, evaluate
from recommender.rules.definitions import Definition, Formula
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
    Nominal,
    Not,
    Number,
    Ordered,
    Points,
    Reference,
    Truth,
    children,
)

NUMBER_WORDS: Mapping[str, str] = {
    ">=": "is {} or more",
    ">": "is more than {}",
    "<=": "is {} or less",
    "<": "is less than {}",
    "==": "is {}",
    "!=": "is not {}",
}
SCALE_WORDS: Mapping[str, str] = {
    ">=": "is “{}” or beyond",
    ">": "is beyond “{}”",
    "<=": "is at most “{}”",
    "<": "is below “{}”",
    "==": "is “{}”",
    "!=": "is not “{}”",
}
OPPOSITE: Mapping[str, str] = {">=": "<", ">": "<=", "<=": ">", "<": ">=", "==": "!=", "!=": "=="}

Label = Callable[[str], str]


def plain(name: str) -> str:
    """A name as words: `opioid_days` is "opioid days"."""
    return name.replace("_", " ")


def sentence(node: Node, label: Label = plain) -> str:
    """The expression in words. `label` says what each name is called."""
    return _Writer(label).write(node)


class _Writer:
    def __init__(self, label: Label) -> None:
        self.label = label

    def write(self, node: Node) -> str:
        match node:
            case Constant(value, kind):
                return constant_words(value, kind)
            case Reference(name):
                return self.label(name)
            case Answered(name):
                return f"{self.label(name)} was answered"
            case Not(operand):
                return self.negated(operand)
            case AllOf(()):
                return "always"
            case AllOf(operands):
                return " and ".join(self.inner(part) for part in operands)
            case AnyOf(operands):
                return " or ".join(self.inner(part) for part in operands)
            case Comparison(operator, left, right):
                return f"{self.write(left)} {self.compared(operator, left, right)}"
            case Membership(operand, values):
                return f"{self.write(operand)} is {self.one_of(operand, values)}"
            case Points(operand):
                return self.write(operand)
            case Arithmetic(operator, left, right):
                return f"{self.inner(left)} {'×' if operator == '*' else operator} {self.inner(right)}"
            case Extreme(function, operands):
                which = "highest" if function == "max" else "lowest"
                return f"the {which} of ({', '.join(self.write(part) for part in operands)})"
            case CountTrue(operands):
                return f"how many of these hold ({'; '.join(self.write(part) for part in operands)})"
            case Choose(condition, then, otherwise):
                return f"({self.write(then)} if {self.write(condition)}, else {self.write(otherwise)})"

    def inner(self, node: Node) -> str:
        text = self.write(node)
        return f"({text})" if isinstance(node, AllOf | AnyOf | Arithmetic) else text

    def negated(self, operand: Node) -> str:
        if isinstance(operand, Comparison):
            return self.write(Comparison(OPPOSITE[operand.operator], operand.left, operand.right))
        if isinstance(operand, Membership):
            return f"{self.write(operand.operand)} is not {self.one_of(operand.operand, operand.values)}"
        return f"no {self.write(operand)}" if isinstance(operand, Reference) else f"not ({self.write(operand)})"

    def compared(self, operator: str, left: Node, right: Node) -> str:
        operator = at_the_end(operator, left, right)
        words = SCALE_WORDS if isinstance(right.type, Ordered) else NUMBER_WORDS
        return words[operator].format(self.write(right))

    def one_of(self, operand: Node, values: frozenset[int]) -> str:
        kind = operand.type
        names = [f"“{constant_words(value, kind)}”" for value in sorted(values)]
        return " or ".join(names)


def at_the_end(operator: str, left: Node, right: Node) -> str:
    """`>= last` and `<= first` are said as plain equality."""
    if not isinstance(right, Constant):
        return operator
    low, high = ends(left)
    if (operator == ">=" and right.value == high) or (operator == "<=" and right.value == low):
        return "=="
    return operator


def ends(node: Node) -> tuple[int, int]:
    """The smallest and largest value of a node."""
    kind = node.type
    if isinstance(kind, Number):
        return kind.minimum, kind.maximum
    return 0, 1 if isinstance(kind, Truth) else len(kind.choices) - 1


def constant_words(value: int, kind: object) -> str:
    """A value as people read it."""
    return plain(kind.choices[value]) if isinstance(kind, Ordered | Nominal) else str(value)


# ------------------------------------------------------------------------------------------- the facts of one person
class Situation:
    """One person's bounds by name, from which the facts behind a rule are picked out."""

    def __init__(
        self, definitions: Mapping[str, Definition], values: Mapping[str, Bounds], inputs: Inputs, row: int = 0
    ) -> None:
        self.definitions, self.values, self.inputs, self.row = definitions, values, inputs, row

    def truth(self, node: Node) -> bool | None:
        """True, False, or None while unanswered questions leave it open."""
        must, may = self.bounds(node)
        return True if must else None if may else False

    def bounds(self, node: Node) -> tuple[int, int]:
        """The lowest and highest value of an expression for this person."""
        value = evaluate(node, self.values, self.inputs)
        return at(value.lower, self.row), at(value.upper, self.row)

    def grounds(self, node: Node, holds: bool = True) -> Iterator[Node]:
        """The smallest parts of a settled condition that make it hold, or not hold, for this person."""
        match node:
            case Not(operand):
                yield from self.grounds(operand, not holds)
            case AllOf(operands):
                yield from self._parts(operands, holds, every=holds)
            case AnyOf(operands):
                yield from self._parts(operands, holds, every=not holds)
            case Comparison(">=" | ">", CountTrue(operands), Constant()) if holds:
                for part in operands:
                    if self.truth(part):
                        yield from self.grounds(part)
            case Comparison(operator, Reference(name), Constant() as limit) if (
                parts := self.counted(name)
            ) is not None:
                yield node if holds else Not(node)
                yield from self.grounds(Comparison(operator, parts, limit)) if holds else ()
            case Reference(name) if isinstance(formula := self.definitions.get(name), Formula):
                yield from self.grounds(formula.node, holds)
            case _:
                yield node if holds else Not(node)

    def counted(self, name: str) -> CountTrue | None:
        """What a named count counts, if the name is one."""
        formula = self.definitions.get(name)
        return formula.node if isinstance(formula, Formula) and isinstance(formula.node, CountTrue) else None

    def _parts(self, operands: tuple[Node, ...], holds: bool, *, every: bool) -> Iterator[Node]:
        settled = [part for part in operands if self.truth(part) is holds]
        for part in settled if every else settled[:1]:
            yield from self.grounds(part, holds)

    def open_parts(self, node: Node) -> Iterator[Node]:
        """The smallest parts of an expression that unanswered questions leave open, and that leave it open."""
        if not self.is_open(node):
            return
        match node:
            case Comparison(_, Reference(name), Constant()) if not self.is_named(name):
                yield node
            case Reference(name) if self.is_named(name):
                formula = self.definitions[name]
                assert isinstance(formula, Formula)
                yield from self.open_parts(formula.node)
            case _ if children(node):
                for part in children(node):
                    yield from self.open_parts(part)
            case _:
                yield node

    def is_open(self, node: Node) -> bool:
        """Whether unanswered questions leave the value of an expression open."""
        low, high = self.bounds(node)
        return low.bit_count() > 1 if isinstance(node.type, Nominal) else low != high

    def is_named(self, name: str) -> bool:
        """Whether a name stands for an expression."""
        return isinstance(self.definitions.get(name), Formula)


def at(array: np.ndarray, row: int) -> int:
    """One person's entry, also where one entry stands for everybody."""
    return int(array[row if len(array) > 1 else 0])
