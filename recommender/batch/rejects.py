"""The rows that were not scored: a CSV file with a line for every fault, to be corrected and sent in again.

It holds what people answered, so it is kept as carefully as the table itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace

from recommender.batch.table import Portion
from recommender.batch.writing import harmless_text
from recommender.errors import Fault

COLUMNS = ("row", "line", "id", "field", "given", "fault", "file")
HEADER = (",".join(COLUMNS) + "\n").encode("ascii")

# The number of a row in its file, its id, and one of its faults.
Rejected = tuple[int, str, Fault]


def reject_lines(portion: Portion, rejected: Iterable[Rejected]) -> bytes:
    """The lines of the rejects file for one portion, in the order of its rows; without the header."""
    in_order = sorted(rejected, key=lambda entry: entry[0])
    rows = list(dict.fromkeys(row for row, _, _ in in_order))
    lines = dict(zip(rows, portion.lines_of(rows), strict=True))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(cells(row, lines[row], name, fault, portion.file) for row, name, fault in in_order)
    return text.getvalue().encode("utf-8")


def cells(row: int, line: int | None, name: str, fault: Fault, file: str) -> Sequence[object]:
    why = replace(fault, file=None, row=None, field=None, given=None).sentence()
    return row, line, harmless_text(name), fault.field, harmless_text(fault.given or ""), why, file
