"""What a coordinator types: an answer, or one of a few keys."""

from __future__ import annotations

import re

from recommender.answers import ANY_OF, DECLINED, NOT_KNOWN, RANGE, Answer, fault, read_text, unknown
from recommender.questionnaire import Question
from recommender.rules.tree import Nominal

KEYS = {
    "b": "back",
    "t": "topics",
    "w": "waiting",
    "r": "report",
    "h": "help",
    "q": "leave",
}
COMMANDS = {**KEYS, **{word: word for word in KEYS.values()}}
SKIPS = {"?": NOT_KNOWN, "not_known": NOT_KNOWN, "d": DECLINED, "declined": DECLINED}
# What goes to a question or a topic by its name: /housing.
GO_TO = "/"
HYPHEN = re.compile(r"(\d+)\s*-\s*(\d+)")
SEVERAL = re.compile(r"\s*[,|]\s*|(?<=\d)\s+(?=\d)")
SHORT_TRUTHS = {"y": "yes", "n": "no"}


def read_typed(question: Question, text: str) -> Answer:
    """The answer in what was typed: a number from the list, a name, a number, a range, several choices, or a skip.

    Raises InputError.
    """
    text = text.strip()
    if text.lower() in SKIPS:
        return unknown(question, SKIPS[text.lower()])
    if question.kind == "yes_no":
        return read_text(question, SHORT_TRUTHS.get(text.lower(), text))
    text = HYPHEN.sub(rf"\1{RANGE}\2", text)
    if question.kind == "count":
        return read_text(question, text)
    if RANGE in text:
        return read_text(question, RANGE.join(named(question, part) for part in text.split(RANGE)))
    names = [named(question, part) for part in SEVERAL.split(text)]
    if len(names) == 1 or isinstance(question.type, Nominal):
        return read_text(question, ANY_OF.join(names))
    return neighbours(question, names, text)


def neighbours(question: Question, names: list[str], text: str) -> Answer:
    """Several choices of a scale as a range. Raises InputError where one is missing in between."""
    ends = [read_text(question, name) for name in names]
    low, high = min(end.lower for end in ends), max(end.upper for end in ends)
    if set(range(low, high + 1)) - {end.lower for end in ends}:
        raise fault(question, "leaves out a choice in between", text, remedy="Give a range: 1..3.")
    return read_text(question, f"{question.name_of(low)}{RANGE}{question.name_of(high)}")


def named(question: Question, text: str) -> str:
    """The name of the choice whose number, from 1, was typed; anything else as it is."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else 0
    return question.names[number - 1] if 1 <= number <= len(question.names) else text.strip()


def words_for(question: Question) -> list[str]:
    """What may be typed, for completing words."""
    return [*question.names, *question.spans, *SKIPS, *KEYS.values()]
