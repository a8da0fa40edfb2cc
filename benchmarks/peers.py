"""The same rules in other hands: exported to zen-engine, walked one person at a time, and through pandas `apply`.

All take complete intakes that lie in memory already, give level, ratings and fired rules, and must agree with `assess`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from recommender.assessment import assess
from recommender.policy import LEVEL, Policy
from recommender.rules.bounds import ANSWERED
from recommender.rules.definitions import Asked, Definition, Formula, Highest, in_order
from recommender.rules.reference import Incomplete, Person
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
    Ordered,
    Points,
    Reference,
    Truth,
)
from recommender.simulation import simulate_answers

Answered_ = dict[str, int]
Peer = tuple[str, Callable[[], object], dict[str, int]]
TABLE, ALL = "placement", "everything"


def complete_people(policy: Policy, wanted: int) -> tuple[list[Answered_], list[int]]:
    """Simulated people of whom the level can be worked out without bounds, and their level."""
    answers = simulate_answers(20 * wanted, seed=3, unknown_share=0)
    result = assess(policy, answers)
    people, levels = [], []
    for row in range(answers.count):
        person = plain_answers(policy, answers, row)
        try:
            Person(policy.definitions, person).value(LEVEL)
            [Person(policy.definitions, person).value(name) for name in policy.assessed]
        except Incomplete:
            continue
        people.append(person)
        levels.append(int(result.level_at_least[row]))
        if len(people) == wanted:
            break
    return people, levels


def plain_answers(policy: Policy, answers: Any, row: int) -> Answered_:
    """One person's plain answers; a choice without order as its position."""
    found = {}
    for name, column in answers.columns.items():
        low, high = int(column.lower[row]), int(column.upper[row])
        nominal = isinstance(policy.questionnaire.questions[name].type, Nominal)
        if column.state[row] == ANSWERED and (low.bit_count() == 1 if nominal else low == high):
            found[name] = low.bit_length() - 1 if nominal else low
    return found


def peers(policy: Policy, wanted: int) -> Iterator[Peer]:
    """Each peer with its work over the same people, and how many of their levels agree with ours."""
    people, levels = complete_people(policy, wanted)
    everything = policy.assessed

    def walk() -> list[int]:
        return [walked(person)[LEVEL] for person in people]

    def walked(person: Answered_) -> dict[str, int]:
        one = Person(policy.definitions, person)
        return {name: one.value(name) for name in everything}

    yield "plain Python, the reference evaluator", walk, agreement(walk(), levels)

    import pandas

    frame = pandas.DataFrame(people)

    def apply() -> list[int]:
        return list(frame.apply(lambda row: walked({k: int(v) for k, v in row.dropna().items()})[LEVEL], axis=1))

    yield "the same through pandas apply", apply, agreement(apply(), levels)

    try:
        import zen
    except ImportError:
        return
    decision = zen.ZenEngine().create_decision(json.dumps(exported(policy)))
    contexts = [in_zen(policy, person) for person in people]

    def decide() -> list[int]:
        return [int(decision.evaluate(context)["result"][LEVEL]) for context in contexts]

    yield "zen-engine, one decision a person", decide, agreement(decide(), levels)


def agreement(found: list[int], levels: list[int]) -> dict[str, int]:
    return {"people": len(levels), "levels_equal": int(np.sum(np.array(found) == np.array(levels)))}


def in_zen(policy: Policy, person: Answered_) -> dict[str, Any]:
    """One person's answers as the exported decision takes them: yes and no are truth values."""
    kinds = {name: policy.questionnaire.questions[name].type for name in person}
    return {"a": {name: bool(v) if isinstance(kinds[name], Truth) else v for name, v in person.items()}}


def exported(policy: Policy) -> dict[str, Any]:
    """The policy as a zen decision: expressions, then the placement as a decision table of which all hits count."""
    ordered = in_order(policy.definitions, policy.assessed)
    expressions = [{"id": name, "key": name, "value": defined(definition)} for name, definition in ordered.items()]
    rules = [{"_id": rule.id, "in": rule.id, "out": str(rule.value)} for rule in policy.level_rules]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {
            "id": ALL,
            "type": "expressionNode",
            "name": ALL,
            "content": {"expressions": expressions, "passThrough": False},
        },
        {
            "id": TABLE,
            "type": "decisionTableNode",
            "name": TABLE,
            "content": {
                "hitPolicy": "collect",
                "inputs": [{"id": "in", "name": "rule"}],
                "outputs": [{"id": "out", "name": "level", "field": "level"}],
                "rules": rules,
                "passThrough": True,
                "outputPath": "hits",
            },
        },
        {
            "id": "level",
            "type": "expressionNode",
            "name": "level",
            "content": {
                "expressions": [
                    {"id": "x", "key": LEVEL, "value": "max(flatMap([[{level: 0}], hits], map(#, #.level)))"}
                ],
                "passThrough": True,
            },
        },
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    order = ["in", ALL, TABLE, "level", "out"]
    edges = [{"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in itertools.pairwise(order)]
    return {"nodes": nodes, "edges": edges}


def defined(definition: Definition) -> str:
    """One definition as an expression over `a` (the answers) and `$` (what was worked out before)."""
    if isinstance(definition, Formula):
        return spelt(definition.node)
    if isinstance(definition, Highest):
        return f"max([0, {', '.join(f'($.{rule} ? {value} : 0)' for rule, value in definition.cases)}])"
    assert isinstance(definition, Asked)
    given = f"a.{definition.name}"
    otherwise = spelt(definition.computed) if definition.computed is not None else "null"
    if definition.ask_if is not None:
        fixed = definition.when_not_asked
        closed = ("false", "true")[fixed] if isinstance(definition.type, Truth) else str(fixed)
        otherwise = f"({spelt(definition.ask_if)} ? {otherwise} : {closed})"
    return f"({given} != null ? {given} : {otherwise})"


def spelt(node: Node) -> str:
    """An expression tree in zen's words."""
    match node:
        case Reference(name):
            return f"$.{name}"
        case Constant(value, kind):
            return ("false", "true")[value] if isinstance(kind, Truth) else str(value)
        case Answered(name):
            return f"(a.{name} != null)"
        case Comparison(operator, left, right) | Arithmetic(operator, left, right):
            return f"({spelt(left)} {operator} {spelt(right)})"
        case Not(operand):
            return f"(not {spelt(operand)})"
        case AllOf(operands):
            return f"({' and '.join(map(spelt, operands))})"
        case AnyOf(operands):
            return f"({' or '.join(map(spelt, operands))})"
        case Membership(operand, values):
            return f"({spelt(operand)} in [{', '.join(map(str, sorted(values)))}])"
        case Points(operand):
            assert isinstance(operand.type, Ordered)
            return f"([{', '.join(map(str, operand.type.scores))}][{spelt(operand)}])"
        case Extreme(function, operands):
            return f"{function}([{', '.join(map(spelt, operands))}])"
        case CountTrue(operands):
            return f"sum([{', '.join(f'({spelt(operand)} ? 1 : 0)' for operand in operands)}])"
        case Choose(condition, then, otherwise):
            return f"({spelt(condition)} ? {spelt(then)} : {spelt(otherwise)})"
    raise TypeError(f"not an operation: {type(node).__name__}")
