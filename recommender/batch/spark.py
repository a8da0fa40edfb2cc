"""Spark: parts made by its executors for `recommender batch --engine spark`, and `recommend` for data frames.

`recommend` is for tables that are in Spark already. Its rows have no numbers and no order, so two things differ from a
file: the table must have ids, and of rows with one id none is the first, so all of them are set aside.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommender.batch.columns import ID, Header, read_header
from recommender.batch.identity import BLANK_ID
from recommender.batch.parts import Job, PartRecord, Task, maker_for
from recommender.batch.results import CODES, result_schema
from recommender.batch.scoring import CHUNK_ROWS, PortionScoring, Scorer
from recommender.batch.table import Chunk
from recommender.batch.writing import spelt_out
from recommender.errors import Fault, InputError
from recommender.policy import Policy
from recommender.policy_file import load_policy

if TYPE_CHECKING:
    from recommender.batch.run import Engine

MISSING_REMEDY = "Install it with `pip install 'recommender[spark]'`; it needs Java 17."
# Few enough that compiling the policy once a lot is little, and enough that nobody waits long for the last.
LOTS_PER_CORE = 4
FRAME = "the data frame"
FAULTS, TIMES = "faults", "times_in_table"
REPEATED = Fault("other rows have the same id", field=ID, remedy="Give each intake an id of its own.")


def session_on(sql: Any, master: str) -> Any:
    """A session on a master; executors on this machine use this Python, which has what the package needs."""
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return sql.SparkSession.builder.master(master).appName("recommender batch").getOrCreate()


def spark_engine(master: str) -> Engine:
    """The engine of the Spark cluster at a URL, whose executors must see input and output under the same paths."""
    sql = spark_sql()

    def make(job: Job, tasks: Sequence[Task]) -> Iterator[PartRecord]:
        session = session_on(sql, master)
        context = session.sparkContext
        sent = context.broadcast(job)
        lots = context.parallelize(list(tasks), min(len(tasks), LOTS_PER_CORE * context.defaultParallelism))
        # One job for all, so that all executors work at once; the records are small.
        yield from lots.mapPartitions(lambda own: make_parts(sent.value, own)).collect()

    return make


def spark_sql() -> Any:
    """PySpark's SQL. Raises InputError where it is not installed."""
    try:
        from pyspark import sql
    except ImportError:
        raise InputError(Fault("Spark is not installed", remedy=MISSING_REMEDY)) from None
    return sql


def make_parts(job: Job, tasks: Iterator[Task]) -> Iterator[PartRecord]:
    """Parts one after another, on an executor."""
    return (maker_for(job).make(task) for task in tasks)


def recommend(frame: Any, policy: Policy | None = None, *, reasons: str = CODES) -> Any:
    """A Spark data frame of referrals as a data frame of results: one row for each row, in no order.

    `frame` has a text column `id`, a column for each question as in a CSV file, and perhaps columns to carry through.
    The result has the columns of `recommender batch`, and `faults`: nothing where a row was scored, else a JSON list of
    what is wrong with it (`field`, `given`, `fault`), and the other columns are null. Raises InputError for columns
    that nothing is known of.
    """
    functions = spark_functions()
    policy = policy or load_policy()
    header = read_header(frame.columns, policy.questionnaire, FRAME)
    if not header.has_id:
        raise InputError(Fault("has no column `id`", file=FRAME, remedy="Give each intake an id of its own."))
    names = (*header.texts, *header.questions)
    texts = [functions.col(f"`{name}`").cast("string").alias(name) for name in names]
    texts[0] = functions.trim(functions.coalesce(texts[0], functions.lit(""))).alias(ID)
    rows = frame.select(*texts)
    counted = rows.groupBy(ID).agg(functions.count(functions.lit(1)).alias(TIMES))
    scorer = FrameScorer(policy, header, reasons)
    return rows.join(counted, ID).mapInArrow(scorer, scorer.spark_schema())


