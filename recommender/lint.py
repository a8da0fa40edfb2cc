"""What an author should look at again: all faults of a policy at once, and what is allowed but hardly meant.

No solver is needed, so it is quick enough to run at every save. A *fault* keeps the file from being used; a *warning*
does not. Each has a code, so that it can be looked up and counted.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from recommender.content_file import ContentFile, Path_
from recommender.errors import ContentError, Fault
from recommender.levels import LEVELS, load_levels
from recommender.policy import LEVEL, Policy, Rule
from recommender.policy_file import ADULT, load_policy
from recommender.questionnaire import Questionnaire
from recommender.questionnaire_file import QUESTIONS, domain, load_questionnaire
from recommender.rules.definitions import Highest, needs, questions_behind
from recommender.rules.syntax import ExpressionError, parse
from recommender.rules.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Constant,
    Membership,
    Node,
    Nominal,
    Not,
    Ordered,
    Reference,
    Truth,
    Type,
    walk,
)

FAULT, WARNING, NOTICE = "fault", "warning", "notice"
# What can still be read at a glance: about four lines of a terminal, and ten for what to do in an emergency.
LONGEST: Mapping[str, int] = {"why": 240, "otherwise": 240, "condition": 240, "name": 100, "does": 240, "action": 480}
LONGEST_QUESTION: Mapping[str, int] = {"text": 360, "help": 900}


class Finding(NamedTuple):
    """One thing to look at: how grave it is, its code, and what it is with its place."""

    severity: str
    code: str
    fault: Fault


def lint_policy(path: Path = ADULT, questionnaire: Questionnaire | None = None) -> list[Finding]:
    """All faults of a policy file; where it has none, all that its author should look at again."""
    try:
        policy = load_policy(path, questionnaire)
        return in_order_of_place(_Linter(ContentFile(path), policy).findings())
    except ContentError as error:
        return as_faults(error)


def lint_questions(folder: Path = QUESTIONS, levels: Path = LEVELS) -> list[Finding]:
    """The same for the files of questions and the file of levels."""
    found: list[Finding] = []
    readers: tuple[Callable[[], object], ...] = (lambda: load_questionnaire(folder), lambda: load_levels(levels))
    for read in readers:
        try:
            read()
        except ContentError as error:
            found += as_faults(error)
    if found:
        return found
    questionnaire = load_questionnaire(folder)
    for path in sorted(folder.glob("*.yaml")):
        found += in_order_of_place(question_findings(ContentFile(path), questionnaire))
    return found


def as_faults(error: ContentError) -> list[Finding]:
    """What kept a file from being read."""
    return [Finding(FAULT, "fault", fault) for fault in error.faults]


def in_order_of_place(findings: Iterable[Finding]) -> list[Finding]:
    """From the top of the file to its end; notices about the whole file come last."""
    return sorted(findings, key=lambda f: (f.fault.line is None, f.fault.line or 0, f.fault.column or 0))


class _Linter:
    """Looks through one policy that has no faults."""

    def __init__(self, file: ContentFile, policy: Policy) -> None:
        self.file, self.policy = file, policy
        self.scope: dict[str, Type] = dict(policy.questionnaire.scope)
        self.scope.update((name, definition.type) for name, definition in policy.definitions.items())
        # What a rating, strand or the level can be: what its rules set, and 0 where none is true.
        self.reached = {
            name: {0, *(value for _, value in definition.cases)}
            for name, definition in policy.definitions.items()
            if isinstance(definition, Highest)
        }

    def findings(self) -> Iterator[Finding]:
        yield from self.unused_names()
        yield from self.unused_keys()
        yield from self.duplicates()
        yield from self.idle_comparisons()
        yield from self.directions()
        yield from self.same_level()
        yield from self.long_texts()
        yield from self.unread_questions()

    def warn(self, code: str, what: str, path: Path_, *, offset: int = 0, remedy: str | None = None) -> Finding:
        return Finding(WARNING, code, self.file.fault(what, path, offset=offset, remedy=remedy))

    def unused_names(self) -> Iterator[Finding]:
        """Derived values that no rule needs, directly or through others."""
        used = self.behind((*self.policy.rules, *self.policy.plan_rules))
        for index, entry in enumerate(self.policy.derived):
            if entry.id not in used:
                what = f"the derived value `{entry.id}` is used by no rule"
                yield self.warn("unused-name", what, ("derived", index, "id"), remedy="Use it, or take it out.")

    def behind(self, names: Iterable[str]) -> set[str]:
        """Every name that these need."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += needs(self.policy.definitions[name])
        return found

    def unused_keys(self) -> Iterator[Finding]:
        """Sources that nothing cites, and contacts that no red flag names."""
        policy = self.policy
        cited = {rule.source for rule in (*policy.rules.values(), *policy.plan_rules.values())}
        cited |= {question.source for question in policy.questionnaire.questions.values()}
        for key in policy.sources:
            if key not in cited:
                yield self.warn("unused-source", f"no rule and no question cites the source `{key}`", ("sources", key))
        called = {contact for flag in policy.red_flags for contact in flag.contacts}
        for key in policy.contacts:
            if key not in called:
                yield self.warn("unused-contact", f"no red flag names the contact `{key}`", ("contacts", key))

    def duplicates(self) -> Iterator[Finding]:
        """Rules of one section that set the same under the same condition."""
        first: dict[object, str] = {}
        for path, entry in self.rules():
            rule = self.rule(str(entry["id"]))
            told = ("id", "when", "why", "source", "since", "note", "otherwise")
            sets = repr(sorted((key, repr(value)) for key, value in entry.items() if key not in told))
            known = first.setdefault((path[:-1], sets, in_one_order(rule.when)), rule.id)
            if known != rule.id:
                what = f"`{rule.id}` says the same as `{known}`: same condition, same outcome"
                yield self.warn("duplicate-rule", what, (*path, "when"), remedy="Keep one of them.")

    def rule(self, name: str) -> Rule:
        return self.policy.rules.get(name) or self.policy.plan_rules[name]

    def rules(self) -> Iterator[tuple[Path_, dict[str, object]]]:
        """Every rule as written, with its place."""
        for section in ("areas", "strands", "services"):
            for index, entry in enumerate(self.file.data.get(section) or ()):
                for number, rule in enumerate(entry["rules"]):
                    yield (section, index, "rules", number), rule
        for section in ("placement", "red_flags", "alternatives", "addons", "iop_fit", "schedules"):
            for index, entry in enumerate(self.file.data.get(section) or ()):
                yield (section, index), entry

    def expressions(self) -> Iterator[tuple[Path_, str]]:
        """Every expression as written, with its place."""
        for index, entry in enumerate(self.file.data.get("derived") or ()):
            yield ("derived", index, "expression"), entry["expression"]
        for path, entry in self.rules():
            yield (*path, "when"), str(entry["when"])

    def idle_comparisons(self) -> Iterator[Finding]:
        """Comparisons that are always true, or never."""
        for path, text in self.expressions():
            for offset, part, node in comparisons(text, self.scope):
                always = settled(node, self.reached)
                if always is not None:
                    what = f"`{part}` is {'always' if always else 'never'} true"
                    remedy = f"Possible: {possible(node, self.reached)}."
                    yield self.warn("idle-comparison", what, path, offset=offset, remedy=remedy)

    def directions(self) -> Iterator[Finding]:
        """Questions that the level depends on, of which nobody has said which answer is worse."""
        excepted = {entry.get("question") for entry in self.policy.notes.get("monotone_exceptions", ())}
        questions = self.policy.questionnaire.questions
        for name in sorted(questions_behind(self.policy.definitions, LEVEL)):
            if questions[name].worse == "none" and name not in excepted:
                yield self.warn(
                    "no-direction",
                    f"the level depends on `{name}`, which has no worse direction",
                    ("monotone_exceptions",),
                    remedy=f"Give the question `worse: up` or `worse: down`, or list `{name}` here with the reason.",
                )

    def same_level(self) -> Iterator[Finding]:
        for index, entry in enumerate(self.policy.alternatives):
            if entry.level == entry.instead:
                what = f"`{entry.rule.id}` offers `{entry.level}` instead of itself"
                yield self.warn("same-level", what, ("alternatives", index, "to"), remedy="Name another level.")

    def long_texts(self) -> Iterator[Finding]:
        """Sentences that do not fit on a screen beside others."""
        services = enumerate(self.file.data.get("services") or ())
        entries = (*self.rules(), *((("services", index), entry) for index, entry in services))
        for path, entry in entries:
            yield from too_long(self.file, path, entry, LONGEST)

    def unread_questions(self) -> Iterator[Finding]:
        """How many questions no rule reads and no instrument needs; they may be asked for other reasons."""
        questionnaire = self.policy.questionnaire
        needed = {name for entry in questionnaire.instruments.values() for name in (*entry.questions, entry.score)}
        asked = [name for name, question in questionnaire.questions.items() if question.decides]
        unread = [name for name in asked if name not in {*self.policy.questions_used, *needed}]
        if unread:
            what = f"{len(unread)} of {len(asked)} questions are read by no rule: {', '.join(unread)}"
            yield Finding(NOTICE, "unread-questions", Fault(what, file=self.file.name))


