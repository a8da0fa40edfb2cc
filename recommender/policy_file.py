"""A policy file read: every section checked, every expression typed, every fault with its line and column."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path
from typing import Any

from recommender.content_file import CONTENT, ContentFile
from recommender.errors import did_you_mean
from recommender.levels import Ladder, load_levels
from recommender.policy import (
    DAYS,
    HIGHEST_RATING,
    LEVEL,
    MODES,
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
from recommender.questionnaire import Questionnaire, load_questionnaire, read_expression
from recommender.rules.definitions import CircularDefinitions, in_order
from recommender.rules.tree import Ordered, Truth, Type

ADULT = CONTENT / "policies" / "adult.yaml"

Path_ = tuple[str | int, ...]


def load_policy(path: Path = ADULT, questionnaire: Questionnaire | None = None, ladder: Ladder | None = None) -> Policy:
    """The policy of a YAML file, with the packaged questions and levels unless others are given.

    Raises ContentError with file, line, column and a suggestion.
    """
    return _Reader(ContentFile(path), questionnaire or load_questionnaire(), ladder or load_levels()).policy()


class _Reader:
    """Reads one policy file, section by section; knows what names there are so far."""

    KEYS = (
        *("policy", "title", "version", "date", "status", "statement", "since", "sources", "contacts", "derived"),
        *("areas", "strands", "placement", "flag_groups", "red_flags", "alternatives", "addons", "iop_fit", "services"),
        *("schedules", "phases", "reviews", "step_up", "step_down", "monotone_exceptions", "must_not_matter"),
        "open_questions",
    )
    COURSE = ("phases", "reviews", "step_up", "step_down")
    NOTES = ("monotone_exceptions", "must_not_matter", "open_questions")
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
        self.check_must_not_matter()
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
            flag_groups=self.data.get("flag_groups", {}),
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

    def check_must_not_matter(self) -> None:
        """Every question that may not change the level is one that there is, named once, with a reason."""
        named: list[str] = []
        for index, entry in self.entries("must_not_matter"):
            path = ("must_not_matter", index)
            self.file.check_keys(entry, ("question", "why"), path)
            self.file.require(entry, ("question", "why"), path)
            name, known = entry["question"], self.questionnaire.questions
            if name not in known:
                hint = did_you_mean(str(name), known)
                raise self.file.fail(f"there is no question `{name}`", (*path, "question"), remedy=hint)
            if name in named:
                raise self.file.fail(f"`{name}` stands twice", (*path, "question"), remedy="Keep one of them.")
            named.append(name)

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
        rule = self.rule(entry, path, "red_flags", ("name", "group", "mode", "level", "action", "contacts"), value)
        contacts = tuple(entry.get("contacts", ()))
        return RedFlag(rule, entry["name"], entry["mode"], entry["action"], contacts, self.flag_group(entry, path))

    def flag_group(self, entry: dict[str, Any], path: Path_) -> str:
        """The group of a red flag; in a policy that declares groups, every flag has one."""
        groups = tuple(self.data.get("flag_groups", {}))
        if groups:
            self.file.require(entry, ("group",), path)
        if "group" in entry:
            self.position(entry["group"], groups, (*path, "group"))
        return str(entry.get("group", ""))

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