class FrameScorer:
    """Scores Arrow batches of a data frame; sent to the executors, where the policy is compiled once a task."""

    def __init__(self, policy: Policy, header: Header, reasons: str) -> None:
        self.policy, self.header, self.reasons = policy, header, reasons

    def schema(self) -> Any:
        """The columns of the result, as plain texts and numbers."""
        return spelt_out(result_schema(self.policy, self.header, self.reasons)).append(pa.field(FAULTS, pa.string()))

    def spark_schema(self) -> str:
        """The same in Spark's words."""
        kinds = {pa.int8(): "tinyint", pa.int16(): "smallint"}
        return ", ".join(f"`{field.name}` {kinds.get(field.type, 'string')}" for field in self.schema())

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        """The results of batches, each row of each."""
        scorer = Scorer(self.policy, self.header, reasons=self.reasons)
        for batch in batches:
            for start in range(0, batch.num_rows, CHUNK_ROWS):
                yield from self.score(scorer, batch.slice(start, CHUNK_ROWS))

    def score(self, scorer: Scorer, batch: Any) -> Iterator[Any]:
        scoring = PortionScoring(scorer, FrameIdentities(batch.column(TIMES)))
        for table in scoring.score(chunk_of(batch, self.header)):
            plain = table.cast(spelt_out(table.schema)).append_column(FAULTS, pa.nulls(table.num_rows, pa.string()))
            yield from plain.cast(self.schema()).to_batches()
        yield from self.set_aside(scoring.rejected)

    def set_aside(self, rejected: list[tuple[int, str, Fault]]) -> Iterator[Any]:
        """The rows that were not scored, each with all its faults."""
        by_row: dict[int, tuple[str, list[dict[str, str | None]]]] = {}
        for row, name, fault in sorted(rejected, key=lambda entry: entry[0]):
            by_row.setdefault(row, (name, []))[1].append(told(fault))
        if by_row:
            texts = {
                ID: [name for name, _ in by_row.values()],
                FAULTS: [json.dumps(faults, ensure_ascii=False) for _, faults in by_row.values()],
            }
            blank = [None] * len(by_row)
            arrays = [pa.array(texts.get(field.name, blank), field.type) for field in self.schema()]
            yield pa.RecordBatch.from_arrays(arrays, schema=self.schema())


class FrameIdentities:
    """The ids of a batch, of which the whole table was asked how often each stands in it."""

    def __init__(self, times: Any) -> None:
        self.times = times.to_numpy(zero_copy_only=False)

    def of(self, chunk: Chunk) -> Any:
        """The ids of the batch as an Arrow array of text."""
        return chunk.columns[ID]

    def faults(self, chunk: Chunk, ids: Any) -> list[tuple[int, Fault]]:
        """Blank and repeated ids, by position."""
        blank = pc.equal(ids, "").to_numpy(zero_copy_only=False)
        found = [(int(place), BLANK_ID) for place in np.flatnonzero(blank)]
        for place in np.flatnonzero(~blank & (self.times > 1)):
            found.append((int(place), replace(REPEATED, given=chunk.columns[ID][place].as_py())))
        return found


def chunk_of(batch: Any, header: Header) -> Chunk:
    """A batch of text columns as a chunk."""
    columns = {name: batch.column(name).fill_null("") for name in header.texts}
    columns |= {name: batch.column(name).dictionary_encode() for name in header.questions}
    return Chunk(np.arange(1, batch.num_rows + 1, dtype=np.int64), columns)


def told(fault: Fault) -> dict[str, str | None]:
    plain = Fault(fault.what, allowed=fault.allowed, remedy=fault.remedy)
    return {"field": fault.field, "given": fault.given, "fault": plain.sentence()}


def spark_functions() -> Any:
    """PySpark's functions of columns."""
    spark_sql()
    from pyspark.sql import functions

    return functions
