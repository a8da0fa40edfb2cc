"""Parquet as a table: whatever plain type a column has, its cells are read as the text that a CSV would hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from recommender.batch.table import BROKEN_REMEDY, Chunk, check_headers
from recommender.errors import Fault, InputError


class ParquetTable:
    """A Parquet file with one column a question, of text, numbers or truth values."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        with self.faults(), parquet.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
        self.headers: tuple[str, ...] = tuple(schema.names)
        check_headers(self.name, self.headers)
        if not rows:
            raise InputError(Fault("has columns and no rows", file=self.name, remedy="Add a row for each person."))
        nested = [field for field in schema if pa.types.is_nested(field.type) or pa.types.is_binary(field.type)]
        if nested:
            raise InputError(self.wrong_type(field) for field in nested)

    def wrong_type(self, field: Any) -> Fault:
        what = f"a column has the type {field.type}"
        return Fault(what, file=self.name, given=field.name, allowed="text, numbers, truth values, dates")

    def line_of(self, row: int) -> int | None:  # noqa: ARG002  # as every table
        """There are no lines in Parquet."""
        return None

    def chunks(self, answers: Sequence[str], texts: Sequence[str], chunk_rows: int) -> Iterator[Chunk]:
        """All rows in order, at most `chunk_rows` at once."""
        next_row = 1
        # A column of few different values is kept so in the file; it is not spelt out only to be gathered again.
        with self.faults(), parquet.ParquetFile(self.path, read_dictionary=list(answers)) as file:
            for batch in file.iter_batches(batch_size=chunk_rows, columns=[*answers, *texts]):
                columns = dict(zip(batch.schema.names, batch.columns, strict=True))
                rows = np.arange(next_row, next_row + batch.num_rows, dtype=np.int64)
                yield Chunk(rows, {name: as_text(column, name in answers) for name, column in columns.items()})
                next_row += batch.num_rows

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turns what a broken file raises into an InputError without Arrow's text, which may quote a row."""
        try:
            yield
        except (pa.ArrowException, UnicodeDecodeError):
            what = "is not a whole Parquet file, or its text is not UTF-8"
            raise InputError(Fault(what, file=self.name, remedy=BROKEN_REMEDY)) from None
        except OSError as error:
            what = f"cannot be read: {error.strerror or 'it is broken'}"
            raise InputError(Fault(what, file=self.name, remedy=BROKEN_REMEDY)) from None


def as_text(column: Any, few_values: bool) -> Any:
    """A column as text, blank where it is null; as a dictionary where `few_values`. ArrowInvalid if it is not UTF-8."""
    column.validate(full=True)
    if pa.types.is_dictionary(column.type) and not few_values:
        column = column.dictionary_decode()
    if pa.types.is_dictionary(column.type):
        column.dictionary.validate(full=True)
        return pa.DictionaryArray.from_arrays(column.indices, column.dictionary.cast(pa.string()))
    text = column if column.type == pa.string() else column.cast(pa.string())
    return text.dictionary_encode() if few_values else pc.fill_null(text, "")
