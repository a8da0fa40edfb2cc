"""What happened to a model's name, one line an event, only ever added to.

Each line holds the hash of the line before, so a line that is changed, taken out or put in breaks the chain. Taking off
the last lines cannot be seen from inside: whoever must exclude that keeps the hash of the last line elsewhere
(`recommender model verify` prints it).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recommender.errors import Fault, InputError
from recommender.registry.version import read_bytes, sha256, touched

ADDED, PROMOTED, ROLLED_BACK = "added", "promoted", "rolled back"
START = "0" * 64


@dataclass(frozen=True)
class Event:
    """One event: what, to which version (whose manifest hashes to `digest`), when, by whom and why.

    `at` is a time in UTC such as 2026-11-26T06:00:00Z. `evidence` holds what was looked at: gates and figures.
    """

    what: str
    version: str
    digest: str
    at: str
    by: str
    reason: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True)
class Period:
    """A version in force from `start` to `end` (None: still), and the event that put it there."""

    version: str
    start: str
    end: str | None
    event: Event


@dataclass(frozen=True)
class Log:
    """All events of a name, oldest first; `last` is the hash of the last line."""

    events: tuple[Event, ...]
    last: str

    def digest_of(self, version: str) -> str | None:
        """What the manifest of a version must hash to; None for a version that was never added."""
        return next((event.digest for event in self.events if event.what == ADDED and event.version == version), None)

    def periods(self) -> tuple[Period, ...]:
        """Which version was in force when, oldest first."""
        moves = [event for event in self.events if event.what in (PROMOTED, ROLLED_BACK)]
        ends = [*(event.at for event in moves[1:]), None]
        return tuple(Period(event.version, event.at, end, event) for event, end in zip(moves, ends, strict=True))

    def in_force(self) -> str | None:
        """The version that is in force now."""
        return next((event.version for event in reversed(self.events) if event.what != ADDED), None)

    def to_go_back_to(self) -> str | None:
        """The version that was in force before the one that is; what was rolled back from is passed over."""
        standing: list[str] = []
        for event in self.events:
            if event.what == PROMOTED:
                standing.append(event.version)
            elif event.what == ROLLED_BACK:
                standing.pop()
        return standing[-2] if len(standing) > 1 else None


def read_log(path: Path) -> Log:
    """The log of a name; empty where there is none. Raises Tampered where the chain is broken."""
    if not path.exists():
        return Log((), START)
    events, last = [], START
    for number, line in enumerate(lines_of(path), start=1):
        try:
            entry = json.loads(line)
            if entry.pop("before") != last:
                raise ValueError
            events.append(Event(**entry))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise touched(f"the log of {path.parent.name} was changed at line {number}") from None
        last = sha256(line)
    return Log(tuple(events), last)


def lines_of(path: Path) -> Iterator[bytes]:
    content = read_bytes(path, path.parent.name)
    if content and not content.endswith(b"\n"):
        raise touched(f"the log of {path.parent.name} ends in the middle of a line")
    yield from content.splitlines()


def append(path: Path, event: Event, *, expected: str) -> Log:
    """Adds an event, and returns the new log once it is on the disk.

    `expected` is the hash of the last line as it was when the event was decided. Raises InputError where somebody else
    has added one since.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        lock(stream.fileno())
        if read_log(path).last != expected:
            raise InputError(overtaken(path.parent.name))
        entry = {**asdict(event), "before": expected}
        stream.write(json.dumps(entry, ensure_ascii=False, allow_nan=False).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return read_log(path)


def overtaken(name: str) -> Fault:
    return Fault(f"somebody else has just changed which version of {name} is in force", remedy="Look, and try again.")


def lock(handle: int) -> None:
    """Keeps others from writing until the file is closed."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
