"""A policy proved: every property shown or refuted, one after the other, and nothing shown twice.

What was shown is kept by a digest of what its proof rests on: the definitions behind it, what the questionnaire
accepts, the listed exceptions, and the engine itself. So after an edit only what the edit can touch is proved again. A
property that does not hold is never kept: it is refuted anew, with an intake that shows it.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import z3

from recommender.assurance.intakes import Example, calm_person
from recommender.assurance.properties import Properties, Property
from recommender.certificate import Certificate
from recommender.policy import Policy
from recommender.rules import smt
from recommender.rules.definitions import reached, read_by

ENGINE = ("direction.py", "enclosure.py", "intakes.py", "properties.py")


class Finding(NamedTuple):
    """A property, whether it holds, and if not what was found against it."""

    kind: str
    subject: str
    says: str
    holds: bool
    note: str = ""
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Proof:
    """All findings about a policy; `repeated` is how many were proved before and did not have to be proved again."""

    policy: Policy
    findings: tuple[Finding, ...]
    calm: Mapping[str, int] = field(default_factory=dict)
    repeated: int = 0

    @property
    def refuted(self) -> tuple[Finding, ...]:
        """What does not hold."""
        return tuple(finding for finding in self.findings if not finding.holds)


class Shown:
    """The digests of what was shown before, kept in a file between runs; without one, for this run alone."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.digests: set[str] = set(read_digests(file)) if file else set()

    def keep(self) -> None:
        """Writes the digests back, all or nothing."""
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            passing = self.file.with_suffix(f".{os.getpid()}")
            passing.write_text("\n".join(sorted(self.digests)) + "\n", encoding="ascii")
            passing.replace(self.file)


def read_digests(file: Path) -> Iterable[str]:
    """The digests in a file; none where there is no such file or it is not readable as one."""
    try:
        return file.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return ()


def prove(policy: Policy, shown: Shown, progress: Callable[[int, int], None] = lambda _done, _of: None) -> Proof:
    """Shows or refutes every property. `progress` is told how many of how many are done."""
    properties = Properties(policy, calm_person(policy.questionnaire))
    digests = Digests(policy)
    waiting = list(properties.all())
    findings: list[Finding] = []
    repeated = 0
    for entry in waiting:
        digest = digests.of(entry)
        known = digest in shown.digests
        findings.append(finding(entry, known=known))
        repeated += known
        if findings[-1].holds:
            shown.digests.add(digest)
        progress(len(findings), len(waiting))
    calm = properties.intakes.calm if any(not finding.holds for finding in findings) else {}
    return Proof(policy, tuple(findings), calm, repeated)


def finding(entry: Property, *, known: bool) -> Finding:
    """What is found about one property; what was shown before is not shown again."""
    against = None if known else entry.refute()
    if against is None:
        return Finding(entry.kind, entry.subject, entry.says, True)
    return Finding(entry.kind, entry.subject, entry.says, False, against.note, against.examples)


class Digests:
    """What a proof rests on, in one number."""

    def __init__(self, policy: Policy) -> None:
        # Looked up once: a thousand proofs rest on the same few hundred definitions.
        self.read = {name: read_by(definition) for name, definition in policy.definitions.items()}
        self.behind: dict[str, frozenset[str]] = {}
        self.written = {name: repr(definition) for name, definition in policy.definitions.items()}
        exceptions = {key: value for key, value in policy.notes.items() if key != "open_questions"}
        worse = {name: question.worse for name, question in policy.questionnaire.questions.items()}
        flags = [(flag.id, flag.mode, flag.rule.value) for flag in policy.red_flags]
        self.ground = json.dumps([engine_hash(), policy.questionnaire.hash, exceptions, worse, flags], default=str)

    def of(self, entry: Property) -> str:
        """The digest of one property."""
        for name in entry.rests_on:
            if name not in self.behind:
                self.behind[name] = reached(self.read.__getitem__, name)
        behind = sorted(frozenset().union(*(self.behind[name] for name in entry.rests_on)))
        parts = (self.ground, entry.kind, entry.subject, entry.says, *(self.written[name] for name in behind))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@functools.cache
def engine_hash() -> str:
    """The hash of the code that proofs are made with, and of the solver's version."""
    files = [Path(__file__).parent / name for name in ENGINE]
    parts = [file.read_bytes() for file in (*files, Path(smt.__file__))]
    return hashlib.sha256(b"\0".join((*parts, z3.get_version_string().encode()))).hexdigest()


def certify(proof: Proof, today: datetime.date) -> Certificate:
    """The certificate of a policy of which every property was shown. Raises ValueError for any other."""
    if proof.refuted:
        raise ValueError("a policy with a property that does not hold gets no certificate")
    properties: dict[str, list[str]] = {}
    for finding in proof.findings:
        properties.setdefault(finding.kind, []).append(finding.subject)
    return Certificate(
        policy=proof.policy.id,
        version=proof.policy.version,
        policy_hash=proof.policy.hash,
        status=proof.policy.status,
        proved_on=today.isoformat(),
        solver=f"z3 {z3.get_version_string()}",
        engine=engine_hash(),
        properties={kind: tuple(subjects) for kind, subjects in properties.items()},
    )
