"""The id of each row of a portion, which rows have none or one that stood before, and what later portions must know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recommender.batch.columns import ID
from recommender.batch.table import Chunk
from recommender.errors import Fault

BLANK_ID = Fault("the id is blank", field=ID, remedy="Give each intake an id of its own.")
REPEATED_REMEDY = "Give each intake an id of its own; only the first row with this one is scored."
# Odd numbers with well spread bits (from the digits of the golden ratio and of pi), to mix with.
FIRST_FACTOR, SECOND_FACTOR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x243F6A8885A308D3)
WORD_BYTES = 8

# Where an id stood first: what that place is called, such as `row 12` or `row 12 of north.csv`.
Earlier = Mapping[str, str]


class Identities:
    """The ids of a portion so far, with the row each stood in first. `earlier` are those of portions before it."""

    def __init__(self, file: str, several_files: bool, earlier: Earlier) -> None:
        self.first_row: dict[str, int] = {}
        self.file, self.several_files, self.earlier = file, several_files, earlier

    def of(self, chunk: Chunk) -> Any:
        """The ids of a chunk as an Arrow array of text; the row numbers where the table has none."""
        if ID in chunk.columns:
            return pc.utf8_trim_whitespace(chunk.columns[ID])
        rows = pa.array(chunk.rows).cast(pa.string())
        return pc.binary_join_element_wise(self.file, rows, "#") if self.several_files else rows

    def faults(self, chunk: Chunk, ids: Any) -> list[tuple[int, Fault]]:
        """Blank and repeated ids, by position in the chunk; the ids of the chunk count as seen from here on."""
        if ID not in chunk.columns:
            return []
        names, rows = ids.to_pylist(), chunk.rows.tolist()
        new = dict(zip(names, rows, strict=True))
        clean = len(new) == len(names) and "" not in new and self.first_row.keys().isdisjoint(new)
        if clean and not self.earlier:
            self.first_row.update(new)
            return []
        return list(self._one_by_one(names, rows))

    def _one_by_one(self, names: list[str], rows: list[int]) -> Iterator[tuple[int, Fault]]:
        for position, (name, row) in enumerate(zip(names, rows, strict=True)):
            if not name:
                yield position, BLANK_ID
            elif name in self.earlier or name in self.first_row:
                what = f"{self.earlier.get(name) or place_of(self.first_row[name])} has the same id"
                yield position, Fault(what, field=ID, given=name, remedy=REPEATED_REMEDY)
            if name:
                self.first_row.setdefault(name, row)

    def table(self) -> Any:
        """The different ids in the order of their hashes, with the row of each, to be compared with other portions'."""
        names = pa.array(self.first_row, pa.string())
        hashes = hashed(names)
        order = np.argsort(hashes)
        rows = np.fromiter(self.first_row.values(), np.int64, len(self.first_row))
        columns = {"hash": hashes[order], "row": rows[order], ID: names.take(pa.array(order))}
        return pa.table(columns)


def place_of(row: int, file: str | None = None) -> str:
    return f"row {row} of {file}" if file else f"row {row}"


def hashed(texts: Any) -> NDArray[np.uint64]:
    """A number for each text of an Arrow array: equal for equal texts, and seldom equal for others."""
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    if not len(texts):
        return np.zeros(0, dtype=np.uint64)
    data = texts.buffers()[2]
    # Room behind the last text, so that eight bytes can be read from any place.
    signs = np.frombuffer((data.to_pybytes() if data else b"") + bytes(WORD_BYTES), dtype=np.uint8)
    words = np.ndarray((len(signs) - WORD_BYTES + 1,), dtype="<u8", buffer=signs.data, strides=(1,))
    starts, lengths = offsets[:-1].astype(np.int64), np.diff(offsets).astype(np.int64)
    result = lengths.astype(np.uint64)
    left = np.flatnonzero(lengths)
    for done in range(0, int(lengths.max()), WORD_BYTES):
        left = left[lengths[left] > done]
        inside = np.minimum(lengths[left] - done, WORD_BYTES)
        word = words[starts[left] + done] & ((~np.uint64(0)) >> ((WORD_BYTES - inside) * 8).astype(np.uint64))
        mixed = (result[left] ^ word) * FIRST_FACTOR
        result[left] = (mixed ^ mixed >> np.uint64(29)) * SECOND_FACTOR
    return result ^ result >> np.uint64(32)
