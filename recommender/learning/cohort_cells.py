"""What one cell of a cohort says, by the role of its column. Each different text is read once."""

from __future__ import annotations

import math
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from recommender.answers import TRUTH_WORDS, whole_number
from recommender.cohort_columns import CohortColumns
from recommender.errors import Fault, InputError, did_you_mean
from recommender.learning.cohort import MOST_DAYS, UNKNOWN
from recommender.levels import Ladder

NOT_KNOWN = ("", "?", "not_known")
PERIOD = re.compile(r"\d{4}(-Q[1-4]|-(0[1-9]|1[0-2]))?")
DAYS = re.compile(r"(?P<low>\d{1,5})(?P<range>\.\.(?P<high>\d{0,5}))?")
YES_NO: Mapping[str, int] = {**TRUTH_WORDS, "1": 1, "0": 0}


class Cell:
    """Reads the cells of one column; a cell is one number, or two for a range."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.known: dict[str, tuple[float, ...]] = {}

    def read(self, text: str) -> tuple[float, ...]:
        """What a cell says. Raises InputError with the value and what is allowed, without a place."""
        if text not in self.known:
            stripped = text.strip()
            self.known[text] = self.nothing() if stripped in NOT_KNOWN else self.value(stripped)
        return self.known[text]

    def nothing(self) -> tuple[float, ...]:
        """What a cell says where nothing is known."""
        return (UNKNOWN,)

    @abstractmethod
    def value(self, text: str) -> tuple[float, ...]:
        """What a cell says where something is."""

    def refused(self, what: str, text: str, allowed: str, remedy: str | None = None) -> InputError:
        return InputError(Fault(what, field=self.name, given=text, allowed=allowed, remedy=remedy))


class Word(Cell):
    """One word of a list; its position."""

    def __init__(self, name: str, words: Sequence[str], kind: str) -> None:
        super().__init__(name)
        self.words, self.kind = tuple(words), kind

    def value(self, text: str) -> tuple[float, ...]:
        if text not in self.words:
            hint = did_you_mean(text, self.words)
            raise self.refused(f"there is no such {self.kind}", text, ", ".join(self.words), hint)
        return (self.words.index(text),)


class Group(Cell):
    """A name that rows share; a number in the order in which the names are met."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.numbers: dict[str, int] = {}

    def value(self, text: str) -> tuple[float, ...]:
        return (self.numbers.setdefault(text, len(self.numbers)),)


class Period(Group):
    """A year, quarter or month; all of one form, so that they sort by time."""

    def value(self, text: str) -> tuple[float, ...]:
        one_form = not self.numbers or len(next(iter(self.numbers))) == len(text)
        same_kind = not self.numbers or ("Q" in next(iter(self.numbers))) == ("Q" in text)
        if not PERIOD.fullmatch(text):
            raise self.refused("is not a period", text, "2023, 2023-Q2 or 2023-04")
        if not (one_form and same_kind):
            raise self.refused("is a period of another form than those above", text, "one form in all rows")
        return super().value(text)


class Day(Cell):
    """A day, counted from the first day of year 1."""

    def value(self, text: str) -> tuple[float, ...]:
        try:
            # A time behind the day, as data frames write it, adds nothing.
            return (date.fromisoformat(text.split("T")[0].split(" ")[0]).toordinal(),)
        except ValueError:
            raise self.refused("is not a day", text, "year-month-day, such as 2023-04-30") from None


class Days(Cell):
    """A number of days or a range of them."""

    def nothing(self) -> tuple[float, ...]:
        return (0, MOST_DAYS)

    def value(self, text: str) -> tuple[float, ...]:
        number = whole_number(text)
        match = DAYS.fullmatch(text if number is None else str(number))
        if not match:
            raise self.refused("is neither a number of days nor a range", text, "14, 31..45 or 366..")
        low = int(match["low"])
        high = low if match["range"] is None else int(match["high"] or MOST_DAYS)
        if high < low:
            raise self.refused("is a range from the higher to the lower end", text, "14, 31..45 or 366..")
        return low, high


class Weight(Cell):
    """A positive, finite number."""

    def nothing(self) -> tuple[float, ...]:
        raise self.refused("a weight is blank", "", "a number above 0", "Leave the column out to count each row once.")

    def value(self, text: str) -> tuple[float, ...]:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and number > 0):
            raise self.refused("is no weight", text, "a finite number above 0")
        return (number,)


class YesNo(Cell):
    """Yes or no."""

    def value(self, text: str) -> tuple[float, ...]:
        number = whole_number(text)
        answer = YES_NO.get(text.lower() if number is None else str(number))
        if answer is None:
            raise self.refused("is neither yes nor no", text, "yes, no, or blank for not known")
        return (answer,)


def cells_of(columns: CohortColumns, levels: Ladder) -> dict[str, Cell]:
    """A reader for each column of a cohort but the id."""
    return {name: _cell(name, columns.roles.get(name, "outcome"), columns, levels) for name in columns.names}


def _cell(name: str, role: str, columns: CohortColumns, levels: Ladder) -> Cell:
    if role == "level":
        return Word(name, levels.ids, "level")
    if role == "reason":
        return Word(name, columns.reasons, "reason")
    kinds: Mapping[str, Callable[[str], Cell]] = {
        "group": Group,
        "period": Period,
        "date": Day,
        "days": Days,
        "weight": Weight,
        "outcome": YesNo,
    }
    return kinds[role](name)
