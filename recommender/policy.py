"""A policy: red flags, areas of need, strands, placement, what stands beside a level, and services.

The content is in `content/policies/*.yaml` and read by `policy_file.py`; nothing clinical stands in this code. Rules
are all evaluated and the highest wins, so no rule can lower what another requires.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from recommender.levels import Ladder
from recommender.questionnaire import Questionnaire
from recommender.rules.definitions import Definition, Formula, Highest, questions_behind, questions_named
from recommender.rules.program import Program, compile_program
from recommender.rules.tree import Node, Number, Ordered, names_asked_about

HIGHEST_RATING = 4
RATING = Number(0, HIGHEST_RATING)
LEVEL = "level"
MODES = ("block", "hold", "floor", "route")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# What every output says; a policy may add to it but not take it away.
NOT_VALIDATED = "Not clinically validated. It supports a clinician's decision and never makes it."


class Source(NamedTuple):
    """A public source that rules cite."""

    id: str
    title: str
    note: str = ""


class Rule(NamedTuple):
    """One rule: when it is true, what it then sets, the sentence for the person, and where it comes from.

    `section` is the area, strand or part of the policy it stands in; `value` is the rating, step or level rank it sets
    (0 where it sets none).
    """

    id: str
    section: str
    when: Node
    text: str
    why: str
    source: str
    since: str
    value: int = 0


class Derived(NamedTuple):
    """A value with a name of its own, used by several rules."""

    id: str
    node: Node
    text: str
    unit: str | None


class Area(NamedTuple):
    """One of the six areas of need: rated 0 to 4 by the highest of its rules that is true."""

    id: str
    title: str
    anchors: Mapping[int, str]
    rules: tuple[Rule, ...]


class Strand(NamedTuple):
    """One line of need with its steps; the highest true rule sets the step."""

    id: str
    title: str
    steps: tuple[str, ...]
    rules: tuple[Rule, ...]


class RedFlag(NamedTuple):
    """A safety condition that stands before any level. `mode`: block, hold, floor or route; `group`: kind of danger."""

    rule: Rule
    name: str
    mode: str
    action: str
    contacts: tuple[str, ...]
    group: str = ""

    @property
    def id(self) -> str:
        """The flag's id, which is its rule's."""
        return self.rule.id


class Alternative(NamedTuple):
    """A neighbouring level that is also acceptable, with the condition that a person must confirm."""

    rule: Rule
    level: str
    instead: str
    condition: str


class AddOn(NamedTuple):
    """Something that stands beside the level."""

    rule: Rule
    name: str


class FitTest(NamedTuple):
    """One test of whether an intensive outpatient programme fits; answered for everyone."""

    rule: Rule
    name: str
    otherwise: str


class Dose(NamedTuple):
    """How much of a service, and the rule that gives it."""

    rule: Rule
    times_per_week: float
    minutes: int
    starts: str = ""
    note: str = ""


class Service(NamedTuple):
    """Something that a level holds for a person; the last of its doses that is true holds."""

    id: str
    name: str
    part_of: tuple[str, ...]
    inside: bool
    does: str
    doses: tuple[Dose, ...]


class Slot(NamedTuple):
    """One meeting of a programme's week; minutes are counted from midnight."""

    day: str
    start: int
    end: int
    by_video: bool = False

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return self.end - self.start


class Schedule(NamedTuple):
    """A programme's timetable, and for whom it leaves room."""

    rule: Rule
    name: str
    levels: tuple[str, ...]
    slots: tuple[Slot, ...]

    @property
    def minutes(self) -> int:
        """Minutes a week."""
        return sum(slot.minutes for slot in self.slots)


