"""What an expression is once it has been read: a small typed tree. Every evaluator walks this tree and nothing else.

All values are integers. A yes/no answer is 0 or 1, a scale or choice answer is the position of its choice, a count is
itself. Text appears only in the types, which know how positions are called.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Truth:
    """Yes or no."""


@dataclass(frozen=True, slots=True)
class Number:
    """An integer from `minimum` to `maximum`, in `unit` (None fits any unit)."""

    minimum: int
    maximum: int
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """A position on a list of named choices, first to last; `scores` are the points of each in an instrument."""

    choices: tuple[str, ...]
    scores: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Nominal:
    """One of several named choices without an order."""

    choices: tuple[str, ...]


Type = Truth | Number | Ordered | Nominal


class Constant(NamedTuple):
    """A value written in the rule."""

    value: int
    type: Type


class Reference(NamedTuple):
    """A question, derived value, rating, strand or the level, by name."""

    name: str
    type: Type


class Answered(NamedTuple):
    """Whether the question itself has an answer. Never unknown."""

    name: str
    type: Type = Truth()


class Not(NamedTuple):
    """True when the operand is false."""

    operand: Node
    type: Type = Truth()


class AllOf(NamedTuple):
    """`and`: true when every operand is."""

    operands: tuple[Node, ...]
    type: Type = Truth()


class AnyOf(NamedTuple):
    """`or`: true when at least one operand is."""

    operands: tuple[Node, ...]
    type: Type = Truth()


class Comparison(NamedTuple):
    """`==  !=  <  <=  >  >=` between two numbers or two positions on the same choices."""

    operator: str
    left: Node
    right: Node
    type: Type = Truth()


class Membership(NamedTuple):
    """Whether the operand is one of the positions in `values`."""

    operand: Node
    values: frozenset[int]
    type: Type = Truth()


class Points(NamedTuple):
    """The instrument points of a scale answer."""

    operand: Node
    type: Number


class Arithmetic(NamedTuple):
    """`+  -  *` of two numbers."""

    operator: str
    left: Node
    right: Node
    type: Number


class Extreme(NamedTuple):
    """`min` or `max` of numbers, or of positions on the same choices."""

    function: str
    operands: tuple[Node, ...]
    type: Type


class CountTrue(NamedTuple):
    """How many of the operands are true."""

    operands: tuple[Node, ...]
    type: Number


class Choose(NamedTuple):
    """`then if condition else otherwise`."""

    condition: Node
    then: Node
    otherwise: Node
    type: Type


Node = (
    Constant
    | Reference
    | Answered
    | Not
    | AllOf
    | AnyOf
    | Comparison
    | Membership
    | Points
    | Arithmetic
    | Extreme
    | CountTrue
    | Choose
)


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, in the order written."""
    match node:
        case Not(operand) | Membership(operand) | Points(operand):
            return (operand,)
        case AllOf(operands) | AnyOf(operands) | CountTrue(operands) | Extreme(_, operands):
            return operands
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            return (left, right)
        case Choose(condition, then, otherwise):
            return (condition, then, otherwise)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything under it."""
    yield node
    for child in children(node):
        yield from walk(child)


def names_read(node: Node) -> frozenset[str]:
    """Every question, derived value, rating or strand that the expression reads by value."""
    return frozenset(part.name for part in walk(node) if isinstance(part, Reference))


def names_asked_about(node: Node) -> frozenset[str]:
    """Every question named in `answered(…)`."""
    return frozenset(part.name for part in walk(node) if isinstance(part, Answered))
