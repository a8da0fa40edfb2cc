"""The solver's reading: every name as a formula over the answers, so that something can be shown for *all* intakes.

A rule only ever asks on which side of some value a number lies. So a number is read here as the truths "at least k",
one for each k that anybody asks for: an answer of 0 to 20,000 days that the rules compare with 4, 12 and 20 is three
variables. All formulas are then propositional, which a solver decides in milliseconds where it would need minutes for
integers.

Like `bounds.py`, a `Person` has a lower and an upper end: of a truth, whether it must and whether it may be true. For
a complete person both ends are the same, and the formulas mean what `reference.py` works out. Generated tests hold the
readings to each other.

Several people may share answers: that is how "the same person with one answer changed" is said, and how two policies
are compared on the same people.

Needs z3, which the extra `prove` installs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import z3

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
    Nominal,
    Not,
    Number,
    Ordered,
    Points,
    Reference,
    Truth,
    Type,
)

Term = Any  # z3 has no useful static types
LOWER, UPPER = 0, 1


class Sides:
    """One answer as variables: "at least k" for each k asked for; of a choice without order, one for each choice."""

    def __init__(self, name: str, kind: Type) -> None:
        self.name, self.type = name, kind
        self.lowest, self.highest = ends_of(kind)
        self.made: dict[int, Term] = {}
        if isinstance(kind, Nominal):
            self.made = {choice: self._variable(f"{name} is {choice}") for choice in range(len(kind.choices))}

    def at_least(self, value: int) -> Term:
        """Whether the answer is `value` or more; of a choice without order, whether it may be that choice."""
        if isinstance(self.type, Nominal):
            return self.made[value]
        if not self.lowest < value <= self.highest:
            return z3.BoolVal(value <= self.lowest)
        if value not in self.made:
            self.made[value] = self._variable(f"{self.name} >= {value}")
        return self.made[value]

    def laws(self) -> Iterator[Term]:
        """What holds of every plain answer: "at least 5" makes "at least 3" true; just one choice is made."""
        if isinstance(self.type, Nominal):
            yield z3.Or(*self.made.values())
            yield z3.AtMost(*self.made.values(), 1)
            return
        cuts = sorted(self.made)
        for lower, higher in itertools.pairwise(cuts):
            yield z3.Implies(self.made[higher], self.made[lower])

    def may_be_below(self, other: Sides) -> Iterator[Term]:
        """That the other answer is the same or more, at every value that either is asked about."""
        for value in sorted(self.made.keys() | other.made.keys()):
            yield z3.Implies(self.at_least(value), other.at_least(value))

    def read(self, model: z3.ModelRef) -> tuple[int, int]:
        """The smallest and largest answer that the model stands for. Of a choice, twice the choice."""
        true = [value for value, term in self.made.items() if z3.is_true(model.eval(term, model_completion=True))]
        if isinstance(self.type, Nominal):
            return true[0], true[0]
        false = [value for value in self.made if value not in true]
        return max(true, default=self.lowest), min(false, default=self.highest + 1) - 1

    def is_value(self, value: int) -> list[Term]:
        """The literals, one for each variable made, that say that the answer is `value`."""
        if isinstance(self.type, Nominal):
            return [term if choice == value else z3.Not(term) for choice, term in self.made.items()]
        return [term if value >= cut else z3.Not(term) for cut, term in self.made.items()]

    def _variable(self, name: str) -> Term:
        return z3.Bool(name)


class Key(NamedTuple):
    """What a formula was made for."""

    name: str
    value: int
    end: int


class Person:
    """One person's formulas by name, made when first asked for.

    `answers` are what is answered, by question; `entered` says whether a question has an answer of its own, where that
    matters: it may be computed, is not always asked, or is looked at through `answered(…)`. `upper` gives the highest
    possible answers of an incomplete person; without it the person is complete. What is not given is made.
    """

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        answers: Mapping[str, Sides] | None = None,
        entered: Mapping[str, Term] | None = None,
        upper: Mapping[str, Sides] | None = None,
        *,
        mark: str = "",
    ) -> None:
        self.definitions, self.mark = definitions, mark
        self.answers: dict[str, Sides] = dict(answers or {})
        self.upper: dict[str, Sides] = self.answers if upper is None else dict(upper)
        self.complete = upper is None
        self.entered: dict[str, Term] = dict(entered or {})
        self.made: dict[Key, Term] = {}

    def changed(
        self, answers: Mapping[str, Sides], definitions: Mapping[str, Definition] | None = None, mark: str = ""
    ) -> Person:
        """The same complete person with other answers to some questions, or under other definitions.

        Shares every variable but those given, also the ones that either makes later.
        """
        other = Person(definitions or self.definitions, mark=mark or self.mark)
        other.answers = other.upper = _Shared(self.answers, answers)
        other.entered = self.entered
        return other

    # ------------------------------------------------------------------------------------------------- variables
    def answer(self, name: str, end: int = LOWER) -> Sides:
        """The variables for the answer to a question."""
        # A set of possible choices has no two ends: it is what may be.
        nominal = isinstance(self.definitions[name].type, Nominal)
        answers = self.upper if (end or nominal) and not self.complete else self.answers
        if name not in answers:
            mark = f"{self.mark}{' at most' if answers is self.upper and not self.complete else ''}"
            answers[name] = Sides(name + mark, self.definitions[name].type)
        return answers[name]

    def is_entered(self, name: str) -> Term:
        """The variable for whether the question has an answer of its own."""
        if name not in self.entered:
            self.entered[name] = z3.Bool(f"{name} entered")
        return self.entered[name]

    def laws(self) -> list[Term]:
        """What holds of all answers made so far. Ask for it once every formula is made."""
        found = [law for sides in self.answers.values() for law in sides.laws()]
        if not self.complete:
            found += [law for s in self.upper.values() if not isinstance(s.type, Nominal) for law in s.laws()]
            found += [z3.Or(*s.made.values()) for s in self.upper.values() if isinstance(s.type, Nominal)]
            found += [law for n in list(self.answers) for law in self.answer(n).may_be_below(self.answer(n, UPPER))]
        return found

    # ------------------------------------------------------------------------------------------------- by name
    def truth(self, name: str, end: int = LOWER) -> Term:
        """Whether the named yes/no must (lower end) or may (upper end) be true."""
        return self.at_least(name, 1, end)

    def at_least(self, name: str, value: int, end: int = LOWER) -> Term:
        """Whether the lowest or highest value of a name is `value` or more.

        Of a choice without order: whether it is that choice.
        """
        kind = self.definitions[name].type
        if not isinstance(kind, Nominal) and value <= ends_of(kind)[0]:
            return z3.BoolVal(True)
        key = Key(name, value, LOWER if self.complete else end)
        if key not in self.made:
            self.made[key] = self._define(self.definitions[name], value, key.end)
        return self.made[key]

    def equals(self, name: str, value: int) -> Term:
        """Whether a complete person has just this value."""
        if isinstance(self.definitions[name].type, Nominal):
            return self.at_least(name, value)
        return z3.And(self.at_least(name, value), z3.Not(self.at_least(name, value + 1)))

    def _define(self, definition: Definition, value: int, end: int) -> Term:
        if isinstance(definition, Asked):
            return self._question(definition, value, end)
        if isinstance(definition, Formula):
            return self.node_at_least(definition.node, value, end)
        return self._any([self.truth(rule, end) for rule, worth in definition.cases if worth >= value])

    def _question(self, question: Asked, value: int, end: int) -> Term:
        """An answer that was entered; else what is computed or, where it is not asked, the fixed value.

        Where it is unsure whether it is asked, both are possible: the lower end is the lower of the two.
        """
        given = self.answer(question.name, end).at_least(value)
        if question.ask_if is None and question.computed is None:
            return given
        otherwise = given if question.computed is None else self.node_at_least(question.computed, value, end)
        if question.ask_if is not None:
            fixed = value == question.when_not_asked if isinstance(question.type, Nominal) else None
            fixed = value <= question.when_not_asked if fixed is None else fixed
            # "Asked" pulls the value away from the fixed one, so which end of it counts depends on where that lies.
            asked = self.node_truth(question.ask_if, end if not fixed else 1 - end)
            otherwise = z3.Or(z3.Not(asked), otherwise) if fixed else z3.And(asked, otherwise)
        return z3.If(self.is_entered(question.name), given, otherwise)

    # ---------------------------------------------------------------------------------------------- expressions
    def node_truth(self, node: Node, end: int = LOWER) -> Term:
        """Whether a yes/no expression must or may be true."""
        match node:
            case Constant(value):
                return z3.BoolVal(bool(value))
            case Reference(name):
                return self.truth(name, end)
            case Answered(name):
                return self.is_entered(name)
            case Not(operand):
                return z3.Not(self.node_truth(operand, 1 - end))
            case AllOf(operands):
                return self._all([self.node_truth(part, end) for part in operands])
            case AnyOf(operands):
                return self._any([self.node_truth(part, end) for part in operands])
            case Comparison(operator, left, right):
                return self._compare(operator, left, right, end)
            case Membership(operand, values):
                return self._member(operand, values, end)
            case Choose(condition, then, otherwise):
                return self._choose(condition, self.node_truth(then, end), self.node_truth(otherwise, end), end)
        raise TypeError(f"not a yes/no: {type(node).__name__}")

    def node_at_least(self, node: Node, value: int, end: int = LOWER) -> Term:
        """Whether the lowest or highest value of an expression is `value` or more; of a choice, whether it is that."""
        low, high = ends_of(node.type)
        if not isinstance(node.type, Nominal) and not low < value <= high:
            return z3.BoolVal(value <= low)
        match node:
            case Constant(constant, Nominal()):
                return z3.BoolVal(constant == value)
            case Constant(constant):
                return z3.BoolVal(constant >= value)
            case Reference(name):
                return self.at_least(name, value, end)
            case Points(operand):
                return self._points(operand, value, end)
            case Arithmetic(operator, left, right):
                return self._calculate(operator, left, right, value, end)
            case Extreme(function, operands):
                parts = [self.node_at_least(part, value, end) for part in operands]
                return self._any(parts) if function == "max" else self._all(parts)
            case CountTrue(operands):
                return z3.AtLeast(*[self.node_truth(part, end) for part in operands], value)
            case Choose(condition, then, otherwise):
                parts = [self.node_at_least(part, value, end) for part in (then, otherwise)]
                return self._choose(condition, parts[0], parts[1], end)
        return self.node_truth(node, end)

    def _compare(self, operator: str, left: Node, right: Node, end: int) -> Term:
        if operator in ("==", "!="):
            same = end if operator == "==" else 1 - end
            both = z3.And(self._reaches(left, right, same), self._reaches(right, left, same))
            return both if operator == "==" else z3.Not(both)
        if operator in (">=", "<="):
            return self._reaches(*((left, right) if operator == ">=" else (right, left)), end)
        return z3.Not(self._reaches(*((right, left) if operator == ">" else (left, right)), 1 - end))

    def _reaches(self, more: Node, less: Node, end: int) -> Term:
        """That `more` is at least as large as `less`."""
        if isinstance(less, Constant):
            return self.node_at_least(more, less.value, end)
        if isinstance(more, Constant):
            return z3.Not(self.node_at_least(less, more.value + 1, 1 - end))
        (lowest, highest), (floor, ceiling) = ends_of(more.type), ends_of(less.type)
        # Wherever `less` is at least k, `more` must be too; beyond the ends of either the answer is the same for all k.
        steps = [
            z3.Or(z3.Not(self.node_at_least(less, value, 1 - end)), self.node_at_least(more, value, end))
            for value in range(max(lowest + 1, floor), min(highest, ceiling) + 2)
        ]
        return self._all(steps)

    def _member(self, operand: Node, values: frozenset[int], end: int) -> Term:
        if isinstance(operand.type, Nominal):
            return self._nominal_member(operand, values, end)
        return self._any([self._between(operand, low, high, end) for low, high in runs(values)])

    def _nominal_member(self, operand: Node, values: frozenset[int], end: int) -> Term:
        """Some possible choice is among the values; at the lower end, no other choice is possible."""
        low, high = ends_of(operand.type)
        if end == UPPER or self.complete:
            return self._any([self.node_at_least(operand, value, UPPER) for value in sorted(values)])
        others = [value for value in range(low, high + 1) if value not in values]
        return z3.Not(self._any([self.node_at_least(operand, value, UPPER) for value in others]))

    def _between(self, operand: Node, low: int, high: int, end: int) -> Term:
        above = z3.Not(self.node_at_least(operand, high + 1, 1 - end))
        return z3.And(self.node_at_least(operand, low, end), above)

    def _choose(self, condition: Node, then: Term, otherwise: Term, end: int) -> Term:
        """The branch taken; where that is unsure, the lower (or upper) of both."""
        sure, possible = self.node_truth(condition, LOWER), self.node_truth(condition, UPPER)
        if self.complete:
            return z3.If(sure, then, otherwise)
        unsure = z3.And(then, otherwise) if end == LOWER else z3.Or(then, otherwise)
        return z3.If(sure, then, z3.If(possible, unsure, otherwise))

    def _points(self, node: Node, value: int, end: int) -> Term:
        """The first choice with so many points or more; points never fall along the choices."""
        assert isinstance(node.type, Ordered)
        first = next(place for place, score in enumerate(node.type.scores) if score >= value)
        return self.node_at_least(node, first, end)

    def _calculate(self, operator: str, left: Node, right: Node, value: int, end: int) -> Term:
        if operator == "+":
            return self.sum_at_least(list(summands(left, right)), value, end)
        low, high = ends_of(left.type)
        if operator == "-":
            # left - right >= value: for some k, left is at least k and right is not k - value + 1 or more.
            return self._any(
                [
                    z3.And(
                        self.node_at_least(left, k, end),
                        z3.Not(self.node_at_least(right, k - value + 1, 1 - end)),
                    )
                    for k in range(low, high + 1)
                ]
            )
        return self._product(left, right, value, end)

    def sum_at_least(self, parts: Sequence[Node], value: int, end: int = LOWER) -> Term:
        """Whether a sum is `value` or more, as the count of the steps that its parts have climbed."""
        value -= sum(part.value for part in parts if isinstance(part, Constant))
        parts = [part for part in parts if not isinstance(part, Constant)]
        if len(parts) == 1:
            return self.node_at_least(parts[0], value, end)
        steps = [
            self.node_at_least(part, step, end)
            for part in parts
            for step in range(ends_of(part.type)[0] + 1, ends_of(part.type)[1] + 1)
        ]
        climbed = value - sum(ends_of(part.type)[0] for part in parts)
        if not 0 < climbed <= len(steps):
            return z3.BoolVal(climbed <= 0)
        return z3.AtLeast(*steps, climbed)

    def _product(self, left: Node, right: Node, value: int, end: int) -> Term:
        """A product with a number that is written out; the language has hardly a use for any other."""
        if isinstance(right, Constant):
            left, right = right, left
        if not isinstance(left, Constant):
            raise NotImplementedError("a product of two unknowns has no reading for the solver")
        if left.value > 0:
            return self.node_at_least(right, -(-value // left.value), end)
        if left.value == 0:
            return z3.BoolVal(value <= 0)
        # A negative factor turns it round: the product is at least `value` where the other is at most value / factor.
        return z3.Not(self.node_at_least(right, value // left.value + 1, 1 - end))

    def _all(self, terms: Sequence[Term]) -> Term:
        return terms[0] if len(terms) == 1 else z3.And(*terms) if terms else z3.BoolVal(True)

    def _any(self, terms: Sequence[Term]) -> Term:
        return terms[0] if len(terms) == 1 else z3.Or(*terms) if terms else z3.BoolVal(False)


class _Shared(dict[str, Sides]):
    """The answers of one person seen through a few that differ; what is made here is made there."""

    def __init__(self, base: dict[str, Sides], own: Mapping[str, Sides]) -> None:
        super().__init__(own)
        self.base = base

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.base

    def __missing__(self, name: str) -> Sides:
        return self.base[name]

    def __setitem__(self, name: str, sides: Sides) -> None:
        self.base[name] = sides


def ends_of(kind: Type) -> tuple[int, int]:
    """The smallest and largest value of a type."""
    if isinstance(kind, Number):
        return kind.minimum, kind.maximum
    return 0, 1 if isinstance(kind, Truth) else len(kind.choices) - 1


def runs(values: frozenset[int]) -> Iterator[tuple[int, int]]:
    """The values as stretches without a gap: 1, 2, 5 is 1 to 2 and 5 to 5."""
    ordered = sorted(values)
    starts = [value for value in ordered if value - 1 not in values]
    ends = [value for value in ordered if value + 1 not in values]
    yield from zip(starts, ends, strict=True)


def summands(*nodes: Node) -> Iterator[Node]:
    """The parts of a sum of sums."""
    for node in nodes:
        if isinstance(node, Arithmetic) and node.operator == "+":
            yield from summands(node.left, node.right)
        else:
            yield node
