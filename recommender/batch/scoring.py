"""A whole table scored: read a chunk, assess the rows that can be, and set the others aside with every reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from recommender.answers import Answers
from recommender.assessment import BLOCKED, STATUSES, Assessment, assess
from recommender.batch.columns import Header, read_columns, read_header
from recommender.batch.identity import Identities
from recommender.batch.reading import open_table, read_ahead
from recommender.batch.rejects import Rejects, open_rejects
from recommender.batch.results import result_schema, result_table
from recommender.batch.table import Chunk, Table
from recommender.batch.writing import WRITE_SUFFIXES, TableWriter, open_writer
from recommender.errors import Fault, InputError
from recommender.likely import Population, likely_levels
from recommender.policy import Policy
from recommender.table_file import CSV_SUFFIXES, replacing, target_form

CHUNK_ROWS = 65_536
# Fewer than for a report on one person: for work on populations the chance to within a few points is enough.
LIKELY_COMPLETIONS = 60
EMERGENCY = Fault(
    "EMERGENCY: what can be read of this row raises a red flag that blocks",
    field="red_flags",
    remedy="See to this person now, then correct the row.",
)
Progress = Callable[[int], object]


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


class RowsLost(Exception):
    """Rows read are not rows scored plus rows rejected. Always a bug, never the input's fault."""


def run_batch(
    policy: Policy,
    source: Path,
    target: Path,
    rejects: Path,
    *,
    chunk_rows: int = CHUNK_ROWS,
    progress: Progress = lambda _rows: None,
    population: Population | None = None,
) -> BatchSummary:
    """Scores the rows of `source` into `target`, and writes those that have faults to `rejects`.

    Args:
        policy: what to score with.
        source: a CSV, CSV.gz or Parquet file, one row a person, one column a question.
        target: a CSV, CSV.gz, Parquet or NDJSON file, by suffix.
        rejects: a CSV file, a line for every fault of every row that was not scored.
        chunk_rows: rows held at once, at most.
        progress: called with the number of rows read so far.
        population: what is likely is told by; no likely level is worked out without it.

    Both files take their places only when everything went well. Raises InputError for a table that cannot be read as
    a whole, before anything is scored wherever possible.
    """
    form = check_places(source, target, rejects)
    table = open_table(source)
    header = read_header(table.headers, policy.questionnaire, table.name)
    schema = result_schema(policy, header, likely=population is not None)
    with (
        replacing(target) as partial_target,
        replacing(rejects) as partial_rejects,
        open_rejects(partial_rejects, table.line_of) as bad,
        open_writer(partial_target, form, schema) as good,
    ):
        return Batch(policy, header, schema, good, bad, population).run(table, chunk_rows, progress)


def check_places(source: Path, target: Path, rejects: Path) -> str:
    """The form of the target. Raises InputError where a file would be overwritten by another, or cannot be written."""
    form = target_form(target, WRITE_SUFFIXES)
    target_form(rejects, CSV_SUFFIXES[:1])
    places = [path.resolve() for path in (source, target, rejects)]
    if len(set(places)) < len(places):
        what = "stands for two of the table, its answers and the rejects"
        repeated = next(path for path in (target, rejects) if places.count(path.resolve()) > 1)
        raise InputError(Fault(what, file=repeated.name, remedy="Give each a name of its own."))
    return form


class Batch:
    """One run: what it scores with, where it writes, and what it has counted so far."""

    def __init__(
        self,
        policy: Policy,
        header: Header,
        schema: Any,
        good: TableWriter,
        bad: Rejects,
        population: Population | None = None,
    ) -> None:
        self.policy, self.header, self.schema, self.population = policy, header, schema, population
        self.good, self.bad = good, bad
        self.identities = Identities()
        self.read, self.scored, self.emergencies = 0, 0, 0
        self.by_status: Counter[str] = Counter()

    def run(self, table: Table, chunk_rows: int, progress: Progress) -> BatchSummary:
        """Scores every chunk and returns the counts, which must add up."""
        for chunk in read_ahead(table.chunks(self.header.questions, self.header.texts, chunk_rows)):
            self.score(chunk)
            progress(self.read)
        if self.read != self.scored + self.bad.rows:
            raise RowsLost(f"{self.read} rows read, {self.scored} scored, {self.bad.rows} rejected")
        return BatchSummary(self.read, self.scored, self.bad.rows, dict(self.by_status), self.emergencies)

    def score(self, chunk: Chunk) -> None:
        """Scores one chunk: the rows without faults go out, the faults of the others are written down."""
        ids = self.identities.of(chunk)
        reading = read_columns(self.policy.questionnaire, self.header, chunk)
        faults = [*self.identities.faults(chunk, ids), *reading.faults]
        self.read += len(chunk.rows) + len(chunk.broken)
        fine = np.ones(len(chunk.rows), dtype=bool)
        fine[[position for position, _ in faults]] = False
        assessment = assess(self.policy, reading.answers)
        emergencies = np.flatnonzero(~fine & (assessment.status == BLOCKED))
        self.emergencies += len(emergencies)
        self.reject(chunk, ids, [*((int(row), EMERGENCY) for row in emergencies), *faults])
        if fine.any():
            self.write(assessment, reading.answers, ids, chunk, fine)

    def reject(self, chunk: Chunk, ids: Any, faults: list[tuple[int, Fault]]) -> None:
        """Writes the faults of a chunk in the order of its rows."""
        found = [(int(chunk.rows[position]), ids[position].as_py(), fault) for position, fault in faults]
        found += [(fault.row or 0, "", fault) for fault in chunk.broken]
        for row, name, fault in sorted(found, key=lambda entry: entry[0]):
            self.bad.add(row, name, fault)

    def write(self, assessment: Assessment, answers: Answers, ids: Any, chunk: Chunk, fine: Any) -> None:
        """Writes the results of the rows that are fine."""
        carried = {name: chunk.columns[name] for name in self.header.carried}
        likely = (
            likely_levels(self.policy, self.population, assessment, answers, times=LIKELY_COMPLETIONS)
            if self.population
            else None
        )
        table = result_table(assessment, answers, ids, carried, self.schema, likely)
        self.good.write(table if fine.all() else table.filter(pa.array(fine)))
        self.scored += int(fine.sum())
        counts = np.bincount(assessment.status[fine], minlength=len(STATUSES))
        self.by_status.update({status: int(counts[place]) for place, status in enumerate(STATUSES)})
