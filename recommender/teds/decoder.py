"""Codes in, columns of answers out: one chunk of a TEDS file at a time, by look-up alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from recommender.errors import Fault, InputError
from recommender.teds.cells import Cells, Integers
from recommender.teds.codebook import Codebook
from recommender.teds.course import Course
from recommender.teds.mapping import TedsMapping
from recommender.teds.source import Chunk, code_of
from recommender.teds.substances import SubstanceDecoder


class Decoder:
    """Reads chunks of one file under the variants that it may be coded in.

    `columns` is the header of the output: the id, the questions in a fixed order, what is passed on, the columns of a
    cohort, and the codes of the columns named in `bare`.
    """

    def __init__(
        self,
        mapping: TedsMapping,
        variants: Sequence[str],
        header_of: Mapping[str, str],
        file: str,
        bare: Sequence[str] = (),
    ) -> None:
        self.mapping = mapping
        self.header_of = header_of
        self.file = file
        self.used = [name for name in header_of if mapping.columns[name].role == "answers"]
        self.codebook = Codebook(mapping, variants, self.used)
        self.substances = SubstanceDecoder(self.codebook)
        self.questions = mapping.questions()
        self.evidence = {name: self.codebook.combined(name) for name in self.questions}
        self.passed_on = _PassedOn(mapping, header_of, file)
        self.course = Course(mapping, header_of, bare)
        self.columns = ("id", *self.questions, *self.passed_on.columns, *self.course.columns)

    @property
    def headers(self) -> list[str]:
        """The headers of the source that are read."""
        names = (*self.used, *self.passed_on.used, *self.course.used)
        return [self.header_of[name] for name in dict.fromkeys(names)]

    def answers(self, chunk: Chunk) -> dict[str, Cells]:
        """The answers of a chunk by question, every question that TEDS can say something about."""
        positions = {name: self._positions(chunk, name) for name in self.used}
        found = {name: each.cells(positions, chunk.rows) for name, each in self.evidence.items() if each.columns}
        found |= dict(self.substances.decode(positions, chunk.rows))
        nothing = Cells((None,), np.zeros(chunk.rows, dtype=np.int64))
        return {name: found.get(name, nothing) for name in self.questions}

    def table(self, chunk: Chunk, answers: Mapping[str, Cells]) -> Any:
        """The chunk as an Arrow table of text, with `columns`."""
        import pyarrow as pa

        arrays = [self.passed_on.ids(chunk), *(answers[name].to_arrow() for name in self.questions)]
        arrays += [cells.to_arrow() for cells in (*self.passed_on.cells(chunk), *self.course.cells(chunk))]
        return pa.table(arrays, names=list(self.columns))

    def _positions(self, chunk: Chunk, name: str) -> Integers:
        """For each row the position of its code among the codes of the column."""
        values, index = chunk.encoded(self.header_of[name])
        place = {code: position for position, code in enumerate(self.codebook.codes[name])}
        # Arrow may list a value that no row of the chunk has; every value that stands in a row was checked before.
        known = [place.get(code_of(value, self.mapping.blank) or 0, 0) for value in values]
        return np.array(known, dtype=np.int64)[index]


class _PassedOn:
    """What is copied beside the answers: the id, the year, the setting and the reason for discharge."""

    def __init__(self, mapping: TedsMapping, header_of: Mapping[str, str], file: str) -> None:
        self.mapping = mapping
        self.header_of = header_of
        self.file = file
        rules = mapping.passed_on
        self.id = rules["id"] if rules["id"] in header_of else None
        self.sources = {
            key: next((name for name in rules[key]["from"] if name in header_of), None)
            for key in ("services", "reason", "year")
        }

    @property
    def used(self) -> list[str]:
        """The TEDS columns that are read for this."""
        return [name for name in (self.id, *self.sources.values()) if name]

    @property
    def columns(self) -> tuple[str, ...]:
        """Their names in the output: those for which the source has a column."""
        return tuple(name for name, _ in self._columns())

    def cells(self, chunk: Chunk) -> list[Cells]:
        """Their cells, in the same order."""
        return [self._cells(chunk, *rule) for _, rule in self._columns()]

    def ids(self, chunk: Chunk) -> Any:
        """The case numbers as text, or the row numbers where the file has none."""
        import pyarrow as pa

        if self.id is None:
            return pa.array([str(chunk.first_row + row) for row in range(chunk.rows)], type=pa.string())
        values, index = chunk.encoded(self.header_of[self.id])
        numbers = [code_of(value, self.mapping.blank) for value in values]
        for place, number in enumerate(numbers):
            if number is None or number < 0:
                raise InputError(self._bad_id(chunk, values[place], int(np.argmax(index == place))))
        return pa.array([str(number) for number in numbers], type=pa.string()).take(pa.array(index))

    def _columns(self) -> Iterator[tuple[str, tuple[str, Mapping[int, str] | None, str | None]]]:
        """Name in the output, TEDS column, labels to write for the codes, or one text for every row."""
        for key, source in self.sources.items():
            rule = self.mapping.passed_on[key]
            if source is None:
                continue
            yield rule["column"], (source, None, None)
            if "labels" in rule:
                yield f"{rule['column']}_label", (source, rule["labels"], None)
            if "recorded_at" in rule:
                yield rule["recorded_at"], (source, None, rule["at"][source])

    def _cells(self, chunk: Chunk, source: str, labels: Mapping[int, str] | None, text: str | None) -> Cells:
        values, index = chunk.encoded(self.header_of[source])
        codes = [code_of(value, self.mapping.blank) for value in values]
        known = [None if code is None or code in self.mapping.columns[source].no_answer else code for code in codes]
        if text is not None:
            return Cells([None if code is None else text for code in known], index)
        return Cells([None if code is None else labels[code] if labels else str(code) for code in known], index)

    def _bad_id(self, chunk: Chunk, value: object, row: int) -> Fault:
        return Fault(
            "is not a case number",
            file=self.file,
            row=chunk.first_row + row,
            field=self.header_of[str(self.id)],
            given=str(value),
            allowed="digits",
            remedy="Leave the column out to have the rows numbered.",
        )
