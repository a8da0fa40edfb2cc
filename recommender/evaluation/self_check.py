"""What a critical reader asks of a model, answered from the facts of a run. Declared in `content/self_check.yaml`.

A fact that is missing makes its answer *open*, never a yes.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from recommender.content_file import CONTENT, ContentFile
from recommender.shape import NUMBER, TEXT, Key, Shape, entry_of, list_of, or_empty

SELF_CHECK = CONTENT / "self_check.yaml"
Fact = str | int | float | None

LIMIT: Shape = {
    "fact": Key(TEXT, "The fact that is compared.", required=True),
    "at_least": Key(NUMBER, "It must be this or more."),
    "at_most": Key(NUMBER, "It must be this or less."),
}
RISK: Shape = {
    "id": Key(TEXT, "A short name.", required=True),
    "domain": Key(TEXT, "The part of the study that it is about.", required=True),
    "question": Key(TEXT, "What is asked, so that yes is good.", required=True),
    "holds_if": Key(entry_of(LIMIT), "When the answer is yes."),
    "answer": Key(TEXT, "The answer, with facts in braces.", required=True),
}
ITEM: Shape = {
    "item": Key(TEXT, "The number of the item.", required=True),
    "section": Key(TEXT, "Where it stands in a publication.", required=True),
    "asks": Key(TEXT, "What it asks.", required=True),
    "answer": Key(or_empty(TEXT), "The answer, with facts in braces; empty where a run cannot answer."),
}
FILE: Shape = {
    "risks": Key(list_of(entry_of(RISK)), "What may be wrong with a study.", required=True),
    "reporting": Key(list_of(entry_of(ITEM)), "What a publication has to tell.", required=True),
}
YES, NO, OPEN = "yes", "no", "open"
LEFT_OPEN = "Not told by this run; whoever publishes has to."


class Risk(NamedTuple):
    """One question about the study and its answer: yes, no, or open where only a person can say."""

    id: str
    domain: str
    question: str
    verdict: str
    answer: str


class Item(NamedTuple):
    """One item of a report; `answer` is None where the run cannot tell."""

    item: str
    section: str
    asks: str
    answer: str | None


class SelfCheck(NamedTuple):
    """All questions and items, answered."""

    risks: tuple[Risk, ...]
    reporting: tuple[Item, ...]

    @property
    def answered(self) -> int:
        """How many items of the report the run answers."""
        return sum(item.answer is not None for item in self.reporting)


def self_check(facts: Mapping[str, Fact], path: Path = SELF_CHECK) -> SelfCheck:
    """The self check with its answers. Raises ContentError where the file does not hold together."""
    file = ContentFile(path)
    file.check(file.data, FILE, ())
    return SelfCheck(
        tuple(risk_of(entry, facts) for entry in entries(file, "risks", RISK)),
        tuple(item_of(entry, facts) for entry in entries(file, "reporting", ITEM)),
    )


def entries(file: ContentFile, part: str, shape: Shape) -> Iterator[Mapping[str, Any]]:
    """The entries of one part, each checked."""
    for number, entry in enumerate(file.data[part]):
        file.check(entry, shape, (part, number))
        yield entry


def risk_of(entry: Mapping[str, Any], facts: Mapping[str, Fact]) -> Risk:
    answer = filled(entry["answer"], facts)
    verdict = holds(entry["holds_if"], facts) if "holds_if" in entry else OPEN
    told = (answer or LEFT_OPEN, verdict) if answer else (LEFT_OPEN, OPEN)
    return Risk(entry["id"], entry["domain"], entry["question"], told[1], told[0])


def item_of(entry: Mapping[str, Any], facts: Mapping[str, Fact]) -> Item:
    answer = filled(entry["answer"], facts) if entry.get("answer") else None
    return Item(entry["item"], entry["section"], entry["asks"], answer)


def holds(limit: Mapping[str, Any], facts: Mapping[str, Fact]) -> str:
    """Whether a fact keeps its limit; open where it is missing."""
    fact = facts.get(limit["fact"])
    if not isinstance(fact, int | float):
        return OPEN
    return YES if limit.get("at_least", fact) <= fact <= limit.get("at_most", fact) else NO


def filled(text: str, facts: Mapping[str, Fact]) -> str | None:
    """The text with its facts in place of their names; None where one is missing."""
    names = [name for _, name, _, _ in string.Formatter().parse(text) if name]
    if any(facts.get(name) in (None, "") for name in names):
        return None
    shown = {name: f"{fact:,}" if isinstance(fact := facts[name], int | float) else fact for name in names}
    return " ".join(text.format_map(shown).split())
