"""Why: the rules and answers behind one person's level, what rules out each other level, and what is still open.

Everything here is read off the same evaluation that gave the level; nothing is told that was not computed.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from recommender.answers import Answers, Column, unknown
from recommender.assessment import Assessment, assess, assessment_of
from recommender.policy import LEVEL, Policy, Rule
from recommender.questionnaire import Question
from recommender.rules.bounds import ANSWERED, MISSING, dtype_of
from recommender.rules.definitions import Asked, Formula, Highest, asked_about, needs, questions_behind
from recommender.rules.program import Program, compile_program
from recommender.rules.prose import Situation, at, plain, sentence
from recommender.rules.tree import (
    Comparison,
    Constant,
    Node,
    Nominal,
    Number,
    Ordered,
    Reference,
    Truth,
    names_read,
    walk,
)

# A count with a larger domain than this is tried only at the values where some rule changes its mind.
TRIED_WHOLE = 24
# How many unmet conditions of a rule are named.
MISSING_SHOWN = 3


class Fact(NamedTuple):
    """A condition in words, and the answers (name, words) that made it true."""

    statement: str
    answers: tuple[tuple[str, str], ...]


class Reason(NamedTuple):
    """A rule that fired: its sentence, its source, the facts, and the rules beneath it that it rests on."""

    rule: str
    section: str
    why: str
    source: str
    since: str
    facts: tuple[Fact, ...]
    because: tuple[Reason, ...] = ()

    def flat(self) -> Iterator[Reason]:
        """This reason and all beneath it."""
        yield self
        for reason in self.because:
            yield from reason.flat()


class Refutation(NamedTuple):
    """A level that is too little for this person, and the rule that says so."""

    level: str
    by: Reason


class Ceiling(NamedTuple):
    """A level above, whether it is still possible, and what it would take (unmet or unanswered conditions)."""

    level: str
    possible: bool
    needs: tuple[str, ...]


class OpenQuestion(NamedTuple):
    """An unanswered question that could still change the level.

    `floor` is the highest rank that the lower bound can rise to, `ceiling` the lowest that the upper bound can fall to,
    by answering this question alone; where it moves neither (`alone` is false) it matters only together with others.
    """

    id: str
    text: str
    asked_by: str
    floor: int
    ceiling: int
    alone: bool


class Explanation(NamedTuple):
    """The whole why of one person's level."""

    reasons: tuple[Reason, ...]
    not_lower: tuple[Refutation, ...]
    not_higher: tuple[Ceiling, ...]
    still_open: tuple[OpenQuestion, ...] = ()


