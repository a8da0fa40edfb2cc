"""CSV as a table: looked over once for what is wrong with the whole file, then read by Arrow in one go.

A row of the wrong length is a broken row and the others are still read. What could make Arrow swallow rows (a quote
that is never closed) stops the whole file, because then nobody could say which rows are missing.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from recommender.batch.table import BROKEN_REMEDY, Chunk, check_headers, cut
from recommender.errors import Fault, InputError

BYTES_READ_AT_ONCE = 1 << 24
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
QUOTES_REMEDY = 'Put a cell that holds a quotation mark into quotation marks and write the inner one twice: "5"" nail".'
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


class CsvTable:
    """A CSV file, plain or gzipped, in UTF-8 with or without a byte order mark."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        self.lines = Lines(path)
        with self.faults():
            header = self.survey()
        self.headers = self.read_headers(header)
        check_headers(self.name, self.headers)
        self.next_row = 1
        self.broken: list[Fault] = []
        self.stopped: Fault | None = None

    def line_of(self, row: int) -> int | None:
        """The line on which a row starts; to be asked for rows in rising order."""
        return self.lines.of(row)

    def chunks(self, answers: Sequence[str], texts: Sequence[str], chunk_rows: int) -> Iterator[Chunk]:
        """All rows in order, at most `chunk_rows` at once."""
        with self.faults(), self.open_arrow(answers, texts) as reader:
            for batch in reader:
                for piece in cut(batch, chunk_rows):
                    yield self.chunk(piece, answers)
            if self.broken:
                nobody = {name: empty(name in answers) for name in self.headers}
                yield Chunk(np.empty(0, np.int64), nobody, self.broken)

    def chunk(self, batch: Any, answers: Sequence[str]) -> Chunk:
        rows = self.numbered(batch.num_rows)
        ready = [fault for fault in self.broken if fault.row is not None and fault.row < self.next_row]
        self.broken = self.broken[len(ready) :]
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        for name in answers:
            self.check_one_line(name, columns[name])
        return Chunk(rows, columns, ready)

    def numbered(self, count: int) -> NDArray[np.int64]:
        """The numbers of the next `count` rows, without those that were broken and left out."""
        left_out = [fault.row for fault in self.broken if fault.row is not None]
        rows = np.arange(self.next_row, self.next_row + count + len(left_out), dtype=np.int64)
        rows = np.setdiff1d(rows, np.array(left_out, np.int64), assume_unique=True)[:count]
        self.next_row = int(rows[-1]) + 1 if count else self.next_row
        return rows

    def check_one_line(self, name: str, column: Any) -> None:
        """An answer over several lines is what a forgotten quotation mark makes of the rows below it."""
        if pc.any(pc.match_substring(column.dictionary, "\n")).as_py():
            what = "a cell reaches over several lines; a quotation mark above it is not closed"
            raise InputError(Fault(what, file=self.name, field=name, remedy=QUOTES_REMEDY))

    # ------------------------------------------------------------------------------------------------ opening
    def survey(self) -> str:
        """The header's text, after a look at every line for encoding, quotation marks and rows."""
        records, header, complete = 0, b"", True
        for number, line, complete in records_of(self.path):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                remedy = "Save it as UTF-8, in a spreadsheet as “CSV UTF-8”."
                raise InputError(Fault("is not UTF-8 text", file=self.name, line=number, remedy=remedy)) from None
            header = header + line if records == 0 else header
            records += complete and bool(line.strip(b"\r\n") or records == 0)
        self.check_rows(records, header, complete)
        return header.removeprefix(BYTE_ORDER_MARK).decode("utf-8")

    def check_rows(self, records: int, header: bytes, complete: bool) -> None:
        if not complete:
            raise self.fail("opens a quotation mark and never closes it", QUOTES_REMEDY)
        if not header.removeprefix(BYTE_ORDER_MARK).strip():
            what = "begins with an empty line" if records > 1 else "is empty"
            raise self.fail(what, "`recommender template` prints a header to start from.")
        if b"\r" in header.rstrip(b"\r\n"):
            raise self.fail("ends its lines in a way of long ago", "Save it again as CSV.")
        if records == 1:
            raise self.fail("has a header and no rows", "Add a row for each person.")

    def fail(self, what: str, remedy: str) -> InputError:
        return InputError(Fault(what, file=self.name, remedy=remedy))

    def read_headers(self, text: str) -> tuple[str, ...]:
        try:
            headers = tuple(next(csv.reader(io.StringIO(text, newline=""))))
        except csv.Error:
            what, remedy = "has a header that cannot be read", "Check its quotation marks and line ends."
            raise InputError(Fault(what, file=self.name, line=1, remedy=remedy)) from None
        for separator, plural in OTHER_SEPARATORS.items():
            if len(headers) == 1 and separator in headers[0]:
                what = f"has its cells separated by {plural}"
                raise InputError(Fault(what, file=self.name, line=1, remedy="Save it with commas."))
        return headers

    def open_arrow(self, answers: Sequence[str], texts: Sequence[str]) -> Any:
        """A reader that takes every cell as text; one thread, so that it knows the number of a broken row."""
        few = dict.fromkeys(answers, pa.dictionary(pa.int32(), pa.string()))
        return arrow_csv.open_csv(
            self.path,
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BYTES_READ_AT_ONCE),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=self.take_broken),
            convert_options=arrow_csv.ConvertOptions(
                column_types={**few, **dict.fromkeys(texts, pa.string())}, strings_can_be_null=False
            ),
        )

    def take_broken(self, row: Any) -> str:
        """Called by Arrow for a row of the wrong length; it counts the header as row 1."""
        cells = f"the row has {row.actual_columns} cells and the header has {row.expected_columns}"
        too_many = row.actual_columns > row.expected_columns
        remedy = "Put a cell that holds a comma in quotes." if too_many else "Write a comma for each blank cell."
        fault = Fault(cells, file=self.name, row=row.number - 1, remedy=remedy)
        if "\n" in row.text.rstrip("\r\n"):
            self.stopped = Fault(f"{cells}, and it reaches over several lines", file=self.name, row=fault.row)
            return "error"
        self.broken.append(fault)
        return "skip"

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turns what a broken file raises into an InputError without Arrow's text, which may quote a row."""
        try:
            yield
        except pa.ArrowInvalid:
            fault = self.stopped or Fault("cannot be read as a table", file=self.name, remedy=BROKEN_REMEDY)
            raise InputError(fault) from None
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise InputError(Fault("is not a whole gzip file", file=self.name, remedy=BROKEN_REMEDY)) from None
        except OSError as error:
            raise InputError(Fault(f"cannot be read: {error.strerror or 'broken'}", file=self.name)) from None


def empty(few_values: bool) -> Any:
    """An Arrow column without rows."""
    return pa.array([], pa.dictionary(pa.int32(), pa.string()) if few_values else pa.string())


def open_bytes(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def records_of(path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """Each line with its number, and whether the row it belongs to is complete: no quotation mark is open."""
    open_quote = False
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            open_quote ^= bool(line.count(b'"') & 1)
            yield number, line, not open_quote


class Lines:
    """On which line each row starts. Reads the file only when asked, and only as far as needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.starts = self.walk()
        self.row, self.line = -1, 0

    def of(self, row: int) -> int | None:
        """The line of a row, counted as in `Chunk`; rows must be asked for in rising order."""
        while self.row < row:
            self.row, self.line = next(self.starts, (row, 0))
        return self.line or None

    def walk(self) -> Iterator[tuple[int, int]]:
        """Row and line of every start of a row; the header is row 0, and empty lines are no rows."""
        row, start = 0, 1
        for number, line, complete in records_of(self.path):
            blank = row > 0 and start == number and not line.strip(b"\r\n")
            if complete and not blank:
                yield row, start
                row += 1
            if complete:
                start = number + 1
