"""Tables in: every file looked over, the columns agreed on, and the next rows read while the last are scored."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from recommender.batch.csv_table import open_csv
from recommender.batch.parquet_table import open_parquet
from recommender.batch.places import Place
from recommender.batch.table import Chunk, FileOfTable
from recommender.errors import Fault, InputError
from recommender.table_file import PARQUET


def open_table(places: tuple[Place, ...], rows_wanted: int, unpacked: Path) -> tuple[FileOfTable, ...]:
    """Looks over every file of a table. Gzipped files are unpacked into the folder `unpacked`.

    Raises InputError where a file cannot be read as a table, or has other columns than the first.
    """
    files = []
    for number, place in enumerate(places):
        if place.suffix == PARQUET:
            files.append(open_parquet(place, rows_wanted))
        else:
            files.append(open_csv(place, rows_wanted, unpacked / f"unpacked-{number}.csv"))
        check_same_columns(files[0], files[-1])
    return tuple(files)


def check_same_columns(first: FileOfTable, other: FileOfTable) -> None:
    """Raises InputError where two files of one table have different columns; their order may differ."""
    apart = sorted(set(first.headers) ^ set(other.headers))
    if apart:
        what = f"has other columns than {first.name}"
        raise InputError(Fault(what, file=other.name, given=", ".join(apart), remedy="Score it by itself."))


def read_ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, each read while the one before is worked on: Arrow leaves Python alone while it reads."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = pool.submit(next, chunks, None)
            yield chunk
