"""One person's intake: read from JSON, checked, and written again.

    {"id": "case-17", "about": "made up", "answers": {"alcohol_days": 14, "home_use": {"from": "none", "to": "some"}}}

An intake is returned with all its faults at once, so that whoever entered it corrects it once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recommender.answers import Answer, placed, read_json, write_json
from recommender.contradictions import check_intake, contradictions
from recommender.errors import Fault, InputError, did_you_mean
from recommender.questionnaire import Questionnaire
from recommender.rules.bounds import MISSING

KEYS = ("id", "about", "answers")
STANDARD_INPUT = "-"
FORM = '{"id": "…", "about": "…", "answers": {"question": answer, …}}'
LIST_REMEDY = "One file holds one person; for many people use `recommender batch`."
# More digits than any answer has, and few enough for Python to turn into an integer at no cost.
LONGEST_INTEGER = 30


@dataclass(frozen=True)
class Intake:
    """All answers of one person at one time. `about` is a note for people and is never read as an answer."""

    id: str
    about: str
    answers: Mapping[str, Answer]


class FaultyIntake(InputError):
    """An intake that is returned. `answers` holds what could be read of it: an emergency must not wait for a typo."""

    def __init__(self, faults: Iterable[Fault], answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        super().__init__(faults)


def read_intake_file(path: str, questionnaire: Questionnaire) -> Intake:
    """The intake in a JSON file, or on standard input for `-`. Raises InputError with every fault."""
    if path == STANDARD_INPUT:
        return read_intake(sys.stdin.buffer.read(), questionnaire, "standard input")
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(Fault(f"cannot be read: {error.strerror}", file=path)) from None
    return read_intake(data, questionnaire, Path(path).name)


def read_intake(text: str | bytes, questionnaire: Questionnaire, file: str) -> Intake:
    """The intake that a JSON text holds. Raises InputError with every fault; `file` is its name in messages."""
    faults: list[Fault] = []
    data = read_document(decoded(text, file), file, faults, questionnaire)
    answers, unread = read_answers(questionnaire, data.get("answers"), faults)
    intake = Intake(read_words(data, "id", faults), read_words(data, "about", faults), answers)
    faults += check_intake(questionnaire, answers, unread)
    if faults:
        raise FaultyIntake([replace(fault, file=file) for fault in faults], answers)
    return intake


def decoded(text: str | bytes, file: str) -> str:
    """The text behind the bytes, with or without a byte order mark."""
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise InputError(Fault("is not UTF-8 text", file=file, line=line, remedy="Save it as UTF-8.")) from None


def read_document(text: str, file: str, faults: list[Fault], questionnaire: Questionnaire) -> dict[str, Any]:
    """The object at the top, with faults for what it may not hold. Raises InputError where there is no object."""

    def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                field = key if key in questionnaire.questions else None
                faults.append(Fault("this key stands twice", field=field, given=key, remedy="Keep one of them."))
            found[key] = value
        return found

    data = parsed(text, file, without_repeats)
    if not isinstance(data, dict):
        is_list = isinstance(data, list)
        what = f"is {'a list' if is_list else 'a single value'} where an object is due"
        raise InputError(Fault(what, file=file, line=1, allowed=FORM, remedy=LIST_REMEDY if is_list else None))
    for key in data:
        if key not in KEYS:
            faults.append(unknown_key(key, questionnaire))
    return data


def parsed(text: str, file: str, hook: Callable[[list[tuple[str, Any]]], Any]) -> Any:
    try:
        return json.loads(text, object_pairs_hook=hook, parse_int=bounded_integer)
    except json.JSONDecodeError as error:
        what = "is empty" if not text.strip() else f"is not JSON: {error.msg}"
        remedy = "Check quotes, commas and brackets."
        fault = Fault(what, file=file, line=error.lineno, column=error.colno, remedy=remedy)
        raise InputError(fault) from None
    except RecursionError:
        raise InputError(Fault("is nested too deeply", file=file, allowed=FORM)) from None


def bounded_integer(digits: str) -> float:
    """The number in the digits; a huge one as infinity, which no question has as an answer."""
    return int(digits) if len(digits) <= LONGEST_INTEGER else float("inf")


def unknown_key(key: str, questionnaire: Questionnaire) -> Fault:
    # The key is what somebody wrote, so it is a given value and never part of a place.
    remedy = "Put it under `answers`." if key in questionnaire.questions else did_you_mean(key, KEYS)
    return Fault("an intake has no such key", given=key, allowed=", ".join(KEYS), remedy=remedy)


def read_words(data: Mapping[str, Any], key: str, faults: list[Fault]) -> str:
    """The text under `id` (which must stand) or `about` (which may)."""
    value = data.get(key, "")
    if not isinstance(value, str):
        faults.append(Fault("must be text", field=key, given=repr(value), remedy="Put it in quotes."))
        return ""
    if key == "id" and not (value.strip() and value.isprintable()):
        what = "holds characters that cannot be shown" if value.strip() else "is missing or blank"
        faults.append(Fault(what, field=key, remedy="Give the intake an id of letters and digits."))
    elif not is_unicode(value):
        faults.append(Fault("holds half a character", field=key, remedy="Remove the \\ud800 to \\udfff escapes."))
    return value


def is_unicode(text: str) -> bool:
    """Whether the text can be written as UTF-8; JSON can escape halves of characters that cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def read_answers(
    questionnaire: Questionnaire, data: Any, faults: list[Fault]
) -> tuple[dict[str, Answer], frozenset[str]]:
    """The answers that can be read, and the questions whose answer cannot."""
    if not isinstance(data, dict):
        kind = "missing" if data is None else "a list" if isinstance(data, list) else "not an object"
        faults.append(Fault(f"`answers` is {kind} where an object is due", allowed=FORM))
        return {}, frozenset()
    answers: dict[str, Answer] = {}
    unread = set()
    for name, value in data.items():
        question = questionnaire.questions.get(name)
        if question is None:
            faults.append(unknown_question(name, questionnaire))
            continue
        try:
            answers[name] = read_json(question, value)
        except InputError as error:
            faults.extend(placed(error))
            unread.add(name)
    return answers, frozenset(unread)


def unknown_question(name: str, questionnaire: Questionnaire) -> Fault:
    remedy = did_you_mean(name, questionnaire.questions) or "`recommender dictionary` lists all questions."
    return Fault("there is no question of this name", given=name, remedy=remedy)


def write_intake(questionnaire: Questionnaire, intake: Intake) -> str:
    """The intake as JSON, one line a question in the order asked: `read_intake` reads it back to the same intake."""
    answers = {
        name: write_json(question, intake.answers[name])
        for name, question in questionnaire.questions.items()
        if name in intake.answers and intake.answers[name].state != MISSING
    }
    return intake_text(intake.id, intake.about, answers)


def intake_text(name: str, about: str, answers: Mapping[str, Any]) -> str:
    """The JSON form of an intake from answers that are JSON values already."""
    lines = ",\n".join(f"    {json_text(question)}: {json_text(value)}" for question, value in answers.items())
    inside = f"{{\n{lines}\n  }}" if lines else "{}"
    return f'{{\n  "id": {json_text(name)},\n  "about": {json_text(about)},\n  "answers": {inside}\n}}\n'


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


__all__ = [
    "Intake",
    "check_intake",
    "contradictions",
    "intake_text",
    "read_intake",
    "read_intake_file",
    "write_intake",
]