class Explainer:
    """Assesses and explains one person: the one at `row` of `answers`."""

    def __init__(self, policy: Policy, answers: Answers, row: int = 0) -> None:
        self.policy = policy
        self.answers = answers.rows(row, row + 1)
        self.values = everything(policy).run(self.answers.inputs())
        self.assessment = assessment_of(policy, self.values, 1)
        self.situation = Situation(policy.definitions, self.values, self.answers.inputs())
        self.fired = frozenset(self.assessment.rules_fired(0))
        self.undecided = frozenset(self.assessment.rules_undecided(0))
        self.at_least = int(self.assessment.level_at_least[0])
        self.at_most = int(self.assessment.level_at_most[0])

    def explanation(self) -> Explanation:
        """Everything: reasons, why not lower, why not higher, and what is still open."""
        return Explanation(self.reasons(), self.not_lower(), self.not_higher(), self.still_open())

    # ------------------------------------------------------------------------------------------------ words
    def words(self, name: str) -> str:
        """What is known of a name, in words: `30 days`, `1 to 29 days`, `not known`."""
        value = self.values[name]
        low, high = at(value.lower, 0), at(value.upper, 0)
        question = self.policy.questionnaire.questions.get(name)
        if question is not None:
            return question_words(question, low, high)
        definition = self.policy.definitions[name]
        return range_words(definition.type, low, high)

    def fact(self, node: Node) -> Fact:
        """A condition with the answers that it rests on."""
        names = sorted(names_read(node))
        return Fact(sentence(node, self.label), tuple((name, self.words(name)) for name in names))

    # ----------------------------------------------------------------------------------------------- reasons
    def reason(self, rule: Rule) -> Reason:
        """A rule that fired, with the rules beneath it."""
        grounds = list(self.situation.grounds(rule.when))
        facts = tuple(self.fact(node) for node in grounds if not self.parts_named(node))
        because = dict.fromkeys(reason for node in grounds for reason in self.beneath(node))
        source = self.policy.sources[rule.source].title
        return Reason(rule.id, rule.section, rule.why, source, rule.since, facts, tuple(because))

    def parts_named(self, node: Node) -> list[str]:
        """The ratings and strands that a condition is about."""
        return [n for n in sorted(names_read(node)) if isinstance(self.policy.definitions[n], Highest) and n != LEVEL]

    def beneath(self, node: Node) -> Iterator[Reason]:
        """The fired rules behind a condition on ratings or strands.

        Of a rating, those that give it its certain value; of a strand, those that reach the step asked for with least,
        so that each lower level is refuted by the rule that is about it.
        """
        for name in self.parts_named(node):
            definition = self.policy.definitions[name]
            assert isinstance(definition, Highest)
            fired = {rule: value for rule, value in definition.cases if rule in self.fired}
            wanted = at(self.values[name].lower, 0)
            match node:
                case Comparison(">=", _, Constant(step)) if isinstance(definition.type, Ordered):
                    wanted = min((value for value in fired.values() if value >= step), default=wanted)
            yield from (self.reason(self.policy.rules[rule]) for rule, value in fired.items() if value == wanted)

    def reasons(self) -> tuple[Reason, ...]:
        """The rules that set the certain level."""
        rank = self.at_least
        return tuple(
            self.reason(rule) for rule in self.policy.level_rules if rule.value == rank and rule.id in self.fired
        )

    def not_lower(self) -> tuple[Refutation, ...]:
        """For each level below, the fired rule that asks for the least that is still more."""
        fired = sorted((rule for rule in self.policy.level_rules if rule.id in self.fired), key=lambda r: r.value)
        found = []
        for rank in range(self.at_least):
            refuting = next(rule for rule in fired if rule.value > rank)
            found.append(Refutation(self.policy.ladder.ids[rank], self.reason(refuting)))
        return tuple(found)

    def not_higher(self) -> tuple[Ceiling, ...]:
        """For each level above, what would have to be true and is not, or is not known."""
        above = range(self.at_least + 1, len(self.policy.ladder.ids))
        return tuple(
            Ceiling(self.policy.ladder.ids[rank], self.possible(rank), self.what_it_takes(rank)) for rank in above
        )

    def possible(self, rank: int) -> bool:
        """Whether some rule could still set just this level."""
        return any(rule.value == rank and rule.id in self.undecided for rule in self.policy.level_rules)

    def what_it_takes(self, rank: int) -> tuple[str, ...]:
        """The rules that could set a level, in their own words, each with what is known now."""
        rules = [rule for rule in self.policy.level_rules if rule.value == rank]
        return tuple(dict.fromkeys(text for rule in rules for text in self.unmet(rule)))

    def unmet(self, rule: Rule) -> Iterator[str]:
        """The conditions of a rule that do not hold yet; those of the strand behind it where it names one."""
        strands = [strand for node in self.missing_parts(rule.when) for strand in self.steps_missing(node)]
        for behind in strands:
            yield f"{behind.why} ({self.missing_words(behind.when)})"
        if not strands:
            yield f"{rule.why} ({self.missing_words(rule.when)})"

    def missing_parts(self, when: Node) -> list[Node]:
        """The parts of a condition that do not hold, or that are not known."""
        if self.situation.truth(when) is False:
            return list(self.situation.grounds(when, holds=False))
        return list(self.situation.open_parts(when))

    def steps_missing(self, node: Node) -> Iterator[Rule]:
        """The rules that would bring a strand to the step that a condition asks for and that is not reached."""
        for part in walk(node):
            match part:
                case Comparison(">=", Reference(name), Constant(step)):
                    strand = next((strand for strand in self.policy.strands if strand.id == name), None)
                    rules = strand.rules if strand else ()
                    yield from (rule for rule in rules if rule.value == step and rule.id not in self.fired)

    def missing_words(self, when: Node) -> str:
        """What keeps a condition from being true, as it is now: `withdrawal is rated 1; pregnancy: not pregnant`."""
        names = dict.fromkeys(name for node in self.missing_parts(when) for name in sorted(names_read(node)))
        return "; ".join(self.state(name) for name in list(names)[:MISSING_SHOWN])

    def state(self, name: str) -> str:
        """A name with what is known of it."""
        title = self.titles.get(name)
        return f"{title.lower()} is rated {self.words(name)}" if title else f"{plain(name)}: {self.words(name)}"

    def label(self, name: str) -> str:
        """What a name is called in sentences."""
        return self.titles[name].lower() if name in self.titles else plain(name)

    @functools.cached_property
    def titles(self) -> dict[str, str]:
        """The titles of the areas by name."""
        return {area.id: area.title for area in self.policy.areas}

    # -------------------------------------------------------------------------------------------- still open
    def still_open(self) -> tuple[OpenQuestion, ...]:
        """Unanswered questions behind the level: first those that could change it alone, the most telling first."""
        if self.at_least == self.at_most:
            return ()
        questions = self.unanswered()
        rows = [(question, value) for question in questions for value in self.possible_values(question)]
        if not rows:
            return ()
        tried = assess(self.policy, self.with_trials(rows))
        found = [self.open_question(question, rows, tried) for question in questions]
        return tuple(sorted(found, key=lambda q: (not q.alone, q.ceiling - q.floor, q.id)))

    def unanswered(self) -> list[Question]:
        """Questions that an open rule behind the level reads, that are not settled, and that may be asked.

        A total or summary that is asked in parts stands for its parts.
        """
        open_rules = [rule for rule in level_rules_behind(self.policy) if rule in self.undecided]
        read: dict[str, None] = {}
        for rule in open_rules:
            read.update(dict.fromkeys(self.askable([rule])))
        questions = self.policy.questionnaire.questions
        return [questions[name] for name in read if not self.settled(name)]

    def askable(self, names: Sequence[str]) -> Iterator[str]:
        """The questions behind names, not going into how a question may be computed."""
        for name in names:
            definition = self.policy.definitions[name]
            if isinstance(definition, Asked):
                yield name
            elif isinstance(definition, Formula):
                parts = self.situation.open_parts(definition.node)
                yield from self.askable(sorted({read for part in parts for read in names_read(part)}))
            else:
                yield from self.askable([rule for rule, _ in definition.cases if rule in self.undecided])

    def settled(self, name: str) -> bool:
        value = self.values[name]
        if isinstance(self.policy.definitions[name].type, Nominal):
            return at(value.lower, 0).bit_count() == 1
        return at(value.lower, 0) == at(value.upper, 0)

    def possible_values(self, question: Question) -> list[int]:
        """The answers worth trying that what is recorded does not rule out."""
        value = self.values[question.id]
        low, high = at(value.lower, 0), at(value.upper, 0)
        if isinstance(question.type, Nominal):
            return [position for position in range(len(question.names)) if low >> position & 1]
        return [value for value in sorted({low, high, *trial_values(self.policy, question)}) if low <= value <= high]

    def with_trials(self, rows: Sequence[tuple[Question, int]]) -> Answers:
        """This person as many times as there are trials, with one more answer each time."""
        count = len(rows)
        columns = {name: repeated(column, count) for name, column in self.answers.columns.items()}
        for question in dict.fromkeys(question for question, _ in rows):
            columns.setdefault(question.id, blank(question, count))
        for row, (question, value) in enumerate(rows):
            bits = 1 << value if isinstance(question.type, Nominal) else value
            column = columns[question.id]
            column.lower[row], column.upper[row], column.state[row] = bits, bits, ANSWERED
        return Answers(count, columns)

    def open_question(
        self, question: Question, rows: Sequence[tuple[Question, int]], tried: Assessment
    ) -> OpenQuestion:
        own = [row for row, (asked, _) in enumerate(rows) if asked is question]
        least, most = tried.level_at_least[own], tried.level_at_most[own]
        alone = bool((least != self.at_least).any() or (most != self.at_most).any())
        return OpenQuestion(question.id, question.text, question.asked_by, int(least.max()), int(most.min()), alone)


