"""Ids that stand in more than one portion of a table: found from the ids that every part kept, in bounded memory.

The parts' ids lie in the order of their hashes. So they can be compared a range of hashes at a time: only that range of
every part is in memory. Equal hashes are looked at as texts; only equal texts count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recommender.batch.columns import ID
from recommender.batch.identity import Earlier, place_of
from recommender.batch.parts import IDS, part_path
from recommender.batch.table import Portion

COMPARED_AT_ONCE = 1 << 20
HASH_BITS = 64


class Range(NamedTuple):
    """The ids of one part whose hashes lie in a range: hashes and rows of n, and the texts as an Arrow array."""

    hashes: NDArray[np.uint64]
    rows: NDArray[np.int64]
    texts: Any


def repeated_ids(folder: Path, portions: Sequence[Portion], several_files: bool) -> dict[int, Earlier]:
    """By the number of a portion, the ids in it that stood in an earlier one, and where each stood first."""
    total = sum(portion.count for portion in portions)
    ranges = -(-total // COMPARED_AT_ONCE)
    found: dict[int, dict[str, str]] = {}
    for number in range(ranges):
        bounds = [(1 << HASH_BITS) * edge // ranges for edge in (number, number + 1)]
        parts = [ids_between(part_path(folder, place, IDS), *bounds) for place in range(len(portions))]
        for name, places in groups(parts):
            (first, row), *later = sorted(places)
            where = place_of(row, portions[first].file if several_files else None)
            for part, _ in later:
                found.setdefault(part, {})[name] = where
    return dict(found)


def ids_between(path: Path, low: int, high: int) -> Range:
    """The ids of one part whose hashes are at least `low` and below `high`."""
    with pa.memory_map(str(path)) as stream:
        table = pa.ipc.open_file(stream).read_all().combine_chunks()
        hashes = table["hash"].to_numpy()
        first = int(np.searchsorted(hashes, np.uint64(low)))
        last = len(hashes) if high >> HASH_BITS else int(np.searchsorted(hashes, np.uint64(high)))
        piece = table.slice(first, last - first)
        # Copied, so that the file can be closed.
        texts = pa.chunked_array(piece[ID].chunks, pa.string()).take(pa.array(np.arange(last - first)))
        return Range(hashes[first:last].copy(), piece["row"].to_numpy().copy(), texts)


def groups(parts: Sequence[Range]) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """The ids that stand in several parts, each with the number and row of every part that it stands in."""
    hashes = np.concatenate([part.hashes for part in parts])
    order = np.argsort(hashes, kind="stable")
    equal = hashes[order][1:] == hashes[order][:-1]
    candidates = np.sort(order[np.concatenate([[False], equal]) | np.concatenate([equal, [False]])])
    starts = np.cumsum([0, *(len(part.hashes) for part in parts)])
    places: dict[str, list[tuple[int, int]]] = {}
    for number, part in enumerate(parts):
        own = candidates[(candidates >= starts[number]) & (candidates < starts[number + 1])] - starts[number]
        for name, row in zip(part.texts.take(pa.array(own)).to_pylist(), part.rows[own].tolist(), strict=True):
            places.setdefault(name, []).append((number, row))
    return ((name, found) for name, found in places.items() if len(found) > 1)