def question_findings(file: ContentFile, questionnaire: Questionnaire) -> Iterator[Finding]:
    """What to look at again in one file of questions."""
    for index, entry in enumerate(file.data["questions"]):
        path = ("questions", index)
        yield from too_long(file, path, entry, LONGEST_QUESTION)
        for key in ("ask_if", "computed"):
            yield from idle_in(file, (*path, key), str(entry.get(key, "always")), questionnaire.scope)
    for index, entry in enumerate(file.data.get("contradictions") or ()):
        yield from idle_in(file, ("contradictions", index, "when"), entry["when"], questionnaire.scope)


def idle_in(file: ContentFile, path: Path_, text: str, scope: Mapping[str, Type]) -> Iterator[Finding]:
    """The comparisons of one expression over questions that are always true, or never."""
    for offset, part, node in comparisons(text, scope):
        always = settled(node, {})
        if always is not None:
            what = f"`{part}` is {'always' if always else 'never'} true"
            fault = file.fault(what, path, offset=offset, remedy=f"Possible: {possible(node, {})}.")
            yield Finding(WARNING, "idle-comparison", fault)


def too_long(
    file: ContentFile, path: Path_, entry: Mapping[str, object], longest: Mapping[str, int]
) -> Iterator[Finding]:
    """The texts of an entry that are longer than can be read at a glance."""
    for key, limit in longest.items():
        text = entry.get(key)
        if isinstance(text, str) and len(text) > limit:
            fault = file.fault(f"`{key}` has {len(text)} characters", (*path, key), remedy=f"Keep it under {limit}.")
            yield Finding(WARNING, "long-text", fault)


