"""How much of the rules the cases reach: which conditions of each rule some pair of cases shows to matter.

The measure is MC/DC, known from the testing of aircraft software. A condition of a rule is shown when it is true in one
case and false in another, the rule is true in one and false in the other, and in both of them the condition alone
decides the rule: were it the other way round, so would be the rule. Best of all is a pair of cases that differ in
nothing but the answers behind that one condition.

The conditions of a derived value (`alcohol_regular`) are shown through a rule that reads it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.explain import everything
from recommender.policy import Derived, Policy
from recommender.rules.bounds import Bounds, Inputs, evaluate
from recommender.rules.definitions import questions_behind
from recommender.rules.prose import sentence
from recommender.rules.reference import COMPARE
from recommender.rules.tree import (
    AllOf,
    Answered,
    AnyOf,
    Comparison,
    Constant,
    CountTrue,
    Node,
    Not,
    Reference,
    Truth,
    names_asked_about,
    names_read,
)

Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Decision:
    """What a rule decides by: its expression, with one derived value written out or none."""

    rule: str
    node: Node
    within: str = ""

    @functools.cached_property
    def conditions(self) -> tuple[Node, ...]:
        """The parts that are true or false by themselves, in the order written."""
        return tuple(leaves(self.node))

    def decide(self, truths: Sequence[Truths]) -> Truths:
        """What the expression comes to, given for each condition whether it must and may be true."""
        return combined(self.node, iter(truths))


class Condition(NamedTuple):
    """One condition of a decision, by its place."""

    decision: Decision
    place: int

    @property
    def node(self) -> Node:
        """The condition itself."""
        return self.decision.conditions[self.place]

    @property
    def name(self) -> str:
        """The rule, what was written out in it, and the condition in words."""
        where = f" in {self.decision.within}" if self.decision.within else ""
        return f"{self.decision.rule}{where}: {sentence(self.node)}"


def leaves(node: Node) -> Iterator[Node]:
    """The conditions of an expression: what `and`, `or`, `not` and counting put together."""
    for part in joined(node):
        if part is node:
            yield node
        else:
            yield from leaves(part)


def joined(node: Node) -> tuple[Node, ...]:
    """The truths that an expression joins; itself where it joins none."""
    match node:
        case AllOf(operands) | AnyOf(operands) if operands:
            return operands
        case Not(operand):
            return (operand,)
        case Comparison(_, CountTrue(operands), Constant()):
            return operands
    return (node,)


def combined(node: Node, truths: Iterator[Truths]) -> Truths:
    """The truth of an expression from the truths of its conditions, in their order: (2, n), must and may."""
    parts = joined(node)
    if parts == (node,):
        return next(truths)
    values = np.stack([combined(part, truths) for part in parts])
    found: Any
    match node:
        case AllOf():
            found = values.all(axis=0)
        case AnyOf():
            found = values.any(axis=0)
        case Not():
            found = ~values[0, ::-1]
        case Comparison(operator, _, Constant(limit)):
            found = np.sort(COMPARE[operator](values.sum(axis=0), limit), axis=0)
        case _:
            raise TypeError(f"joins nothing: {type(node).__name__}")
    return np.asarray(found, dtype=bool)


# ---------------------------------------------------------------------------------------------------------- decisions
def conditions_of(policy: Policy) -> tuple[Condition, ...]:
    """Every condition to show: of each rule, and of each derived value through the first rules that read it."""
    found = [Condition(d, place) for d in decisions_of(policy) for place in range(len(d.conditions))]
    return tuple(found)


def decisions_of(policy: Policy) -> Iterator[Decision]:
    """The rules of the mask, each by itself."""
    for rule in policy.rules.values():
        yield Decision(rule.id, rule.when)


def derived_conditions(policy: Policy) -> Iterator[tuple[tuple[Condition, ...], ...]]:
    """For each condition of a derived value the ways to show it: one through each rule that reads the value."""
    for derived in policy.derived:
        own = formula_conditions(derived.node)
        if own:
            through = tuple(opened(policy, derived))
            yield tuple(tuple(same(decision, node) for decision in through) for node in own)


def opened(policy: Policy, derived: Derived) -> Iterator[Decision]:
    """The rules with a derived value written out in them, where they read it, also through one other such value."""
    for rule in policy.rules.values():
        nodes = (rule.when, *(written_out(rule.when, other.id, other.node) for other in policy.derived))
        for node in dict.fromkeys(nodes):
            written = written_out(node, derived.id, derived.node)
            if written != node:
                yield Decision(rule.id, written, derived.id)
                break


def formula_conditions(node: Node) -> tuple[Node, ...]:
    """The conditions of a derived value that is a truth or a count of truths."""
    if isinstance(node, CountTrue):
        return tuple(leaf for part in node.operands for leaf in leaves(part))
    return tuple(leaves(node)) if isinstance(node.type, Truth) else ()


def same(decision: Decision, node: Node) -> Condition:
    """The first place of a condition in a decision."""
    return Condition(decision, next(n for n, leaf in enumerate(decision.conditions) if leaf is node))


def written_out(node: Node, name: str, value: Node) -> Node:
    """An expression with the value in the place of its name, where truths and counts stand."""
    match node:
        case Reference(found) if found == name and isinstance(value.type, Truth):
            return value
        case Comparison(operator, Reference(found), Constant() as limit) if found == name and isinstance(
            value, CountTrue
        ):
            return Comparison(operator, value, limit)
        case AllOf(operands):
            return AllOf(tuple(written_out(part, name, value) for part in operands))
        case AnyOf(operands):
            return AnyOf(tuple(written_out(part, name, value) for part in operands))
        case Not(operand):
            return Not(written_out(operand, name, value))
        case Comparison(operator, CountTrue(operands, kind), right):
            return Comparison(operator, CountTrue(tuple(written_out(p, name, value) for p in operands), kind), right)
    return node


# ------------------------------------------------------------------------------------------------------------ measure
class Reach:
    """The truths of all conditions over some answered people."""

    def __init__(self, policy: Policy, answers: Answers) -> None:
        self.policy, self.answers = policy, answers
        self.inputs: Inputs = answers.inputs()
        self.values: Mapping[str, Bounds] = everything(policy).run(self.inputs)

    def truths(self, node: Node) -> Truths:
        """(2, n): for whom a condition must, and for whom it may be true."""
        ends = evaluate(node, self.values, self.inputs)
        return np.stack([np.broadcast_to(end, self.answers.count) for end in ends]).astype(bool)

    def decides(self, condition: Condition) -> tuple[Truths, Truths]:
        """For whom a condition alone decides its rule: those for whom the rule is then true, and then false.

        What is unknown may be so where it makes no difference. Of a measurement that was not taken nobody knows what
        it would have done, so it is enough that it could have turned the rule.
        """
        truths = [self.truths(node) for node in condition.decision.conditions]
        own = truths[condition.place]
        turned = [~truth[::-1] if place == condition.place else truth for place, truth in enumerate(truths)]
        as_is, otherwise = (condition.decision.decide(each) for each in (truths, turned))
        settled = (own[0] == own[1]) & (as_is[0] == as_is[1])
        turns = as_is[0] != otherwise
        alone = settled & (turns.any(axis=0) if isinstance(condition.node, Answered) else turns.all(axis=0))
        return alone & as_is[0], alone & ~as_is[0]

    def shows(self, condition: Condition) -> bool:
        """Whether two of the people show that the condition matters."""
        true, false = self.decides(condition)
        return bool(true.any() and false.any())

    def pairs(self, condition: Condition) -> bool:
        """Whether two such people differ in nothing but answers behind the condition."""
        true, false = self.decides(condition)
        prints = self.fingerprints(self.behind(condition.node))
        return not set(prints[true].tolist()).isdisjoint(prints[false].tolist())

    def behind(self, node: Node) -> frozenset[str]:
        """The questions behind a condition."""
        names = names_read(node) | names_asked_about(node)
        return frozenset().union(*(questions_behind(self.policy.definitions, name) for name in names))

    def fingerprints(self, without: frozenset[str]) -> NDArray[np.uint64]:
        """One number a person, equal for people who give the same answers to all other questions."""
        result = np.zeros(self.answers.count, dtype=np.uint64)
        for name, column in self.hashes.items():
            if name not in without:
                result += column
        return result

    @functools.cached_property
    def hashes(self) -> dict[str, NDArray[np.uint64]]:
        """By question, a number for each answer; answers that are alike have the same."""
        chance = np.random.default_rng(0)
        found = {}
        for name, column in self.answers.columns.items():
            rows = np.stack([column.lower, column.upper, column.state], axis=1).astype(np.int64)
            _, codes = np.unique(rows, axis=0, return_inverse=True)
            found[name] = chance.integers(1, 2**62, size=int(codes.max()) + 1, dtype=np.uint64)[codes.reshape(-1)]
        return found


@dataclass(frozen=True)
class Coverage:
    """How far some cases show each condition: by a pair that differs in it alone, by two other cases, or not."""

    paired: tuple[str, ...]
    shown: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many conditions there are."""
        return len(self.paired) + len(self.shown) + len(self.missing)

    @property
    def share(self) -> float:
        """The share of all conditions that is shown in either way."""
        return 1 - len(self.missing) / self.count


def measure(policy: Policy, answers: Answers) -> Coverage:
    """The MC/DC of a policy's rules and derived values over some cases."""
    reach = Reach(policy, answers)
    paired: list[str] = []
    shown: list[str] = []
    missing: list[str] = []
    for ways in ways_to_show(policy):
        found = paired if any(map(reach.pairs, ways)) else shown if any(map(reach.shows, ways)) else missing
        found.append(ways[0].name)
    return Coverage(tuple(paired), tuple(shown), tuple(missing))


def ways_to_show(policy: Policy) -> Iterator[tuple[Condition, ...]]:
    """Each condition to show, with every way to show it; one is enough."""
    for condition in conditions_of(policy):
        yield (condition,)
    for conditions in derived_conditions(policy):
        yield from (ways for ways in conditions if ways)
