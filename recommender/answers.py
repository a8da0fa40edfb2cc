"""What people answered: one answer as written, and the answers of many people as small-integer columns.

An answer is a range (ordered kinds) or a set of choices (kinds without order); a plain answer is the range of one. So
a record that says "some use", "35 to 39 years" or "mild to moderate" is read exactly as precisely as it is:

    kind              JSON                          CSV
    plain             14, "mild", true              14, mild, yes
    range             {"from": 1, "to": 29}         1..29, mild..moderate, 2..
    set of choices    {"any_of": ["a", "b"]}        a|b
    a chart's word    "homeless_not_further_stated" the same
    not known         null, "not_known"             ?, not_known
    declined          "declined"                    declined
    not asked yet     (left out)                    (blank)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, InputError, did_you_mean
from recommender.questionnaire import Question, Questionnaire
from recommender.rules.bounds import ANSWERED, MISSING, Bounds, Given, dtype_of
from recommender.rules.tree import Nominal, Truth

Array = NDArray[Any]

NOT_KNOWN, DECLINED = 2, 3
UNKNOWN_WORDS: Mapping[str, int] = {"?": NOT_KNOWN, "not_known": NOT_KNOWN, "declined": DECLINED}
TRUTH_WORDS: Mapping[str, int] = {"yes": 1, "true": 1, "no": 0, "false": 0}
RANGE = ".."
ANY_OF = "|"
# 14.0 is what spreadsheets and data frames make of 14 in a column with blanks; nothing is lost in reading it.
WHOLE_NUMBER = re.compile(r"[+-]?\d+(\.0+)?")
LONGEST_NUMBER = 12


class Answer(NamedTuple):
    """One answer: the ends of its range (or twice its set of choices as bits), and whether there is one at all."""

    lower: int
    upper: int
    state: int = ANSWERED


@dataclass(frozen=True, slots=True)
class Column:
    """The answers of n people to one question: arrays of n.

    Where there is no answer the ends span the whole domain. `upper is lower` where every answer is plain.
    """

    lower: Array
    upper: Array
    state: NDArray[np.uint8]


@dataclass(frozen=True)
class Answers:
    """The answers of `count` people. A question without a column was asked of nobody."""

    count: int
    columns: Mapping[str, Column]

    def inputs(self) -> dict[str, Given]:
        """The same as the evaluators take it."""
        return {name: Given(Bounds(c.lower, c.upper), c.state) for name, c in self.columns.items()}

    def rows(self, start: int, stop: int) -> Answers:
        """The answers of the people from `start` up to `stop`, without copying."""
        part = {name: _slice(column, start, stop) for name, column in self.columns.items()}
        return Answers(min(stop, self.count) - start, part)


def _slice(column: Column, start: int, stop: int) -> Column:
    lower = column.lower[start:stop]
    upper = lower if column.upper is column.lower else column.upper[start:stop]
    return Column(lower, upper, column.state[start:stop])


def unknown(question: Question, state: int) -> Answer:
    """An answer that allows everything: not asked, not known or declined."""
    if isinstance(question.type, Nominal):
        every = (1 << len(question.type.choices)) - 1
        return Answer(every, every, state)
    return Answer(question.minimum, question.maximum, state)


def read_json(question: Question, value: Any) -> Answer:
    """An answer as JSON has it. Raises InputError with the value and what is allowed."""
    if value is None:
        return unknown(question, NOT_KNOWN)
    if isinstance(value, dict):
        return read_object(question, value)
    if isinstance(value, str):
        if question.kind == "count" and WHOLE_NUMBER.fullmatch(value):
            raise fault(question, "is text where a number is due", value, remedy="Write the number without quotes.")
        return read_text(question, value)
    return (
        Answer(*(2 * (read_plain(question, value),)))
        if not isinstance(question.type, Nominal)
        else read_set(question, [value])
    )


def read_object(question: Question, value: Mapping[str, Any]) -> Answer:
    if set(value) == {"any_of"} and isinstance(value["any_of"], list) and value["any_of"]:
        return read_set(question, value["any_of"])
    if value and set(value) <= {"from", "to"}:
        return read_range(question, value.get("from"), value.get("to"), value)
    raise fault(question, "is an object of the wrong form", value, allowed='{"from": …, "to": …} or {"any_of": […]}')


def read_text(question: Question, text: str) -> Answer:
    """An answer as a CSV cell has it. Raises InputError with the value and what is allowed."""
    text = text.strip()
    if not text:
        return unknown(question, MISSING)
    if text in UNKNOWN_WORDS:
        return unknown(question, UNKNOWN_WORDS[text])
    if text in question.spans:
        return Answer(*question.spans[text])
    if RANGE in text:
        low, _, high = text.partition(RANGE)
        return read_range(question, low or None, high or None, text)
    if isinstance(question.type, Nominal):
        return read_set(question, text.split(ANY_OF))
    value = read_plain(question, text)
    return Answer(value, value)


def read_range(question: Question, low: Any, high: Any, given: Any) -> Answer:
    if isinstance(question.type, Nominal):
        raise fault(question, "is a range, but these choices have no order", given, remedy="Name the choices: a|b.")
    lower = question.minimum if low is None else read_plain(question, low)
    upper = question.maximum if high is None else read_plain(question, high)
    if lower > upper:
        raise fault(question, "is a range from the higher to the lower end", given, remedy="Turn it round.")
    # A range of everything says nothing, and must not stand in the way of what can be computed.
    return Answer(lower, upper, NOT_KNOWN if (lower, upper) == (question.minimum, question.maximum) else ANSWERED)


def read_set(question: Question, names: Iterable[Any]) -> Answer:
    if not isinstance(question.type, Nominal):
        raise fault(question, "is a set of choices, but these have an order", names, remedy="Give a range: a..b.")
    bits = 0
    for name in names:
        bits |= 1 << read_plain(question, name)
    return Answer(bits, bits, NOT_KNOWN if bits == unknown(question, NOT_KNOWN).lower else ANSWERED)


def read_plain(question: Question, value: Any) -> int:
    """The integer of one plain value: a bool, int or float of JSON, or a word or number of a CSV cell."""
    word = value.strip() if isinstance(value, str) else value
    if isinstance(question.type, Truth):
        return read_truth(question, word)
    if question.kind == "count":
        return read_count(question, word)
    if not isinstance(word, str) or word not in question.names:
        hint = did_you_mean(str(word), (*question.names, *question.spans)) if isinstance(word, str) else None
        raise fault(question, "is not one of the choices", value, remedy=hint)
    return question.names.index(word)


def read_truth(question: Question, value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.lower() in TRUTH_WORDS:
        return TRUTH_WORDS[value.lower()]
    raise fault(question, "is neither yes nor no", value, allowed="yes, no")


def read_count(question: Question, value: Any) -> int:
    number = whole_number(value)
    if number is None:
        raise fault(question, "is not a whole number", value)
    if not question.minimum <= number <= question.maximum:
        raise fault(question, "is outside what is possible", value)
    return number


def whole_number(value: Any) -> int | None:
    """The integer that a JSON number or a CSV cell stands for without loss, else None."""
    if isinstance(value, str):
        short = len(value) <= LONGEST_NUMBER and WHOLE_NUMBER.fullmatch(value) and value.isascii()
        return int(value.split(".")[0]) if short else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value and abs(value) < 10**LONGEST_NUMBER and int(value) == value else None


def fault(
    question: Question, what: str, given: Any, allowed: str | None = None, remedy: str | None = None
) -> InputError:
    """An InputError about one answer, without a place yet."""
    shown = given if isinstance(given, str) else repr(given)
    return InputError(
        Fault(
            f"the answer to `{question.id}` {what}",
            field=question.id,
            given=shown,
            allowed=allowed or question.allowed(),
            remedy=remedy,
        )
    )


def write_text(question: Question, answer: Answer) -> str:
    """An answer as a CSV cell: `read_text` reads it back to the same answer."""
    if answer.state != ANSWERED:
        return {MISSING: "", NOT_KNOWN: "?", DECLINED: "declined"}[answer.state]
    if isinstance(question.type, Nominal):
        return ANY_OF.join(name for bit, name in enumerate(question.names) if answer.lower >> bit & 1)
    names = [question.name_of(end) for end in (answer.lower, answer.upper)]
    return names[0] if answer.lower == answer.upper else RANGE.join(names)


def write_json(question: Question, answer: Answer) -> Any:
    """An answer as JSON has it: `read_json` reads it back to the same answer."""
    if answer.state != ANSWERED:
        return "declined" if answer.state == DECLINED else None
    if isinstance(question.type, Nominal):
        names = [name for bit, name in enumerate(question.names) if answer.lower >> bit & 1]
        return names[0] if len(names) == 1 else {"any_of": names}
    if answer.lower != answer.upper:
        return {"from": _plain_json(question, answer.lower), "to": _plain_json(question, answer.upper)}
    return _plain_json(question, answer.lower)


def _plain_json(question: Question, value: int) -> Any:
    if question.kind == "yes_no":
        return bool(value)
    return value if question.kind == "count" else question.names[value]


def answers_of(questionnaire: Questionnaire, people: Sequence[Mapping[str, Answer]]) -> Answers:
    """The columns of a few people whose answers are at hand one by one."""
    asked = dict.fromkeys(name for person in people for name in person)
    return Answers(
        len(people), {name: column_of(questionnaire.questions[name], [p.get(name) for p in people]) for name in asked}
    )


def column_of(question: Question, answers: Sequence[Answer | None]) -> Column:
    """One column from one answer a person; None is a question not asked yet."""
    filled = [answer or unknown(question, MISSING) for answer in answers]
    if not isinstance(question.type, Nominal):
        ends = [end for answer in filled for end in (answer.lower, answer.upper)]
        if not all(question.minimum <= end <= question.maximum for end in ends):
            raise ValueError(f"an answer to {question.id} lies outside its domain")
    kind = dtype_of(question.type)
    lower = np.array([answer.lower for answer in filled], dtype=kind)
    upper = np.array([answer.upper for answer in filled], dtype=kind)
    state = np.array([answer.state for answer in filled], dtype=np.uint8)
    return Column(lower, lower if np.array_equal(lower, upper) else upper, state)


def placed(error: InputError, **place: Any) -> list[Fault]:
    """The faults of an error with a file, row or the like added."""
    return [replace(found, **place) for found in error.faults]
