"""The questions read from `content/questions/*.yaml`: names, domains and expressions, and faults with their place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from recommender.content_file import CONTENT, ContentFile, FaultList, Path_
from recommender.errors import ContentError, Fault, did_you_mean
from recommender.question_shape import BAND, CHOICE, CONTRADICTION, INSTRUMENT, MOST_CHOICES, QUESTION, QUESTION_FILE
from recommender.questionnaire import (
    ASSESSMENT,
    YES_NO,
    Choice,
    Contradiction,
    Instrument,
    Question,
    Questionnaire,
    Topic,
)
from recommender.rules.definitions import CircularDefinitions, in_order
from recommender.rules.syntax import ExpressionError, parse
from recommender.rules.tree import Node, Nominal, Number, Ordered, Truth, Type, names_asked_about, names_read

QUESTIONS = CONTENT / "questions"
# What a question that decides nothing may not be: each of these would let it decide something.
NOT_BESIDE: Mapping[str, tuple[Any, ...]] = {
    "safety": (True,),
    "asked_by": ("nurse",),
    "worse": ("up", "down"),
}
# Words that an answer may always be; so no choice or span may be called so.
RESERVED = ("not_known", "declined", "yes", "no", "true", "false")
USE_REMEDY = "With `use: audit` or `use: record` a question decides nothing; else leave `use` out."
READ_REMEDY = "Take it out: what decides something has to be a question of the assessment."


def load_questionnaire(folder: Path = QUESTIONS) -> Questionnaire:
    """The questionnaire of a folder of YAML files, checked: names, domains, expressions, units, cycles.

    Raises ContentError with every fault: file, line, column and a suggestion.
    """
    files = [ContentFile(path) for path in sorted(folder.glob("*.yaml"))]
    return _Reader(files).questionnaire()


class _Reader(FaultList):
    """Reads the files twice: first every question's name and domain, then the expressions that use those names.

    What is wrong is kept and reading goes on, so that all faults are told at once.
    """

    def __init__(self, files: list[ContentFile]) -> None:
        super().__init__()
        self.files = [file for file in files if self.sound(file, file.data, QUESTION_FILE, ())]
        self.entries: dict[str, tuple[ContentFile, int, dict[str, Any]]] = {}
        self.types: dict[str, Type] = {}
        # Names whose own declaration is wrong: what uses them is not to blame.
        self.spoiled: set[str] = set()
        for file in files:
            for index, entry in enumerate(as_list(file.data.get("questions"))):
                self.declare(file, index, entry)

    def questionnaire(self) -> Questionnaire:
        read = {name: self.attempt(self.question, *entry) for name, entry in self.entries.items()}
        instruments, contradictions = self.instruments(), self.contradictions()
        self.close()
        topics = tuple(
            Topic(file.data["topic"], file.data["title"], tuple(entry["id"] for entry in file.data["questions"]))
            for file in self.files
        )
        digest = hashlib.sha256("".join(file.hash for file in self.files).encode()).hexdigest()
        questions = {name: question for name, question in read.items() if question is not None}
        result = Questionnaire(questions, topics, instruments, contradictions, digest)
        self.check_cycles(result)
        return result

    def declare(self, file: ContentFile, index: int, entry: dict[str, Any]) -> None:
        path = ("questions", index)
        kind = self.attempt(read_type, file, path, entry) if self.sound(file, entry, QUESTION, path) else None
        name = entry.get("id") if isinstance(entry, dict) else None
        if kind is None or not isinstance(name, str):
            self.spoiled.add(str(name))
        elif not name.isidentifier():
            self.faults.append(file.fault(f"`{name}` is not a name", (*path, "id"), allowed="letters, digits and _"))
        elif name in self.entries:
            self.faults.append(file.fault(f"the question `{name}` is declared twice", (*path, "id")))
        else:
            self.attempt(check_use, file, path, entry)
            self.types[name] = kind
            self.entries[name] = (file, index, entry)

    def question(self, file: ContentFile, index: int, entry: dict[str, Any]) -> Question:
        name, path = entry["id"], ("questions", index)
        kind = self.types[name]
        low, high = domain(kind)
        return Question(
            id=name,
            text=entry["text"],
            kind=entry["type"],
            type=kind,
            topic=file.data["topic"],
            choices=tuple(Choice(choice["id"], str(choice.get("text", ""))) for choice in entry.get("choices", ())),
            minimum=low,
            maximum=high,
            unit=entry.get("unit"),
            help=entry.get("help", ""),
            worse=entry.get("worse", "none"),
            changes=entry.get("changes", "fixed"),
            improves_to=self.improves_to(file, path, entry),
            area=entry.get("area", "context"),
            safety=entry.get("safety", False),
            asked_by=entry.get("asked_by", "coordinator"),
            ask_if=self.deciding(entry, file, (*path, "ask_if"), entry.get("ask_if"), Truth()),
            ask_if_text=entry.get("ask_if", ""),
            when_not_asked=self.when_not_asked(file, path, entry),
            answered_anyway=entry.get("answered_anyway", "contradiction"),
            computed=self.computed(file, path, entry),
            computed_text=entry.get("computed", ""),
            must_agree=entry.get("must_agree", False),
            spans=self.spans(file, path, entry),
            known_at=entry.get("known_at", "intake"),
            use=entry.get("use", ASSESSMENT),
            codes=entry.get("codes", {}),
            source=entry["source"],
            licence=entry.get("licence", ""),
        )

    def expression(self, file: ContentFile, path: tuple[str | int, ...], text: Any, expected: Type) -> Node | None:
        """The tree of an expression; None where there is none, or where it has a fault."""
        if text is None:
            return None
        try:
            return parse(text, self.types, expected)
        except ExpressionError as error:
            told = [part for part in error.all if part.unknown_name not in self.spoiled]
            self.faults += expression_faults(file, path, told)
            return None

    def deciding(
        self, entry: Mapping[str, Any], file: ContentFile, path: tuple[str | int, ...], text: Any, expected: Type
    ) -> Node | None:
        """An expression that decides something, and so reads no question that decides nothing."""
        node = self.expression(file, path, text, expected)
        if node is not None and decides(entry):
            for name in sorted(names_read(node) | names_asked_about(node)):
                if not decides(self.entries[name][2]):
                    use = self.entries[name][2]["use"]
                    raise file.fail(decides_nothing(name, use), path, remedy=READ_REMEDY)
        return node

    def computed(self, file: ContentFile, path: tuple[str | int, ...], entry: dict[str, Any]) -> Node | None:
        """How a question is worked out, which may not lead outside its domain."""
        kind = self.types[entry["id"]]
        node = self.deciding(entry, file, (*path, "computed"), entry.get("computed"), kind)
        if node is not None and isinstance(kind, Number) and isinstance(node.type, Number):
            low, high = node.type.minimum, node.type.maximum
            if low < kind.minimum or high > kind.maximum:
                allowed = f"{kind.minimum} to {kind.maximum}"
                raise file.fail(f"`computed` can be {low} to {high}", (*path, "computed"), allowed=allowed)
        return node

    def when_not_asked(self, file: ContentFile, path: tuple[str | int, ...], entry: dict[str, Any]) -> int:
        if "ask_if" not in entry:
            if "when_not_asked" in entry:
                raise file.fail("`when_not_asked` needs `ask_if`", (*path, "when_not_asked"))
            return 0
        if "when_not_asked" not in entry:
            raise file.fail("`when_not_asked` is missing", path, remedy="Say what holds when it is not asked.")
        return self.position(file, (*path, "when_not_asked"), entry["id"], entry["when_not_asked"])

    def improves_to(self, file: ContentFile, path: tuple[str | int, ...], entry: dict[str, Any]) -> tuple[int, ...]:
        """The answers that a change for the better can lead to; none where it can lead to any."""
        if "improves_to" not in entry:
            return ()
        place = (*path, "improves_to")
        if entry.get("changes") not in ("by_action", "by_time") or entry.get("worse", "none") == "none":
            allowed = "with `changes: by_action` or `by_time`, and a direction in `worse`"
            raise file.fail("`improves_to` says nothing here", place, allowed=allowed)
        if not isinstance(entry["improves_to"], list) or not entry["improves_to"]:
            raise file.fail("`improves_to` needs a list of answers", place)
        return tuple(self.position(file, place, entry["id"], answer) for answer in entry["improves_to"])

    def spans(
        self, file: ContentFile, path: tuple[str | int, ...], entry: dict[str, Any]
    ) -> dict[str, tuple[int, int]]:
        result: dict[str, tuple[int, int]] = {}
        for word, ends in entry.get("spans", {}).items():
            place = (*path, "spans", word)
            if isinstance(self.types[entry["id"]], Nominal | Truth):
                raise file.fail("only a scale or count has spans", place)
            if not isinstance(ends, list) or len(ends) != 2:
                raise file.fail(f"the span `{word}` needs two ends", place, allowed="[from, to]")
            low, high = (self.position(file, place, entry["id"], end) for end in ends)
            if low > high or word in RESERVED or word in names_of(self.types[entry["id"]]):
                raise file.fail(f"the span `{word}` has its ends in the wrong order or a name that is taken", place)
            result[word] = (low, high)
        return result

    def position(self, file: ContentFile, path: tuple[str | int, ...], name: str, value: Any) -> int:
        """The integer behind a value in a question's own domain, as written in YAML."""
        kind = self.types[name]
        names = YES_NO if isinstance(kind, Truth) else names_of(kind)
        if isinstance(value, bool) and isinstance(kind, Truth):
            return int(value)
        if isinstance(value, str) and value in names:
            return names.index(value)
        if isinstance(kind, Number) and isinstance(value, int) and kind.minimum <= value <= kind.maximum:
            return value
        allowed = ", ".join(names) or f"{domain(kind)[0]} to {domain(kind)[1]}"
        raise file.fail(f"`{value}` is not an answer to `{name}`", path, allowed=allowed)

    def instruments(self) -> dict[str, Instrument]:
        found: dict[str, Instrument] = {}
        for file, index, entry in self.sections("instruments"):
            path = ("instruments", index)
            if not self.sound(file, entry, INSTRUMENT, path):
                continue
            names = tuple(entry.get("questions", ()))
            for name in (*names, entry["score"]):
                self.check_known(file, path, name)
            for key in ("gate", "positive"):
                self.expression(file, (*path, key), entry.get(key), Truth())
            values = {key: entry[key] for key in entry if key in INSTRUMENT and key not in ("questions", "bands")}
            found[entry["id"]] = Instrument(**values, questions=names, bands=self.bands(file, path, entry))
        return found

    def bands(self, file: ContentFile, path: Path_, entry: dict[str, Any]) -> tuple[tuple[int, int, str], ...]:
        numbered = enumerate(entry.get("bands", ()))
        sound = [band for number, band in numbered if self.sound(file, band, BAND, (*path, "bands", number))]
        return tuple((band["min"], band["max"], band["label"]) for band in sound)

    def contradictions(self) -> tuple[Contradiction, ...]:
        found: list[Contradiction] = []
        for file, index, entry in self.sections("contradictions"):
            path = ("contradictions", index)
            if not self.sound(file, entry, CONTRADICTION, path):
                continue
            for name in entry["questions"]:
                self.check_known(file, path, name)
            when = self.deciding(entry, file, (*path, "when"), entry["when"], Truth())
            if when is not None:
                found.append(Contradiction(entry["id"], when, entry["why"], tuple(entry["questions"])))
        return tuple(found)

    def sections(self, name: str) -> Iterable[tuple[ContentFile, int, dict[str, Any]]]:
        for file in self.files:
            for index, entry in enumerate(file.data.get(name) or ()):
                yield file, index, entry

    def check_known(self, file: ContentFile, path: tuple[str | int, ...], name: str) -> None:
        if name not in self.types and name not in self.spoiled:
            hint = did_you_mean(name, self.types)
            self.faults.append(file.fault(f"there is no question `{name}`", path, remedy=hint))

    def check_cycles(self, questionnaire: Questionnaire) -> None:
        try:
            in_order(questionnaire.definitions)
        except CircularDefinitions as error:
            file, index, _ = self.entries[error.names[0]]
            raise file.fail(f"the questions depend on each other in a circle: {error}", ("questions", index)) from None


