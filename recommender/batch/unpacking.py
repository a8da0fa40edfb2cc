"""Parquet from a stranger as CSV, in a process of its own whose memory and time are limited.

A small Parquet file can stand for a huge table, and what it says of its own size may be a lie. So nobody believes it:
whoever opens it may use so much and no more, and where that is not enough only that process ends.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

from recommender.errors import Fault, InputError

# The first bytes of a Parquet file.
MARK = b"PAR1"
NAME = "table.parquet"
MEMORY_BYTES = 1 << 30
LONGEST_S = 60
ROWS_AT_A_TIME = 500
REFUSED = 10
# What sets room aside for each core would use up the room that there is.
ONE_CORE = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def unpack(content: bytes, *, most_rows: int, largest: int) -> bytes:
    """A Parquet file as CSV (UTF-8). Raises InputError for a broken one, and for one that unpacks to too much."""
    # Without the folder that the server was started in: nothing there may stand in for one of our modules.
    asked = [sys.executable, "-P", "-m", __name__, str(most_rows), str(largest)]
    settings: dict[str, Any] = {"env": {**os.environ, **ONE_CORE}, "capture_output": True, "timeout": LONGEST_S}
    try:
        done: subprocess.CompletedProcess[bytes]
        done = subprocess.run(asked, input=content, check=False, **settings)  # noqa: S603  # our own program, no shell
    except subprocess.TimeoutExpired:
        raise InputError(too_much(largest)) from None
    if done.returncode == REFUSED:
        raise InputError(Fault(**told) for told in json.loads(done.stdout))
    if done.returncode:
        # Out of memory in a place where nobody could say so any more.
        raise InputError(too_much(largest))
    return done.stdout


def too_much(largest: int) -> Fault:
    remedy = "Send fewer rows or columns, or use `recommender batch` on the command line."
    return Fault("unpacks to more than is taken", file=NAME, allowed=f"{largest // 1024**2} MB as CSV", remedy=remedy)


# ------------------------------------------------------------------------------------------- in the process of its own
def limit() -> None:
    """From now on this process may use so much memory and time; on Windows nobody can say so."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST_S, LONGEST_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def csv_of(content: bytes, most_rows: int, largest: int) -> bytes:
    """The same table as CSV. Raises InputError."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    try:
        for rows in tables_in(content, most_rows):
            writer.writerows(rows)
            # Characters: at most four bytes each, so this holds the memory; the bytes are counted below.
            if text.tell() > largest:
                raise InputError(too_much(largest))
    except MemoryError:
        raise InputError(too_much(largest)) from None
    return text.getvalue().encode("utf-8")


def tables_in(content: bytes, most_rows: int) -> Iterator[list[Any]]:
    """The header, and then some rows at a time, all as text."""
    import pyarrow as pa
    from pyarrow import parquet

    from recommender.batch.parquet_table import as_text, check_types, reading_faults
    from recommender.batch.table import check_headers

    with reading_faults(NAME):
        file = parquet.ParquetFile(pa.BufferReader(content))
        check_headers(NAME, file.schema_arrow.names)
        check_types(NAME, file.schema_arrow)
        if file.metadata.num_rows > most_rows:
            raise InputError(Fault("has too many rows", file=NAME, allowed=f"{most_rows:,}"))
        yield [file.schema_arrow.names]
        for batch in file.iter_batches(batch_size=ROWS_AT_A_TIME, use_threads=False):
            columns = [as_text(column, False).to_pylist() for column in batch.columns]
            yield list(zip(*columns, strict=True))


def main(source: BinaryIO, target: BinaryIO, most_rows: int, largest: int) -> int:
    """Reads Parquet and writes CSV, or the faults of the file as JSON; what the process ends with."""
    limit()
    try:
        target.write(csv_of(source.read(), most_rows, largest))
    except InputError as error:
        target.write(json.dumps([asdict(fault) for fault in error.faults]).encode())
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer, *map(int, sys.argv[1:])))
