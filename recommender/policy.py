"""A policy: red flags, areas of need, strands, placement, what stands beside a level, and services. Loaded and checked.

The content is in `content/policies/*.yaml`; nothing clinical stands in this code. Rules are all evaluated and the
highest wins, so no rule can lower what another requires.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from recommender.content_file import CONTENT, ContentFile
from recommender.errors import did_you_mean
from recommender.levels import Ladder, load_levels
from recommender.questionnaire import Questionnaire, load_questionnaire, read_expression
from recommender.rules.bounds import Program, compile_program
from recommender.rules.definitions import CircularDefinitions, Definition, Formula, Highest, in_order, questions_behind
from recommender.rules.tree import Node, Number, Ordered, Truth, Type

ADULT = CONTENT / "policies" / "adult.yaml"
HIGHEST_RATING = 4
RATING = Number(0, HIGHEST_RATING)
LEVEL = "level"
MODES = ("block", "hold", "floor", "route")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# What every output says; a policy may add to it but not take it away.
NOT_VALIDATED = "Not clinically validated. It supports a clinician's decision and never makes it."

Path_ = tuple[str | int, ...]


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
    """A safety condition that stands before any level. `mode`: block, hold, floor or route."""

    rule: Rule
    name: str
    mode: str
    action: str
    contacts: tuple[str, ...]

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
    red_flags: tuple[RedFlag, ...]
    alternatives: tuple[Alternative, ...]
    addons: tuple[AddOn, ...]
    iop_fit: tuple[FitTest, ...]
    services: tuple[Service, ...]
    schedules: tuple[Schedule, ...]
    course: Mapping[str, Any]
    hash: str
    notes: Mapping[str, Any] = field(default_factory=dict)

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
        """The questions that must be answered before a level is shown."""
        return tuple(question.id for question in self.questionnaire.questions.values() if question.safety)

    @functools.cached_property
    def stopping_flags(self) -> dict[str, tuple[str, ...]]:
        """The flags that block or hold, each with the safety questions that it reads."""
        stopping = [flag.id for flag in self.red_flags if flag.mode in ("block", "hold")]
        behind = {flag: questions_behind(self.definitions, flag) for flag in stopping}
        return {flag: tuple(name for name in self.safety_questions if name in behind[flag]) for flag in stopping}

    @functools.cached_property
    def program(self) -> Program:
        """The compiled policy: level, ratings, strands, every masked rule, and the safety questions."""
        parts = (*(area.id for area in self.areas), *(strand.id for strand in self.strands))
        names = (LEVEL, *parts, *self.rules, *self.safety_questions)
        return compile_program(self.definitions, dict.fromkeys(names))

    @functools.cached_property
    def plan_program(self) -> Program:
        """The compiled rules of the service plan."""
        return compile_program(self.definitions, self.plan_rules)

    @functools.cached_property
    def questions_used(self) -> tuple[str, ...]:
        """The questions that any part of the policy reads, in the order asked."""
        names = (*self.rules, *self.plan_rules, *self.safety_questions)
        used = frozenset().union(*(questions_behind(self.definitions, name) for name in names))
        return tuple(name for name in self.questionnaire.questions if name in used)


def cases(rules: tuple[Rule, ...]) -> tuple[tuple[str, int], ...]:
    """What `Highest` needs of rules: their names and values."""
    return tuple((rule.id, rule.value) for rule in rules)


def load_policy(path: Path = ADULT, questionnaire: Questionnaire | None = None, ladder: Ladder | None = None) -> Policy:
    """The policy of a YAML file, with the packaged questions and levels unless others are given.

    Raises ContentError with file, line, column and a suggestion.
    """
    return _Reader(ContentFile(path), questionnaire or load_questionnaire(), ladder or load_levels()).policy()


class _Reader:
    """Reads one policy file, section by section; knows what names there are so far."""

    KEYS = (
        *("policy", "title", "version", "date", "status", "statement", "since", "sources", "contacts", "derived"),
        *("areas", "strands", "placement", "red_flags", "alternatives", "addons", "iop_fit", "services", "schedules"),
        *("phases", "reviews", "step_up", "step_down", "monotone_exceptions", "open_questions"),
    )
    COURSE = ("phases", "reviews", "step_up", "step_down")
    NOTES = ("monotone_exceptions", "open_questions")
    RULE_KEYS = ("id", "when", "why", "source", "since")

    def __init__(self, file: ContentFile, questionnaire: Questionnaire, ladder: Ladder) -> None:
        self.file, self.questionnaire, self.ladder = file, questionnaire, ladder
        self.data = file.data
        file.check_keys(self.data, self.KEYS, ())
        file.require(
            self.data, ("policy", "title", "version", "date", "status", "since", "sources", "areas", "strands"), ()
        )
        file.require(self.data, ("placement", "red_flags"), ())
        self.scope: dict[str, Type] = dict(questionnaire.scope)
        self.seen: set[str] = set(self.scope)

    def policy(self) -> Policy:
        sources = {
            key: Source(key, entry["title"], entry.get("note", "")) for key, entry in self.data["sources"].items()
        }
        self.declare_names()
        result = Policy(
            id=self.data["policy"],
            title=self.data["title"],
            version=str(self.data["version"]),
            date=self.data["date"],
            status=self.data["status"],
            statement=self.data.get("statement", NOT_VALIDATED),
            questionnaire=self.questionnaire,
            ladder=self.ladder,
            sources=sources,
            contacts=self.data.get("contacts", {}),
            derived=tuple(self.derived(index, entry) for index, entry in self.entries("derived")),
            areas=tuple(self.area(index, entry) for index, entry in self.entries("areas")),
            strands=tuple(self.strand(index, entry) for index, entry in self.entries("strands")),
            placement=tuple(self.placed(index, entry) for index, entry in self.entries("placement")),
            red_flags=tuple(self.red_flag(index, entry) for index, entry in self.entries("red_flags")),
            alternatives=tuple(self.alternative(index, entry) for index, entry in self.entries("alternatives")),
            addons=tuple(self.addon(index, entry) for index, entry in self.entries("addons")),
            iop_fit=tuple(self.fit_test(index, entry) for index, entry in self.entries("iop_fit")),
            services=tuple(self.service(index, entry) for index, entry in self.entries("services")),
            schedules=tuple(self.schedule(index, entry) for index, entry in self.entries("schedules")),
            course={key: self.data.get(key, []) for key in self.COURSE},
            hash=self.hash(),
            notes={key: self.data.get(key, []) for key in self.NOTES},
        )
        self.check_cycles(result)
        return result

    def hash(self) -> str:
        parts = (self.file.hash, self.questionnaire.hash, self.ladder.hash)
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    def entries(self, section: str) -> list[tuple[int, dict[str, Any]]]:
        found = self.data.get(section) or []
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            raise self.file.fail(f"`{section}` must be a list of entries", (section,))
        return list(enumerate(found))

    def declare_names(self) -> None:
        """Ratings, strands and the level may be named anywhere, above or below where they are declared."""
        for index, entry in self.entries("areas"):
            self.take_name(entry.get("id"), ("areas", index))
            self.scope[entry["id"]] = RATING
        for index, entry in self.entries("strands"):
            self.file.require(entry, ("id", "title", "steps", "rules"), ("strands", index))
            self.take_name(entry["id"], ("strands", index))
            self.scope[entry["id"]] = Ordered(tuple(entry["steps"]))
        self.take_name(LEVEL, ())
        self.scope[LEVEL] = Ordered(self.ladder.ids)

    def take_name(self, name: Any, path: Path_) -> None:
        if not isinstance(name, str) or not name:
            raise self.file.fail("`id` is missing", path, remedy="Add an `id:` that is a name.")
        if name in self.seen:
            raise self.file.fail(f"the name `{name}` is taken", (*path, "id"), remedy="Choose another one.")
        self.seen.add(name)

    def derived(self, index: int, entry: dict[str, Any]) -> Derived:
        path = ("derived", index)
        self.file.check_keys(entry, ("id", "expression", "text", "unit"), path)
        self.file.require(entry, ("id", "expression", "text"), path)
        self.take_name(entry["id"], path)
        node = read_expression(self.file, (*path, "expression"), entry["expression"], self.scope, None)
        self.scope[entry["id"]] = node.type
        return Derived(entry["id"], node, entry["text"], entry.get("unit"))

    def rule(self, entry: dict[str, Any], path: Path_, section: str, more: tuple[str, ...], value: int = 0) -> Rule:
        self.file.check_keys(entry, (*self.RULE_KEYS, *more), path)
        self.file.require(entry, ("id", "when", "source"), path)
        self.take_name(entry["id"], path)
        if entry["source"] not in self.data["sources"]:
            known = list(self.data["sources"])
            hint = did_you_mean(entry["source"], known)
            raise self.file.fail(
                f"there is no source `{entry['source']}`", (*path, "source"), allowed=", ".join(known), remedy=hint
            )
        when = read_expression(self.file, (*path, "when"), entry["when"], self.scope, Truth())
        since = str(entry.get("since", self.data["since"]))
        return Rule(entry["id"], section, when, entry["when"], entry.get("why", ""), entry["source"], since, value)

    def area(self, index: int, entry: dict[str, Any]) -> Area:
        path = ("areas", index)
        self.file.check_keys(entry, ("id", "title", "anchors", "rules"), path)
        self.file.require(entry, ("id", "title", "rules"), path)
        rules = []
        for number, rule in enumerate(entry["rules"]):
            place = (*path, "rules", number)
            self.file.require(rule, ("rating", "why"), place)
            if rule["rating"] not in range(1, HIGHEST_RATING + 1):
                raise self.file.fail(f"a rating cannot be {rule['rating']}", (*place, "rating"), allowed="1 to 4")
            rules.append(self.rule(rule, place, entry["id"], ("rating",), rule["rating"]))
        return Area(entry["id"], entry["title"], entry.get("anchors", {}), tuple(rules))

    def strand(self, index: int, entry: dict[str, Any]) -> Strand:
        path = ("strands", index)
        self.file.check_keys(entry, ("id", "title", "steps", "rules"), path)
        rules = []
        for number, rule in enumerate(entry["rules"]):
            place = (*path, "rules", number)
            self.file.require(rule, ("floor", "why"), place)
            value = self.position(rule["floor"], entry["steps"], (*place, "floor"))
            rules.append(self.rule(rule, place, entry["id"], ("floor",), value))
        return Strand(entry["id"], entry["title"], tuple(entry["steps"]), tuple(rules))

    def position(self, name: Any, names: list[str] | tuple[str, ...], path: Path_) -> int:
        if name not in names:
            hint = did_you_mean(str(name), names)
            raise self.file.fail(f"there is no step `{name}`", path, allowed=", ".join(names), remedy=hint)
        return list(names).index(name)

    def level(self, name: Any, path: Path_) -> int:
        return self.position(name, self.ladder.ids, path)

    def placed(self, index: int, entry: dict[str, Any]) -> Rule:
        path = ("placement", index)
        self.file.require(entry, ("level", "why"), path)
        return self.rule(entry, path, "placement", ("level",), self.level(entry["level"], (*path, "level")))

    def red_flag(self, index: int, entry: dict[str, Any]) -> RedFlag:
        path = ("red_flags", index)
        self.file.require(entry, ("id", "name", "mode", "why", "action"), path)
        if entry["mode"] not in MODES:
            raise self.file.fail(f"`{entry['mode']}` is not a mode", (*path, "mode"), allowed=", ".join(MODES))
        if (entry["mode"] == "floor") != ("level" in entry):
            raise self.file.fail("a floor, and only a floor, names a `level`", path)
        for contact in entry.get("contacts", ()):
            self.position(contact, list(self.data.get("contacts", {})), (*path, "contacts"))
        value = self.level(entry["level"], (*path, "level")) if "level" in entry else 0
        rule = self.rule(entry, path, "red_flags", ("name", "mode", "level", "action", "contacts"), value)
        return RedFlag(rule, entry["name"], entry["mode"], entry["action"], tuple(entry.get("contacts", ())))

    def alternative(self, index: int, entry: dict[str, Any]) -> Alternative:
        path = ("alternatives", index)
        self.file.require(entry, ("from", "to", "condition"), path)
        for key in ("from", "to"):
            self.level(entry[key], (*path, key))
        rule = self.rule(entry, path, "alternatives", ("from", "to", "condition"))
        return Alternative(rule, entry["from"], entry["to"], entry["condition"])

    def addon(self, index: int, entry: dict[str, Any]) -> AddOn:
        path = ("addons", index)
        self.file.require(entry, ("addon", "why"), path)
        self.position(entry["addon"], list(self.ladder.beside), (*path, "addon"))
        return AddOn(self.rule(entry, path, "addons", ("addon", "name")), entry["addon"])

    def fit_test(self, index: int, entry: dict[str, Any]) -> FitTest:
        path = ("iop_fit", index)
        self.file.require(entry, ("name", "why", "otherwise"), path)
        return FitTest(self.rule(entry, path, "iop_fit", ("name", "otherwise")), entry["name"], entry["otherwise"])

    def service(self, index: int, entry: dict[str, Any]) -> Service:
        path = ("services", index)
        self.file.check_keys(entry, ("id", "name", "part_of", "inside", "does", "rules"), path)
        self.file.require(entry, ("id", "name", "part_of", "does", "rules"), path)
        self.take_name(entry["id"], path)
        for level in entry["part_of"]:
            self.level(level, (*path, "part_of"))
        doses = tuple(self.dose(entry["id"], rule, (*path, "rules", n)) for n, rule in enumerate(entry["rules"]))
        return Service(
            entry["id"], entry["name"], tuple(entry["part_of"]), entry.get("inside", False), entry["does"], doses
        )

    def dose(self, service: str, entry: dict[str, Any], path: Path_) -> Dose:
        self.file.require(entry, ("why",), path)
        times, minutes = entry.get("times_per_week", 0), entry.get("minutes", 0)
        if not (
            isinstance(times, int | float) and isinstance(minutes, int) and 0 <= times <= 21 and 0 <= minutes <= 600
        ):
            raise self.file.fail("a dose is `times_per_week` up to 21 and whole `minutes` up to 600", path)
        rule = self.rule(entry, path, service, ("times_per_week", "minutes", "starts", "note"))
        return Dose(rule, float(times), minutes, entry.get("starts", ""), entry.get("note", ""))

    def schedule(self, index: int, entry: dict[str, Any]) -> Schedule:
        path = ("schedules", index)
        self.file.require(entry, ("name", "levels", "hours", "slots", "why"), path)
        for level in entry["levels"]:
            self.level(level, (*path, "levels"))
        rule = self.rule(entry, path, "schedules", ("name", "levels", "hours", "slots"))
        slots = tuple(self.slot(slot, (*path, "slots", number)) for number, slot in enumerate(entry["slots"]))
        schedule = Schedule(rule, entry["name"], tuple(entry["levels"]), slots)
        if schedule.minutes != round(entry["hours"] * 60):
            raise self.file.fail(f"the slots add up to {schedule.minutes / 60:g} hours, not {entry['hours']:g}", path)
        return schedule

    def slot(self, entry: dict[str, Any], path: Path_) -> Slot:
        self.file.check_keys(entry, ("day", "from", "to", "by_video"), path)
        self.file.require(entry, ("day", "from", "to"), path)
        self.position(entry["day"], DAYS, (*path, "day"))
        start, end = (self.clock(entry[key], (*path, key)) for key in ("from", "to"))
        if start >= end:
            raise self.file.fail("a slot must end after it starts", path)
        return Slot(entry["day"], start, end, entry.get("by_video", False))

    def clock(self, text: Any, path: Path_) -> int:
        try:
            moment = datetime.time.fromisoformat(text)
        except (TypeError, ValueError):
            raise self.file.fail(f"`{text}` is not a time of day", path, allowed='"18:00", in quotes') from None
        return moment.hour * 60 + moment.minute

    def check_cycles(self, policy: Policy) -> None:
        try:
            in_order(policy.definitions)
        except CircularDefinitions as error:
            raise self.file.fail(f"these depend on each other in a circle: {error}", ()) from None
