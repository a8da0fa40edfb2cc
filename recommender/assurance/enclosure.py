"""That unknown answers never hide the truth: every completion of an intake lies inside the bounds that it was given.

Shown by induction, one definition at a time. Its parts may lie anywhere inside their bounds; then what is worked out
from them must lie inside the bounds that are worked out. And where nothing is unknown both ends are the same, so that
every complete intake gets exactly one level.
"""

from __future__ import annotations

from collections.abc import Mapping

import z3

from recommender.assurance.direction import cuts, free
from recommender.rules.definitions import Asked, Definition, Formula, Highest, needs
from recommender.rules.smt import LOWER, UPPER, Person, Term
from recommender.rules.tree import (
    AllOf,
    Answered,
    AnyOf,
    Arithmetic,
    Comparison,
    Constant,
    CountTrue,
    Extreme,
    Node,
    Nominal,
    Points,
    Reference,
    walk,
)

# Each end of these is made from the same ends of their parts, so what holds of the parts holds of them.
PLAIN = (Reference, Constant, Answered, AllOf, AnyOf, CountTrue, Extreme, Points)


def is_plain(definition: Definition) -> bool:
    """Whether the form of a definition alone shows that it keeps inside its bounds."""
    if isinstance(definition, Highest):
        return True
    if isinstance(definition, Asked) and definition.ask_if is not None:
        return False
    node = definition.node if isinstance(definition, Formula) else definition.computed
    return node is None or all(keeps_ends(part) for part in walk(node))


def keeps_ends(node: Node) -> bool:
    """Whether one step of an expression makes its lower end from lower ends and its upper end from upper ends."""
    match node:
        case Arithmetic("+") | Comparison(">=" | ">", _, Constant()):
            return True
    return isinstance(node, PLAIN)


def escapes(definitions: Mapping[str, Definition], name: str) -> bool:
    """Whether some completion can leave the bounds of this definition while its parts stay inside theirs."""
    if is_plain(definitions[name]):
        return False
    person, completion, among = pair(definitions, name)
    outside: list[Term] = []
    for value in cuts(among[name]):
        truth = completion.at_least(name, value)
        outside += [z3.And(truth, z3.Not(person.at_least(name, value, UPPER)))]
        if not isinstance(among[name].type, Nominal):
            outside += [z3.And(person.at_least(name, value, LOWER), z3.Not(truth))]
    return satisfiable(person, completion, outside)


def is_vague(definitions: Mapping[str, Definition], name: str) -> bool:
    """Whether the two ends of this definition can differ although nothing in its parts is unknown."""
    if is_plain(definitions[name]):
        return False
    person, completion, among = pair(definitions, name)
    apart = [person.at_least(name, k, LOWER) != person.at_least(name, k, UPPER) for k in cuts(among[name])]
    same = [
        law
        for part in list(person.answers)
        for law in person.answer(part, UPPER).may_be_below(person.answer(part, LOWER))
    ]
    choices = [sides for sides in person.upper.values() if isinstance(sides.type, Nominal)]
    same += [z3.AtMost(*sides.made.values(), 1) for sides in choices]
    return satisfiable(person, completion, apart, same)


def pair(definitions: Mapping[str, Definition], name: str) -> tuple[Person, Person, dict[str, Definition]]:
    """An incomplete person and a complete one, over the definition with free values in place of its parts."""
    definition = definitions[name]
    among: dict[str, Definition] = {part: free(definitions[part]) for part in needs(definition)}
    among[name] = definition
    person = Person(among, upper={})
    return person, Person(among, entered=person.entered, mark=" truly"), among


def satisfiable(person: Person, completion: Person, any_of: list[Term], all_of: list[Term] | None = None) -> bool:
    """Whether one of the terms can hold of the two, while the completion lies inside the answers of the person."""
    completion.entered = person.entered
    for name in {*person.answers, *person.upper, *completion.answers}:
        for end in (LOWER, UPPER):
            person.answer(name, end)
        completion.answer(name)
    solver = z3.SolverFor("QF_FD")
    for name, truly in completion.answers.items():
        solver.add(list(truly.may_be_below(person.answer(name, UPPER))))
        if not isinstance(truly.type, Nominal):
            solver.add(list(person.answer(name, LOWER).may_be_below(truly)))
        solver.add(list(truly.laws()))
    solver.add(person.laws())
    solver.add(all_of or [])
    solver.add(z3.Or(any_of))
    return bool(solver.check() == z3.sat)
