"""What a coordinator types: an answer, or one of a few keys."""

from __future__ import annotations

from recommender.answers import DECLINED, NOT_KNOWN, RANGE, Answer, read_text, unknown
from recommender.questionnaire import Question

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
SHORT_TRUTHS = {"y": "yes", "n": "no"}


def read_typed(question: Question, text: str) -> Answer:
    """The answer in what was typed: a number from the list, a name, a number, a range, or a skip. Raises InputError."""
    text = text.strip()
    if text.lower() in SKIPS:
        return unknown(question, SKIPS[text.lower()])
    if question.kind == "yes_no":
        return read_text(question, SHORT_TRUTHS.get(text.lower(), text))
    if question.kind == "count":
        return read_text(question, text)
    ends = [named(question, part) for part in text.split(RANGE)]
    return read_text(question, RANGE.join(ends))


def named(question: Question, text: str) -> str:
    """The name of the choice whose number, from 1, was typed; anything else as it is."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else 0
    return question.names[number - 1] if 1 <= number <= len(question.names) else text.strip()


def words_for(question: Question) -> list[str]:
    """What may be typed, for completing words."""
    return [*question.names, *question.spans, *SKIPS, *KEYS.values()]
