"""What the rules language takes, what it refuses, and how clearly it says so."""

from __future__ import annotations

import pytest

from recommender.rules.prose import sentence
from recommender.rules.syntax import ExpressionError, parse
from recommender.rules.tree import Nominal, Number, Ordered, Truth, Type

SCOPE: dict[str, Type] = {
    "opioid_days": Number(0, 30, "days"),
    "drinks": Number(0, 100, "drinks"),
    "home_use": Ordered(("none", "sometimes", "most_days")),
    "craving": Ordered(("none", "strong")),
    "substance": Nominal(("alcohol", "opioid")),
    "violence": Truth(),
}

REFUSED = [
    ("opiod_days >= 3", 0, "`opiod_days` is not a question", "Did you mean `opioid_days`?"),
    ("opioid_days >= 31", 15, "31 is outside", "0 to 30"),
    ("opioid_days + drinks >= 3", 0, "days and drinks do not go together", "same unit"),
    ("violence and home_use", 13, "is a scale, not yes or no", "Compare it"),
    ("home_use >= 'somtimes'", 12, "is not one of the choices", "Did you mean `sometimes`?"),
    ("home_use >= craving", 12, "different choices", ""),
    ("substance >= 'alcohol'", 13, "no order", "=="),
    ("opioid_days >= 2.5", 15, "not an integer", ""),
    ("violence == True", 12, "not an integer", "by its name alone"),
    ("mean(opioid_days) >= 2", 0, "not a function", "min"),
    ("opioid_days >= 3 and", 20, "cannot be read", ""),
    ("__import__('os').system('x')", 0, "not part of the rules language", ""),
    ("[opioid_days for x in violence]", 0, "not part of the rules language", ""),
    ("violence.real", 0, "not part of the rules language", ""),
    ("lambda: violence", 0, "not part of the rules language", ""),
    ("opioid_days * drinks >= 3", 0, "has no meaning", ""),
    ("opioid_days in (3, 40)", 19, "40 is outside", "0 to 30"),
    ("count_true(opioid_days)", 11, "not yes or no", ""),
    ("9999999999 * opioid_days >= 1", 0, "too large", ""),
    ("answered(3)", 0, "name of one question", ""),
    ("opioid_days", 0, "needed is a yes/no", ""),
]


@pytest.mark.parametrize(("text", "offset", "what", "hint"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_faulty_expression_is_refused_with_place_and_hint(text: str, offset: int, what: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, SCOPE, Truth())
    error = caught.value
    assert what in error.what
    assert error.offset == offset
    assert hint in f"{error.allowed} {error.remedy}"


def test_depth_bombs_are_refused_and_not_a_crash() -> None:
    with pytest.raises(ExpressionError):
        parse("(" * 500 + "violence" + ")" * 500, SCOPE, Truth())


SENTENCES = [
    ("opioid_days >= 20 or home_use >= 'most_days'", "opioid days is 20 or more or home use is “most days”"),
    ("not (home_use <= 'sometimes') and violence", "home use is beyond “sometimes” and violence"),
    ("substance in ('alcohol', 'opioid')", "substance is “alcohol” or “opioid”"),
    ("3 <= opioid_days", "3 is opioid days or less"),
    ("always", "always"),
]


@pytest.mark.parametrize(("text", "words"), SENTENCES)
def test_expressions_read_as_english(text: str, words: str) -> None:
    assert sentence(parse(text, SCOPE, Truth())) == words
