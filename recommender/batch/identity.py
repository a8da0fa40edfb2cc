"""The id of each row of a table, and which rows have none or one that stood before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recommender.batch.columns import ID
from recommender.batch.table import Chunk
from recommender.errors import Fault

BLANK = "the id is blank"
REPEATED_REMEDY = "Give each intake an id of its own; only the first row with this one is scored."


class Identities:
    """The ids seen so far, with the row each stood in first; kept over the chunks of a table."""

    def __init__(self) -> None:
        self.first_row: dict[str, int] = {}

    def of(self, chunk: Chunk) -> Any:
        """The ids of a chunk as an Arrow array of text; the row numbers where the table has none."""
        if ID in chunk.columns:
            return pc.utf8_trim_whitespace(chunk.columns[ID])
        return pa.array(chunk.rows).cast(pa.string())

    def faults(self, chunk: Chunk, ids: Any) -> list[tuple[int, Fault]]:
        """Blank and repeated ids, by position in the chunk; the ids of the chunk count as seen from here on."""
        if ID not in chunk.columns:
            return []
        names, rows = ids.to_pylist(), chunk.rows.tolist()
        new = dict(zip(names, rows, strict=True))
        if len(new) == len(names) and "" not in new and self.first_row.keys().isdisjoint(new):
            self.first_row.update(new)
            return []
        return list(self._one_by_one(names, rows))

    def _one_by_one(self, names: list[str], rows: list[int]) -> Iterator[tuple[int, Fault]]:
        for position, (name, row) in enumerate(zip(names, rows, strict=True)):
            if not name:
                yield position, Fault(BLANK, field=ID, remedy="Give each intake an id of its own.")
            elif name in self.first_row:
                what = f"row {self.first_row[name]} has the same id"
                yield position, Fault(what, field=ID, given=name, remedy=REPEATED_REMEDY)
            else:
                self.first_row[name] = row
