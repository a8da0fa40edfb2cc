"""Table files: the suffixes that say their form, and writing that leaves either the whole new file or none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recommender.errors import Fault, InputError

CSV_SUFFIXES = (".csv", ".csv.gz")
PARQUET = ".parquet"
TABLE_SUFFIXES = (*CSV_SUFFIXES, PARQUET)


def suffix_of(path: Path, allowed: Sequence[str] = TABLE_SUFFIXES) -> str:
    """The suffix of a file name that says its form. Raises InputError for one that is not among `allowed`."""
    found = [suffix for suffix in allowed if path.name.lower().endswith(suffix)]
    if not found:
        raise InputError(Fault("has a suffix that says nothing here", file=path.name, allowed=", ".join(allowed)))
    return found[0]


def target_form(path: Path, allowed: Sequence[str] = TABLE_SUFFIXES) -> str:
    """The form that a target's name asks for. Raises InputError where it asks for none or has no folder."""
    if not path.parent.is_dir():
        raise InputError(Fault("its folder does not exist", file=path.name, remedy="Make the folder first."))
    return suffix_of(path, allowed)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Another name to write under, beside `path`; the file takes the name `path` only if nothing goes wrong."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise InputError(Fault(f"cannot be written: {error.strerror or 'failed'}", file=path.name)) from None
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def text_table_writer(target: Path, columns: Sequence[str]) -> Iterator[Any]:
    """A writer of Arrow tables of text, CSV or Parquet by suffix; the file is there only if nothing went wrong.

    Made for our own answer texts and ids: none holds a comma or a quote, and Arrow refuses to write one that does.
    """
    import pyarrow as pa
    from pyarrow import csv, parquet

    form = target_form(target)
    schema = pa.schema([(name, pa.string()) for name in columns])
    with replacing(target) as partial:
        if form == PARQUET:
            with parquet.ParquetWriter(partial, schema) as writer:
                yield writer
            return
        options = csv.WriteOptions(quoting_style="none", quoting_header="none")
        compression = "gzip" if form.endswith(".gz") else None
        with (
            pa.output_stream(partial, compression=compression) as stream,
            csv.CSVWriter(stream, schema, write_options=options) as writer,
        ):
            yield writer
