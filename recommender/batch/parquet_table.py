"""Parquet as a table: whatever plain type a column has, its cells are read as the text that a CSV would hold."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from recommender.batch.places import Place
from recommender.batch.table import BROKEN_REMEDY, Chunk, FileOfTable, arrays_of, check_headers
from recommender.errors import Fault, InputError


@dataclass(frozen=True, slots=True)
class ParquetPortion:
    """Some rows of a Parquet file: its row groups from `first_group` up to `last_group`, that one left out."""

    place: Place
    file: str
    first_row: int
    count: int
    first_group: int
    last_group: int

    def chunks(self, answers: Sequence[str], texts: Sequence[str], chunk_rows: int) -> Iterator[Chunk]:
        """All rows in order, at most `chunk_rows` at once."""
        next_row, groups = self.first_row, range(self.first_group, self.last_group)
        # A column of few different values is kept so in the file; it is not spelt out only to be gathered again.
        with reading_faults(self.file), closing(self.place.open()) as stream:
            metadata = metadata_of(self.place, self.place.state())
            file = parquet.ParquetFile(stream, metadata=metadata, read_dictionary=list(answers))
            asked = {"row_groups": groups, "columns": [*answers, *texts], "use_threads": False}
            for table in gathered(file.iter_batches(batch_size=chunk_rows, **asked), chunk_rows):
                columns = arrays_of(table)
                rows = np.arange(next_row, next_row + table.num_rows, dtype=np.int64)
                yield Chunk(rows, {name: as_text(column, name in answers) for name, column in columns.items()})
                next_row += table.num_rows

    def lines_of(self, rows: Sequence[int]) -> Iterator[int | None]:
        """There are no lines in Parquet."""
        return (None for _ in rows)


@functools.lru_cache(maxsize=2)
def metadata_of(place: Place, _state: tuple[object, ...]) -> Any:
    """The footer of a file, kept for the next portion: that of a large file takes longer to read than a portion."""
    with closing(place.open()) as stream:
        return parquet.read_metadata(stream)


def gathered(batches: Iterable[Any], chunk_rows: int) -> Iterator[Any]:
    """Batches as tables of at most `chunk_rows` rows: each small one costs as many steps of Python as a large one."""
    waiting: list[Any] = []
    for batch in batches:
        if waiting and sum(one.num_rows for one in waiting) + batch.num_rows > chunk_rows:
            yield in_one_piece(waiting)
            waiting = []
        waiting.append(batch)
    if waiting:
        yield in_one_piece(waiting)


def in_one_piece(batches: list[Any]) -> Any:
    """Batches as a table whose columns are each one array."""
    return pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()


def open_parquet(place: Place, rows_wanted: int) -> FileOfTable:
    """A Parquet file looked over; each portion has at least `rows_wanted` rows, apart from the last one."""
    with reading_faults(place.name), closing(place.open()) as stream:
        digest = hashlib.file_digest(cast(Any, stream), "sha256").hexdigest()
        size = stream.tell()
        file = parquet.ParquetFile(stream)
        schema, metadata = file.schema_arrow, file.metadata
        counts = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    check_headers(place.name, headers := tuple(schema.names))
    if not sum(counts):
        raise InputError(Fault("has columns and no rows", file=place.name, remedy="Add a row for each person."))
    check_types(place.name, schema)
    portions = tuple(
        ParquetPortion(place, place.name, 1 + sum(counts[:first]), sum(counts[first:last]), first, last)
        for first, last in grouped(counts, rows_wanted)
    )
    return FileOfTable(place.name, headers, portions, digest, size)


def grouped(counts: Sequence[int], rows_wanted: int) -> Iterator[tuple[int, int]]:
    """Row groups that stand together, as first and last (left out), with at least `rows_wanted` rows in each lot."""
    first, rows = 0, 0
    for number, count in enumerate(counts, 1):
        rows += count
        if rows >= rows_wanted or (number == len(counts) and rows):
            yield first, number
            first, rows = number, 0


def check_types(name: str, schema: Any) -> None:
    """Raises InputError with every column that is no plain text, number, truth value or date."""
    nested = [field for field in schema if pa.types.is_nested(field.type) or pa.types.is_binary(field.type)]
    if nested:
        raise InputError(wrong_type(name, field) for field in nested)


def wrong_type(name: str, field: Any) -> Fault:
    what = f"a column has the type {field.type}"
    return Fault(what, file=name, given=field.name, allowed="text, numbers, truth values, dates")


@contextmanager
def reading_faults(name: str) -> Iterator[None]:
    """Turns what a broken file raises into an InputError without Arrow's text, which may quote a row."""
    try:
        yield
    except pa.ArrowMemoryError:
        raise
    except (pa.ArrowException, UnicodeDecodeError):
        what = "is not a whole Parquet file, or its text is not UTF-8"
        raise InputError(Fault(what, file=name, remedy=BROKEN_REMEDY)) from None
    except OSError as error:
        what = f"cannot be read: {error.strerror or 'it is broken'}"
        raise InputError(Fault(what, file=name, remedy=BROKEN_REMEDY)) from None


def as_text(column: Any, few_values: bool) -> Any:
    """A column as text, blank where it is null; as a dictionary where `few_values`. ArrowInvalid if it is not UTF-8."""
    if pa.types.is_dictionary(column.type) and not few_values:
        column = column.dictionary_decode()
    if pa.types.is_dictionary(column.type):
        # The positions were checked when they were read.
        column.validate()
        column.dictionary.validate(full=True)
        return pa.DictionaryArray.from_arrays(column.indices, column.dictionary.cast(pa.string()), safe=False)
    column.validate(full=True)
    text = column if column.type == pa.string() else column.cast(pa.string())
    return text.dictionary_encode() if few_values else pc.fill_null(text, "")