def in_one_order(node: Node) -> Node:
    """The condition with the parts of each `and` and `or` sorted, so that the order written does not matter."""
    match node:
        case AllOf(operands):
            return AllOf(tuple(sorted(map(in_one_order, operands), key=repr)))
        case AnyOf(operands):
            return AnyOf(tuple(sorted(map(in_one_order, operands), key=repr)))
        case Not(operand):
            return Not(in_one_order(operand))
    return node


def comparisons(text: str, scope: Mapping[str, Type]) -> Iterator[tuple[int, str, Node]]:
    """Every comparison in an expression that can be read by itself: its offset, its text and its tree."""
    stripped = text.strip()
    if stripped == "always":
        return
    indent = len(text) - len(text.lstrip())
    for syntax in ast.walk(ast.parse(stripped, mode="eval")):
        if isinstance(syntax, ast.Compare):
            part = ast.get_source_segment(stripped, syntax) or ""
            try:
                node = parse(part, scope)
            except ExpressionError:
                continue  # a choice whose question stands further out
            yield indent + len(stripped.encode()[: syntax.col_offset].decode(errors="ignore")), part, node


def settled(node: Node, reached: Mapping[str, set[int]]) -> bool | None:
    """Whether a comparison comes out the same for every value that its sides can have; None where it does not."""
    match node:
        case Not(operand):
            inner = settled(operand, reached)
            return None if inner is None else not inner
        case Comparison(operator, left, Constant(limit)):
            outcomes = {COMPARE[operator](value, limit) for value in values_of(left, reached, {limit})}
            return outcomes.pop() if len(outcomes) == 1 else None
        case Membership(operand, members):
            inside = {value in members for value in values_of(operand, reached, members)}
            return inside.pop() if len(inside) == 1 else None
    return None


COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    ">=": int.__ge__,
    ">": int.__gt__,
    "<=": int.__le__,
    "<": int.__lt__,
    "==": int.__eq__,
    "!=": int.__ne__,
}


def values_of(node: Node, reached: Mapping[str, set[int]], near: Iterable[int] = ()) -> set[int]:
    """The values that an expression can have: all that rules reach; else the ends, and those on and beside `near`."""
    if isinstance(node, Reference) and node.name in reached:
        return reached[node.name]
    low, high = domain(node.type)
    beside = {value + step for value in near for step in (-1, 0, 1)}
    return {low, high, *(value for value in beside if low <= value <= high)}


def possible(node: Node, reached: Mapping[str, set[int]]) -> str:
    """What the compared side can be, in words."""
    operand = next(part for part in walk(node) if not isinstance(part, Comparison | Membership | Not))
    kind = operand.type
    if isinstance(kind, Truth):
        return "yes or no"
    low, high = domain(kind)
    known = reached[operand.name] if isinstance(operand, Reference) and operand.name in reached else ()
    if isinstance(kind, Ordered | Nominal):
        return ", ".join(kind.choices[value] for value in sorted(known) or range(low, high + 1))
    return ", ".join(map(str, sorted(known))) or f"{low} to {high}"
