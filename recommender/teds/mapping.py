"""The declaration of `content/teds.yaml`, loaded and checked: what each TEDS code says about our questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from recommender.cohort_columns import load_cohort_columns
from recommender.content_file import CONTENT, ContentFile, Path_
from recommender.errors import did_you_mean
from recommender.teds.answer_text import is_answer

MAPPING = CONTENT / "teds.yaml"
ROLES = ("answers", "passed_on", "not_used")
TOP_KEYS = (
    *("mapping", "title", "version", "date", "status", "source", "no_answer", "blank", "variants", "columns"),
    *("substances", "passed_on", "cohort"),
)
Answers = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Variant:
    """The coding of some years: the columns that it never has, and the years in its year columns (inclusive)."""

    name: str
    title: str
    absent: frozenset[str]
    years: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the codes of one column say in some variants. `codes` is None where any code may stand."""

    variants: frozenset[str]
    codes: frozenset[int] | None
    answers: Answers
    parts: Answers


@dataclass(frozen=True, slots=True)
class Column:
    """One TEDS column: its names over the years, its role and its readings."""

    name: str
    title: str
    role: str
    names: tuple[str, ...]
    why: str
    readings: tuple[Reading, ...]
    no_answer: frozenset[int]

    def in_variant(self, variant: str) -> Reading | None:
        """The reading that holds in a variant, if the variant's codebooks have the column with codes."""
        return next((reading for reading in self.readings if variant in reading.variants), None)

    def all_codes(self) -> frozenset[int]:
        """Every code that any codebook has for this column."""
        return self.no_answer.union(*(reading.codes or () for reading in self.readings))


@dataclass(frozen=True, slots=True)
class SubstanceClass:
    """The TEDS substances that are one class of ours, and the questions about that class."""

    name: str
    codes: frozenset[int]
    main: str
    days: str
    maybe: frozenset[int] = frozenset()
    route: str | None = None
    first_use: Mapping[str, Any] = field(default_factory=dict)
    last_use: Mapping[str, Any] = field(default_factory=dict)
    kind: Mapping[str, Any] = field(default_factory=dict)
    pattern: Mapping[str, Any] = field(default_factory=dict)

    def questions(self) -> Iterator[str]:
        """The questions that this class can say something about."""
        yield self.days
        if self.route:
            yield self.route
        yield from (part["question"] for part in (self.kind, self.first_use, self.last_use, self.pattern) if part)


@dataclass(frozen=True, slots=True)
class Substances:
    """How the reported substances are put together."""

    positions: int
    none: int
    not_used: str
    classes: tuple[SubstanceClass, ...]
    main_substance: str
    dry_days: Mapping[str, Any]
    injecting: Mapping[str, Any]
    disorder: Mapping[str, Any]

    def questions(self) -> Iterator[str]:
        """The questions that the reported substances can say something about."""
        yield self.main_substance
        for substance_class in self.classes:
            yield from substance_class.questions()
        yield from (rule["question"] for rule in (self.dry_days, self.injecting, self.disorder))


@dataclass(frozen=True, slots=True)
class CohortRule:
    """Which TEDS columns fill a column of a cohort (the first that is there), and what it says for each code.

    A code from the first to the last of `as_it_stands` is written as it is; with `level_of_service` it is the level
    that the ladder gives for the service.
    """

    sources: tuple[str, ...]
    texts: Mapping[int, str]
    as_it_stands: tuple[int, int] | None = None
    level_of_service: bool = False


@dataclass(frozen=True, slots=True)
class TedsMapping:
    """What TEDS columns and codes say about our questions."""

    version: str
    hash: str
    blank: frozenset[str]
    variants: Mapping[str, Variant]
    columns: Mapping[str, Column]
    substances: Substances
    passed_on: Mapping[str, Any]
    cohort: Mapping[str, CohortRule]

    def questions(self) -> tuple[str, ...]:
        """Every question that TEDS can say something about: first those of the columns, then of the substances."""
        readings = [reading for column in self.columns.values() for reading in column.readings]
        spoken_to = [name for reading in readings for name in reading.answers]
        return tuple(dict.fromkeys((*spoken_to, *self.substances.questions())))


def read_mapping(path: Path = MAPPING) -> TedsMapping:
    """The declared mapping. Raises ContentError with file, line and column if it does not hold together."""
    return _Reader(ContentFile(path)).mapping()


