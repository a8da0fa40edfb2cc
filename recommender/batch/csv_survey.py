"""A look over a whole CSV file before anything is read from it: what is wrong with it as a whole, and its portions.

What could make a reader swallow rows (a quote that is never closed) stops the file here, because later nobody could say
which rows are missing. The look counts line ends and quotation marks for a whole block at once.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, InputError

BLOCK = 1 << 18
# A worker holds the bytes of one portion in memory.
LONGEST_PORTION = 1 << 26
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
START_REMEDY = "`recommender template` prints a header to start from."
QUOTES_REMEDY = 'Put a cell that holds a quotation mark into quotation marks and write the inner one twice: "5"" nail".'
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}
NEWLINE, RETURN, QUOTE = b'\n\r"'


@dataclass(slots=True)
class Stretch:
    """Bytes from `start` to `stop` with whole rows; `simple` where each line is a row of its own."""

    start: int
    first_row: int
    first_line: int
    stop: int = 0
    rows: int = 0
    lines: int = 0
    simple: bool = True


@dataclass(slots=True)
class Survey:
    """What a look over a file found."""

    headers: tuple[str, ...]
    stretches: list[Stretch] = field(default_factory=list)
    digest: str = ""
    size: int = 0


def survey_csv(name: str, stream: IO[bytes], rows_wanted: int) -> Survey:
    """Looks over the bytes of a CSV file, plain text by now. Raises InputError for what is wrong with it as a whole.

    Each stretch has at least `rows_wanted` rows, apart from the last one and very long ones.
    """
    digest = hashlib.sha256()
    header, lines = read_header_bytes(name, stream)
    digest.update(header)
    survey = Survey(read_headers(name, header.removeprefix(BYTE_ORDER_MARK).decode("utf-8")))
    position, row, line, open_quote = len(header), 1, 1 + lines, False
    stretch = Stretch(position, row, line)
    for block in whole_lines(stream):
        digest.update(block)
        check_text(name, block, line)
        found = count_rows(block, open_quote)
        open_quote = found.open_quote
        position, row, line = position + len(block), row + found.rows, line + found.lines
        stretch.stop, stretch.rows, stretch.lines = position, stretch.rows + found.rows, stretch.lines + found.lines
        stretch.simple = stretch.simple and found.simple
        if not open_quote and (stretch.rows >= rows_wanted or stretch.stop - stretch.start >= LONGEST_PORTION):
            survey.stretches.append(stretch)
            stretch = Stretch(position, row, line)
    if open_quote:
        raise InputError(Fault("opens a quotation mark and never closes it", file=name, remedy=QUOTES_REMEDY))
    survey.stretches += [stretch] if stretch.rows else []
    if not survey.stretches:
        raise InputError(Fault("has a header and no rows", file=name, remedy="Add a row for each person."))
    survey.digest, survey.size = digest.hexdigest(), position
    return survey


def whole_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The rest of the bytes in blocks that end where a line ends."""
    while block := stream.read(BLOCK):
        yield block if block.endswith(b"\n") else block + stream.readline()


def check_text(name: str, block: bytes, first_line: int) -> None:
    """Raises InputError where bytes are not UTF-8, with the line."""
    if block.isascii():
        return
    try:
        block.decode("utf-8")
    except UnicodeDecodeError as error:
        line = first_line + block.count(b"\n", 0, error.start)
        remedy = "Save it as UTF-8, in a spreadsheet as “CSV UTF-8”."
        raise InputError(Fault("is not UTF-8 text", file=name, line=line, remedy=remedy)) from None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows end in a block, how many lines it has, and whether a quotation mark is open at its end."""

    rows: int
    lines: int
    open_quote: bool
    simple: bool


def count_rows(block: bytes, open_quote: bool) -> Counted:
    """Counts the rows of a block of whole lines; blank lines are no rows."""
    text = block if block.endswith(b"\n") else block + b"\n"
    if not open_quote and b'"' not in text and b"\r" not in text:
        ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == NEWLINE)
        if ends[0] and (np.diff(ends) > 1).all():
            return Counted(len(ends), len(ends), open_quote=False, simple=True)
    starts, ends, open_after = row_ends(text, open_quote)
    simple = len(starts) == len(ends) and not open_quote and b'"' not in text
    return Counted(len(starts), len(ends), open_after, simple)


def row_ends(text: bytes, open_quote: bool = False) -> tuple[NDArray[np.int64], NDArray[np.int64], bool]:
    """For each row that ends in some whole lines, the number of the line (from 0) on which it starts.

    Also where each line ends, and whether a quotation mark is open after the last. A row that began before these lines
    has the number 0.
    """
    signs = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(signs == NEWLINE)
    quotes = np.searchsorted(np.flatnonzero(signs == QUOTE), ends) if b'"' in text else np.zeros_like(ends)
    complete = (quotes + open_quote) % 2 == 0
    after_complete = np.concatenate([[not open_quote], complete[:-1]])
    length = np.diff(ends, prepend=-1) - 1
    empty = (length == 0) | ((length == 1) & (signs[ends - 1] == RETURN))
    begins = np.flatnonzero(after_complete & ~empty)
    if open_quote:
        begins = np.concatenate([[0], begins])
    whole = np.count_nonzero(complete & ~(after_complete & empty))
    return begins[:whole], ends, not bool(complete[-1])


def read_header_bytes(name: str, stream: IO[bytes]) -> tuple[bytes, int]:
    """The first row with its line end, and how many lines it has."""
    header, lines = b"", 0
    while line := stream.readline():
        check_text(name, line, lines + 1)
        header, lines = header + line, lines + 1
        if header.count(b'"') % 2 == 0:
            break
    if header.count(b'"') % 2:
        raise InputError(Fault("opens a quotation mark and never closes it", file=name, remedy=QUOTES_REMEDY))
    if not header.removeprefix(BYTE_ORDER_MARK).strip():
        what = "begins with an empty line" if stream.readline() else "is empty"
        raise InputError(Fault(what, file=name, remedy=START_REMEDY))
    if b"\r" in header.rstrip(b"\r\n"):
        raise InputError(Fault("ends its lines in a way of long ago", file=name, remedy="Save it again as CSV."))
    return header, lines


def read_headers(name: str, text: str) -> tuple[str, ...]:
    """The names of the columns. Raises InputError where they cannot be told apart."""
    try:
        headers = tuple(next(csv.reader(io.StringIO(text, newline=""))))
    except csv.Error:
        what, remedy = "has a header that cannot be read", "Check its quotation marks and line ends."
        raise InputError(Fault(what, file=name, line=1, remedy=remedy)) from None
    for separator, plural in OTHER_SEPARATORS.items():
        if len(headers) == 1 and separator in headers[0]:
            what = f"has its cells separated by {plural}"
            raise InputError(Fault(what, file=name, line=1, remedy="Save it with commas."))
    return headers
