"""CSV as a table: looked over once, then read by Arrow portion by portion, each from its own bytes of the file.

A row of the wrong length is a broken row and the others are still read.
"""

from __future__ import annotations

import gzip
import shutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from recommender.batch.csv_survey import QUOTES_REMEDY, Stretch, row_ends, survey_csv
from recommender.batch.places import Place
from recommender.batch.table import BROKEN_REMEDY, Chunk, FileOfTable, arrays_of, check_headers, cut
from recommender.errors import Fault, InputError

BYTES_READ_AT_ONCE = 1 << 25
BLOCK = 1 << 22
FEW_TEXTS = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class CsvPortion:
    """Some rows of a CSV file: its bytes from `start` to `stop`."""

    place: Place
    file: str
    headers: tuple[str, ...]
    first_row: int
    count: int
    start: int
    stop: int
    first_line: int
    simple: bool

    def chunks(self, answers: Sequence[str], texts: Sequence[str], chunk_rows: int) -> Iterator[Chunk]:
        """All rows in order, about `chunk_rows` at once."""
        return PortionReader(self, answers, texts).chunks(chunk_rows)

    def lines_of(self, rows: Sequence[int]) -> Iterator[int | None]:
        """The line on which each of some rows starts."""
        if self.simple:
            return (self.first_line + row - self.first_row for row in rows)
        text = self.place.part(self.start, self.stop)
        starts, _, _ = row_ends(text if text.endswith(b"\n") else text + b"\n")
        return (self.first_line + int(starts[row - self.first_row]) for row in rows)


def open_csv(place: Place, rows_wanted: int, unpacked: Path) -> FileOfTable:
    """A CSV file looked over; a gzipped one is unpacked to `unpacked` first, since nobody can start in its middle."""
    source = place
    with reading_faults(place.name):
        if place.suffix.endswith(".gz"):
            source = Place(str(unpacked), place.name)
            with closing(place.open()) as packed, gzip.open(packed) as stream, unpacked.open("wb") as target:
                shutil.copyfileobj(stream, target, BYTES_READ_AT_ONCE)
        with closing(source.open()) as stream:
            survey = survey_csv(place.name, stream, rows_wanted)
    check_headers(place.name, survey.headers)
    portions = tuple(portion(source, survey.headers, stretch) for stretch in survey.stretches)
    return FileOfTable(place.name, survey.headers, portions, survey.digest, survey.size)


def portion(place: Place, headers: tuple[str, ...], stretch: Stretch) -> CsvPortion:
    return CsvPortion(
        place=place,
        file=place.name,
        headers=headers,
        first_row=stretch.first_row,
        count=stretch.rows,
        start=stretch.start,
        stop=stretch.stop,
        first_line=stretch.first_line,
        simple=stretch.simple,
    )


class PortionReader:
    """Reads the rows of one portion."""

    def __init__(self, portion: CsvPortion, answers: Sequence[str], texts: Sequence[str]) -> None:
        self.portion, self.answers, self.texts = portion, answers, texts
        self.broken: list[Fault] = []
        self.stopped: Fault | None = None

    def chunks(self, chunk_rows: int) -> Iterator[Chunk]:
        """All rows in order; the broken ones come with the last chunk."""
        after = self.portion.first_row
        with reading_faults(self.portion.file), self.row_faults(), self.reader() as reader:
            # In small blocks, which stay in the processor's cache; each has dictionaries of its own.
            table = reader.read_all().unify_dictionaries().combine_chunks()
            for piece in cut(table, chunk_rows):
                chunk = self.chunk(piece, after)
                after = int(chunk.rows[-1]) + 1
                yield chunk
        if self.broken:
            columns = {name: pa.array([], pa.string()) for name in (*self.answers, *self.texts)}
            columns |= {name: pa.array([], pa.string()).dictionary_encode() for name in self.answers}
            yield Chunk(np.empty(0, np.int64), columns, self.broken)

    def chunk(self, table: Any, after: int) -> Chunk:
        """Some rows of the portion, numbered from `after` on, without those that were broken and left out."""
        left_out = np.array([fault.row for fault in self.broken], np.int64)
        rows = np.arange(after, after + table.num_rows + len(left_out), dtype=np.int64)
        rows = np.setdiff1d(rows, left_out, assume_unique=True)[: table.num_rows]
        columns = arrays_of(table)
        if not self.portion.simple:
            for name in self.answers:
                self.check_one_line(name, columns[name])
        return Chunk(rows, columns)

    def check_one_line(self, name: str, column: Any) -> None:
        """An answer over several lines is what a forgotten quotation mark makes of the rows below it."""
        if pc.any(pc.match_substring(column.dictionary, "\n")).as_py():
            what = "a cell reaches over several lines; a quotation mark above it is not closed"
            raise InputError(Fault(what, file=self.portion.file, field=name, remedy=QUOTES_REMEDY))

    def reader(self) -> Any:
        """Arrow's reader, with every cell as text; one thread, so that it knows the number of a broken row."""
        types = {**dict.fromkeys(self.answers, FEW_TEXTS), **dict.fromkeys(self.texts, pa.string())}
        content = self.portion.place.part(self.portion.start, self.portion.stop)
        return arrow_csv.open_csv(
            pa.BufferReader(content),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=self.portion.headers),
            parse_options=arrow_csv.ParseOptions(
                newlines_in_values=not self.portion.simple, invalid_row_handler=self.take_broken
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                strings_can_be_null=False,
                # Plain ASCII needs no second look at each cell.
                check_utf8=not content.isascii(),
            ),
        )

    @contextmanager
    def row_faults(self) -> Iterator[None]:
        """Tells of the row for which reading was stopped, if it was for one."""
        try:
            yield
        except pa.ArrowInvalid:
            if self.stopped is None:
                raise
            raise InputError(self.stopped) from None

    def take_broken(self, row: Any) -> str:
        """Called by Arrow for a row of the wrong length; it counts the portion's first row as row 1."""
        cells = f"the row has {row.actual_columns} cells and the header has {row.expected_columns}"
        too_many = row.actual_columns > row.expected_columns
        remedy = "Put a cell that holds a comma in quotes." if too_many else "Write a comma for each blank cell."
        number = self.portion.first_row + row.number - 1
        if "\n" in row.text.rstrip("\r\n"):
            self.stopped = Fault(f"{cells}, and it reaches over several lines", file=self.portion.file, row=number)
            return "error"
        self.broken.append(Fault(cells, file=self.portion.file, row=number, remedy=remedy))
        return "skip"


@contextmanager
def reading_faults(name: str) -> Iterator[None]:
    """Turns what a broken file raises into an InputError without Arrow's text, which may quote a row."""
    try:
        yield
    except pa.ArrowInvalid:
        raise InputError(Fault("cannot be read as a table", file=name, remedy=BROKEN_REMEDY)) from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(Fault("is not a whole gzip file", file=name, remedy=BROKEN_REMEDY)) from None
    except OSError as error:
        raise InputError(Fault(f"cannot be read: {error.strerror or 'broken'}", file=name)) from None