@dataclass(frozen=True, eq=False)
class Policy:
    """A whole policy, type-checked against its questionnaire and ladder."""

    id: str
    title: str
    version: str
    date: datetime.date
    status: str
    statement: str
    questionnaire: Questionnaire
    ladder: Ladder
    sources: Mapping[str, Source]
    contacts: Mapping[str, str]
    derived: tuple[Derived, ...]
    areas: tuple[Area, ...]
    strands: tuple[Strand, ...]
    placement: tuple[Rule, ...]
    flag_groups: Mapping[str, str]
    red_flags: tuple[RedFlag, ...]
    alternatives: tuple[Alternative, ...]
    addons: tuple[AddOn, ...]
    iop_fit: tuple[FitTest, ...]
    services: tuple[Service, ...]
    schedules: tuple[Schedule, ...]
    course: Mapping[str, Any]
    hash: str
    notes: Mapping[str, Any] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        # What is worked out from the content is worked out again by the process that it is sent to.
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    @functools.cached_property
    def rules(self) -> dict[str, Rule]:
        """The rules that the fired-rule mask has a bit for, in the order of its bits."""
        return {rule.id: rule for rule in self._masked()}

    @functools.cached_property
    def plan_rules(self) -> dict[str, Rule]:
        """The rules of services and schedules, which are looked at for one person at a time."""
        doses = [dose.rule for service in self.services for dose in service.doses]
        return {rule.id: rule for rule in (*doses, *(schedule.rule for schedule in self.schedules))}

    def _masked(self) -> Iterator[Rule]:
        yield from (flag.rule for flag in self.red_flags)
        yield from (rule for area in self.areas for rule in area.rules)
        yield from (rule for strand in self.strands for rule in strand.rules)
        yield from self.placement
        yield from (entry.rule for entry in self.addons)
        yield from (entry.rule for entry in self.alternatives)
        yield from (entry.rule for entry in self.iop_fit)

    @functools.cached_property
    def definitions(self) -> dict[str, Definition]:
        """Everything that has a name: questions, derived values, rules, ratings, strands and the level."""
        found: dict[str, Definition] = dict(self.questionnaire.definitions)
        found.update((entry.id, Formula(entry.id, entry.node)) for entry in self.derived)
        for rule in (*self.rules.values(), *self.plan_rules.values()):
            found[rule.id] = Formula(rule.id, rule.when)
        found.update((area.id, Highest(area.id, RATING, cases(area.rules))) for area in self.areas)
        found.update((s.id, Highest(s.id, Ordered(s.steps), cases(s.rules))) for s in self.strands)
        found[LEVEL] = Highest(LEVEL, Ordered(self.ladder.ids), cases(self.level_rules))
        return found

    @functools.cached_property
    def level_rules(self) -> tuple[Rule, ...]:
        """The rules that set a level: placement, and red flags that are floors."""
        return (*self.placement, *(flag.rule for flag in self.red_flags if flag.mode == "floor"))

    @functools.cached_property
    def safety_questions(self) -> tuple[str, ...]:
        """The questions that may have to be answered before a level is shown, in the order asked.

        Those marked so must always be; the others that a block or hold reads, only while they leave it open.
        """
        stopping = frozenset().union(*self.stopping_flags.values())
        return tuple(q.id for q in self.questionnaire.questions.values() if q.safety or q.id in stopping)

    @functools.cached_property
    def stopping_flags(self) -> dict[str, tuple[str, ...]]:
        """The flags that block or hold, each with the questions that it reads itself."""
        stopping = [flag.id for flag in self.red_flags if flag.mode in ("block", "hold")]
        return {flag: tuple(sorted(questions_named(self.definitions, flag))) for flag in stopping}

    @functools.cached_property
    def read_if_answered(self) -> frozenset[str]:
        """The questions that a derived value reads only where they were answered."""
        return frozenset().union(*(names_asked_about(entry.node) for entry in self.derived))

    @functools.cached_property
    def program(self) -> Program:
        """The compiled policy, for what an assessment is made from."""
        return compile_program(self.definitions, self.assessed)

    @functools.cached_property
    def assessed(self) -> tuple[str, ...]:
        """What an assessment is made from: level, ratings, strands, every masked rule, and the safety questions."""
        parts = (*(area.id for area in self.areas), *(strand.id for strand in self.strands))
        return tuple(dict.fromkeys((LEVEL, *parts, *self.rules, *self.safety_questions)))

    @functools.cached_property
    def plan_program(self) -> Program:
        """The compiled rules of the service plan."""
        return compile_program(self.definitions, self.plan_rules)

    @functools.cached_property
    def questions_used(self) -> tuple[str, ...]:
        """The questions that any part of the policy reads, in the order asked."""
        used = questions_behind(self.definitions, *self.rules, *self.plan_rules, *self.safety_questions)
        return tuple(name for name in self.questionnaire.questions if name in used)


def cases(rules: tuple[Rule, ...]) -> tuple[tuple[str, int], ...]:
    """What `Highest` needs of rules: their names and values."""
    return tuple((rule.id, rule.value) for rule in rules)


def clock(minutes: int) -> str:
    """Minutes from midnight as a time of day."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
