"""Answers as our files write them, and what two of them leave together.

Three forms: a number or range of numbers (`14`, `1..29`, `5..`), a word or set of words (`alcohol|opioid`), and a range
of a scale (`mild..severe`), whose order only the questionnaire knows.
"""

from __future__ import annotations

import re

NUMBERS = re.compile(r"(?P<low>\d+)(?P<range>\.\.(?P<high>\d*))?")
WORDS = re.compile(r"[a-z]\w*(\|[a-z]\w*)*")
SCALE_RANGE = re.compile(r"[a-z]\w*\.\.[a-z]\w*")

Ends = tuple[int, int | None]


def is_answer(text: str) -> bool:
    """Whether the text has one of the three forms."""
    return any(form.fullmatch(text) for form in (NUMBERS, WORDS, SCALE_RANGE))


def ends_of(text: str) -> Ends | None:
    """Lowest and highest number of an answer (None above: open), or None if it is not about numbers.

    >>> ends_of("1..29"), ends_of("5.."), ends_of("30"), ends_of("mild..severe")
    ((1, 29), (5, None), (30, 30), None)
    """
    match = NUMBERS.fullmatch(text)
    if not match:
        return None
    low = int(match["low"])
    if match["range"] is None:
        return low, low
    return low, int(match["high"]) if match["high"] else None


def text_of(low: int, high: int | None) -> str:
    """A range of numbers as text: `14`, `1..29` or `5..`."""
    if high is None:
        return f"{low}.."
    return str(low) if low == high else f"{low}..{high}"


def words_of(text: str) -> tuple[str, ...] | None:
    """The words of a set, or None if the answer is not one."""
    return tuple(text.split("|")) if WORDS.fullmatch(text) else None


def either(one: str | None, other: str | None) -> str | None:
    """What is certain if one of the two answers holds and nobody knows which; None is unknown.

    >>> either("1", "1.."), either("25..29", "21..24"), either("heroin", "other"), either("none", None)
    ('1..', '21..29', 'heroin|other', None)
    """
    if one is None or other is None or one == other:
        return one if one == other else None
    ends, others = ends_of(one), ends_of(other)
    if ends and others:
        open_above = ends[1] is None or others[1] is None
        return text_of(min(ends[0], others[0]), None if open_above else max(ends[1] or 0, others[1] or 0))
    words, more = words_of(one), words_of(other)
    if words is not None and more is not None:
        return "|".join(dict.fromkeys((*words, *more)))
    return None


def both(one: str | None, other: str | None) -> str | None:
    """What is left if both answers hold; None is unknown. Raises `Contradiction` if nothing is left.

    A range of a scale is only known to agree with itself, as its order is not known here.

    >>> both("student|homemaker", "student"), both("1..29", "5.."), both("5..", None)
    ('student', '5..29', '5..')
    """
    if one is None or other is None or one == other:
        return other if one is None else one
    ends, others = ends_of(one), ends_of(other)
    if ends and others:
        return _overlap(ends, others)
    left = [word for word in words_of(one) or () if word in (words_of(other) or ())]
    if not left:
        raise Contradiction
    return "|".join(left)


def _overlap(one: Ends, other: Ends) -> str:
    low = max(one[0], other[0])
    high = min((end for end in (one[1], other[1]) if end is not None), default=None)
    if high is not None and high < low:
        raise Contradiction
    return text_of(low, high)


class Contradiction(Exception):
    """Two columns of one row leave no answer to a question."""
