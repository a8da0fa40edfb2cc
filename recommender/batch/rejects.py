"""The rows that were not scored: a CSV file with a line for every fault, to be corrected and sent in again.

It holds what people answered, so it is kept as carefully as the table itself.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from recommender.batch.writing import harmless_text
from recommender.errors import Fault

COLUMNS = ("row", "line", "id", "field", "given", "fault")


class Rejects:
    """Writes the faults of rows, in rising order of rows, and counts the rows."""

    def __init__(self, write_row: Callable[[Sequence[object]], object], line_of: Callable[[int], int | None]) -> None:
        self.write_row, self.line_of = write_row, line_of
        self.rows = 0
        self.last_row = 0
        write_row(COLUMNS)

    def add(self, row: int, name: str, fault: Fault) -> None:
        """Adds one fault of the row whose id is `name`."""
        self.rows += row != self.last_row
        self.last_row = row
        why = replace(fault, file=None, row=None, field=None, given=None).sentence()
        given = harmless_text(fault.given or "")
        self.write_row((row, self.line_of(row), harmless_text(name), fault.field, given, why))


@contextmanager
def open_rejects(path: Path, line_of: Callable[[int], int | None]) -> Iterator[Rejects]:
    """A rejects file to write to; `line_of` says on which line of the table a row starts."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        yield Rejects(csv.writer(stream, lineterminator="\n").writerow, line_of)
