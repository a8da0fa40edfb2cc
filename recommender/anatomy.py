"""One rule in full: what it reads, down to the questions; where it leads, up to the level; which cases pin it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers, answers_of
from recommender.assessment import truths
from recommender.cases import Case
from recommender.policy import LEVEL, Policy, Rule
from recommender.questionnaire import Question
from recommender.rules.definitions import Formula, Highest, questions_behind
from recommender.rules.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Constant,
    Node,
    Ordered,
    Reference,
    names_asked_about,
    names_read,
    walk,
)


class Value(NamedTuple):
    """A rating, strand step or level: its name, what it means, and the rules that set it."""

    name: str
    meaning: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Ingredient:
    """One name that a rule reads.

    `kind` is question, derived, rating, strand or level. A derived value has its expression and what that reads
    (`reads`); a rating, strand or the level has its `values`, and how many `questions` stand behind it.
    """

    name: str
    kind: str
    words: str
    node: Node | None = None
    reads: tuple[Ingredient, ...] = ()
    values: tuple[Value, ...] = ()
    question: Question | None = None
    questions: int = 0

    def asked(self) -> Iterator[Question]:
        """The questions that are read here, directly or through derived values."""
        if self.question is not None:
            yield self.question
        for part in self.reads:
            yield from part.asked()


@dataclass(frozen=True)
class Step:
    """A rule that another rule's outcome can make true: `alone`, or only together with other conditions."""

    rule: Rule
    alone: bool
    then: tuple[Step, ...]


class Pinned(NamedTuple):
    """The ids of cases in which a rule is certainly true, and of those that leave it open."""

    certain: tuple[str, ...]
    possible: tuple[str, ...]


@dataclass(frozen=True)
class Anatomy:
    """One rule in full.

    `leads_to` are the rules that its outcome can make true, on and on up to the level; `also_read_by` rules beside the
    level that read what it sets. `cases` are the ids of cases in which it is certainly true, `possible_cases` of those
    that leave it open.
    """

    rule: Rule
    reads: tuple[Ingredient, ...]
    leads_to: tuple[Step, ...]
    also_read_by: tuple[str, ...]
    cases: tuple[str, ...]
    possible_cases: tuple[str, ...]

    def asked(self) -> tuple[Question, ...]:
        """The questions that it reads itself or through derived values, each once."""
        return tuple(dict.fromkeys(question for part in self.reads for question in part.asked()))


def anatomy_of(policy: Policy, rule: Rule, pinned: Pinned) -> Anatomy:
    """Everything that there is to know of one rule of a policy; `pinned` is its entry of `cases_by_rule`."""
    return Anatomy(
        rule=rule,
        reads=ingredients(policy, rule.when),
        leads_to=next_steps(policy, rule),
        also_read_by=read_beside(policy, rule),
        cases=pinned.certain,
        possible_cases=pinned.possible,
    )


def cases_by_rule(policy: Policy, cases: tuple[Case, ...]) -> Mapping[str, Pinned]:
    """For each rule, the cases that it is true in."""
    found = truths(policy, answers_of(policy.questionnaire, [case.answers for case in cases]))
    return {
        rule: Pinned(
            tuple(case.id for case, must in zip(cases, bounds.lower, strict=True) if must),
            tuple(case.id for case, must, may in zip(cases, *bounds, strict=True) if may and not must),
        )
        for rule, bounds in found.items()
    }


# ------------------------------------------------------------------------------------------------------- downwards
def ingredients(policy: Policy, node: Node) -> tuple[Ingredient, ...]:
    """What an expression reads, in the order in which it is named."""
    named = [part.name for part in walk(node) if isinstance(part, Reference)]
    return tuple(ingredient(policy, name) for name in dict.fromkeys([*named, *sorted(names_asked_about(node))]))


def ingredient(policy: Policy, name: str) -> Ingredient:
    """One name with what stands behind it."""
    if name in policy.questionnaire.questions:
        question = policy.questionnaire.questions[name]
        return Ingredient(name, "question", question.text, question=question)
    definition = policy.definitions[name]
    if isinstance(definition, Formula):
        text = next(entry.text for entry in policy.derived if entry.id == name)
        return Ingredient(name, "derived", text, definition.node, ingredients(policy, definition.node))
    assert isinstance(definition, Highest)
    kind, words, meanings = described(policy, name)
    rules_of: dict[int, list[str]] = {}
    for rule, value in definition.cases:
        rules_of.setdefault(value, []).append(rule)
    names = definition.type.choices if isinstance(definition.type, Ordered) else tuple(map(str, range(len(meanings))))
    values = tuple(
        Value(step, meanings[place], tuple(rules_of.get(place, ())))
        for place, step in enumerate(names)
        if place in rules_of or place == 0
    )
    return Ingredient(name, kind, words, values=values, questions=len(questions_behind(policy.definitions, name)))


