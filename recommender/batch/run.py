"""A whole table scored: looked over, made part by part wherever there are workers, and put together at the end."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from recommender import __version__
from recommender.assessment import STATUSES
from recommender.batch.assembly import assemble_output, assemble_rejects, write_manifest
from recommender.batch.beside import ALONE, Beside
from recommender.batch.columns import read_header
from recommender.batch.local import make_here, make_in_pool
from recommender.batch.parts import Job, PartRecord, Task, Unfinished, digest_of
from recommender.batch.places import Place, find_tables
from recommender.batch.reading import open_table
from recommender.batch.repeats import repeated_ids
from recommender.batch.results import CODES, result_schema
from recommender.batch.scoring import CHANGED_REMEDY, CHUNK_ROWS, Counts, RowsLost
from recommender.batch.table import FileOfTable, Portion
from recommender.batch.work_folder import WorkFolder
from recommender.batch.writing import WRITE_SUFFIXES
from recommender.errors import Fault, InputError
from recommender.policy import Policy
from recommender.table_file import CSV_SUFFIXES, target_form

# Makes parts somewhere and gives their records back as they are finished, in any order.
Engine = Callable[[Job, Sequence[Task]], Iterator[PartRecord]]
# Told the counts so far and the number of rows there are, whenever a part is finished.
Progress = Callable[[Counts, int], object]


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What a batch did: rows read, scored and rejected, and how many were scored to each status.

    `emergencies` counts the rejected rows in which what could be read raises a red flag that blocks.
    """

    read: int
    scored: int
    rejected: int
    by_status: Mapping[str, int] = field(default_factory=dict)
    emergencies: int = 0


def run_batch(
    policy: Policy,
    source: str | Path,
    target: Path,
    rejects: Path,
    *,
    chunk_rows: int = CHUNK_ROWS,
    reasons: str = CODES,
    workers: int = 1,
    engine: Engine | None = None,
    resume: bool = False,
    beside: Beside = ALONE,
    progress: Progress = lambda _counts, _rows: None,
) -> BatchSummary:
    """Scores the rows of `source` into `target`, and writes those that have faults to `rejects`.

    Args:
        policy: what to score with.
        source: a CSV, CSV.gz or Parquet file, a folder or glob of them, or a URL for fsspec; one row a person.
        target: a CSV, CSV.gz, Parquet or NDJSON file, by suffix.
        rejects: a CSV file, a line for every fault of every row that was not scored.
        chunk_rows: rows held at once by a worker, at most; a part has about as many.
        reasons: `codes` for the ids of rules, `text` for their sentences.
        workers: processes on this machine.
        engine: who makes the parts, if not processes on this machine.
        resume: go on with the parts that an unfinished run of this target left.
        beside: who is asked beside the rules: a population for what is likely, a model for a second opinion.
        progress: called whenever a part is finished.

    The files take their places only when everything went well, and a manifest beside the target says what was done.
    Raises InputError for a table that cannot be read as a whole, before anything is scored wherever possible; and
    Unfinished where parts are kept to go on with.
    """
    form = check_places(str(source), target, rejects)
    places = find_tables(str(source))
    folder = WorkFolder(target)
    folder.take(resume)
    try:
        batch = Batch.look_over(policy, places, folder, form, chunk_rows, reasons, beside)
        batch.run(engine or local_engine(workers), progress)
        summary = batch.finish(target, rejects)
    except Unfinished:
        raise
    except InputError:
        folder.remove()
        raise
    finally:
        folder.release()
    folder.remove()
    return summary


def check_places(source: str, target: Path, rejects: Path) -> str:
    """The form of the target. Raises InputError where a file would be overwritten by another, or cannot be written."""
    form = target_form(target, WRITE_SUFFIXES)
    target_form(rejects, CSV_SUFFIXES[:1])
    places = [path.resolve() for path in (Path(source), target, rejects)]
    if len(set(places)) < len(places):
        what = "stands for two of the table, its answers and the rejects"
        repeated = next(path for path in (target, rejects) if places.count(path.resolve()) > 1)
        raise InputError(Fault(what, file=repeated.name, remedy="Give each a name of its own."))
    return form


def local_engine(workers: int) -> Engine:
    """Parts made on this machine; one worker, or one part, needs no further process."""

    def make(job: Job, tasks: Sequence[Task]) -> Iterator[PartRecord]:
        needed = min(workers, len(tasks))
        return make_in_pool(job, tasks, needed) if needed > 1 else make_here(job, tasks)

    return make


