"""A table of referrals, whatever its form: its columns, and its rows in portions that are read each by itself.

A portion is what one worker takes on, what a run resumes after, and what is counted in the manifest. It knows its place
in a file (bytes of a CSV, row groups of Parquet), so that a worker opens the file there and reads nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, InputError

BROKEN_REMEDY = "Make the file again; it may have been cut off on the way."


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a portion.

    `rows` (n,) are their numbers in the file, the first row of data being 1. `columns` are Arrow arrays of n by name:
    text, or text encoded as a dictionary. `broken` are faults of rows that could not be split into cells and so are not
    among `rows`.
    """

    rows: NDArray[np.int64]
    columns: dict[str, Any]
    broken: list[Fault] = field(default_factory=list)


class Portion(Protocol):
    """Some rows of a file that stand together: from row `first_row` on, `count` of them."""

    @property
    def file(self) -> str:
        """What the file is called in messages."""
        ...

    @property
    def first_row(self) -> int:
        """The number of the first row in its file, from 1."""
        ...

    @property
    def count(self) -> int:
        """How many rows there are."""
        ...

    def chunks(self, answers: Sequence[str], texts: Sequence[str], chunk_rows: int) -> Iterator[Chunk]:
        """All rows in order, about `chunk_rows` at once. The columns `answers` come with few different values."""
        ...

    def lines_of(self, rows: Sequence[int]) -> Iterator[int | None]:
        """The line of a text file on which each of some rows starts; the rows must rise."""
        ...


@dataclass(frozen=True, slots=True)
class FileOfTable:
    """One file, looked over: what is wrong with it as a whole has been raised as InputError.

    `digest` is the SHA-256 of its bytes, `state` what its place said when it was looked over.
    """

    name: str
    headers: tuple[str, ...]
    portions: tuple[Portion, ...]
    digest: str
    size: int

    @property
    def count(self) -> int:
        """How many rows it has."""
        return sum(portion.count for portion in self.portions)


def check_headers(name: str, headers: Sequence[str]) -> None:
    """Raises InputError where two columns have one name."""
    twice = [header for header in dict.fromkeys(headers) if headers.count(header) > 1]
    if twice:
        raise InputError(Fault("two columns have this name", file=name, given=header) for header in twice)


def arrays_of(table: Any) -> dict[str, Any]:
    """The columns of an Arrow table, each as one array."""
    named = zip(table.column_names, table.columns, strict=True)
    return {name: column.chunk(0) if column.num_chunks == 1 else column.combine_chunks() for name, column in named}


def cut(table: Any, chunk_rows: int) -> Iterator[Any]:
    """An Arrow table in equal pieces of about `chunk_rows` rows.

    A small rest would cost as many steps of Python as a whole piece, so pieces may be a fourth longer.
    """
    pieces = max(1, -(-table.num_rows * 4 // (chunk_rows * 5)))
    size = -(-table.num_rows // pieces)
    for start in range(0, table.num_rows, max(1, size)):
        yield table.slice(start, size)
