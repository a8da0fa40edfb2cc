"""What the names in expressions stand for, in an order in which each can be worked out from those before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from recommender.rules.tree import Node, Type, names_asked_about, names_read


class Asked(NamedTuple):
    """A question: answered directly, or else computed from other questions, or else anything in its domain.

    Where `ask_if` is certainly false and nothing was answered, the value is `when_not_asked`. `minimum` and `maximum`
    are the ends of the domain (positions for a scale; ignored for a choice without order).
    """

    name: str
    type: Type
    minimum: int
    maximum: int
    ask_if: Node | None = None
    when_not_asked: int = 0
    computed: Node | None = None


class Formula(NamedTuple):
    """A name for an expression: a derived value, or the condition of a rule."""

    name: str
    node: Node

    @property
    def type(self) -> Type:
        """The type of the expression."""
        return self.node.type


class Highest(NamedTuple):
    """The highest value among the rules that are true; 0 when none is. `cases` pairs a rule's name with its value."""

    name: str
    type: Type
    cases: tuple[tuple[str, int], ...]


Definition = Asked | Formula | Highest


class CircularDefinitions(Exception):
    """Names that are defined through each other, such as `a`, `b`, `a`."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(" → ".join(names))


def needs(definition: Definition) -> frozenset[str]:
    """The names that must be worked out before this one.

    `answered(x)` needs only the bare answer to x, never its worked-out value, so it makes no cycle.
    """
    match definition:
        case Asked(ask_if=ask_if, computed=computed):
            return frozenset().union(*(names_read(node) for node in (ask_if, computed) if node is not None))
        case Formula(node=node):
            return names_read(node)
        case Highest(cases=cases):
            return frozenset(name for name, _ in cases)


def asked_about(definition: Definition) -> frozenset[str]:
    """The questions whose bare answer the definition asks about through `answered(…)`."""
    match definition:
        case Asked(ask_if=ask_if, computed=computed):
            return frozenset().union(*(names_asked_about(node) for node in (ask_if, computed) if node is not None))
        case Formula(node=node):
            return names_asked_about(node)
        case Highest():
            return frozenset()


def in_order(definitions: Mapping[str, Definition], wanted: Iterable[str] | None = None) -> dict[str, Definition]:
    """The definitions sorted so that each stands after all that it needs; only those behind `wanted` if given.

    Raises `CircularDefinitions`.
    """
    ordered: dict[str, Definition] = {}
    open_names: list[str] = []

    def place(name: str) -> None:
        if name in ordered:
            return
        if name in open_names:
            raise CircularDefinitions((*open_names[open_names.index(name) :], name))
        open_names.append(name)
        for needed in sorted(needs(definitions[name])):
            place(needed)
        open_names.pop()
        ordered[name] = definitions[name]

    for name in definitions if wanted is None else wanted:
        place(name)
    return ordered


def questions_named(definitions: Mapping[str, Definition], name: str) -> frozenset[str]:
    """The questions that the named definition reads itself, not going into how a question is gated or computed."""
    definition = definitions[name]
    if isinstance(definition, Asked):
        return frozenset({name})
    return frozenset().union(*(questions_named(definitions, needed) for needed in needs(definition)))


def read_by(definition: Definition) -> frozenset[str]:
    """The names that a definition reads or asks about itself."""
    return needs(definition) | asked_about(definition)


def reached(step: Callable[[str], Iterable[str]], *names: str) -> frozenset[str]:
    """The names, and all that are reached from them by one step after another."""
    found: set[str] = set()
    waiting = [*names]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(step(current))
    return frozenset(found)


def names_behind(definitions: Mapping[str, Definition], *names: str) -> frozenset[str]:
    """Every name that the named definitions read or ask about, directly or through others, themselves included."""
    return reached(lambda name: read_by(definitions[name]), *names)


def questions_behind(definitions: Mapping[str, Definition], *names: str) -> frozenset[str]:
    """Every question that the named definitions read, directly or through others, themselves included if they are."""
    return frozenset(found for found in names_behind(definitions, *names) if isinstance(definitions[found], Asked))