class _Reader:
    def __init__(self, file: ContentFile) -> None:
        self.file = file
        self.data = file.data
        file.check_keys(self.data, TOP_KEYS, ())
        file.require(
            self.data, ("version", "no_answer", "variants", "columns", "substances", "passed_on", "cohort"), ()
        )

    def mapping(self) -> TedsMapping:
        variants = {name: self.variant(name, entry) for name, entry in self.data["variants"].items()}
        entries = self.data["columns"].items()
        columns = {column.name: column for name, entry in entries for column in self.columns_of(name, entry)}
        return TedsMapping(
            version=self.data["version"],
            hash=self.file.hash,
            blank=frozenset(self.data.get("blank", [""])),
            variants=variants,
            columns=columns,
            substances=self.substances(self.data["substances"]),
            passed_on=self.data["passed_on"],
            cohort={name: self.cohort_rule(name, entry, columns) for name, entry in self.data["cohort"].items()},
        )

    def cohort_rule(self, name: str, entry: dict[str, Any], columns: Mapping[str, Column]) -> CohortRule:
        path = ("cohort", name)
        self.file.check_keys(entry, ("from", "texts", "as_it_stands", "level_of_service"), path)
        self.file.require(entry, ("from",), path)
        known = load_cohort_columns().names
        if name not in known:
            raise self.file.fail(f"a cohort has no column `{name}`", path, remedy=did_you_mean(name, known))
        for source in entry["from"]:
            if source not in columns or columns[source].role != "passed_on":
                raise self.file.fail(f"`{source}` is not a column that is passed on", (*path, "from"))
        stands = entry.get("as_it_stands")
        texts = {code: str(text) for code, text in entry.get("texts", {}).items()}
        level = entry.get("level_of_service", False)
        return CohortRule(tuple(entry["from"]), texts, (stands[0], stands[1]) if stands else None, level)

    def variant(self, name: str, entry: dict[str, Any]) -> Variant:
        self.file.check_keys(entry, ("title", "years", "absent"), ("variants", name))
        years = {column: (first, last) for column, (first, last) in entry.get("years", {}).items()}
        return Variant(name, entry["title"], frozenset(entry.get("absent", ())), years)

    def columns_of(self, name: str, entry: dict[str, Any]) -> Iterator[Column]:
        """The column that an entry declares, or all of them if it is numbered."""
        path = ("columns", name)
        self.file.check_keys(entry, ("title", "role", "names", "why", "numbered", "readings"), path)
        self.file.require(entry, ("title", "role"), path)
        if entry["role"] not in ROLES:
            raise self.file.fail(f"`{entry['role']}` is not a role", (*path, "role"), allowed=", ".join(ROLES))
        items = [((*path, "readings", index), item) for index, item in enumerate(entry.get("readings", ()))]
        numbered = "numbered" in entry
        for each in [f"{name}{number + 1}" for number in range(entry["numbered"])] if numbered else [name]:
            readings = tuple(self.reading(*item, first=each == f"{name}1") for item in items)
            names = (each, *entry.get("names", ()))
            yield Column(
                each, entry["title"], entry["role"], names, entry.get("why", ""), readings, self.no_answer(each)
            )

    def no_answer(self, column: str) -> frozenset[int]:
        """The codes that answer nothing in a column."""
        codes = self.data["no_answer"].items()
        return frozenset(code for code, entry in codes if entry["columns"] == "any" or column in entry["columns"])

    def reading(self, path: Path_, entry: dict[str, Any], *, first: bool) -> Reading:
        self.file.check_keys(entry, ("variants", "codes", "answers", "first", "parts"), path)
        variants = entry.get("variants", list(self.data["variants"]))
        for name in variants:
            if name not in self.data["variants"]:
                remedy = did_you_mean(name, self.data["variants"])
                raise self.file.fail(f"there is no variant `{name}`", (*path, "variants"), remedy=remedy)
        codes = frozenset(entry["codes"]) if "codes" in entry else None
        answers = self.texts((*path, "answers"), codes or frozenset(), entry.get("answers", {}))
        of_first = self.texts((*path, "first"), codes or frozenset(), entry.get("first", {}))
        parts = self.texts((*path, "parts"), codes or frozenset(), entry.get("parts", {}))
        return Reading(frozenset(variants), codes, {**answers, **(of_first if first else {})}, parts)

    def texts(self, path: Path_, codes: frozenset[int], entry: Mapping[str, Mapping[int, Any]]) -> Answers:
        """Answers as texts, each for a code that the reading lists."""
        for question, by_code in entry.items():
            for code, text in by_code.items():
                place = (*path, question, code)
                if code not in codes:
                    raise self.file.fail(f"code {code} is not among the `codes` of this reading", place)
                if not is_answer(str(text)):
                    remedy = "Write a value, `1..29`, `mild..severe` or `alcohol|opioid`; put yes and no in quotes."
                    raise self.file.fail(f"`{text}` is not an answer", place, remedy=remedy)
        return {question: {code: str(text) for code, text in by_code.items()} for question, by_code in entry.items()}

    def substances(self, entry: dict[str, Any]) -> Substances:
        keys = tuple(each.name for each in fields(Substances))
        self.file.check_keys(entry, keys, ("substances",))
        self.file.require(entry, keys, ("substances",))
        classes = tuple(self.substance_class(name, item) for name, item in entry["classes"].items())
        return Substances(**{**entry, "classes": classes})

    def substance_class(self, name: str, entry: dict[str, Any]) -> SubstanceClass:
        path = ("substances", "classes", name)
        keys = ("codes", "maybe", "main", "days", "route", "first_use", "last_use", "kind", "pattern")
        self.file.check_keys(entry, keys, path)
        self.file.require(entry, ("codes", "main", "days"), path)
        codes, maybe = frozenset(entry["codes"]), frozenset(entry.get("maybe", ()))
        return SubstanceClass(name, **{**entry, "codes": codes, "maybe": maybe})
