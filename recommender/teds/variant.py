"""Which years' coding a TEDS file uses, decided once for the whole file from its columns, years and codes.

A variant is ruled out by a column that its codebooks do not have, by a year, or by a code that only others have. If
several are left, the file is read as what all of them share. If none is left, the file is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recommender.errors import Fault, InputError, did_you_mean
from recommender.teds.mapping import Column, TedsMapping, Variant
from recommender.teds.source import Sighting, code_of

USED = ("answers", "passed_on")


@dataclass(frozen=True, slots=True)
class FileContents:
    """What a file holds: its headers, which of them is which TEDS column, and the values seen in each TEDS column."""

    file: str
    headers: tuple[str, ...]
    header_of: Mapping[str, str]
    values: Mapping[str, Mapping[Any, Sighting]]

    def codes(self, column: str, blank: frozenset[str]) -> Iterator[tuple[int | None, Any, Sighting]]:
        """The code (None if it is none), the value as it stands, and where it was seen."""
        for value, sighting in self.values.get(column, {}).items():
            yield code_of(value, blank), value, sighting


@dataclass(frozen=True, slots=True)
class Detected:
    """The variants that are left, and why the others are not."""

    variants: tuple[str, ...]
    reason: str

    @property
    def name(self) -> str:
        """The variant taken, or all that are left."""
        return " or ".join(self.variants)


def columns_in(mapping: TedsMapping, headers: Sequence[str], file: str) -> dict[str, str]:
    """Which header holds which TEDS column, whatever its year's name or case. Raises InputError if none or two do."""
    found: dict[str, str] = {}
    faults = []
    for column in mapping.columns.values():
        holding = [header for header in headers if header.strip().upper() in column.names]
        if len(holding) > 1 and column.role in USED:
            what = f"two columns are the TEDS column {column.name}"
            faults.append(Fault(what, file=file, given=", ".join(holding), remedy="Leave one of them out."))
        if holding:
            found[column.name] = holding[0]
    if faults:
        raise InputError(faults)
    if not any(mapping.columns[name].role == "answers" for name in found):
        expected = ", ".join(column.name for column in mapping.columns.values() if column.role == "answers")
        remedy = "Give a file with the column names and codes of the TEDS codebooks, not labels."
        raise InputError(Fault("no column of TEDS is in this table", file=file, allowed=expected, remedy=remedy))
    return found


def detect(mapping: TedsMapping, contents: FileContents, forced: str | None = None) -> Detected:
    """The variants a file may be coded in. Raises InputError for codes that no codebook has and for mixed codings."""
    if forced is not None:
        return _forced(mapping, contents, forced)
    refuse_unknown_codes(mapping, contents, tuple(mapping.variants))
    against = {
        variant.name: next(_columns_and_years_against(mapping, contents, variant), None)
        for variant in mapping.variants.values()
    }
    possible = [name for name, reason in against.items() if reason is None]
    if len(possible) == 1:
        refuse_unknown_codes(mapping, contents, possible)
    against |= {name: next(_codes_against(mapping, contents, name), None) for name in possible}
    left = tuple(name for name, reason in against.items() if reason is None)
    ruled_out = "; ".join(f"not {name}: {reason}" for name, reason in against.items() if reason is not None)
    if not left:
        remedy = "Give the files of different years apart, or force one coding with the option for the variant."
        raise InputError(Fault(f"fits no one coding of TEDS ({ruled_out})", file=contents.file, remedy=remedy))
    shared = "; a code is read as what it says in all of these" if len(left) > 1 else ""
    return Detected(left, (ruled_out or "nothing in the file rules any variant out") + shared)


def refuse_unknown_codes(mapping: TedsMapping, contents: FileContents, variants: Sequence[str]) -> None:
    """Raises InputError with every value of a used column that none of the variants has a code for."""
    faults = [
        _unknown_code(contents, column, value, sighting, allowed)
        for column in mapping.columns.values()
        if column.role in USED and (allowed := codes_in(column, variants)) is not None
        for code, value, sighting in contents.codes(column.name, mapping.blank)
        if code not in allowed
    ]
    if faults:
        raise InputError(faults)


def odd_codes(mapping: TedsMapping, contents: FileContents) -> dict[str, int]:
    """In columns that are known but not used: how many rows hold a value that no codebook has."""
    counts: dict[str, int] = {}
    for column in mapping.columns.values():
        allowed = codes_in(column, tuple(mapping.variants))
        if column.role in USED or allowed is None:
            continue
        odd = sum(seen.count for code, _, seen in contents.codes(column.name, mapping.blank) if code not in allowed)
        if odd:
            counts[column.name] = odd
    return counts


def codes_in(column: Column, variants: Sequence[str]) -> frozenset[int] | None:
    """The codes that a column may hold in any of the variants; None if any code may stand there."""
    readings = [reading for reading in map(column.in_variant, variants) if reading is not None]
    if not readings or any(reading.codes is None for reading in readings):
        return None
    return column.no_answer.union(*(reading.codes or () for reading in readings))


def _forced(mapping: TedsMapping, contents: FileContents, name: str) -> Detected:
    if name not in mapping.variants:
        allowed, remedy = ", ".join(mapping.variants), did_you_mean(name, mapping.variants)
        raise InputError(Fault("there is no such variant of TEDS", given=name, allowed=allowed, remedy=remedy))
    refuse_unknown_codes(mapping, contents, (name,))
    return Detected((name,), "as asked for")


def _columns_and_years_against(mapping: TedsMapping, contents: FileContents, variant: Variant) -> Iterator[str]:
    for header in contents.headers:
        if header.strip().upper() in variant.absent:
            yield f"it has no column {header.strip().upper()}"
    for column in set(variant.years) & set(contents.header_of):
        first, last = variant.years[column]
        for year, _, _ in contents.codes(column, mapping.blank):
            if year is None or (year >= 0 and not first <= year <= last):
                yield f"{column} holds {year}, and it covers {first} to {last}"


def _codes_against(mapping: TedsMapping, contents: FileContents, variant: str) -> Iterator[str]:
    for column in mapping.columns.values():
        own = codes_in(column, (variant,))
        for code, _, _ in contents.codes(column.name, mapping.blank):
            if own is not None and code is not None and code not in own and code in column.all_codes():
                # Without the row: the reason goes into the summary, and a summary may be logged.
                yield f"{contents.header_of[column.name]} holds code {code}, which it does not have"


def _unknown_code(
    contents: FileContents, column: Column, value: Any, sighting: Sighting, allowed: frozenset[int]
) -> Fault:
    rows = "in this row only" if sighting.count == 1 else f"in {sighting.count} rows, first in this one"
    return Fault(
        f"a code that the codebooks do not have, {rows}",
        file=contents.file,
        row=sighting.first_row,
        field=contents.header_of[column.name],
        given=str(value),
        allowed=", ".join(str(code) for code in sorted(allowed)),
    )
