"""Pairs of cases for every condition of every rule: made by a solver, kept in a file, and run like any other case.

Each pair is two accepted intakes that differ, where that is possible, in the answers behind one condition alone, on the
two sides of its limit; with the condition the rule turns, and with the rule something that a person is told. They say
what the policy does, not what it should do: they keep a change from passing unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import z3

from recommender.answers import NOT_KNOWN, Answer, answers_of, unknown, write_json
from recommender.assessment import STATUSES, assess
from recommender.assurance.coverage import Condition, joined, ways_to_show
from recommender.assurance.direction import cuts
from recommender.assurance.intakes import Example, Intakes, as_answer, quiet
from recommender.assurance.verdicts import Found, everything_found
from recommender.contradictions import check_intake
from recommender.policy import LEVEL, Policy
from recommender.rules.definitions import questions_behind, questions_named
from recommender.rules.smt import Person, Sides, Term
from recommender.rules.tree import AllOf, AnyOf, Comparison, Constant, Node, Not, names_asked_about, names_read


class Pair(NamedTuple):
    """Two cases in which a condition alone decides its rule: the rule is true in the first and false in the second."""

    condition: Condition
    true: Example
    false: Example


class Outcome(NamedTuple):
    """The pairs that were found, and the conditions that can never decide their rule."""

    pairs: tuple[Pair, ...]
    never: tuple[str, ...]


def make_pairs(policy: Policy, calm: Mapping[str, int], progress: Callable[[int, int], None]) -> Outcome:
    """A pair for every condition, also where other cases show it: those seldom lie on the two sides of a limit."""
    maker = PairMaker(policy, Intakes(policy, calm))
    pairs: list[Pair] = []
    never: list[str] = []
    conditions = list(ways_to_show(policy))
    for place, ways in enumerate(conditions):
        pair = next((found for way in ways if (found := maker.pair(way))), None)
        pairs += [pair] if pair else []
        never += [] if pair else [ways[0].name]
        progress(place + 1, len(conditions))
    return Outcome(tuple(pairs), tuple(never))


class PairMaker:
    """Finds pairs: the plainest that there are."""

    def __init__(self, policy: Policy, intakes: Intakes) -> None:
        self.policy, self.intakes = policy, intakes
        beside = [e.rule.id for part in (policy.addons, policy.alternatives, policy.iop_fit) for e in part]
        flags = [flag.id for flag in policy.red_flags]
        self.told = (LEVEL, *(area.id for area in policy.areas), *flags, *beside)

    def pair(self, condition: Condition) -> Pair | None:
        """Two intakes that show the condition; None if it can never decide its rule."""
        for moved in (self.named(condition), self.own_questions(condition), self.all_questions(condition)):
            twin = self.twin(moved)
            for wishes in self.wishes(condition, twin):
                found = self.intakes.find_if_any_pair(twin, *self.decides(condition, twin), *wishes)
                if found:
                    return Pair(condition, *found)
        return None

    def named(self, condition: Condition) -> frozenset[str]:
        """The questions that the condition is about, and not what they are asked after."""
        definitions = self.intakes.definitions
        found = frozenset().union(*(questions_named(definitions, name) for name in names_asked(condition.node)))
        return found & frozenset(self.intakes.used)

    def own_questions(self, condition: Condition) -> frozenset[str]:
        """The questions behind the condition."""
        return self.behind(condition.node)

    def all_questions(self, condition: Condition) -> frozenset[str]:
        """The questions behind the whole rule."""
        return frozenset().union(*(self.behind(node) for node in condition.decision.conditions))

    def behind(self, node: Node) -> frozenset[str]:
        found = frozenset().union(*(questions_behind(self.intakes.definitions, name) for name in names_asked(node)))
        return found & frozenset(self.intakes.used)

    def twin(self, moved: frozenset[str]) -> Person:
        """The same person, who may answer some questions otherwise."""
        person = self.intakes.person
        other = {name: Sides(f"{name} otherwise", self.policy.definitions[name].type) for name in sorted(moved)}
        twin = person.changed(other, mark=" otherwise")
        entered = {name: z3.Bool(f"{name} entered otherwise") for name in moved if name in person.entered}
        twin.entered = {**person.entered, **entered}
        return twin

    def decides(self, condition: Condition, twin: Person) -> Iterator[Term]:
        """That the rule is true of the one and false of the other, and that the condition alone decides it in both."""
        for person, holds in ((self.intakes.person, True), (twin, False)):
            truths = [person.node_truth(node) for node in condition.decision.conditions]
            turned = [z3.Not(t) if place == condition.place else t for place, t in enumerate(truths)]
            as_is, otherwise = (combined(condition.decision.node, iter(terms)) for terms in (truths, turned))
            yield as_is if holds else z3.Not(as_is)
            yield z3.Not(otherwise) if holds else otherwise

    def wishes(self, condition: Condition, twin: Person) -> Iterator[list[Term]]:
        """What would make the pair plainer, from the most to nothing."""
        near, seen = self.at_the_limit(condition, twin), self.is_told(twin)
        yield [*near, seen]
        yield [seen]
        yield near
        yield []

    def at_the_limit(self, condition: Condition, twin: Person) -> list[Term]:
        """That the two lie next to each other, on the two sides of a limit that is written out."""
        match condition.node:
            case Comparison(operator, left, Constant(limit)) if operator in (">=", "<", "<=", ">"):
                above = limit if operator in (">=", "<") else limit + 1
                return [t for person in (self.intakes.person, twin) for t in next_to(person, left, above)]
        return []

    def is_told(self, twin: Person) -> Term:
        """That the two are told different things."""
        person = self.intakes.person
        apart = [
            person.at_least(name, k) != twin.at_least(name, k)
            for name in self.told
            for k in cuts(self.policy.definitions[name])
        ]
        return z3.Or(*[term for term in apart if not term.arg(0).eq(term.arg(1))])


def combined(node: Node, truths: Iterator[Term]) -> Term:
    """The truth of an expression from the truths of its conditions, in their order, as `coverage.combined`."""
    parts = joined(node)
    if parts == (node,):
        return next(truths)
    values = [combined(part, truths) for part in parts]
    match node:
        case AllOf():
            return z3.And(*values)
        case AnyOf():
            return z3.Or(*values)
        case Not():
            return z3.Not(values[0])
        case Comparison(operator, _, Constant(limit)):
            reached, more = z3.AtLeast(*values, limit), z3.AtLeast(*values, limit + 1)
            return {">=": reached, ">": more, "<": z3.Not(reached), "<=": z3.Not(more)}[operator]
    raise TypeError(f"joins nothing: {type(node).__name__}")


def names_asked(node: Node) -> frozenset[str]:
    """What a condition reads, or asks about."""
    return names_read(node) | names_asked_about(node)


def next_to(person: Person, node: Node, value: int) -> list[Term]:
    """That a number is `value` or just below."""
    return [person.node_at_least(node, value - 1), z3.Not(person.node_at_least(node, value + 1))]


# --------------------------------------------------------------------------------------------------------------- kept
def as_cases(policy: Policy, pairs: tuple[Pair, ...], calm: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """The pairs as entries of a file of cases over the baseline: what sets each person apart, and what is found.

    Raises AssertionError where the rules do not find what the solver promised.
    """
    sections = {rule.id: rule.section for rule in policy.rules.values()}
    for number, pair in enumerate(pairs, start=1):
        for example, holds in ((pair.true, True), (pair.false, False)):
            rule = pair.condition.decision.rule
            entry: dict[str, Any] = {"id": f"{rule}.{number}{'a' if holds else 'b'}", "rule": rule, "holds": holds}
            entry |= {"condition": pair.condition.name} if holds else {}
            behind = questions_behind(policy.definitions, *names_asked(pair.condition.node))
            apart, seen = told_apart(policy, example, calm, behind)
            if seen.truth_of(rule) != ("true" if holds else "not true"):
                raise AssertionError(f"the solver and the rules disagree on {pair.condition.name}")
            entry |= {"expect": seen.at_least}
            entry |= {"at_most": seen.at_most} if seen.at_most != seen.at_least else {}
            entry |= {"status": seen.status} if seen.status != STATUSES[-1] else {}
            if (area := sections[rule]) in seen.ratings:
                entry["ratings"] = {area: seen.ratings[area][0]}
            questions = policy.questionnaire.questions
            yield {**entry, "answers": {name: write_json(questions[name], answer) for name, answer in apart.items()}}


def told_apart(
    policy: Policy, example: Example, calm: Mapping[str, int], kept: frozenset[str]
) -> tuple[dict[str, Answer], Found]:
    """The answers beside the baseline with which the same is found, and what is found.

    What means nothing is left out, but for the questions in `kept`.
    """
    questions = policy.questionnaire.questions
    everything = over_baseline(policy, example, calm)
    telling = {
        name: answer
        for name, answer in everything.items()
        if name in calm or name in kept or answer != as_answer(questions[name], quiet(questions[name]))
    }
    base = {name: as_answer(questions[name], value) for name, value in calm.items()}
    people = [{**base, **telling}, {**base, **everything}]
    for answers in people:
        if faults := check_intake(policy.questionnaire, answers):
            raise AssertionError(f"the solver accepted a contradiction: {faults[0].what}")
    short, whole = everything_found(assess(policy, answers_of(policy.questionnaire, people)))
    return (telling, short) if short == whole else (everything, whole)


def over_baseline(policy: Policy, example: Example, calm: Mapping[str, int]) -> dict[str, Answer]:
    """What has to be said for the baseline to become the example.

    What the baseline enters and the example does not is taken back where it is worked out from parts, and is otherwise
    given the value that holds where the question is not asked.
    """
    questions, given = policy.questionnaire.questions, example.given()
    apart = {name: answer for name, answer in given.items() if calm.get(name) != example.answers[name]}
    for name in (name for name in calm if name not in given):
        question = questions[name]
        if question.computed is not None:
            apart[name] = unknown(question, NOT_KNOWN)
        elif calm[name] != question.when_not_asked:
            apart[name] = as_answer(question, question.when_not_asked)
    return apart