def described(policy: Policy, name: str) -> tuple[str, str, tuple[str, ...]]:
    """What a rating, strand or the level is, what it is called, and what each of its values means."""
    for area in policy.areas:
        if area.id == name:
            highest = max((*area.anchors, *(rule.value for rule in area.rules)))
            return "rating", area.title, tuple(area.anchors.get(value, "") for value in range(highest + 1))
    for strand in policy.strands:
        if strand.id == name:
            return "strand", strand.title, ("",) * len(strand.steps)
    return "level", "The level of care", tuple(level.name for level in policy.ladder.levels)


# --------------------------------------------------------------------------------------------------------- upwards
def sets(policy: Policy, rule: Rule) -> str | None:
    """The rating, strand or level that a rule sets, if it sets one."""
    if any(rule.id == entry.id for entry in policy.level_rules):
        return LEVEL
    return rule.section if isinstance(policy.definitions.get(rule.section), Highest) else None


def next_steps(policy: Policy, rule: Rule) -> tuple[Step, ...]:
    """The rules of ratings, strands and placement that a rule's outcome can make true."""
    target = sets(policy, rule)
    if target is None or target == LEVEL:
        return ()
    readers = [entry for entry in setting_rules(policy) if met(policy, entry.when, target, rule.value)]
    alone = [entry for entry in readers if enough(policy, entry.when, target, rule.value)]
    # Of those that need nothing else, only the highest in each section matters.
    highest = {section: max(e.value for e in alone if e.section == section) for section in {e.section for e in alone}}
    return tuple(
        Step(entry, entry in alone, next_steps(policy, entry))
        for entry in readers
        if entry not in alone or entry.value == highest[entry.section]
    )


def setting_rules(policy: Policy) -> tuple[Rule, ...]:
    """The rules that set a rating, a strand or the level, placement last."""
    strands = (rule for strand in policy.strands for rule in strand.rules)
    return (*(rule for area in policy.areas for rule in area.rules), *strands, *policy.level_rules)


def met(policy: Policy, node: Node, name: str, value: int) -> bool:
    """Whether an expression, or a derived value in it, has a comparison that this value of a name makes true."""
    parts = tuple(walk(node))
    within = (policy.definitions[part.name] for part in parts if isinstance(part, Reference))
    return any(made_true(part, name, value) for part in parts) or any(
        met(policy, inner.node, name, value) for inner in within if isinstance(inner, Formula)
    )


def enough(policy: Policy, node: Node, name: str, value: int) -> bool:
    """Whether this value of a name makes an expression true, whatever else is answered."""
    match node:
        case AllOf(operands):
            return bool(operands) and all(enough(policy, part, name, value) for part in operands)
        case AnyOf(operands):
            return any(enough(policy, part, name, value) for part in operands)
        case Reference(read) if isinstance(inner := policy.definitions[read], Formula):
            return enough(policy, inner.node, name, value)
    return made_true(node, name, value)


def made_true(node: Node, name: str, value: int) -> bool:
    """Whether a node is a comparison that asks for a value of a name that is reached by this one."""
    match node:
        case Comparison(">=" | "==", Reference(read), Constant(limit)) if read == name:
            return value >= limit
        case Comparison(">", Reference(read), Constant(limit)) if read == name:
            return value > limit
    return False


def read_beside(policy: Policy, rule: Rule) -> tuple[str, ...]:
    """The rules beside the level (add-ons, alternatives, fit, services, timetables) that read what a rule sets."""
    target = sets(policy, rule)
    if target is None:
        return ()
    setting = {entry.id for entry in setting_rules(policy)}
    others = (entry for entry in (*policy.rules.values(), *policy.plan_rules.values()) if entry.id not in setting)
    return tuple(entry.id for entry in others if target in names_within(policy, entry.when))


def names_within(policy: Policy, node: Node) -> set[str]:
    """The names that an expression reads, directly or through derived values."""
    found = set(names_read(node))
    for name in tuple(found):
        if isinstance(definition := policy.definitions[name], Formula):
            found |= names_within(policy, definition.node)
    return found


# --------------------------------------------------------------------------------------------------------- in a cohort
class RuleCounts(NamedTuple):
    """How many of the people of a cohort each rule is certainly true for, and possibly so for how many more."""

    people: int
    certain: Mapping[str, int]
    possible: Mapping[str, int]


def count_rules(policy: Policy, people: Iterable[tuple[Answers, NDArray[np.bool_]]]) -> RuleCounts:
    """The counts over some stretches of people, each with who of them is to be counted (n,)."""
    counted = 0
    certain: Counter[str] = Counter()
    possible: Counter[str] = Counter()
    for answers, wanted in people:
        counted += int(wanted.sum())
        for rule, (must, may) in truths(policy, answers).items():
            certain[rule] += int((must & wanted).sum())
            possible[rule] += int((may & ~must & wanted).sum())
    return RuleCounts(counted, certain, possible)
