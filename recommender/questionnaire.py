"""What can be asked: the questions of the intake, with topics, instruments and contradictions.

Form, CSV header, data dictionary and validation are all made from them.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from recommender.rules.definitions import Asked, Definition
from recommender.rules.tree import Node, Type

YES_NO = ("no", "yes")
ASSESSMENT = "assessment"


class Choice(NamedTuple):
    """One choice of a scale or choice question: its name in files, its words for people."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One question of the intake, with its finite domain.

    Answers are integers: 0 and 1 for no and yes, the position of the choice, or the count itself. Only with
    `use: assessment` it decides anything: `audit` asks to see whether groups are treated alike, and `record` repeats
    what the report of an admission holds.

    `changes` says whether the answer can become another from now on: by what people do, by time or treatment, only for
    the worse (history grows and is not undone), or not at all. `improves_to` names the better answers that it can
    become, where that is not any.
    """

    id: str
    text: str
    kind: str
    type: Type
    topic: str
    choices: tuple[Choice, ...] = ()
    minimum: int = 0
    maximum: int = 1
    unit: str | None = None
    help: str = ""
    worse: str = "none"
    changes: str = "fixed"
    improves_to: tuple[int, ...] = ()
    area: str = "context"
    safety: bool = False
    asked_by: str = "coordinator"
    ask_if: Node | None = None
    ask_if_text: str = ""
    when_not_asked: int = 0
    answered_anyway: str = "contradiction"
    computed: Node | None = None
    computed_text: str = ""
    must_agree: bool = False
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    known_at: str = "intake"
    use: str = ASSESSMENT
    codes: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    licence: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the positions: of the choices, or no and yes; empty for a count."""
        return YES_NO if self.kind == "yes_no" else tuple(choice.id for choice in self.choices)

    @property
    def decides(self) -> bool:
        """Whether it is asked to decide something."""
        return self.use == ASSESSMENT

    @property
    def definition(self) -> Asked:
        """The question as the evaluators know it."""
        return Asked(self.id, self.type, self.minimum, self.maximum, self.ask_if, self.when_not_asked, self.computed)

    def name_of(self, value: int) -> str:
        """An answer as files write it: `yes`, `mild`, `14`."""
        return str(value) if self.kind == "count" else self.names[value]

    def words_of(self, value: int) -> str:
        """An answer as people read it: `yes`, `mild: anxious, sweaty`, `14 days`."""
        if self.kind == "count":
            return f"{value} {self.unit or ''}".strip()
        return YES_NO[value] if self.kind == "yes_no" else self.choices[value].text

    def allowed(self) -> str:
        """The domain in words, for messages."""
        if self.kind == "count":
            return f"{self.minimum} to {self.maximum}{' ' + self.unit if self.unit else ''}"
        return ", ".join((*self.names, *self.spans))


@dataclass(frozen=True, slots=True)
class Instrument:
    """A published set of questions with a total, bands and terms; `whole` if it must not be broken off half-way."""

    id: str
    name: str
    questions: tuple[str, ...]
    score: str
    bands: tuple[tuple[int, int, str], ...] = ()
    gate: str = ""
    positive: str = ""
    item_text: str = "own_paraphrase"
    whole: bool = True
    codes: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    licence: str = ""

    def band(self, total: int) -> str:
        """The name of the band that a total falls into, or an empty text."""
        return next((label for low, high, label in self.bands if low <= total <= high), "")


class Contradiction(NamedTuple):
    """Answers that cannot stand together: when certainly true, the intake is returned to whoever entered it."""

    id: str
    when: Node
    why: str
    questions: tuple[str, ...]


class Topic(NamedTuple):
    """A part of the intake that is asked together."""

    id: str
    title: str
    questions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Questionnaire:
    """All questions, in the order asked, with topics, instruments and contradictions."""

    questions: Mapping[str, Question]
    topics: tuple[Topic, ...]
    instruments: Mapping[str, Instrument]
    contradictions: tuple[Contradiction, ...]
    hash: str

    @functools.cached_property
    def definitions(self) -> dict[str, Definition]:
        """The questions as the evaluators know them."""
        return {question.id: question.definition for question in self.questions.values()}

    @functools.cached_property
    def for_audit(self) -> tuple[str, ...]:
        """The questions that are asked for audit alone, in the order asked."""
        return tuple(question.id for question in self.questions.values() if question.use == "audit")

    @functools.cached_property
    def for_record(self) -> tuple[str, ...]:
        """The questions that only repeat what a report holds, in the order asked."""
        return tuple(question.id for question in self.questions.values() if question.use == "record")

    @property
    def beside(self) -> tuple[str, ...]:
        """The questions beside the assessment, which decide nothing: those for the record and those for audit."""
        return (*self.for_record, *self.for_audit)

    @property
    def scope(self) -> dict[str, Type]:
        """The type of each question, for reading expressions."""
        return {question.id: question.type for question in self.questions.values()}
