"""Up to three reported substances, each with frequency, route and age at first use, put together by class of ours.

What is declared under `substances` in `content/teds.yaml` is carried out here for many rows at once. Arrays over the
reported substances have the shape (substances, rows); those over people have the shape (rows,).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.teds.answer_text import ends_of
from recommender.teds.cells import Cells, Integers, Truths, one_of_two, ranges, word_sets
from recommender.teds.codebook import Codebook
from recommender.teds.mapping import SubstanceClass

MISSING = -9
MOST_DAYS = 30
OLDEST = 99

Positions = Mapping[str, Integers]


@dataclass(frozen=True, slots=True)
class Reported:
    """The reported substances of many rows.

    `low_days` to `high_days` are the days of use in the past month, 0 to 30 where unknown. `route` holds one bit for
    each word, 0 where unknown. `first_low` to `first_high` is the age at first use, 0 to 99 where unknown. `at_large`
    is where no column says that the person lives in an institution or comes from a prison; `oldest` is the highest age
    that they may have.
    """

    code: Integers
    low_days: Integers
    high_days: Integers
    route: Integers
    first_low: Integers
    first_high: Integers
    at_large: Truths
    oldest: Integers

    def among(self, codes: Collection[int]) -> Truths:
        """Where a substance is one of these."""
        return np.isin(self.code, list(codes))

    @property
    def used(self) -> Truths:
        """Where a substance was used in the past month for sure."""
        return self.low_days >= 1

    @property
    def may_be_used(self) -> Truths:
        """Where a substance may have been used in the past month."""
        return self.high_days >= 1


class SubstanceDecoder:
    """Reads SUB, FREQ, ROUTE and FRSTUSE, with IDU, DSMCRIT, AGE and signs of an institution beside them."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self.rules = codebook.mapping.substances
        self.numbers = range(1, self.rules.positions + 1)
        texts = [text for number in self.numbers for text in self._parts(f"ROUTE{number}", "route")]
        self.routes = _words(text for text in texts if text)
        self.main_of = _main_of_codes(self.rules.classes)

    def decode(self, positions: Positions, rows: int) -> Iterator[tuple[str, Cells]]:
        """Every question that the substances speak to, with its answers; `positions` as the codebook counts codes."""
        reported = self._reported(positions, rows)
        yield self._main_substance(reported)
        for each in self.rules.classes:
            yield self._days(each, reported)
            yield from self._how(each, reported)
            yield from self._when(each, reported)
        yield self._dry_days(reported)
        yield self._injecting(reported, self._flag(positions, rows, "IDU", "injection"))
        yield self._disorder(reported, positions, rows)

    # --- what stands in the columns

    def _reported(self, positions: Positions, rows: int) -> Reported:
        low_days, high_days = self._limits(positions, rows, "FREQ", "days", MOST_DAYS)
        first_low, first_high = self._limits(positions, rows, "FRSTUSE", "first_use", OLDEST)
        ages = self.codebook.answers("AGE", "age") if "AGE" in positions else []
        return Reported(
            code=np.stack([self._codes(positions, rows, f"SUB{number}") for number in self.numbers]),
            low_days=low_days,
            high_days=high_days,
            route=np.stack([self._routes(positions, rows, f"ROUTE{number}") for number in self.numbers]),
            first_low=first_low,
            first_high=first_high,
            at_large=self._at_large(positions, rows),
            oldest=_limits(ages, OLDEST)[1][positions["AGE"]] if ages else np.full(rows, OLDEST),
        )

    def _codes(self, positions: Positions, rows: int, column: str) -> Integers:
        if column not in positions:
            return np.full(rows, MISSING)
        return np.array(self.codebook.codes[column], dtype=np.int64)[positions[column]]

    def _limits(self, positions: Positions, rows: int, name: str, part: str, most: int) -> tuple[Integers, Integers]:
        """Lowest and highest number of a part by substance and row; 0 and `most` where nothing is known."""
        low, high = np.zeros((len(self.numbers), rows), dtype=np.int64), np.full((len(self.numbers), rows), most)
        for place, number in enumerate(self.numbers):
            column = f"{name}{number}"
            if column in positions:
                lowest, highest = _limits(self._parts(column, part), most)
                low[place], high[place] = lowest[positions[column]], highest[positions[column]]
        return low, high

    def _routes(self, positions: Positions, rows: int, column: str) -> Integers:
        if column not in positions:
            return np.zeros(rows, dtype=np.int64)
        bits = [_bits(text, self.routes) for text in self._parts(column, "route")]
        return np.array(bits, dtype=np.int64)[positions[column]]

    def _at_large(self, positions: Positions, rows: int) -> Truths:
        inside = np.zeros(rows, dtype=bool)
        for column, position in positions.items():
            inside |= self.codebook.in_any(column, "in_institution")[position]
        return ~inside

    def _flag(self, positions: Positions, rows: int, column: str, part: str) -> Truths:
        if column not in positions:
            return np.zeros(rows, dtype=bool)
        return np.array([text is not None for text in self._parts(column, part)])[positions[column]]

    def _parts(self, column: str, part: str) -> list[str | None]:
        return self.codebook.parts(column, part) if column in self.codebook.codes else []

    # --- what they say together

    def _main_substance(self, reported: Reported) -> tuple[str, Cells]:
        index = np.zeros(len(reported.at_large), dtype=np.int64)
        for place, code in enumerate(self.main_of):
            index[reported.code[0] == code] = place + 1
        return self.rules.main_substance, Cells((None, *self.main_of.values()), index)

    def _days(self, each: SubstanceClass, reported: Reported) -> tuple[str, Cells]:
        """Days with any substance of the class: at least the most of one, at most the sum."""
        member = reported.among(each.codes)
        low = _lowest_days(reported, member)
        candidate = reported.among(each.codes | each.maybe)
        high = np.minimum(np.where(candidate, reported.high_days, 0).sum(axis=0), MOST_DAYS)
        says_something = (low > 0) | (high < MOST_DAYS)
        return each.days, ranges(low, high, member.any(axis=0) & reported.at_large & says_something)

    def _how(self, each: SubstanceClass, reported: Reported) -> Iterator[tuple[str, Cells]]:
        """Route and kind of what is, or may be, in use."""
        if each.route:
            yield each.route, self._all_in_use(each, reported, reported.route, self.routes)
        if each.kind:
            words = _words(each.kind["of"].values())
            kinds = np.zeros_like(reported.code)
            for code, text in each.kind["of"].items():
                kinds[reported.code == code] = _bits(text, words)
            yield each.kind["question"], self._all_in_use(each, reported, kinds, words)

    def _all_in_use(self, each: SubstanceClass, reported: Reported, bits: Integers, words: Sequence[str]) -> Cells:
        """All words that apply to what may be in use; unknown where one of these has no word.

        Where it is not certain that anything of the class is in use, "not used" is among them. A set of all words that
        there are says nothing.
        """
        member = reported.among(each.codes)
        in_use = reported.among(each.codes | each.maybe) & reported.may_be_used
        together = np.bitwise_or.reduce(np.where(in_use, bits, 0), axis=0)
        complete = (member & in_use).any(axis=0) & ~(in_use & (bits == 0)).any(axis=0)
        certain = reported.at_large & (_lowest_days(reported, member) >= 1)
        choices = (*words, self.rules.not_used)
        answer = np.where(certain, together, together | 1 << len(words))
        return word_sets(answer, choices, complete & (answer < (1 << len(choices)) - 1))

    def _when(self, each: SubstanceClass, reported: Reported) -> Iterator[tuple[str, Cells]]:
        """Age at first use, and what use in the past month says about last use and pattern."""
        member = reported.among(each.codes)
        low = _lowest_days(reported, member)
        if each.first_use:
            earliest = each.first_use.get("earliest")
            yield each.first_use["question"], self._first_use(reported, member, earliest)
        if each.last_use:
            yield each.last_use["question"], one_of_two(low >= 1, each.last_use["used"])
        if each.pattern:
            index = (low >= 1).astype(np.int64) + (low >= MOST_DAYS)
            yield each.pattern["question"], Cells((None, each.pattern["used"], each.pattern["daily"]), index)

    @staticmethod
    def _first_use(reported: Reported, member: Truths, earliest: int | None) -> Cells:
        """The lowest age of any substance of the class; nobody starts at an age that they have not reached."""
        low = np.where(member, reported.first_low, OLDEST).min(axis=0)
        high = np.where(member, reported.first_high, OLDEST).min(axis=0)
        stated = (member & (reported.first_low > 0)).any(axis=0)
        impossible = (member & (reported.first_low > reported.oldest)).any(axis=0)
        high = np.minimum(high, reported.oldest)
        known = stated & ~impossible & ((high < OLDEST) | (earliest is None))
        if earliest is not None:
            low = np.full_like(low, earliest)
        # Without an age for every substance of the class, the lower end is not known (0).
        cells = ranges(low, high, known & (low > 0))
        return Cells(cells.texts, cells.index, int(impossible.sum()))

    def _dry_days(self, reported: Reported) -> tuple[str, Cells]:
        rule = self.rules.dry_days
        named = reported.among(self.main_of)
        none = reported.code == self.rules.none
        used = (named & reported.used).any(axis=0)
        unused = named & ~reported.may_be_used
        none_used = (unused | none).all(axis=0) & unused.any(axis=0) & none.any(axis=0)
        return rule["question"], Cells((None, rule["used"], rule["none_used"]), np.where(used, 1, 2 * none_used))

    def _injecting(self, reported: Reported, flagged: Truths) -> tuple[str, Cells]:
        rule = self.rules.injecting
        injection = _bits(rule["route"], self.routes)
        named = reported.among(self.main_of)
        known = (named & reported.used & (reported.route == injection) & (injection > 0)).any(axis=0)
        # The flag alone does not say which substance is injected. It is one whose route is injection or not recorded.
        may_be_it = named & ((reported.route == injection) | (reported.route == 0))
        used_in_any_case = may_be_it.any(axis=0) & (~may_be_it | reported.used).all(axis=0)
        return rule["question"], one_of_two(known | (flagged & used_in_any_case), rule["answer"])

    def _disorder(self, reported: Reported, positions: Positions, rows: int) -> tuple[str, Cells]:
        rule = self.rules.disorder
        active = np.zeros(rows, dtype=bool)
        if "DSMCRIT" in positions:
            texts = np.array(self._parts("DSMCRIT", "diagnosis"), dtype=object)
            diagnosis = texts[positions["DSMCRIT"]]
            for name, codes in rule["diagnoses"].items():
                meant = reported.among(codes)
                active |= (diagnosis == name) & meant.any(axis=0) & (~meant | reported.used).all(axis=0)
        return rule["question"], one_of_two(active & reported.at_large, rule["answer"])


