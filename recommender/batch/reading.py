"""Tables in: the right reader by suffix, and the next rows read while the last are scored."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from recommender.batch.csv_table import CsvTable
from recommender.batch.parquet_table import ParquetTable
from recommender.batch.table import Chunk, Table
from recommender.errors import Fault, InputError
from recommender.table_file import PARQUET, suffix_of


def open_table(path: Path) -> Table:
    """The table in a CSV, CSV.gz or Parquet file, by its suffix. Raises InputError where there is none."""
    if not path.is_file():
        raise InputError(Fault("there is no such file", file=path.name))
    suffix = suffix_of(path)
    if suffix == PARQUET:
        return ParquetTable(path)
    return CsvTable(path)


def read_ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, each read while the one before is worked on: Arrow leaves Python alone while it reads."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = pool.submit(next, chunks, None)
            yield chunk
