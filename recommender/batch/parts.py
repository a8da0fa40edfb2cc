"""The finished results of one portion as files of its own: what a run keeps of it, whatever happens to the rest.

    000012.results   the results: Arrow for Parquet, else already as they will stand in the output
    000012.rejects   lines of the rejects file
    000012.ids       the different ids with their hashes, to find those that other portions have too
    000012.json      the counts; written last, so a part with counts is whole

Every file is written under another name, flushed to the disk and then named: after a power cut it is whole or absent.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from recommender.batch.beside import ALONE, Beside
from recommender.batch.columns import Header
from recommender.batch.identity import Earlier, Identities
from recommender.batch.rejects import reject_lines
from recommender.batch.results import CODES
from recommender.batch.scoring import CHUNK_ROWS, Counts, PortionScoring, Scorer
from recommender.batch.table import Portion
from recommender.batch.writing import open_part
from recommender.errors import Fault, InputError
from recommender.policy import Policy

RESULTS, REJECTS, IDS, RECORD = ".results", ".rejects", ".ids", ".json"
RESUME_REMEDY = "What is finished is kept: the same command with --resume goes on from there."


class Unfinished(InputError):
    """A run that could not go on, and of which the finished parts are kept."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is the same for every part: sent to each worker once. `folder` is where the parts are written."""

    policy: Policy
    header: Header
    folder: str
    form: str
    reasons: str = CODES
    chunk_rows: int = CHUNK_ROWS
    several_files: bool = False
    beside: Beside = ALONE


@dataclass(frozen=True, slots=True)
class Task:
    """One part to be made: a portion by its number and place, never its rows, and which of its ids stood before."""

    number: int
    portion: Portion
    earlier: Earlier = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartRecord:
    """What is known of a finished part: its counts, the sizes of its files, and which earlier ids it was told of."""

    number: int
    counts: Counts
    sizes: Mapping[str, int]
    told: str

    def is_whole(self, folder: Path) -> bool:
        """Whether its files are still there as they were written."""
        return all(size_of(part_path(folder, self.number, suffix)) == size for suffix, size in self.sizes.items())


class PartMaker:
    """Makes parts for one job; kept by a worker, so that the policy is compiled once."""

    def __init__(self, job: Job) -> None:
        self.job, self.folder = job, Path(job.folder)
        self.scorer = Scorer(job.policy, job.header, reasons=job.reasons, beside=job.beside)

    def make(self, task: Task) -> PartRecord:
        """Scores one portion into the files of its part. Raises Unfinished where they cannot be written."""
        identities = Identities(task.portion.file, self.job.several_files, task.earlier)
        scoring = PortionScoring(self.scorer, identities)
        with self.file(task, RESULTS) as path, open_part(path, self.job.form, self.scorer.schema) as writer:
            for table in scoring.tables(task.portion, self.job.chunk_rows):
                writer.write(table)
        with self.file(task, REJECTS) as path:
            path.write_bytes(reject_lines(task.portion, scoring.rejected))
        if self.job.header.has_id:
            with self.file(task, IDS) as path:
                write_ids(path, identities.table())
        written = (RESULTS, REJECTS, *((IDS,) if self.job.header.has_id else ()))
        sizes = {suffix: size_of(part_path(self.folder, task.number, suffix)) or 0 for suffix in written}
        record = PartRecord(task.number, scoring.counts, sizes, digest_of(task.earlier))
        with self.file(task, RECORD) as path:
            path.write_text(json.dumps(in_json(record)), encoding="utf-8")
        return record

    @contextmanager
    def file(self, task: Task, suffix: str) -> Iterator[Path]:
        """Another name to write one file of a part under."""
        with lasting(part_path(self.folder, task.number, suffix)) as path:
            yield path


_MAKERS: dict[int, PartMaker] = {}


def maker_for(job: Job) -> PartMaker:
    """What makes the parts of a job, kept until another job comes; one for each thread of a worker."""
    thread = threading.get_ident()
    known = _MAKERS.get(thread)
    if known is None or known.job is not job:
        _MAKERS[thread] = known = PartMaker(job)
    return known


def part_path(folder: Path, number: int, suffix: str) -> Path:
    return folder / f"{number:06d}{suffix}"


def read_record(folder: Path, number: int) -> PartRecord | None:
    """What is known of a part, or nothing where it is not finished or not whole."""
    try:
        found = json.loads(part_path(folder, number, RECORD).read_text(encoding="utf-8"))
        record = PartRecord(number, Counts(**found["counts"]), found["sizes"], found["told"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if record.is_whole(folder) else None


def in_json(record: PartRecord) -> dict[str, Any]:
    return {"counts": record.counts.as_dict(), "sizes": dict(record.sizes), "told": record.told}


def digest_of(earlier: Earlier) -> str:
    """A text that is equal for equal earlier ids and gives none of them away."""
    told = json.dumps(sorted(earlier.items()), ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8")).hexdigest() if earlier else ""


def write_ids(path: Path, table: Any) -> None:
    with pa.OSFile(str(path), "wb") as stream, pa.ipc.new_file(stream, table.schema) as writer:
        writer.write_table(table)


def size_of(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


@contextmanager
def lasting(path: Path) -> Iterator[Path]:
    """Another name to write under; what was written is on the disk before the file takes its own name.

    Raises Unfinished where the disk does not take it.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with disk_faults(path.name):
        try:
            yield partial
            flush_to_disk(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def flush_to_disk(path: Path) -> None:
    """Returns when the bytes of a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def disk_faults(name: str) -> Iterator[None]:
    """Turns what a disk answers into a sentence."""
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "the disk does not take it"
        raise Unfinished(Fault(f"cannot be written: {why}", file=name, remedy=RESUME_REMEDY)) from None
