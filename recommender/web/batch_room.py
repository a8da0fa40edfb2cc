"""Where tables that were sent are scored, one after another, by the batch engine; kept for a while, then deleted.

Each table has a folder of its own that only the owner of the process can read. A server that stops in the middle goes
on with it when it starts again: the batch engine resumes.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from recommender.batch import BatchSummary, run_batch
from recommender.batch.columns import ID
from recommender.batch.scoring import Counts
from recommender.batch.writing import harmless_text
from recommender.errors import Fault, InputError, NotFound, RecommenderError
from recommender.policy import Policy
from recommender.store.schema import ID_LENGTH, new_id
from recommender.web.sent_table import checked, rows_in

KEPT_S = 24 * 3600
# So many of one owner may wait or run at a time.
MOST_AT_A_TIME = 5
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
TABLE, RESULT, REJECTS, STATE = "table.csv", "result.csv", "rejects.csv", "state.json"


@dataclass(frozen=True)
class BatchState:
    """How one table stands; `faults` are for whoever sent it."""

    id: str
    owner: str
    status: str
    sent_at: float
    rows: int = 0
    read: int = 0
    scored: int = 0
    rejected: int = 0
    emergencies: int = 0
    faults: tuple[str, ...] = ()
    on_worklist: int = 0

    def counted(self, counts: Counts | BatchSummary) -> BatchState:
        """The same with the rows that were counted up to now, the emergencies among the rejected ones too."""
        found = {name: getattr(counts, name) for name in ("read", "scored", "rejected", "emergencies")}
        return replace(self, **found)

    def told(self) -> dict[str, object]:
        """What its owner is told."""
        return {name: value for name, value in asdict(self).items() if name not in ("owner", "sent_at", "on_worklist")}


class BatchRoom:
    """The tables in one folder, scored by one policy, one at a time so that the pages stay quick."""

    def __init__(self, folder: Path, policy: Policy) -> None:
        self.folder, self.policy = folder, policy
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._states: dict[str, BatchState] = {}
        self._turn = threading.Lock()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="batch")
        for state in self.left_over():
            self._states[state.id] = state
            if state.status in (WAITING, RUNNING):
                self._worker.submit(self.score, state.id)

    def left_over(self) -> list[BatchState]:
        """The tables that were there when the last server stopped."""
        found = []
        for file in sorted(self.folder.glob(f"*/{STATE}")):
            held = json.loads(file.read_text(encoding="utf-8"))
            found.append(BatchState(**{**held, "faults": tuple(held["faults"])}))
        return found

    def submit(self, content: bytes, owner: str) -> BatchState:
        """Takes a table (CSV or Parquet). Raises InputError for one that is empty, packed, too large or too long."""
        self.sweep()
        if sum(s.status in (WAITING, RUNNING) for s in self.of(owner)) >= MOST_AT_A_TIME:
            what = "too many tables wait already"
            raise InputError(Fault(what, allowed=f"{MOST_AT_A_TIME} at a time", remedy="Wait until one is done."))
        content = checked(content)
        state = BatchState(new_id(), owner, WAITING, time.time(), rows=rows_in(content))
        place = self.folder / state.id
        place.mkdir(mode=0o700)
        (place / TABLE).write_bytes(content)
        self.keep(state)
        self._worker.submit(self.score, state.id)
        return state

    def keep(self, state: BatchState) -> None:
        """Writes how a table stands; the file is replaced as a whole."""
        beside = self.folder / state.id / f"{STATE}.new"
        beside.write_text(json.dumps(asdict(state)), encoding="utf-8")
        os.replace(beside, self.folder / state.id / STATE)
        with self._turn:
            self._states[state.id] = state

    def score(self, batch_id: str) -> None:
        """Scores one table; what is wrong with it is kept for whoever sent it."""
        state = replace(self._states[batch_id], status=RUNNING)
        self.keep(state)
        place = self.folder / batch_id
        ends = (place / TABLE, place / RESULT, place / REJECTS)
        try:
            summary = run_batch(
                self.policy,
                *ends,
                resume=True,
                progress=lambda counts, rows: self.keep(replace(state.counted(counts), rows=rows)),
            )
        except RecommenderError as error:
            self.keep(replace(state, status=FAILED, faults=tuple(f.sentence() for f in error.faults[:20])))
        except Exception:
            self.keep(replace(state, status=FAILED, faults=("This is a fault of the program, not of the table.",)))
            raise
        else:
            self.keep(replace(state.counted(summary), status=DONE, rows=summary.read))

    def get(self, batch_id: str, owner: str) -> BatchState:
        """How a table stands. Raises NotFound for one of somebody else, just as for one that is not there."""
        state = self._states.get(batch_id) if len(batch_id) == ID_LENGTH else None
        if state is None or state.owner != owner:
            raise NotFound(Fault("there is no such batch"))
        return state

    def of(self, owner: str) -> list[BatchState]:
        """Somebody's tables, newest first."""
        with self._turn:
            own = [state for state in self._states.values() if state.owner == owner]
        return sorted(own, key=lambda state: -state.sent_at)

    def file(self, batch_id: str, owner: str, name: str) -> Path:
        """The result or the rejects of a table. Raises NotFound as long as it is not done."""
        if self.get(batch_id, owner).status != DONE:
            raise NotFound(Fault("this batch is not done", remedy="Ask how it stands."))
        return self.folder / batch_id / name

    def rows(self, batch_id: str, owner: str) -> list[dict[str, str]]:
        """The rows of a table that were scored, as they were sent. Raises NotFound as long as it is not done."""
        scored = {row[ID] for row in dicts_in(self.file(batch_id, owner, RESULT))}
        numbered = enumerate(dicts_in(self.file(batch_id, owner, TABLE)), 1)
        # The ids of the results were made harmless for spreadsheets.
        named = ((harmless_text((row.get(ID, str(number)) or "").strip()), row) for number, row in numbered)
        return [row for name, row in named if name in scored]

    def taken(self, batch_id: str, owner: str, count: int) -> None:
        """Keeps that the rows of a table were put on the worklist."""
        self.keep(replace(self.get(batch_id, owner), on_worklist=count))

    def sweep(self) -> None:
        """Deletes the tables that were sent long ago."""
        for state in list(self._states.values()):
            if time.time() - state.sent_at > KEPT_S and state.status in (DONE, FAILED):
                shutil.rmtree(self.folder / state.id, ignore_errors=True)
                with self._turn:
                    self._states.pop(state.id, None)

    def close(self) -> None:
        """Lets the table that is being scored end, and leaves the others for the next start."""
        self._worker.shutdown(wait=True, cancel_futures=True)


def dicts_in(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file that was scored, by column."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
