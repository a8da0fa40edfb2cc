"""Which way each value moves when answers get worse: read off the structure where it shows, else asked of the solver.

Every question that has a worse direction moves in it, or stays, all of them at once; questions without one stay as they
are. If every definition then moves one way only, no single worse answer can do otherwise either: moving one question is
the case in which the others stay.

Definitions are taken in the order in which they are worked out, so each rests on what is already shown of its parts.
Most are plain: what is made by `and`, `or`, sums, `max` and `>=` from parts that rise, rises. What is left (an `if`, an
`==`, a gate that opens on a fixed value in the middle) goes to the solver, over the definition alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

import z3

from recommender.rules.definitions import Asked, Definition, Formula, in_order, needs
from recommender.rules.smt import Person, Sides, Term, ends_of
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
    Node,
    Nominal,
    Not,
    Points,
    Reference,
    names_read,
)


class Direction(Enum):
    """How a value moves when answers get worse."""

    SAME = "stays"
    UP = "rises or stays"
    DOWN = "falls or stays"
    MIXED = "may do either"

    def turned(self) -> Direction:
        """The direction of the opposite."""
        return {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP}.get(self, self)

    def and_(self, other: Direction) -> Direction:
        """The direction of what rests on both."""
        if Direction.SAME in (self, other):
            return other if self is Direction.SAME else self
        return self if self is other else Direction.MIXED


OWN = {"up": Direction.UP, "down": Direction.DOWN, "none": Direction.SAME}
RISING = {">=": True, ">": True, "<=": False, "<": False}


class Directions:
    """The direction of every definition behind some names, and how it was found.

    `worse` says of each question which way is worse: up, down or none. `by_solver` holds the names whose structure did
    not show it.
    """

    def __init__(self, definitions: Mapping[str, Definition], worse: Mapping[str, str], names: Iterable[str]) -> None:
        self.definitions, self.worse = definitions, worse
        self.found: dict[str, Direction] = {}
        self.by_solver: set[str] = set()
        for name, definition in in_order(definitions, names).items():
            self.found[name] = self._of(name, definition)

    def _of(self, name: str, definition: Definition) -> Direction:
        direction = self.by_structure(definition)
        if direction is Direction.MIXED:
            self.by_solver.add(name)
            direction = self.by_cases(definition)
        return direction

    # ------------------------------------------------------------------------------------------------ structure
    def by_structure(self, definition: Definition) -> Direction:
        """What the form of a definition shows."""
        if isinstance(definition, Asked):
            return self._question(definition)
        if isinstance(definition, Formula):
            return self.of_node(definition.node)
        return self._joined(self.found[rule] for rule, _ in definition.cases)

    def _question(self, question: Asked) -> Direction:
        own = OWN[self.worse[question.name]]
        otherwise = own if question.computed is None else self.of_node(question.computed)
        gate = Direction.SAME if question.ask_if is None else self._gate(question, self.of_node(question.ask_if))
        return self._joined((own, otherwise, gate))

    def _gate(self, question: Asked, direction: Direction) -> Direction:
        """What opening a gate does: away from the fixed value, which is an end of the domain or lies inside it."""
        if direction is Direction.SAME:
            return direction
        if isinstance(question.type, Nominal):
            return Direction.MIXED
        fixed_at = {question.minimum: direction, question.maximum: direction.turned()}
        return fixed_at.get(question.when_not_asked, Direction.MIXED)

    def of_node(self, node: Node) -> Direction:
        """The direction of an expression."""
        match node:
            case Constant() | Answered():
                return Direction.SAME
            case Reference(name):
                return self.found[name]
            case Not(operand):
                return self.of_node(operand).turned()
            case Comparison(operator, left, right) if operator in RISING:
                both = self.of_node(left).and_(self.of_node(right).turned())
                return both if RISING[operator] else both.turned()
            case Points(operand):
                return self.of_node(operand)
            case Arithmetic("+", left, right):
                return self.of_node(left).and_(self.of_node(right))
            case Arithmetic("-", left, right):
                return self.of_node(left).and_(self.of_node(right).turned())
            case AllOf(operands) | AnyOf(operands) | CountTrue(operands) | Extreme(_, operands):
                return self._joined(self.of_node(part) for part in operands)
            case Choose(condition, then, otherwise) if self.of_node(condition) is Direction.SAME:
                return self.of_node(then).and_(self.of_node(otherwise))
        return self._joined(
            Direction.MIXED if self.found[name] is not Direction.SAME else Direction.SAME for name in names_read(node)
        )

    def _joined(self, directions: Iterable[Direction]) -> Direction:
        result = Direction.SAME
        for direction in directions:
            result = result.and_(direction)
        return result

    # --------------------------------------------------------------------------------------------------- solver
    def by_cases(self, definition: Definition) -> Direction:
        """What the solver shows of a definition whose parts may take any values that keep their own directions."""
        return self.shown(definition, self.cut(definition))

    def cut(self, definition: Definition) -> dict[str, Definition]:
        """The definition over free values in place of its parts."""
        parts = {name: free(self.definitions[name]) for name in needs(definition)}
        return {**parts, definition.name: definition}

    def shown(self, definition: Definition, among: Mapping[str, Definition]) -> Direction:
        """The direction of a definition, whatever the free values in `among` are."""
        before = Person(among)
        moved = {name: Sides(f"{name}'", part.type) for name, part in among.items() if isinstance(part, Asked)}
        after = before.changed(moved)
        pairs = [(before.at_least(definition.name, k), after.at_least(definition.name, k)) for k in cuts(definition)]
        solver = z3.SolverFor("QF_FD")
        solver.add([law for sides in moved.values() for law in sides.laws()])
        solver.add(before.laws())
        for name, sides in moved.items():
            solver.add(self.moves(name, before.answer(name), sides))
        rises = all(solver.check(high, z3.Not(low)) == z3.unsat for high, low in pairs)
        falls = all(solver.check(low, z3.Not(high)) == z3.unsat for high, low in pairs)
        if rises and falls:
            return Direction.SAME
        return Direction.UP if rises else Direction.DOWN if falls else Direction.MIXED

    def moves(self, name: str, before: Sides, after: Sides) -> list[Term]:
        """That a value moves as it is known to."""
        known = self.found.get(name, OWN.get(self.worse.get(name, ""), Direction.MIXED))
        rising = list(before.may_be_below(after)) if known in (Direction.UP, Direction.SAME) else []
        falling = list(after.may_be_below(before)) if known in (Direction.DOWN, Direction.SAME) else []
        return rising + falling


def free(definition: Definition) -> Asked:
    """A value of the same type that may be anything."""
    low, high = ends_of(definition.type)
    return Asked(definition.name, definition.type, low, high)


def cuts(definition: Definition) -> range:
    """The values at which "at least" says something."""
    low, high = ends_of(definition.type)
    return range(low, high + 1) if isinstance(definition.type, Nominal) else range(low + 1, high + 1)
