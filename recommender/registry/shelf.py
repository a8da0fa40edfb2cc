"""All versions of one name: added, promoted, rolled back, and looked at. Nothing on a shelf is ever overwritten."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recommender.errors import Fault, InputError, NotPromoted, Tampered, did_you_mean
from recommender.registry.log import ADDED, PROMOTED, ROLLED_BACK, Event, Log, append, read_log
from recommender.registry.version import Version, exists, open_version, touched, write_version

if TYPE_CHECKING:
    from recommender.registry.gates import GateResult

LOG = "log.jsonl"
# A name is part of a path and of a command line.
NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
NUMBER = re.compile(r"[0-9][0-9a-z.-]{0,31}")
FEWEST_WORDS = 3


class Shelf:
    """The versions of one name below a folder of models."""

    def __init__(self, models: Path, name: str) -> None:
        if not NAME.fullmatch(name):
            allowed = "small letters, digits, _ and -, a letter first"
            raise InputError(Fault("is no name for a model", given=name, allowed=allowed))
        self.name = name
        self.folder = models / name

    @property
    def log(self) -> Log:
        """What happened so far. Raises Tampered where the log was changed."""
        return read_log(self.folder / LOG)

    def versions(self) -> tuple[str, ...]:
        """The versions that were added, oldest first."""
        return tuple(event.version for event in self.log.events if event.what == ADDED)

    def version(self, number: str) -> Version:
        """One version. Raises InputError where there is none, Tampered where its manifest is another."""
        log = self.log
        digest = log.digest_of(number)
        if digest is None:
            raise self.unknown(number)
        return open_version(self.folder / number, digest)

    def in_force(self) -> Version | None:
        """The version in force now, or None."""
        number = self.log.in_force()
        return None if number is None else self.version(number)

    def add(self, files: Mapping[str, bytes], about: Mapping[str, Any], *, by: str, number: str = "") -> Version:
        """Adds a version; its number is one more than the versions there are, if none is given."""
        log, number = self.log, number or self.next_number()
        self.check_new(number)
        version = write_version(self.folder / number, files, about)
        event = Event(ADDED, number, version.digest, now(), by, "", {})
        append(self.folder / LOG, event, expected=log.last)
        return version

    def next_number(self) -> str:
        """The number of the next version, if none is given."""
        return str(1 + len(self.versions()))

    def check_new(self, number: str = "") -> None:
        """Raises InputError for a version that there is already, or that cannot be one."""
        number = number or self.next_number()
        if not NUMBER.fullmatch(number):
            raise InputError(Fault("is no version", given=number, allowed="a digit, then digits, letters, dots"))
        if self.log.digest_of(number) is not None:
            raise exists(self.name, number)

    def promote(self, number: str, gates: Sequence[GateResult], *, by: str, reason: str) -> Log:
        """Puts a version in force. Raises NotPromoted where a gate is closed, InputError without a name or a reason."""
        version = self.version(number)
        version.verify()
        if not gates:
            raise ValueError("a promotion without gates")
        closed = [gate for gate in gates if not gate.passed]
        if closed:
            raise NotPromoted(gate.fault() for gate in closed)
        return self._move(PROMOTED, version, by, reason, {"gates": [gate.as_json() for gate in gates]})

    def roll_back(self, *, by: str, reason: str) -> Log:
        """Puts the version in force that was so before; its gates were passed then."""
        log = self.log
        earlier = log.to_go_back_to()
        if earlier is None:
            what = f"{self.name} has no earlier version to go back to"
            raise InputError(Fault(what, remedy="To stop using it, leave out --model."))
        version = self.version(earlier)
        version.verify()
        return self._move(ROLLED_BACK, version, by, reason, {"instead_of": log.in_force()})

    def _move(self, what: str, version: Version, by: str, reason: str, evidence: Mapping[str, Any]) -> Log:
        check_approval(by, reason)
        event = Event(what, version.number, version.digest, now(), by.strip(), reason.strip(), evidence)
        return append(self.folder / LOG, event, expected=self.log.last)

    def verify(self) -> Log:
        """Checks every byte. Raises Tampered with everything that was touched."""
        log = self.log
        faults: list[Fault] = []
        for number in self.versions():
            try:
                self.version(number).verify()
            except Tampered as error:
                faults += error.faults
        known = {*self.versions(), LOG}
        strangers = sorted(entry.name for entry in self.folder.iterdir() if entry.name not in known)
        faults += [touched(f"{self.name}: {name} was never added").faults[0] for name in strangers]
        if faults:
            raise Tampered(faults)
        return log

    def unknown(self, number: str) -> InputError:
        """The error about a version that there is not."""
        known = self.versions()
        allowed = ", ".join(known) or "none yet"
        hint = did_you_mean(number, known)
        return InputError(Fault(f"{self.name} has no such version", given=number, allowed=allowed, remedy=hint))


def check_approval(by: str, reason: str) -> None:
    """Raises InputError where it is not told who approves, and why."""
    if not by.strip() or len(reason.split()) < FEWEST_WORDS:
        allowed = f"a name, and a reason of at least {FEWEST_WORDS} words"
        raise InputError(Fault("who approves it, and why, must be told", allowed=allowed))


def now() -> str:
    """This moment in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