def _main_of_codes(classes: Sequence[SubstanceClass]) -> dict[int, str]:
    """For each code of a substance the class of ours, or all that it may be."""
    mains: dict[int, list[str]] = {}
    for each in classes:
        for code in sorted(each.codes | each.maybe):
            mains.setdefault(code, []).append(each.main)
    return {code: "|".join(words) for code, words in mains.items()}


def _lowest_days(reported: Reported, member: Truths) -> Integers:
    lowest: Integers = np.where(member, reported.low_days, 0).max(axis=0)
    return lowest


def _limits(texts: Sequence[str | None], most: int) -> tuple[Integers, Integers]:
    """Lowest and highest number of each text; 0 and `most` for unknown, `most` for an open end."""
    ends = [(text and ends_of(text)) or (0, most) for text in texts]
    high = [most if end is None else end for _, end in ends]
    return np.array([low for low, _ in ends], dtype=np.int64), np.array(high, dtype=np.int64)


def _words(texts: Collection[str] | Iterator[str]) -> list[str]:
    """The different words of some sets, in a fixed order."""
    return sorted({word for text in texts for word in text.split("|")})


def _bits(text: str | None, words: Sequence[str]) -> int:
    """A set of words as bits; 0 for unknown."""
    return sum(1 << bit for bit, word in enumerate(words) if text is not None and word in text.split("|"))
