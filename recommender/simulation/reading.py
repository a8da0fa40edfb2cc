"""Reads `content/simulation.yaml`: every question has an entry, every entry its figures, every figure its source."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from recommender.content_file import CONTENT, ContentFile
from recommender.errors import did_you_mean
from recommender.questionnaire import Questionnaire
from recommender.questionnaire_file import load_questionnaire, names_of, read_expression, read_type
from recommender.rules.tree import AllOf, Node, Nominal, Number, Truth, Type
from recommender.simulation.model import (
    Bands,
    Between,
    Case,
    Draw,
    Entry,
    Floats,
    Follows,
    Gaps,
    SimulationModel,
    Total,
    weighted,
)

SIMULATION = CONTENT / "simulation.yaml"
KEYS = ("simulation", "title", "version", "date", "statement", "sources", "scores", "hidden", "questions", "totals")
DRAW_KEYS = ("percent_yes", "percent", "bands", "between", "follows")
CASE_KEYS = (*DRAW_KEYS, "when", "skew", "source")
ENTRY_KEYS = (*DRAW_KEYS, "cases", "skew", "source", "leans_on", "left_open_unless", "at_most")
TYPE_KEYS = ("id", "text", "type", "choices", "min", "max", "unit")
GAP_KEYS = ("share", "whole_topics", "safety", "kinds", "ranges")
KINDS = ("blank", "not_known", "declined", "range")
ALWAYS = AllOf(())
RANGE = ".."
# Percents of a codebook are rounded, so they add up to 100 only nearly.
ROUNDING = 0.001

Path_ = tuple[str | int, ...]


@functools.cache
def load_simulation(path: Path = SIMULATION) -> SimulationModel:
    """The population of a YAML file, for the packaged questions. Raises ContentError with file, line and column."""
    return _Reader(ContentFile(path), load_questionnaire()).model()


class _Reader:
    """Reads the file section by section; knows the type of every question and hidden fact."""

    def __init__(self, file: ContentFile, questionnaire: Questionnaire) -> None:
        self.file, self.data, self.questionnaire = file, file.data, questionnaire
        file.check_keys(self.data, (*KEYS, "unknown"), ())
        file.require(self.data, (*KEYS, "unknown"), ())
        self.scope: dict[str, Type] = dict(questionnaire.scope)
        self.scores: dict[str, Floats] = {}

    def model(self) -> SimulationModel:
        self.read_scores()
        for index, fact in enumerate(self.data["hidden"]):
            self.declare(index, fact)
        entries = {fact["id"]: self.hidden(index, fact) for index, fact in enumerate(self.data["hidden"])}
        entries |= {name: self.question(name, entry) for name, entry in self.data["questions"].items()}
        self.check_complete(entries)
        return SimulationModel(
            title=self.data["title"],
            version=str(self.data["version"]),
            statement=self.data["statement"],
            sources=self.data["sources"],
            questionnaire=self.questionnaire,
            scores=self.scores,
            entries=entries,
            totals=tuple(self.total(index, entry) for index, entry in enumerate(self.data["totals"])),
            gaps=self.gaps(self.data["unknown"]),
            hash=self.file.hash,
        )

    def read_scores(self) -> None:
        """Each score is a normal number that leans on scores before it, and for the rest on chance of its own."""
        count = len(self.data["scores"])
        for index, score in enumerate(self.data["scores"]):
            path: Path_ = ("scores", index)
            self.file.check_keys(score, ("id", "text", "leans_on"), path)
            self.file.require(score, ("id", "text"), path)
            own: Floats = np.zeros(count)
            if leans_on := self.leans_on(score, path):
                own = weighted(self.scores, leans_on)
            own[index] = math.sqrt(1 - float(own @ own))
            self.scores[score["id"]] = own

    def declare(self, index: int, fact: dict[str, Any]) -> None:
        path = ("hidden", index)
        self.file.check_keys(fact, (*TYPE_KEYS, *ENTRY_KEYS), path)
        self.file.require(fact, ("id", "text", "type"), path)
        if fact["id"] in self.scope:
            raise self.file.fail(f"the name `{fact['id']}` is taken", (*path, "id"), remedy="Choose another one.")
        self.scope[fact["id"]] = read_type(self.file, path, fact)

    def hidden(self, index: int, fact: dict[str, Any]) -> Entry:
        return self.entry(fact["id"], {key: fact[key] for key in ENTRY_KEYS if key in fact}, ("hidden", index))

    def question(self, name: str, entry: dict[str, Any]) -> Entry:
        path = ("questions", name)
        if name not in self.questionnaire.questions:
            hint = did_you_mean(name, self.questionnaire.questions)
            raise self.file.fail(f"there is no question `{name}`", path, remedy=hint)
        if self.questionnaire.questions[name].computed is not None:
            raise self.file.fail(f"`{name}` is worked out from other answers", path, remedy="Leave it out.")
        return self.entry(name, entry, path)

    def entry(self, name: str, entry: dict[str, Any], path: Path_) -> Entry:
        self.file.check_keys(entry, ENTRY_KEYS, path)
        kind, leans_on = self.scope[name], self.leans_on(entry, path)
        if "cases" in entry:
            cases = [self.case(kind, case, entry, (*path, "cases", n)) for n, case in enumerate(entry["cases"])]
        else:
            cases = [Case(ALWAYS, self.draw(kind, entry, path), self.source(entry, path))]
        if cases[-1].when != ALWAYS:
            raise self.file.fail("the last case must be for everybody else", path, allowed="when: always")
        if leans_on and not any(isinstance(case.draw, Bands) for case in cases):
            raise self.file.fail("there is no figure here that could lean on a score", (*path, "leans_on"))
        left_open = self.expression(entry, "left_open_unless", path, Truth())
        return Entry(name, kind, tuple(cases), leans_on, left_open, self.expression(entry, "at_most", path, kind))

    def case(self, kind: Type, case: dict[str, Any], entry: dict[str, Any], path: Path_) -> Case:
        self.file.check_keys(case, CASE_KEYS, path)
        self.file.require(case, ("when",), path)
        when = read_expression(self.file, (*path, "when"), case["when"], self.scope, Truth())
        return Case(when, self.draw(kind, case, path), self.source({**entry, **case}, path))

    def draw(self, kind: Type, entry: dict[str, Any], path: Path_) -> Draw:
        given = [key for key in DRAW_KEYS if key in entry]
        if len(given) != 1:
            raise self.file.fail("needs exactly one way to come about", path, allowed=", ".join(DRAW_KEYS))
        if given[0] == "between":
            return self.between(kind, entry, (*path, "between"))
        if given[0] == "follows" and not isinstance(kind, Nominal):
            return Follows(read_expression(self.file, (*path, "follows"), entry["follows"], self.scope, kind))
        return self.bands(kind, given[0], entry[given[0]], (*path, given[0]))

    def between(self, kind: Type, entry: dict[str, Any], path: Path_) -> Between:
        if not isinstance(kind, Number) or len(entry["between"]) != 2:
            raise self.file.fail("only a count lies between two others", path, allowed='["from", "to"]')
        low, high = (read_expression(self.file, path, str(end), self.scope, kind) for end in entry["between"])
        return Between(low, high, float(entry.get("skew", 1)))

    def bands(self, kind: Type, key: str, given: Any, path: Path_) -> Bands:
        if key == "percent_yes" and isinstance(kind, Truth):
            return Bands.of([0, 1], [0, 1], [100 - given, given])
        if key == "bands" and isinstance(kind, Number):
            ends = [self.range_of(kind, str(text), path) for text in given]
        elif key == "percent" and names_of(kind):
            ends = [2 * (self.position(kind, name, path),) for name in given]
        else:
            raise self.file.fail(f"`{key}` does not fit this kind of question", path)
        low, high = ([end[place] for end in ends] for place in (0, 1))
        if low != sorted(low) or abs(math.fsum(given.values()) / 100 - 1) > ROUNDING:
            raise self.file.fail("figures must stand in order and add up to 100 percent", path)
        return Bands.of(low, high, [float(share) for share in given.values()])

    def range_of(self, kind: Type, text: str, path: Path_) -> tuple[int, int]:
        first, _, last = text.partition(RANGE)
        low, high = (self.position(kind, end, path) for end in (first, last or first))
        if low > high:
            raise self.file.fail(f"the range {text} has its ends in the wrong order", path)
        return low, high

    def position(self, kind: Type, name: str, path: Path_) -> int:
        """The integer that a choice or number stands for."""
        if isinstance(kind, Number):
            if name.isdecimal() and kind.minimum <= int(name) <= kind.maximum:
                return int(name)
            raise self.file.fail(f"{name} is not possible here", path, allowed=f"{kind.minimum} to {kind.maximum}")
        known = ("no", "yes") if isinstance(kind, Truth) else names_of(kind)
        if name not in known:
            raise self.file.fail(f"there is no choice `{name}`", path, remedy=did_you_mean(str(name), known))
        return known.index(name)

    def leans_on(self, entry: Mapping[str, Any], path: Path_) -> dict[str, float]:
        given: dict[str, float] = entry.get("leans_on", {})
        for score in given:
            if score not in self.scores:
                raise self.file.fail(
                    f"there is no score `{score}`", (*path, "leans_on"), allowed=", ".join(self.scores)
                )
        if given and np.sum(weighted(self.scores, given) ** 2) > 1:
            raise self.file.fail("these weights together leave less than nothing to chance", (*path, "leans_on"))
        return given

    def source(self, entry: Mapping[str, Any], path: Path_) -> str:
        source = str(entry.get("source", ""))
        if source.partition(" ")[0] not in self.data["sources"]:
            raise self.file.fail("a figure needs its source", path, allowed=", ".join(self.data["sources"]))
        return source

    def expression(self, entry: Mapping[str, Any], key: str, path: Path_, kind: Type) -> Node | None:
        return read_expression(self.file, (*path, key), entry[key], self.scope, kind) if key in entry else None

    def total(self, index: int, entry: dict[str, Any]) -> Total:
        path: Path_ = ("totals", index)
        self.file.check_keys(entry, ("when", "of", "percent", "within", "source"), path)
        self.file.require(entry, ("when", "percent", "within"), path)
        when, of = (
            read_expression(self.file, (*path, key), entry.get(key, "always"), self.scope, Truth())
            for key in ("when", "of")
        )
        return Total(when, of, entry["percent"], entry["within"], self.source(entry, path))

    def gaps(self, entry: dict[str, Any]) -> Gaps:
        path: Path_ = ("unknown",)
        self.file.check_keys(entry, GAP_KEYS, path)
        self.file.require(entry, GAP_KEYS, path)
        self.file.check_keys(entry["kinds"], KINDS, (*path, "kinds"))
        ranges = {}
        for name, texts in entry["ranges"].items():
            place = (*path, "ranges", name)
            if name not in self.questionnaire.questions:
                raise self.file.fail(f"there is no question `{name}`", place)
            ranges[name] = tuple(self.range_of(self.scope[name], str(text), place) for text in texts)
        share, whole_topics, safety = (entry[key] / 100 for key in ("share", "whole_topics", "safety"))
        kinds = {kind: entry["kinds"].get(kind, 0) / 100 for kind in KINDS}
        if abs(math.fsum(kinds.values()) - 1) > ROUNDING:
            raise self.file.fail("the kinds must add up to 100 percent", (*path, "kinds"))
        return Gaps(share, whole_topics, safety, kinds, ranges)

    def check_complete(self, entries: Mapping[str, Entry]) -> None:
        for question in self.questionnaire.questions.values():
            if question.computed is None and question.id not in entries:
                raise self.file.fail(f"the question `{question.id}` has no entry", ("questions",))
