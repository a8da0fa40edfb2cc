"""A table of referrals, whatever its form: its column names, and its rows in chunks of text columns."""

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
    """Some rows of a table.

    `rows` (n,) are their numbers in the file, the first row of data being 1. `columns` are Arrow arrays of n by name:
    text, or text encoded as a dictionary. `broken` are faults of rows up to here that could not be split into cells
    and so are not among `rows`.
    """

    rows: NDArray[np.int64]
    columns: dict[str, Any]
    broken: list[Fault] = field(default_factory=list)


class Table(Protocol):
    """A file of rows that has been looked over: what is wrong with it as a whole has been raised as InputError."""

    name: str
    headers: tuple[str, ...]

    def chunks(self, answers: Sequence[str], texts: Sequence[str], chunk_rows: int) -> Iterator[Chunk]:
        """All rows in order, at most `chunk_rows` at once. The columns `answers` come with few different values."""
        ...

    def line_of(self, row: int) -> int | None:
        """The line of a text file on which a row starts; to be asked for rows in rising order."""
        ...


def check_headers(name: str, headers: Sequence[str]) -> None:
    """Raises InputError where two columns have one name."""
    twice = [header for header in dict.fromkeys(headers) if headers.count(header) > 1]
    if twice:
        raise InputError(Fault("two columns have this name", file=name, given=header) for header in twice)


def cut(batch: Any, chunk_rows: int) -> Iterator[Any]:
    """An Arrow batch in pieces of at most `chunk_rows` rows."""
    for start in range(0, batch.num_rows, chunk_rows):
        yield batch.slice(start, chunk_rows)
