"""What a table that somebody sends has to be: plain CSV or Parquet, of a size that this desk takes."""

from __future__ import annotations

from recommender.batch.unpacking import MARK, unpack
from recommender.errors import Fault, InputError

LARGEST_BYTES = 32 * 1024 * 1024
MOST_ROWS = 200_000
# The first bytes of gzip, zip (and spreadsheets), bzip2, xz and zstandard.
PACKED = (b"\x1f\x8b", b"PK", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
COMMAND = "Use `recommender batch` on the command line."


def checked(content: bytes) -> bytes:
    """The table as CSV. Raises InputError for what is no table, and for one that is too large or too long.

    Packed files are refused by their first bytes, so nothing is ever unpacked but Parquet, in a process of its own.
    """
    if not content.strip():
        raise InputError(Fault("the table is empty", remedy="Send a CSV or Parquet file with a header."))
    check_size(content)
    if content.startswith(MARK):
        content = unpack(content, most_rows=MOST_ROWS, largest=LARGEST_BYTES)
        check_size(content)
    if content.startswith(PACKED) or b"\0" in content:
        raise InputError(Fault("this is no plain CSV or Parquet file", remedy="Send it as CSV or Parquet, not packed."))
    if rows_in(content) > MOST_ROWS:
        raise InputError(Fault("the table has too many rows", allowed=f"{MOST_ROWS:,}", remedy=COMMAND))
    return content


def check_size(content: bytes) -> None:
    if len(content) > LARGEST_BYTES:
        allowed = f"{LARGEST_BYTES // 1024**2} MB"
        raise InputError(Fault("the table is too large", allowed=allowed, remedy=COMMAND))


def rows_in(content: bytes) -> int:
    """How many rows a table has at most: its lines below the header."""
    return content.rstrip().count(b"\n")