class Batch:
    """One run: the table it scores, what it scores with, and the parts that are finished."""

    def __init__(self, job: Job, folder: WorkFolder, files: Sequence[FileOfTable], schema: Any) -> None:
        self.job, self.folder, self.files, self.schema = job, folder, files, schema
        self.portions: list[Portion] = [portion for file in files for portion in file.portions]
        self.rows = sum(file.count for file in files)
        self.done: dict[int, PartRecord] = {}
        self.states: Mapping[Place, tuple[object, ...]] = {}

    @classmethod
    def look_over(
        cls,
        policy: Policy,
        places: tuple[Place, ...],
        folder: WorkFolder,
        form: str,
        chunk_rows: int,
        reasons: str,
        beside: Beside,
    ) -> Batch:
        """The run that scores some files, begun or gone on with."""
        states = {place: place.state() for place in places}
        files = open_table(places, chunk_rows, folder.path)
        header = read_header(files[0].headers, policy.questionnaire, files[0].name)
        several = len(files) > 1
        job = Job(policy, header, str(folder.path.resolve()), form, reasons, chunk_rows, several, beside)
        batch = cls(job, folder, files, result_schema(policy, header, reasons, beside))
        batch.states = states
        folder.begin(batch.journal())
        batch.done = folder.finished(range(len(batch.portions)))
        return batch

    def journal(self) -> dict[str, Any]:
        """What the parts hang on, beside the portions' own numbers."""
        policy = self.job.policy
        options = {"form": self.job.form, "reasons": self.job.reasons, "chunk_rows": self.job.chunk_rows}
        return {
            "input": [
                {"file": file.name, "size": file.size, "sha256": file.digest, "rows": file.count} for file in self.files
            ],
            "policy": {"id": policy.id, "version": policy.version, "status": policy.status, "hash": policy.hash},
            "questions": {"hash": policy.questionnaire.hash},
            **self.job.beside.told(),
            "options": options,
            "versions": versions(),
        }

    def run(self, engine: Engine, progress: Progress) -> None:
        """Makes the parts that are missing, and those again whose ids stood in earlier ones."""
        tasks = [Task(number, portion) for number, portion in enumerate(self.portions) if number not in self.done]
        self.make(engine, tasks, progress)
        earlier = {}
        if self.job.header.has_id and len(self.portions) > 1:
            earlier = repeated_ids(self.folder.path, self.portions, self.job.several_files)
        tasks = [
            Task(number, portion, told)
            for number, portion in enumerate(self.portions)
            if self.done[number].told != digest_of(told := earlier.get(number, {}))
        ]
        self.make(engine, tasks, progress)

    def make(self, engine: Engine, tasks: Sequence[Task], progress: Progress) -> None:
        if not tasks:
            return
        try:
            for record in engine(self.job, tasks):
                self.done[record.number] = record
                progress(self.counts(), self.rows)
        except InputError:
            # What was fine when it was looked over cannot be broken now, unless somebody wrote to it.
            self.check_unchanged()
            raise

    def check_unchanged(self) -> None:
        """Raises Unfinished where somebody wrote to the input since it was looked over."""
        for place, state in self.states.items():
            if place.state() != state:
                raise Unfinished(Fault("was changed while it was read", file=place.name, remedy=CHANGED_REMEDY))

    def counts(self) -> Counts:
        """The counts of all finished parts."""
        total = Counts()
        for record in self.done.values():
            total.add(record.counts)
        return total

    def finish(self, target: Path, rejects: Path) -> BatchSummary:
        """Puts the parts together, after a last look that nothing is missing and nobody wrote to the input."""
        self.check_unchanged()
        total = self.counts()
        if not total.read == self.rows == total.scored + total.rejected:
            raise RowsLost(f"{self.rows} rows, {total.read} read, {total.scored} scored, {total.rejected} rejected")
        assemble_rejects(self.folder.path, len(self.portions), rejects)
        assemble_output(self.folder.path, len(self.portions), target, self.job.form, self.schema)
        write_manifest(target, self.manifest(total), (target, rejects))
        by_status = {status: total.by_status.get(status, 0) for status in STATUSES}
        return BatchSummary(total.read, total.scored, total.rejected, by_status, total.emergencies)

    def manifest(self, total: Counts) -> dict[str, Any]:
        """What was done, for whoever has to vouch for it."""
        parts = [
            {"file": portion.file, "first_row": portion.first_row, **self.done[number].counts.as_dict()}
            for number, portion in enumerate(self.portions)
        ]
        return {"statement": self.job.policy.statement, **self.journal(), "counts": total.as_dict(), "parts": parts}


def versions() -> dict[str, str]:
    """What the bytes of an output hang on beside its input and policy."""
    return {
        "recommender": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
    }


__all__ = ["BatchSummary", "Engine", "Progress", "run_batch"]
