"""Rows of a TEDS file, a chunk at a time, from CSV, CSV.gz or Parquet; and what codes the file holds.

Cells are read as they stand and never guessed: `4`, `4.0` and a blank are told apart here and nowhere else. Every fault
names the file and, where there is one, the row (the first row of data is 1) and the column.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, InputError
from recommender.table_file import CSV_SUFFIXES, suffix_of

BYTES_READ_AT_ONCE = 1 << 22
BROKEN_REMEDY = "Check that it is complete, UTF-8, and that its name has the right suffix."
# A case number may have 13 digits; nothing in TEDS has more than 18.
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}(\.0*)?")
Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file: the number of the first, how many, and the columns asked for, as Arrow arrays by header."""

    file: str
    first_row: int
    rows: int
    columns: Mapping[str, Any]

    def encoded(self, header: str) -> tuple[list[Any], Positions]:
        """The different values of a column, and for each row the position of its value; None is an empty cell."""
        import pyarrow as pa

        array = self.columns[header]
        if pa.types.is_nested(array.type):
            what, allowed = "the column holds lists or records", "one code a cell"
            raise InputError(Fault(what, file=self.file, field=header, allowed=allowed))
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        array = array.dictionary_encode(null_encoding="encode")
        return array.dictionary.to_pylist(), array.indices.to_numpy(zero_copy_only=False).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Sighting:
    """How often a value stands in a column, and the first row of data where it does."""

    count: int
    first_row: int


class SourceTable:
    """A TEDS file that is read a chunk at a time, as often as needed. Raises InputError when it cannot be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_csv = suffix_of(path) in CSV_SUFFIXES
        self.broken_row: Fault | None = None
        with self.faults():
            self.headers: tuple[str, ...] = tuple(self._read_headers())
        if not self.headers:
            raise InputError(Fault("is empty", file=path.name, remedy=BROKEN_REMEDY))
        twice = sorted({name for name in self.headers if self.headers.count(name) > 1})
        if twice:
            raise InputError([Fault("two columns have this name", file=path.name, field=name) for name in twice])

    def chunks(self, headers: Sequence[str], chunk_rows: int) -> Iterator[Chunk]:
        """All rows in order, in chunks of `chunk_rows` (the last one smaller), with the columns named."""
        first_row = 1
        with self.faults():
            batches = self._csv_batches(headers) if self.is_csv else self._parquet_batches(headers, chunk_rows)
            for table in regrouped(batches, chunk_rows):
                columns = {name: table.column(name).combine_chunks() for name in headers}
                yield Chunk(self.path.name, first_row, table.num_rows, columns)
                first_row += table.num_rows

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turns what a broken file makes Arrow raise into an InputError, without Arrow's text: it may quote a row."""
        import pyarrow as pa

        try:
            yield
        except FileNotFoundError:
            raise InputError(Fault("there is no such file", file=self.path.name)) from None
        except pa.ArrowInvalid as error:
            if self.broken_row:
                raise InputError(self.broken_row) from None
            what = "is empty" if "Empty CSV" in str(error) else "cannot be read as a table"
            raise InputError(Fault(what, file=self.path.name, remedy=BROKEN_REMEDY)) from None
        except OSError as error:
            raise InputError(Fault(f"cannot be read: {error.strerror or 'broken'}", file=self.path.name)) from None

    def _read_headers(self) -> list[str]:
        import pyarrow.parquet as parquet

        if self.is_csv:
            return self._csv_headers()
        with parquet.ParquetFile(self.path) as file:
            return list(file.schema_arrow.names)

    def _csv_headers(self) -> list[str]:
        """The first row. Not read through Arrow: its reader runs ahead in a thread that may outlive the program."""
        open_text: Any = gzip.open if self.path.suffix == ".gz" else open
        try:
            with open_text(self.path, "rt", encoding="utf-8-sig", newline="") as stream:
                return next(csv.reader(stream), [])
        except (UnicodeDecodeError, EOFError, gzip.BadGzipFile, csv.Error):
            raise InputError(Fault("cannot be read as a table", file=self.path.name, remedy=BROKEN_REMEDY)) from None

    def _parquet_batches(self, headers: Sequence[str], chunk_rows: int) -> Iterator[Any]:
        import pyarrow.parquet as parquet

        with parquet.ParquetFile(self.path) as file:
            yield from file.iter_batches(batch_size=chunk_rows, columns=list(headers))

    def _csv_batches(self, headers: Sequence[str]) -> Iterator[Any]:
        with self._open_csv(headers) as reader:
            yield from reader

    def _open_csv(self, headers: Sequence[str]) -> Any:
        """A reader that takes every cell as text; one thread, so that it knows the number of a broken row."""
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        def refuse(row: Any) -> str:
            what = f"the row has {row.actual_columns} cells and the header has {row.expected_columns}"
            self.broken_row = Fault(what, file=self.path.name, row=None if row.number is None else row.number - 1)
            return "error"

        as_text = {name: pa.string() for name in headers}
        return arrow_csv.open_csv(
            self.path,
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BYTES_READ_AT_ONCE),
            parse_options=arrow_csv.ParseOptions(invalid_row_handler=refuse),
            convert_options=arrow_csv.ConvertOptions(
                column_types=as_text, include_columns=list(headers), strings_can_be_null=False
            ),
        )


def regrouped(batches: Iterator[Any], chunk_rows: int) -> Iterator[Any]:
    """Arrow tables of exactly `chunk_rows` rows from batches of any size; the last may be smaller."""
    import pyarrow as pa

    waiting: list[Any] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= chunk_rows:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, chunk_rows)
            waiting = table.slice(chunk_rows).to_batches()
            rows -= chunk_rows
    if rows:
        yield pa.Table.from_batches(waiting)


def code_of(value: object, blank: frozenset[str], missing: int = -9) -> int | None:
    """The TEDS code in a cell: an integer, also written `4.0`; `missing` for a blank; None for anything else.

    >>> code_of("4.0", frozenset({""})), code_of("", frozenset({""})), code_of("four", frozenset({""}))
    (4, -9, None)
    """
    text = "" if value is None else str(value).strip()
    if text in blank:
        return missing
    return int(text.partition(".")[0]) if WHOLE_NUMBER.fullmatch(text) else None


def survey(table: SourceTable, headers: Sequence[str], chunk_rows: int) -> tuple[int, dict[str, dict[Any, Sighting]]]:
    """How many rows the file has, and for each column every different value with its count and first row."""
    rows = 0
    seen: dict[str, dict[Any, Sighting]] = {header: {} for header in headers}
    for chunk in table.chunks(headers, chunk_rows):
        rows += chunk.rows
        for header in headers:
            _note(seen[header], *chunk.encoded(header), chunk.first_row)
    return rows, seen


def _note(seen: dict[Any, Sighting], values: list[Any], positions: Positions, first_row: int) -> None:
    counts = np.bincount(positions, minlength=len(values))
    for place in np.flatnonzero(counts):
        value = "NaN" if values[place] != values[place] else values[place]
        before = seen.get(value)
        first = before.first_row if before else first_row + int(np.argmax(positions == place))
        seen[value] = Sighting(int(counts[place]) + (before.count if before else 0), first)
