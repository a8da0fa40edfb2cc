"""What is shown of a policy, property by property: a sentence, and a way to prove it or to find an intake against it.

A property speaks of one subject (a rule, a level, a question). Its proof rests on nothing but the definitions behind
that subject and on what the questionnaire accepts, so it need not be repeated while those stay as they are.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import z3

from recommender.assurance.direction import Direction, Directions, cuts
from recommender.assurance.enclosure import escapes, is_vague
from recommender.assurance.intakes import Example, Intakes
from recommender.policy import HIGHEST_RATING, LEVEL, Policy, Rule
from recommender.rules.definitions import Definition, Highest, in_order, names_behind, questions_behind
from recommender.rules.smt import Person, Sides, Term
from recommender.rules.tree import Nominal

# The headings under which properties are told, in their order.
KINDS: Mapping[str, str] = {
    "total": "Every complete intake gets exactly one level, and no completion leaves the bounds",
    "monotone": "A worse answer never lowers the level or a rating, and never removes a red flag",
    "exception": "What has no worse direction, or moves the other way, is listed with its reason",
    "safety": "A red flag that is true blocks, holds or sets its floor, whatever else is answered",
    "alive": "Every rule is true for somebody",
    "needed": "Every rule changes something for somebody",
    "reachable": "Every level, rating and step is given to somebody",
    "consistent": "No alternative is offered below the floor of a red flag",
    "fair": "What must not matter does not change the level, a rating or a red flag",
}


@dataclass(frozen=True)
class Counterexample:
    """An intake against a property; with a second one where the property compares two."""

    note: str
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Property:
    """One thing to show. `rests_on` are the names whose definitions the proof reads."""

    kind: str
    subject: str
    says: str
    rests_on: tuple[str, ...]
    refute: Callable[[], Counterexample | None]


class Properties:
    """All properties of a policy. What several proofs share is made when it is first needed."""

    def __init__(self, policy: Policy, calm: Mapping[str, int]) -> None:
        self.policy, self.calm = policy, calm

    @functools.cached_property
    def intakes(self) -> Intakes:
        """The space of intakes that the questionnaire accepts."""
        return Intakes(self.policy, self.calm)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What must never get better when an answer gets worse, nor hang on what must not matter."""
        policy = self.policy
        parts = (*(area.id for area in policy.areas), *(strand.id for strand in policy.strands))
        return (LEVEL, *parts, *(flag.id for flag in policy.red_flags))

    def all(self) -> Iterator[Property]:
        """Every property, by kind."""
        yield from self.total()
        yield from self.monotone()
        yield from self.exceptions()
        yield from self.safety()
        yield from self.alive()
        yield from self.needed()
        yield from self.reachable()
        yield from self.consistent()
        yield from self.fair()

    # -------------------------------------------------------------------------------------------------- total
    def total(self) -> Iterator[Property]:
        """By definition: inside its bounds, and settled where nothing is unknown."""
        definitions = self.policy.definitions
        for name in in_order(definitions, (*self.outcomes, *self.policy.rules)):
            says = f"`{name}` lies inside its bounds for every completion, and is settled where nothing is unknown"
            yield Property("total", name, says, (name,), functools.partial(self.unbounded, name))

    def unbounded(self, name: str) -> Counterexample | None:
        if escapes(self.policy.definitions, name):
            return Counterexample("a completion can lie outside the bounds that are worked out for it")
        if is_vague(self.policy.definitions, name):
            return Counterexample("the bounds can stay apart although nothing is unknown")
        return None

    # ----------------------------------------------------------------------------------------------- monotone
    @functools.cached_property
    def directions(self) -> Directions:
        """How every value moves when answers get worse."""
        names = (*self.outcomes, *self.policy.rules, *self.policy.plan_rules)
        return Directions(self.policy.definitions, self.worse, names)

    @property
    def worse(self) -> dict[str, str]:
        """Which way is worse, by question."""
        return {name: question.worse for name, question in self.policy.questionnaire.questions.items()}

    def monotone(self) -> Iterator[Property]:
        for name in self.outcomes:
            says = f"no worse answer lowers `{name}`" if name not in self.policy.rules else f"none removes `{name}`"
            yield Property("monotone", name, says, (name,), functools.partial(self.falls, name))

    def falls(self, name: str) -> Counterexample | None:
        """Two intakes that differ in one answer, the worse of which has less of the named value."""
        if self.directions.found[name] in (Direction.UP, Direction.SAME):
            return None
        for question in sorted(questions_behind(self.intakes.definitions, name)):
            if self.worse[question] != "none" and (found := self.lowered_by(name, question, self.worse[question])):
                return Counterexample(f"a worse answer to `{question}` lowers it", found)
        return None

    def lowered_by(self, name: str, question: str, worse: str) -> tuple[Example, ...]:
        """Two accepted intakes in which only this answer moves, the worse way, and the named value falls."""
        person = self.intakes.person
        before = person.answer(question)
        after = Sides(f"{question} later", before.type)
        moved = person.changed({question: after}, mark=" later")
        falls = [
            z3.And(person.at_least(name, k), z3.Not(moved.at_least(name, k)))
            for k in cuts(self.policy.definitions[name])
        ]
        if all(high.eq(low) for high, low in ((term.arg(0), term.arg(1).arg(0)) for term in falls)):
            return ()
        self.intakes.accepted(moved)
        order = before.may_be_below(after) if worse == "up" else after.may_be_below(before)
        return self.intakes.find(z3.Or(*falls), *order, people=(moved,))

    # --------------------------------------------------------------------------------------------- exceptions
    def exceptions(self) -> Iterator[Property]:
        listed = {str(entry["question"]) for entry in self.listed("monotone_exceptions") if "question" in entry}
        behind = frozenset().union(*(questions_behind(self.policy.definitions, name) for name in self.outcomes))
        undirected = {name for name in behind if self.worse[name] == "none"}
        for name in sorted(undirected | listed):
            says = f"`{name}` has no worse direction, and is listed as an exception"
            check = functools.partial(self.misplaced, name, name in listed, name in undirected)
            yield Property("exception", name, says, (LEVEL,), check)
        within = frozenset().union(*(names_behind(self.policy.definitions, name) for name in self.outcomes))
        for rule in (*self.policy.rules.values(), *self.policy.plan_rules.values()):
            if rule.id not in within:
                says = f"`{rule.id}` holds no less as answers get worse, or is listed as an exception"
                yield Property("exception", rule.id, says, (rule.id,), functools.partial(self.unlisted, rule))

    def misplaced(self, name: str, listed: bool, undirected: bool) -> Counterexample | None:
        if not undirected:
            return Counterexample("it is listed, but has a worse direction or no path to the level: take it out")
        if not listed:
            return Counterexample("it has a path to the level and no worse direction: give it one, or list it")
        if isinstance(self.policy.definitions[name].type, Nominal):
            return None
        for worse in ("up", "down"):
            moved = Directions(self.policy.definitions, {**self.worse, name: worse}, self.outcomes)
            if all(moved.found[outcome] in (Direction.UP, Direction.SAME) for outcome in self.outcomes):
                return Counterexample(f"it needs no exception: declare `worse: {worse}` on the question instead")
        return None

    def unlisted(self, rule: Rule) -> Counterexample | None:
        if self.directions.found[rule.id] in (Direction.UP, Direction.SAME) or self.is_excepted(rule):
            return None
        return Counterexample("it may stop holding as answers get worse, and is not listed under monotone_exceptions")

    def is_excepted(self, rule: Rule) -> bool:
        """Whether a rule, or the section it stands in, is listed."""
        section = "services" if rule.section in {service.id for service in self.policy.services} else rule.section
        entries = self.listed("monotone_exceptions")
        return any(rule.id == entry.get("rule") or section == entry.get("section") for entry in entries)

    def listed(self, section: str) -> list[Mapping[str, str]]:
        """The entries of a section that lists exceptions."""
        return list(self.policy.notes.get(section) or [])

    # ------------------------------------------------------------------------------------------------- safety
    def safety(self) -> Iterator[Property]:
        words = {"block": "blocks", "hold": "holds or blocks", "route": "is shown, and hides nothing"}
        for flag in self.policy.red_flags:
            level = self.policy.ladder.ids[flag.rule.value]
            does = f"never leaves a level below {level}" if flag.mode == "floor" else words[flag.mode]
            check = functools.partial(self.ignored, flag.rule, flag.mode)
            yield Property("safety", flag.id, f"`{flag.id}` {does}", (flag.id, LEVEL), check)
            if flag.mode in ("block", "hold"):
                says = f"while `{flag.id}` is open, some question behind it keeps the level back"
                yield Property("safety", f"{flag.id} open", says, (flag.id,), functools.partial(self.slips, flag.id))

    def ignored(self, rule: Rule, mode: str) -> Counterexample | None:
        """A person for whom a flag is true and does not do what it says."""
        person = self.intakes.person
        if mode != "floor":
            found = self.intakes.find_if_any(person.truth(rule.id))
            status = found[0].assessment().status[0] if found else None
            wanted = {"block": (0,), "hold": (0, 1)}.get(mode)
            right = status is not None and (wanted is None or status in wanted)
            return None if right else Counterexample("it is true, and the status is another one", found)
        found = self.intakes.find_if_any(person.truth(rule.id), z3.Not(person.at_least(LEVEL, rule.value)))
        return Counterexample("it is true, and the level is lower", found) if found else None

    def slips(self, flag: str) -> Counterexample | None:
        """Whether a block or hold can be open while every question that it reads is settled or was never taken."""
        policy = self.policy
        read = policy.stopping_flags[flag]
        cut: dict[str, Definition] = {name: _plain(policy, name) for name in read}
        person = Person({**policy.definitions, **cut}, upper={})
        is_open = z3.And(person.truth(flag, 1), z3.Not(person.truth(flag, 0)))
        settled = []
        for name in read:
            same = list(person.answer(name, 1).may_be_below(person.answer(name, 0)))
            if name in policy.read_if_answered:
                settled.append(z3.Or(z3.Not(person.is_entered(name)), z3.And(*same)))
            else:
                settled += same
        solver = z3.SolverFor("QF_FD")
        solver.add(is_open, *settled)
        solver.add(person.laws())
        return Counterexample("it can be open with nothing left to ask") if solver.check() == z3.sat else None

    # -------------------------------------------------------------------------------------------------- rules
    def alive(self) -> Iterator[Property]:
        for rule in (*self.policy.rules, *self.policy.plan_rules):
            check = functools.partial(self.missing, "no accepted intake makes it true", rule, 1)
            yield Property("alive", rule, f"`{rule}` is true for somebody", (rule,), check)

    def missing(self, note: str, name: str, value: int) -> Counterexample | None:
        """Nothing if somebody has just this value."""
        person = self.intakes.person
        at_least, more = person.at_least(name, value), person.at_least(name, value + 1)
        is_rule = name in self.policy.rules or name in self.policy.plan_rules
        exists = self.intakes.exists(at_least) if is_rule else self.intakes.exists(at_least, z3.Not(more))
        return None if exists else Counterexample(note)

    def needed(self) -> Iterator[Property]:
        policy = self.policy
        of_areas = [rule for area in policy.areas for rule in area.rules]
        of_strands = [rule for strand in policy.strands for rule in strand.rules]
        for rule in (*of_areas, *of_strands, *policy.placement):
            says = f"without `{rule.id}` somebody would get something else"
            yield Property("needed", rule.id, says, (rule.id, *self.shown), functools.partial(self.redundant, rule))
        listed = {str(entry["rule"]) for entry in self.listed("redundant_on_purpose")}
        for name in sorted(listed - set(policy.rules)):
            yield Property("needed", name, f"`{name}` is a rule", (), self.gone)

    def gone(self) -> Counterexample:
        return Counterexample("there is no such rule: take it out of redundant_on_purpose")

    @property
    def shown(self) -> tuple[str, ...]:
        """What a person is told: level, ratings, and everything that stands beside the level."""
        policy = self.policy
        beside = [e.rule.id for part in (policy.addons, policy.alternatives, policy.iop_fit) for e in part]
        return (LEVEL, *(area.id for area in policy.areas), *beside)

    def redundant(self, rule: Rule) -> Counterexample | None:
        listed = {str(entry["rule"]) for entry in self.listed("redundant_on_purpose")}
        changes = self.intakes.exists(self.changed_without(rule))
        if rule.id in listed:
            return Counterexample("it is listed as redundant on purpose, but changes something") if changes else None
        return None if changes else Counterexample("nobody would get anything else without it")

    def changed_without(self, rule: Rule) -> Term:
        """That something shown would be different if the rule did not stand there."""
        person = self.intakes.person
        definitions = {**self.intakes.definitions, **without(self.policy, rule)}
        other = person.changed({}, definitions)
        apart = [
            person.at_least(name, k) != other.at_least(name, k)
            for name in self.shown
            for k in cuts(self.policy.definitions[name])
        ]
        return z3.Or(*[term for term in apart if not term.arg(0).eq(term.arg(1))])

    # ---------------------------------------------------------------------------------------------- reachable
    def reachable(self) -> Iterator[Property]:
        policy = self.policy
        for rank, level in enumerate(policy.ladder.ids):
            check = functools.partial(self.missing, "no accepted intake gets it", LEVEL, rank)
            yield Property("reachable", level, f"somebody gets {level}", (LEVEL,), check)
        for area in policy.areas:
            for rating in range(HIGHEST_RATING + 1):
                check = functools.partial(self.missing, "no accepted intake is rated so", area.id, rating)
                yield Property("reachable", f"{area.id} {rating}", f"somebody is rated {rating}", (area.id,), check)
        for strand in policy.strands:
            for place, step in enumerate(strand.steps):
                check = functools.partial(self.missing, "no accepted intake reaches it", strand.id, place)
                yield Property("reachable", f"{strand.id} {step}", f"somebody reaches {step}", (strand.id,), check)

    def consistent(self) -> Iterator[Property]:
        ranks = {level: rank for rank, level in enumerate(self.policy.ladder.ids)}
        for alternative in self.policy.alternatives:
            if ranks[alternative.instead] < ranks[alternative.level]:
                rule = alternative.rule.id
                says = f"`{rule}` never offers {alternative.instead} below the floor of a red flag"
                check = functools.partial(self.undercut, rule, ranks[alternative.level], ranks[alternative.instead])
                yield Property("consistent", rule, says, (rule, LEVEL), check)

    def undercut(self, rule: str, level: int, instead: int) -> Counterexample | None:
        """A person who is offered less than a red flag that is up allows."""
        person = self.intakes.person
        floors = [flag for flag in self.policy.red_flags if flag.mode == "floor" and flag.rule.value > instead]
        for flag in floors:
            at_level = (person.at_least(LEVEL, level), z3.Not(person.at_least(LEVEL, level + 1)))
            found = self.intakes.find_if_any(person.truth(rule), person.truth(flag.id), *at_level)
            if found:
                return Counterexample(f"it is offered although {flag.id} sets a floor above it", found)
        return None

    # --------------------------------------------------------------------------------------------------- fair
    def fair(self) -> Iterator[Property]:
        for entry in self.listed("must_not_matter"):
            question = str(entry["question"])
            says = f"two people who differ only in `{question}` get the same level, ratings and red flags"
            yield Property("fair", question, says, self.outcomes, functools.partial(self.matters, question))

    def matters(self, question: str) -> Counterexample | None:
        """Two people who differ in nothing else, and are told different things."""
        person = self.intakes.person
        definition = self.policy.definitions[question]
        other = Sides(f"{question} of the other", definition.type)
        twin = person.changed({question: other}, mark=" of the other")
        person.answer(question)
        apart = [
            person.at_least(name, k) != twin.at_least(name, k)
            for name in self.outcomes
            for k in cuts(self.policy.definitions[name])
        ]
        apart = [term for term in apart if not term.arg(0).eq(term.arg(1))]
        found = self.intakes.find(z3.Or(*apart), people=(twin,)) if apart else ()
        return Counterexample("the two are told different things", found) if found else None


def _plain(policy: Policy, name: str) -> Definition:
    """A question as a value that may be anything."""
    return policy.questionnaire.questions[name].definition._replace(ask_if=None, computed=None)


def without(policy: Policy, rule: Rule) -> dict[str, Definition]:
    """The definitions that read a rule as the value of a section, without it."""
    found: dict[str, Definition] = {}
    for name, definition in policy.definitions.items():
        if isinstance(definition, Highest) and any(id == rule.id for id, _ in definition.cases):
            found[name] = definition._replace(cases=tuple(case for case in definition.cases if case[0] != rule.id))
    return found