@functools.lru_cache(maxsize=4)
def everything(policy: Policy) -> Program:
    """The compiled policy with every name as an output: what explaining needs and scoring does not."""
    return compile_program(policy.definitions, policy.definitions)


def level_rules_behind(policy: Policy) -> tuple[str, ...]:
    """The rules that the level depends on, through strands and ratings."""
    found: dict[str, None] = {}
    waiting, seen = [LEVEL], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in policy.rules:
            found[name] = None
        definition = policy.definitions[name]
        if not isinstance(definition, Asked):
            waiting.extend(sorted(needs(definition) | asked_about(definition)))
    return tuple(name for name in policy.rules if name in found)


def trial_values(policy: Policy, question: Question) -> list[int]:
    """The answers worth trying: all of a small domain; of a large one the ends and both sides of every cut-off."""
    low, high = question.minimum, question.maximum
    if high - low < TRIED_WHOLE:
        return list(range(low, high + 1))
    cuts = {cut + step for cut in cut_offs(policy).get(question.id, ()) for step in (-1, 0, 1)}
    return sorted({low, high} | {cut for cut in cuts if low <= cut <= high})


@functools.lru_cache(maxsize=4)
def cut_offs(policy: Policy) -> Mapping[str, frozenset[int]]:
    """By question, the numbers that any condition compares something made from it with."""
    found: dict[str, set[int]] = {}
    for definition in policy.definitions.values():
        nodes = [definition.node] if isinstance(definition, Formula) else []
        if isinstance(definition, Asked):
            nodes = [node for node in (definition.ask_if, definition.computed) if node is not None]
        for node in (part for whole in nodes for part in walk(whole)):
            if isinstance(node, Comparison) and isinstance(node.right, Constant):
                for name in names_read(node.left):
                    for question in questions_behind(policy.definitions, name):
                        found.setdefault(question, set()).add(node.right.value)
    return {name: frozenset(values) for name, values in found.items()}


