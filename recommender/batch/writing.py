"""Results out: CSV, Parquet or NDJSON by suffix."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from recommender.batch.results import LISTS
from recommender.table_file import CSV_SUFFIXES, PARQUET

NDJSON = ".ndjson"
WRITE_SUFFIXES = (*CSV_SUFFIXES, PARQUET, NDJSON)
# A spreadsheet takes such a cell for a formula and runs it. A plain number is none, though it may begin with a sign.
FORMULA = r"^[=+\-@\t\r]"
PLAIN_NUMBER = r"^[+\-]?[0-9]+(\.[0-9]+)?$"


class TableWriter(Protocol):
    """What takes Arrow tables one after another."""

    def write(self, table: Any) -> None:
        """Adds the rows of a table."""
        ...


@contextmanager
def open_part(path: Path, form: str, schema: Any) -> Iterator[TableWriter]:
    """A writer of one part of the results: for Parquet as Arrow, to be encoded at the end; else as it will stand."""
    if form == PARQUET:
        with pa.OSFile(str(path), "wb") as stream, pa.ipc.new_file(stream, schema, options=PART_OPTIONS) as writer:
            yield ArrowRows(writer)
    elif form == NDJSON:
        with path.open("wb") as stream:
            yield NdjsonRows(stream)
    else:
        # Gzip files one after another are a gzip file.
        compression = "gzip" if form.endswith(".gz") else None
        with (
            pa.output_stream(str(path), compression=compression) as stream,
            arrow_csv.CSVWriter(
                stream, plain := spelt_out(schema), write_options=arrow_csv.WriteOptions(include_header=False)
            ) as writer,
        ):
            yield CsvRows(writer, plain)


PART_OPTIONS = pa.ipc.IpcWriteOptions(unify_dictionaries=False)


@contextmanager
def parquet_writer(path: Path, schema: Any) -> Iterator[Any]:
    """Arrow's own writer of a Parquet file."""
    # With Arrow's own schema in the file, readers would see dictionaries; without it texts are texts.
    with parquet.ParquetWriter(path, schema, store_schema=False, write_statistics=False) as writer:
        writer.add_key_value_metadata(schema.metadata)
        yield writer


def text_header(form: str, schema: Any) -> bytes:
    """What stands before the results of all parts: the line of column names of a CSV file."""
    if form not in CSV_SUFFIXES:
        return b""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\n").writerow(schema.names)
    header = line.getvalue().encode("utf-8")
    return gzip.compress(header, mtime=0) if form.endswith(".gz") else header


def spelt_out(schema: Any) -> Any:
    """The schema with plain texts in place of dictionaries of texts."""
    kinds = [kind.value_type if pa.types.is_dictionary(kind) else kind for kind in schema.types]
    return pa.schema(list(zip(schema.names, kinds, strict=True)))


class ArrowRows:
    """Rows to a file in Arrow's own form."""

    def __init__(self, writer: Any) -> None:
        self.writer = writer

    def write(self, table: Any) -> None:
        """Adds the rows of a table."""
        self.writer.write_table(table)


class CsvRows:
    """Rows to CSV; texts that a spreadsheet would run are made harmless."""

    def __init__(self, writer: Any, schema: Any) -> None:
        self.writer, self.schema = writer, schema

    def write(self, table: Any) -> None:
        """Adds the rows of a table."""
        columns = [
            harmless(column.cast(field.type)) if field.type == pa.string() else column
            for field, column in zip(self.schema, table.columns, strict=True)
        ]
        self.writer.write_table(pa.Table.from_arrays(columns, schema=self.schema))


class NdjsonRows:
    """Rows to NDJSON: an object a line; a list of ids is a list, and what is blank is null."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream

    def write(self, table: Any) -> None:
        """Adds the rows of a table."""
        if not table.num_rows:
            return
        cells = []
        for place, name in enumerate(table.column_names):
            label = ("{" if place == 0 else ", ") + json.dumps(name, ensure_ascii=False) + ": "
            cells += [pa.scalar(label), json_cells(table.column(name).combine_chunks(), name in LISTS)]
        lines = pc.binary_join_element_wise(*cells, "}\n", "")
        # The texts of an Arrow array lie one after another in its buffer: that is the file already.
        self.stream.write(lines.buffers()[2].slice(0, pc.sum(pc.binary_length(lines)).as_py()))


def json_cells(column: Any, is_list: bool) -> Any:
    """A column as the JSON text of each cell."""
    if pa.types.is_integer(column.type):
        return column.cast(pa.string())
    if is_list:
        inside = pc.replace_substring(column, " ", '", "')
        return pc.if_else(pc.equal(column, ""), "[]", pc.binary_join_element_wise('["', inside, '"]', ""))
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts = pa.array([json.dumps(text, ensure_ascii=False) for text in encoded.dictionary.to_pylist()], pa.string())
    return pc.fill_null(texts.take(encoded.indices), "null")


def harmless(column: Any) -> Any:
    """Texts for a spreadsheet: what it would run as a formula gets an apostrophe in front."""
    runs = pc.and_not(pc.match_substring_regex(column, FORMULA), pc.match_substring_regex(column, PLAIN_NUMBER))
    if not pc.any(runs).as_py():
        return column
    return pc.if_else(runs, pc.binary_join_element_wise("'", column, ""), column)


def harmless_text(text: str) -> str:
    """The same for one text."""
    runs = re.search(FORMULA, text) and not re.search(PLAIN_NUMBER, text)
    return f"'{text}" if runs else text
