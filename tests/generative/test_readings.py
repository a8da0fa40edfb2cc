"""The four readings of a rule agree: reference, bounds, solver, and the facts that prose states.

`pytest --hypothesis-profile=long` tries 20,000 intakes and more.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.answers import answers_of
from recommender.assessment import assess
from recommender.explain import Explainer
from recommender.policy import LEVEL, Policy
from recommender.rules.bounds import Bounds, evaluate, whole_domain
from recommender.rules.definitions import Asked, Definition, Formula
from recommender.rules.program import compile_program
from recommender.rules.reference import Person as Reference_
from recommender.rules.smt import LOWER, UPPER, Person, Sides, ends_of
from recommender.rules.tree import Node, Nominal, Number, Type
from tests.generative.test_adult_policy import SEEDS, complete_person, plain
from tests.generative.test_bounds import COMPUTED, GATES, SCOPE, as_given, definitions, people, truths

PEOPLE = 7  # an example of the short profile; 80 examples make more than 500 intakes


class Solved:
    """The policy as the solver reads it, for one complete person after another."""

    def __init__(self, policy: Policy) -> None:
        self.person = Person(policy.definitions)
        outputs = (LEVEL, *(a.id for a in policy.areas), *(s.id for s in policy.strands), *policy.rules)
        self.terms = {
            name: [self.person.at_least(name, k) for k in range(low + 1, high + 1)]
            for name in outputs
            for low, high in [ends_of(policy.definitions[name].type)]
        }
        self.solver = z3.SolverFor("QF_FD")
        self.solver.add(self.person.laws())

    def values(self, answers: Mapping[str, int]) -> dict[str, int]:
        """What the solver makes of a person, by name."""
        told = [x for name, s in self.person.answers.items() if name in answers for x in s.is_value(answers[name])]
        told += [e if name in answers else z3.Not(e) for name, e in self.person.entered.items()]
        assert self.solver.check(*told) == z3.sat
        model = self.solver.model()
        return {
            name: sum(z3.is_true(model.eval(term, model_completion=True)) for term in terms)
            for name, terms in self.terms.items()
        }


@functools.cache
def solved(policy: Policy) -> Solved:
    return Solved(policy)


@given(seed=SEEDS)
def test_the_solver_the_reference_and_the_bounds_agree_on_complete_people(policy: Policy, seed: int) -> None:
    chance = random.Random(seed)
    questions = policy.questionnaire.questions
    group = [complete_person(policy, chance) for _ in range(PEOPLE)]
    result = assess(
        policy, answers_of(policy.questionnaire, [{n: plain(questions[n], v) for n, v in p.items()} for p in group])
    )
    for row, person in enumerate(group):
        truth = Reference_(policy.definitions, person)
        values = solved(policy).values(person)
        assert values == {name: truth.value(name) for name in values}
        assert values[LEVEL] == result.level_at_least[row] == result.level_at_most[row]
        assert {rule for rule in policy.rules if values[rule]} == set(result.rules_fired(row))


@given(seed=SEEDS)
def test_the_facts_that_are_stated_are_enough_to_make_the_rule_true(policy: Policy, seed: int) -> None:
    chance = random.Random(seed)
    questions = policy.questionnaire.questions
    for person in (complete_person(policy, chance) for _ in range(PEOPLE)):
        given_answers = {name: plain(questions[name], value) for name, value in person.items()}
        explainer = Explainer(policy, answers_of(policy.questionnaire, [given_answers]))
        for reason in (part for whole in explainer.reasons() for part in whole.flat()):
            stated = {name: words for fact in reason.facts for name, words in fact.answers}
            assert all(words == explainer.words(name) for name, words in stated.items())
            rule = policy.rules[reason.rule]
            known = {*stated, *explainer.parts_named(rule.when)}
            assert follows(policy, explainer, rule.when, known), reason.rule


def follows(policy: Policy, explainer: Explainer, node: Node, known: set[str]) -> bool:
    """Whether a condition is certain when nothing but the named values is known."""
    return bool(evaluate(node, Stated(policy, explainer, known), explainer.answers.inputs()).lower[0])


class Stated(dict[str, Bounds]):
    """The values of the names that were stated; anything else is worked out from those, or may be anything."""

    def __init__(self, policy: Policy, explainer: Explainer, known: set[str]) -> None:
        super().__init__({name: explainer.values[name] for name in known})
        self.definitions, self.inputs = policy.definitions, explainer.answers.inputs()

    def __missing__(self, name: str) -> Bounds:
        definition = self.definitions[name]
        if isinstance(definition, Formula):
            return evaluate(definition.node, self, self.inputs)
        if isinstance(definition, Asked):
            return whole_domain(definition)
        low, high = ends_of(definition.type)
        return Bounds(np.array([low], np.int8), np.array([high], np.int8))


# ------------------------------------------------------------------------------------------ bounds, and made-up worlds
@settings(max_examples=60)
@given(
    # Differences over a domain of hundreds make formulas of tens of thousands; the small ones say the same.
    rules=st.lists(truths(1).filter(lambda text: "dry" not in text), min_size=1, max_size=3),
    gate=st.sampled_from(GATES),
    computed=st.sampled_from([text for text in COMPUTED if "days" not in text]),
    answers=people,
)
def test_the_solver_reads_bounds_as_the_fast_evaluator_does(
    rules: list[str], gate: str, computed: str, answers: Mapping[str, Any]
) -> None:
    world = definitions(rules, gate, computed)
    inputs = {name: as_given(name, answer) for name, answer in answers.items()}
    outputs = [name for name in world if not isinstance(world[name].type, Nominal)]
    bounds = compile_program(world, outputs).run(inputs)
    person = partial_person(world)
    terms = {name: [reading(person, name, end) for end in (LOWER, UPPER)] for name in outputs}
    solver = z3.SolverFor("QF_FD")
    for name, given_ in inputs.items():
        for end in (LOWER, UPPER):
            solver.add(says(person.answer(name, end), int(given_.bounds[end][0])))
        solver.add(person.is_entered(name) == bool(given_.state[0]))
    assert solver.check() == z3.sat
    model = solver.model()
    for name in outputs:
        ends = [
            low_of(world[name].type) + sum(z3.is_true(model.eval(t, model_completion=True)) for t in part)
            for part in terms[name]
        ]
        assert ends == [int(end[0]) for end in bounds[name]], name


def partial_person(world: Mapping[str, Definition]) -> Person:
    return Person(world, upper={})


def low_of(kind: Type) -> int:
    return ends_of(kind)[0]


def reading(person: Person, name: str, end: int) -> list[object]:
    low, high = ends_of(person.definitions[name].type)
    return [person.at_least(name, k, end) for k in range(low + 1, high + 1)]


def says(sides: Sides, value: int) -> list[object]:
    """That an end of an answer is this; of a choice without order, that these bits are possible."""
    if isinstance(sides.type, Nominal):
        return [term == bool(value >> choice & 1) for choice, term in sides.made.items()]
    return [term == (value >= cut) for cut, term in sides.made.items()]


def test_a_product_of_two_unknowns_is_refused_by_the_solver_alone() -> None:
    from recommender.rules.syntax import parse

    world = {name: Asked(name, SCOPE[name], *ends_of(SCOPE[name])) for name in ("days", "points")}
    node = parse("days * points >= 3", {"days": SCOPE["days"], "points": Number(0, 7)})
    with pytest.raises(NotImplementedError, match="product of two unknowns"):
        Person(world).node_truth(node)
