"""One portion of a table scored: the results of the rows without faults, and every fault of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from recommender.assessment import BLOCKED, STATUSES, Assessment
from recommender.batch.assessing import Assessed, assess_and_check
from recommender.batch.beside import ALONE, Beside
from recommender.batch.columns import ColumnReader, Header, Reading
from recommender.batch.reading import read_ahead
from recommender.batch.rejects import Rejected
from recommender.batch.results import CODES, Scored, result_schema, result_table
from recommender.batch.table import Chunk, Portion
from recommender.errors import Fault, InputError
from recommender.policy import Policy

CHUNK_ROWS = 65_536
EMERGENCY = Fault(
    "EMERGENCY: what can be read of this row raises a red flag that blocks",
    field="red_flags",
    remedy="See to this person now, then correct the row.",
)
CHANGED_REMEDY = "Wait until it is written to the end, then start again."


@dataclass(slots=True)
class Counts:
    """Rows read, scored and rejected, how many were scored to each status, and the emergencies among the rejected."""

    read: int = 0
    scored: int = 0
    rejected: int = 0
    emergencies: int = 0
    by_status: dict[str, int] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        """Adds the counts of other rows."""
        self.read += other.read
        self.scored += other.scored
        self.rejected += other.rejected
        self.emergencies += other.emergencies
        self.by_status = dict(Counter(self.by_status) + Counter(other.by_status))

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class RowsLost(Exception):
    """Rows read are not rows scored plus rows rejected. Always a bug, never the input's fault."""


class Scorer:
    """Scores portions of a table with one policy; made once and kept, since what it has read it need not read again."""

    def __init__(self, policy: Policy, header: Header, *, reasons: str = CODES, beside: Beside = ALONE) -> None:
        self.policy, self.header, self.reasons, self.beside = policy, header, reasons, beside
        self.schema = result_schema(policy, header, reasons, beside)
        self.columns = ColumnReader(policy.questionnaire, header)


class IdCheck(Protocol):
    """What knows the ids of rows, and which of them are blank or stand elsewhere too."""

    def of(self, chunk: Chunk) -> Any:
        """The ids of a chunk as an Arrow array of text."""
        ...

    def faults(self, chunk: Chunk, ids: Any) -> list[tuple[int, Fault]]:
        """Blank and repeated ids, by position in the chunk."""
        ...


class PortionScoring:
    """Rows on their way: their results as they come, and what was rejected and counted."""

    def __init__(self, scorer: Scorer, identities: IdCheck) -> None:
        self.scorer, self.identities = scorer, identities
        self.rejected: list[Rejected] = []
        self.counts = Counts()

    def tables(self, portion: Portion, chunk_rows: int = CHUNK_ROWS) -> Iterator[Any]:
        """The results of the rows of a portion that are fine, as Arrow tables, in order; then checks the counts."""
        header = self.scorer.header
        for chunk in read_ahead(portion.chunks(header.questions, header.texts, chunk_rows)):
            yield from self.score(chunk)
        counts = self.counts
        if counts.read != portion.count:
            what = "has other rows now than when it was looked over"
            raise InputError(Fault(what, file=portion.file, remedy=CHANGED_REMEDY))
        if counts.read != counts.scored + counts.rejected:
            raise RowsLost(f"{counts.read} rows read, {counts.scored} scored, {counts.rejected} rejected")

    def score(self, chunk: Chunk) -> Iterator[Any]:
        """Scores one chunk: the rows without faults come out, the faults of the others are kept."""
        policy = self.scorer.policy
        ids = self.identities.of(chunk)
        reading = self.scorer.columns.read(chunk)
        assessed = assess_and_check(policy, reading.answers, reading.unread)
        assessment = assessed.assessment
        faults = [*self.identities.faults(chunk, ids), *reading.faults, *assessed.contradictions]
        fine = np.ones(len(chunk.rows), dtype=bool)
        fine[[position for position, _ in faults]] = False
        emergencies = np.flatnonzero(~fine & (assessment.status == BLOCKED))
        self.counts.read += len(chunk.rows) + len(chunk.broken)
        self.counts.emergencies += len(emergencies)
        self.counts.rejected += int(np.count_nonzero(~fine)) + len(chunk.broken)
        self.reject(chunk, ids, [*((int(row), EMERGENCY) for row in emergencies), *faults])
        if fine.any():
            self.count(assessment, fine)
            table = self.table(assessed, reading, ids, chunk)
            yield table if fine.all() else table.filter(pa.array(fine))

    def reject(self, chunk: Chunk, ids: Any, faults: list[tuple[int, Fault]]) -> None:
        """Keeps the faults of a chunk."""
        self.rejected += [(int(chunk.rows[position]), ids[position].as_py(), fault) for position, fault in faults]
        self.rejected += [(fault.row or 0, "", fault) for fault in chunk.broken]

    def table(self, assessed: Assessed, reading: Reading, ids: Any, chunk: Chunk) -> Any:
        carried: Mapping[str, Any] = {name: chunk.columns[name] for name in self.scorer.header.carried}
        assessment, answers = assessed.assessment, reading.answers
        said = self.scorer.beside.columns(assessment, answers)
        scored = Scored(assessment, assessed.open_questions, answers, ids, carried, self.scorer.reasons, said)
        return result_table(scored, self.scorer.schema)

    def count(self, assessment: Assessment, fine: Any) -> None:
        self.counts.scored += int(fine.sum())
        found = np.bincount(assessment.status[fine], minlength=len(STATUSES))
        by_status = Counter({status: int(found[place]) for place, status in enumerate(STATUSES) if found[place]})
        self.counts.by_status = dict(Counter(self.counts.by_status) + by_status)