def read_expression(
    file: ContentFile, path: tuple[str | int, ...], text: str, scope: Mapping[str, Type], expected: Type | None
) -> Node:
    """The typed tree of an expression in a content file; each fault names its line and column there."""
    try:
        return parse(text, scope, expected)
    except ExpressionError as error:
        raise ContentError(expression_faults(file, path, error.all)) from None


def expression_faults(file: ContentFile, path: Path_, errors: Iterable[ExpressionError]) -> list[Fault]:
    """What is wrong in an expression, as faults of the file that it stands in."""
    return [file.fault(e.what, path, offset=e.offset, allowed=e.allowed, remedy=e.remedy) for e in errors]


def as_list(value: Any) -> list[Any]:
    """A list as it is; nothing for anything else, which is told elsewhere."""
    return value if isinstance(value, list) else []


def decides(entry: Mapping[str, Any]) -> bool:
    """Whether a question as declared is asked to decide something."""
    return bool(entry.get("use", ASSESSMENT) == ASSESSMENT)


def decides_nothing(name: str, use: str) -> str:
    """What is wrong with an expression that decides something and reads such a question."""
    return f"`{name}` is asked for {use} alone and decides nothing"


def check_use(file: ContentFile, path: tuple[str | int, ...], entry: Mapping[str, Any]) -> None:
    """Raises ContentError where a question decides nothing by its use, and is declared to do so all the same."""
    if decides(entry):
        return
    asked = f"a question for {entry['use']}"
    if "computed" in entry:
        raise file.fail(f"{asked} cannot be `computed`", (*path, "computed"), remedy=USE_REMEDY)
    for key, refused in NOT_BESIDE.items():
        if entry.get(key) in refused:
            raise file.fail(f"{asked} cannot have `{key}: {str(entry[key]).lower()}`", (*path, key), remedy=USE_REMEDY)


