"""Finished parts put together: the output, the rejects file and the manifest, each there whole or not at all.

The bytes depend only on the parts in their order, and those only on input, policy and options: not on who made them,
how many workers there were, or how often the run was stopped.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from recommender.batch.parts import REJECTS, RESULTS, flush_to_disk, lasting, part_path
from recommender.batch.rejects import HEADER
from recommender.batch.writing import parquet_writer, text_header
from recommender.table_file import PARQUET

COPIED_AT_ONCE = 1 << 22


def assemble_output(folder: Path, count: int, target: Path, form: str, schema: Any) -> None:
    """The results of `count` parts as one file in the form that a suffix names."""
    with lasting(target) as partial:
        if form == PARQUET:
            join_parquet(folder, count, partial, schema)
        else:
            join_bytes(folder, count, RESULTS, partial, text_header(form, schema))


def assemble_rejects(folder: Path, count: int, target: Path) -> None:
    """The lines of all parts under one header."""
    with lasting(target) as partial:
        join_bytes(folder, count, REJECTS, partial, HEADER)


def join_parquet(folder: Path, count: int, target: Path, schema: Any) -> None:
    with parquet_writer(target, schema) as writer:
        for number in range(count):
            with pa.memory_map(str(part_path(folder, number, RESULTS))) as stream:
                table = pa.ipc.open_file(stream).read_all()
                if table.num_rows:
                    writer.write_table(table)


def join_bytes(folder: Path, count: int, suffix: str, target: Path, header: bytes) -> None:
    with target.open("wb") as out:
        out.write(header)
        for number in range(count):
            with part_path(folder, number, suffix).open("rb") as stream:
                shutil.copyfileobj(stream, out, COPIED_AT_ONCE)


def write_manifest(target: Path, manifest: dict[str, Any], outputs: Sequence[Path]) -> None:
    """What was done, beside the output: hashes, versions and counts, and nothing about a single person."""
    files = [{"file": path.name, "size": path.stat().st_size, "sha256": digest_of(path)} for path in outputs]
    with lasting(manifest_path(target)) as partial:
        partial.write_text(json.dumps({**manifest, "output": files}, indent=1) + "\n", encoding="utf-8")
    flush_to_disk(target.parent)


def manifest_path(target: Path) -> Path:
    return target.with_name(f"{target.name}.manifest.json")


def digest_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
