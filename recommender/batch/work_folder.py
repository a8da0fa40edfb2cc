"""The folder beside the output in which an unfinished run keeps its parts, and the journal that says whose they are.

Parts are used again only by a run that would make the same ones: of the same input, policy, options and versions.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from recommender.batch.parts import PartRecord, Unfinished, disk_faults, lasting, read_record
from recommender.errors import Fault, InputError

JOURNAL, LOCK = "journal.json", "lock"
Journal = Mapping[str, Any]
# What each entry of a journal is called, where it has changed.
CALLED = {
    "input": "the input has",
    "policy": "the policy has",
    "questions": "the questions have",
    "options": "the options have",
    "versions": "the installed versions have",
}


class WorkFolder:
    """The working folder of one output; only one run at a time may have it."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f"{target.name}.parts")
        self.lock: IO[bytes] | None = None

    @property
    def exists(self) -> bool:
        """Whether an unfinished run left it."""
        return (self.path / JOURNAL).is_file()

    def take(self, resume: bool) -> None:
        """Makes the folder ours. Raises InputError where a run left one that is not to be gone on with."""
        if self.exists and not resume:
            what = "an unfinished run of this output is kept here"
            remedy = "Go on with --resume, or remove the folder to start again."
            raise InputError(Fault(what, file=self.path.name, remedy=remedy))
        with disk_faults(self.path.name):
            self.path.mkdir(exist_ok=True)
            self.lock = (self.path / LOCK).open("wb")
        if not locked(self.lock):
            self.release()
            raise InputError(Fault("another run is at work on this output", file=self.path.name))

    def begin(self, journal: Journal) -> None:
        """Writes the journal of a new run, or compares it with the one that is there.

        Raises Unfinished where an earlier run had another input, policy, option or version.
        """
        path = self.path / JOURNAL
        if not self.exists:
            with lasting(path) as partial:
                partial.write_text(json.dumps(journal, indent=1) + "\n", encoding="utf-8")
            return
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            before = {}
        changed = [entry for entry in CALLED if before.get(entry) != json.loads(json.dumps(journal[entry]))]
        if changed:
            what = f"cannot be gone on with: {' and '.join(CALLED[entry] for entry in changed)} changed since it began"
            remedy = "Undo the change, or remove the folder to start again."
            raise Unfinished(Fault(what, file=self.path.name, remedy=remedy))

    def finished(self, numbers: range) -> dict[int, PartRecord]:
        """The parts that are finished, by number."""
        records = ((number, read_record(self.path, number)) for number in numbers)
        return {number: record for number, record in records if record is not None}

    def remove(self) -> None:
        """Takes the folder away."""
        self.release()
        shutil.rmtree(self.path, ignore_errors=True)

    def release(self) -> None:
        """Lets go of the folder and keeps it."""
        if self.lock is not None:
            self.lock.close()
            self.lock = None


def locked(stream: IO[bytes]) -> bool:
    """Whether the lock is ours now; the system takes it back when this process ends, however it ends."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