def read_type(file: ContentFile, path: tuple[str | int, ...], entry: Mapping[str, Any]) -> Type:
    """The type that a question's declaration says it has."""
    if entry["type"] == "yes_no":
        return Truth()
    if entry["type"] == "count":
        return read_number(file, path, entry)
    names, scores = read_choices(file, path, entry)
    return Nominal(names) if entry["type"] == "choice" else Ordered(names, scores)


def read_number(file: ContentFile, path: tuple[str | int, ...], entry: Mapping[str, Any]) -> Number:
    file.require(entry, ("max", "unit"), path)
    low, high = entry.get("min", 0), entry["max"]
    if not (isinstance(low, int) and isinstance(high, int) and low < high):
        raise file.fail("`min` and `max` must be integers, the first smaller", path)
    return Number(low, high, entry["unit"])


def read_choices(
    file: ContentFile, path: tuple[str | int, ...], entry: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    choices = entry.get("choices", [])
    if not isinstance(choices, list) or not 2 <= len(choices) <= MOST_CHOICES:
        raise file.fail("a scale or choice needs `choices`", path, allowed=f"2 to {MOST_CHOICES}")
    for index, choice in enumerate(choices):
        place = (*path, "choices", index)
        if not isinstance(choice, dict) or not isinstance(choice.get("id"), str) or choice["id"] in RESERVED:
            raise file.fail("a choice needs an `id` that is a name", place, allowed="not " + ", ".join(RESERVED))
        file.check(choice, CHOICE, place)
    names = tuple(choice["id"] for choice in choices)
    scores = tuple(choice["score"] for choice in choices if "score" in choice)
    if len(set(names)) < len(names) or (scores and (len(scores) < len(names) or list(scores) != sorted(scores))):
        raise file.fail("choices need different names, and scores that all stand and never fall", path)
    return names, scores


def names_of(kind: Type) -> tuple[str, ...]:
    """The names of the choices of a type, if it has any."""
    return kind.choices if isinstance(kind, Ordered | Nominal) else ()


def domain(kind: Type) -> tuple[int, int]:
    """The smallest and largest answer of a type."""
    if isinstance(kind, Number):
        return kind.minimum, kind.maximum
    return 0, 1 if isinstance(kind, Truth) else len(names_of(kind)) - 1
