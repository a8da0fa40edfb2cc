"""A policy file read: every section checked, every expression typed, every fault with its line and column."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from recommender.content_file import CONTENT, ContentFile, FaultList
from recommender.errors import did_you_mean
from recommender.levels import Ladder, load_levels
from recommender.policy import (
    LEVEL,
    NOT_VALIDATED,
    RATING,
    AddOn,
    Alternative,
    Area,
    Derived,
    Dose,
    FitTest,
    Policy,
    RedFlag,
    Rule,
    Schedule,
    Service,
    Slot,
    Source,
    Strand,
)
from recommender.policy_shape import (
    ADDON,
    ALTERNATIVE,
    AREA,
    AREA_RULE,
    DERIVED,
    DOSE,
    EXCEPTION,
    FIT_TEST,
    NOT_TO_MATTER,
    PHASE,
    PLACEMENT,
    POLICY_FILE,
    RED_FLAG,
    REDUNDANT,
    REVIEW,
    SCHEDULE,
    SERVICE,
    SLOT,
    SOURCE,
    STRAND,
    STRAND_RULE,
)
from recommender.questionnaire import Questionnaire
from recommender.questionnaire_file import READ_REMEDY, decides_nothing, expression_faults, load_questionnaire
from recommender.rules.definitions import CircularDefinitions, in_order
from recommender.rules.syntax import ExpressionError, parse
from recommender.rules.tree import AllOf, Node, Ordered, Truth, Type, names_asked_about, names_read
from recommender.shape import Shape

ADULT = CONTENT / "policies" / "adult.yaml"
MOST_TIMES, MOST_MINUTES = 21, 600
# Stands in for a condition that cannot be read, until all faults are told.
ALWAYS = AllOf(())
T = TypeVar("T")

Path_ = tuple[str | int, ...]


def load_policy(path: Path = ADULT, questionnaire: Questionnaire | None = None, ladder: Ladder | None = None) -> Policy:
    """The policy of a YAML file, with the packaged questions and levels unless others are given.

    Raises ContentError with every fault: file, line, column and a suggestion.
    """
    return _Reader(ContentFile(path), questionnaire or load_questionnaire(), ladder or load_levels()).policy()


# The parts that no rule reads, by the shape of their entries.
KEPT: Mapping[str, Shape] = {
    "phases": PHASE,
    "reviews": REVIEW,
    "monotone_exceptions": EXCEPTION,
    "redundant_on_purpose": REDUNDANT,
    "must_not_matter": NOT_TO_MATTER,
}


class _Reader(FaultList):
    """Reads one policy file, section by section; knows what names there are so far.

    What is wrong is kept and reading goes on with something harmless in its place, so that all faults are told at once.
    """

    COURSE = ("phases", "reviews", "step_up", "step_down")
    NOTES = ("monotone_exceptions", "redundant_on_purpose", "must_not_matter", "open_questions")

    def __init__(self, file: ContentFile, questionnaire: Questionnaire, ladder: Ladder) -> None:
        super().__init__()
        self.file, self.questionnaire, self.ladder = file, questionnaire, ladder
        self.data = file.data
        self.sound(file, self.data, POLICY_FILE, ())
        self.scope: dict[str, Type] = dict(questionnaire.scope)
        self.seen: set[str] = set(self.scope)
        # Names whose own declaration is wrong: rules that use them are not to blame.
        self.spoiled: set[str] = set()
        self.known_sources = self.mapping("sources")
        self.known_contacts = self.mapping("contacts")
        self.known_groups = self.mapping("flag_groups")

    def policy(self) -> Policy:
        self.declare_names()
        parts: dict[str, Any] = {
            "sources": {key: self.source(key, entry) for key, entry in self.known_sources.items()},
            "contacts": self.known_contacts,
            "flag_groups": self.known_groups,
            "derived": self.each("derived", DERIVED, self.derived),
            "areas": self.each("areas", AREA, self.area),
            "strands": self.each("strands", STRAND, self.strand),
            "placement": self.each("placement", PLACEMENT, self.placed),
            "red_flags": self.each("red_flags", RED_FLAG, self.red_flag),
            "alternatives": self.each("alternatives", ALTERNATIVE, self.alternative),
            "addons": self.each("addons", ADDON, self.addon),
            "iop_fit": self.each("iop_fit", FIT_TEST, self.fit_test),
            "services": self.each("services", SERVICE, self.service),
            "schedules": self.each("schedules", SCHEDULE, self.schedule),
        }
        self.check_course()
        self.close()
        result = Policy(
            id=self.data["policy"],
            title=self.data["title"],
            version=str(self.data["version"]),
            date=self.data["date"],
            status=self.data["status"],
            statement=self.data.get("statement", NOT_VALIDATED),
            questionnaire=self.questionnaire,
            ladder=self.ladder,
            course={key: self.data.get(key) or [] for key in self.COURSE},
            hash=self.hash(),
            notes={key: self.data.get(key) or [] for key in self.NOTES},
            **parts,
        )
        self.check_cycles(result)
        return result

    def hash(self) -> str:
        parts = (self.file.hash, self.questionnaire.hash, self.ladder.hash)
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    def mapping(self, section: str) -> dict[str, Any]:
        found = self.data.get(section)
        return found if isinstance(found, dict) else {}

    def entries(self, section: str) -> list[tuple[int, dict[str, Any]]]:
        """The entries of a section that are entries, each with its position."""
        found = self.data.get(section)
        found = found if isinstance(found, list) else []
        return [(index, entry) for index, entry in enumerate(found) if isinstance(entry, dict)]

    def each(self, section: str, shape: Shape, read: Callable[[dict[str, Any], Path_], T]) -> tuple[T, ...]:
        """The entries of a section that can be read, as `read` gives them."""
        return self.read_all(((entry, (section, index)) for index, entry in self.entries(section)), shape, read)

    def inside(self, entry: dict[str, Any], path: Path_, shape: Shape, read: Callable[..., T]) -> tuple[T, ...]:
        """The same for the rules of an entry."""
        return self.read_all(((rule, (*path, "rules", n)) for n, rule in enumerate(entry["rules"])), shape, read)

    def read_all(
        self, places: Iterable[tuple[Any, Path_]], shape: Shape, read: Callable[[dict[str, Any], Path_], T]
    ) -> tuple[T, ...]:
        result = []
        for entry, path in places:
            if self.sound(self.file, entry, shape, path):
                result.append(read(entry, path))
            elif isinstance(entry, dict) and isinstance(entry.get("id"), str):
                self.spoiled.add(entry["id"])
        return tuple(result)

    def wrong(self, what: str, path: Path_, **more: Any) -> None:
        """Keeps a fault."""
        self.faults.append(self.file.fault(what, path, **more))

    def declare_names(self) -> None:
        """Ratings, strands and the level may be named anywhere, above or below where they are declared."""
        for index, entry in self.entries("areas"):
            self.take_name(entry.get("id"), ("areas", index), RATING)
        for index, entry in self.entries("strands"):
            steps = entry.get("steps")
            if isinstance(steps, list) and steps and all(isinstance(step, str) for step in steps):
                self.take_name(entry.get("id"), ("strands", index), Ordered(tuple(steps)))
            elif isinstance(entry.get("id"), str):
                self.spoiled.add(entry["id"])
        self.take_name(LEVEL, (), Ordered(self.ladder.ids))

    def take_name(self, name: Any, path: Path_, kind: Type | None = None) -> None:
        """Sets a name aside; with its `kind`, expressions may use it. A name that is no text is told elsewhere."""
        if not isinstance(name, str):
            return
        if name in self.seen:
            self.wrong(f"the name `{name}` is taken", (*path, "id"), remedy="Choose another one.")
            return
        self.seen.add(name)
        if kind is not None:
            self.scope[name] = kind

    def source(self, key: str, entry: Any) -> Source:
        if not self.sound(self.file, entry, SOURCE, ("sources", key)):
            return Source(key, "")
        return Source(key, entry["title"], entry.get("note", ""))

    def derived(self, entry: dict[str, Any], path: Path_) -> Derived:
        node = self.expression(entry["expression"], (*path, "expression"), None)
        if node is None:
            self.spoiled.add(entry["id"])
        self.take_name(entry["id"], path, node.type if node else None)
        return Derived(entry["id"], node or ALWAYS, entry["text"], entry.get("unit"))

    def expression(self, text: str, path: Path_, expected: Type | None) -> Node | None:
        """The tree of an expression; None where it has a fault."""
        try:
            node = parse(text, self.scope, expected)
        except ExpressionError as error:
            told = [part for part in error.all if part.unknown_name not in self.spoiled]
            self.faults += expression_faults(self.file, path, told)
            return None
        for name in sorted((names_read(node) | names_asked_about(node)).intersection(self.questionnaire.beside)):
            self.wrong(decides_nothing(name, self.questionnaire.questions[name].use), path, remedy=READ_REMEDY)
        return node

    def rule(self, entry: dict[str, Any], path: Path_, section: str, value: int = 0) -> Rule:
        self.take_name(entry["id"], path)
        self.position(entry["source"], self.known_sources, (*path, "source"), "source")
        when = self.expression(entry["when"], (*path, "when"), Truth()) or ALWAYS
        since = str(entry.get("since", self.data.get("since")))
        return Rule(entry["id"], section, when, entry["when"], entry.get("why", ""), entry["source"], since, value)

    def position(self, name: str, names: Iterable[str], path: Path_, what: str = "step") -> int:
        """Where a name stands among those that there are; 0 where it is none of them."""
        known = list(names)
        if name in known:
            return known.index(name)
        self.wrong(f"there is no {what} `{name}`", path, allowed=", ".join(known), remedy=did_you_mean(name, known))
        return 0

    def level(self, name: str, path: Path_) -> int:
        return self.position(name, self.ladder.ids, path, "level")

    def levels(self, names: list[str], path: Path_) -> tuple[str, ...]:
        for number, name in enumerate(names):
            self.level(name, (*path, number))
        return tuple(names)

    def area(self, entry: dict[str, Any], path: Path_) -> Area:
        rules = self.inside(entry, path, AREA_RULE, lambda rule, at: self.rule(rule, at, entry["id"], rule["rating"]))
        return Area(entry["id"], entry["title"], entry.get("anchors", {}), rules)

    def strand(self, entry: dict[str, Any], path: Path_) -> Strand:
        def read(rule: dict[str, Any], at: Path_) -> Rule:
            return self.rule(rule, at, entry["id"], self.position(rule["floor"], entry["steps"], (*at, "floor")))

        return Strand(entry["id"], entry["title"], tuple(entry["steps"]), self.inside(entry, path, STRAND_RULE, read))

    def placed(self, entry: dict[str, Any], path: Path_) -> Rule:
        return self.rule(entry, path, "placement", self.level(entry["level"], (*path, "level")))

    def red_flag(self, entry: dict[str, Any], path: Path_) -> RedFlag:
        if (entry["mode"] == "floor") != ("level" in entry):
            self.wrong("a floor, and only a floor, names a `level`", path)
        contacts = tuple(entry.get("contacts", ()))
        for number, contact in enumerate(contacts):
            self.position(contact, self.known_contacts, (*path, "contacts", number), "contact")
        value = self.level(entry["level"], (*path, "level")) if "level" in entry else 0
        rule = self.rule(entry, path, "red_flags", value)
        return RedFlag(rule, entry["name"], entry["mode"], entry["action"], contacts, self.flag_group(entry, path))

    def flag_group(self, entry: dict[str, Any], path: Path_) -> str:
        """The group of a red flag; in a policy that declares groups, every flag has one."""
        group = str(entry.get("group", ""))
        if self.known_groups or group:
            self.position(group, self.known_groups, (*path, "group"), "group")
        return group

    def alternative(self, entry: dict[str, Any], path: Path_) -> Alternative:
        for key in ("from", "to"):
            self.level(entry[key], (*path, key))
        return Alternative(self.rule(entry, path, "alternatives"), entry["from"], entry["to"], entry["condition"])

    def addon(self, entry: dict[str, Any], path: Path_) -> AddOn:
        self.position(entry["addon"], self.ladder.beside, (*path, "addon"), "add-on")
        return AddOn(self.rule(entry, path, "addons"), entry["addon"])

    def fit_test(self, entry: dict[str, Any], path: Path_) -> FitTest:
        return FitTest(self.rule(entry, path, "iop_fit"), entry["name"], entry["otherwise"])

    def service(self, entry: dict[str, Any], path: Path_) -> Service:
        self.take_name(entry["id"], path)
        levels = self.levels(entry["part_of"], (*path, "part_of"))
        doses = self.inside(entry, path, DOSE, lambda rule, at: self.dose(entry["id"], rule, at))
        return Service(entry["id"], entry["name"], levels, entry.get("inside", False), entry["does"], doses)

    def dose(self, service: str, entry: dict[str, Any], path: Path_) -> Dose:
        times, minutes = entry.get("times_per_week", 0), entry.get("minutes", 0)
        if not (0 <= times <= MOST_TIMES and 0 <= minutes <= MOST_MINUTES):
            self.wrong(f"a dose is `times_per_week` up to {MOST_TIMES} and `minutes` up to {MOST_MINUTES}", path)
        rule = self.rule(entry, path, service)
        return Dose(rule, float(times), minutes, entry.get("starts", ""), entry.get("note", ""))

    def schedule(self, entry: dict[str, Any], path: Path_) -> Schedule:
        levels = self.levels(entry["levels"], (*path, "levels"))
        rule = self.rule(entry, path, "schedules")
        places = (((slot, (*path, "slots", number))) for number, slot in enumerate(entry["slots"]))
        faults_before = len(self.faults)
        schedule = Schedule(rule, entry["name"], levels, self.read_all(places, SLOT, self.slot))
        if len(self.faults) == faults_before and schedule.minutes != round(entry["hours"] * 60):
            self.wrong(f"the slots add up to {schedule.minutes / 60:g} hours, not {entry['hours']:g}", path)
        return schedule

    def slot(self, entry: dict[str, Any], path: Path_) -> Slot:
        start, end = (self.clock(entry[key], (*path, key)) for key in ("from", "to"))
        if start is not None and end is not None and start >= end:
            self.wrong("a slot must end after it starts", path)
        return Slot(entry["day"], start or 0, end or 0, entry.get("by_video", False))

    def clock(self, text: str, path: Path_) -> int | None:
        try:
            moment = datetime.time.fromisoformat(text)
        except ValueError:
            self.wrong(f"`{text}` is not a time of day", path, allowed='"18:00", in quotes')
            return None
        return moment.hour * 60 + moment.minute

    def check_course(self) -> None:
        """What is only kept and shown: phases, reviews, and what the proofs of the policy go by."""
        for section, shape in KEPT.items():
            for index, entry in self.entries(section):
                self.sound(self.file, entry, shape, (section, index))
        for section in ("monotone_exceptions", "must_not_matter"):
            self.check_questions(section)

    def check_questions(self, section: str) -> None:
        """That every question named in a section is one that there is, and named once."""
        named: set[str] = set()
        for index, entry in self.entries(section):
            if isinstance(name := entry.get("question"), str):
                path = (section, index, "question")
                self.position(name, self.questionnaire.questions, path, "question")
                if name in named:
                    self.wrong(f"`{name}` stands twice", path, remedy="Keep one of them.")
                named.add(name)

    def check_cycles(self, policy: Policy) -> None:
        try:
            in_order(policy.definitions)
        except CircularDefinitions as error:
            raise self.file.fail(f"these depend on each other in a circle: {error}", ()) from None