def repeated(column: Column, count: int) -> Column:
    """One person's column as many times, with arrays of its own."""
    lower, upper, state = (np.repeat(array[:1], count) for array in (column.lower, column.upper, column.state))
    return Column(lower, upper, state)


def blank(question: Question, count: int) -> Column:
    """A column in which nobody has answered."""
    nothing = unknown(question, MISSING)
    kind = dtype_of(question.type)
    lower, upper = (np.full(count, end, dtype=kind) for end in (nothing.lower, nothing.upper))
    return Column(lower, upper, np.full(count, MISSING, dtype=np.uint8))


def question_words(question: Question, low: int, high: int) -> str:
    """A question's bounds in words."""
    if isinstance(question.type, Nominal):
        chosen = [choice for bit, choice in enumerate(question.names) if low >> bit & 1]
        everything_possible = len(chosen) == len(question.names)
        return "not known" if everything_possible else " or ".join(name.replace("_", " ") for name in chosen)
    if (low, high) == (question.minimum, question.maximum):
        return "not known"
    return range_words(question.type, low, high)


def range_words(kind: object, low: int, high: int) -> str:
    """Bounds of any ordered kind in words."""
    if isinstance(kind, Truth):
        return ("no", "yes")[low] if low == high else "not known"
    if isinstance(kind, Ordered):
        names = [kind.choices[end].replace("_", " ") for end in (low, high)]
        return names[0] if low == high else " to ".join(names)
    unit = f" {kind.unit}" if isinstance(kind, Number) and kind.unit else ""
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"
