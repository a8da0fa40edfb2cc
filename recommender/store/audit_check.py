"""Whether the audit log is whole: each entry as it was written, none missing, none moved, none cut off at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from recommender.store.anchor import Head
from recommender.store.audit import BEGINNING, USE, AuditEntry, AuditHead, content
from recommender.store.database import Work
from recommender.store.keys import KeyRing

AT_ONCE = 1000


@dataclass(frozen=True)
class AuditReport:
    """How many entries there are, the head of the chain, and what is wrong with it, in sentences; nothing if whole."""

    entries: int
    head: Head
    findings: tuple[str, ...]


def check(work: Work, heads: Iterable[Head]) -> AuditReport:
    """Goes through the whole log, and compares it with the heads that were kept outside of the database."""
    kept = sorted(set(heads))
    wanted = {head.number for head in kept}
    entries, last, marks = 0, Head(0, BEGINNING), {0: BEGINNING}
    findings: list[str] = []
    query = select(AuditEntry).order_by(AuditEntry.number).execution_options(yield_per=AT_ONCE)
    for entry in work.session.scalars(query):
        findings += wrong_with(entry, last, work.keys)
        entries, last = entries + 1, Head(entry.number, entry.mark)
        if entry.number in wanted:
            marks[entry.number] = entry.mark
        work.session.expunge(entry)
    findings += wrong_at_the_end(work, last)
    findings += [finding for head in kept for finding in wrong_with_head(head, last, marks)]
    if entries and not kept:
        findings.append("No head was kept outside of the database, so nobody can say whether the end was cut off.")
    return AuditReport(entries, last, tuple(findings))


def wrong_with(entry: AuditEntry, before: Head, keys: KeyRing) -> Iterator[str]:
    """What is wrong with an entry, seen from the one before it."""
    if entry.number != before.number + 1:
        yield f"Entries {before.number + 1} to {entry.number - 1} are missing."
    if entry.previous != before.mark:
        yield f"Entry {entry.number} does not follow on the one before it."
    if entry.key not in keys.keys:
        yield f"Entry {entry.number} was marked with a key that is not in the key file."
    elif entry.mark != keys.mark(USE, content(entry), entry.key):
        yield f"Entry {entry.number} was changed."


def wrong_at_the_end(work: Work, last: Head) -> Iterator[str]:
    """Whether the database's own note of the head agrees with the log."""
    noted = [Head(row.number, row.mark) for row in work.session.scalars(select(AuditHead))]
    if noted != [last]:
        yield f"The log ends with entry {last.number}, and the database notes another end."


def wrong_with_head(head: Head, last: Head, marks: dict[int, str]) -> Iterator[str]:
    """Whether the log still holds a head that was kept outside of the database."""
    if head.number > last.number:
        yield f"The log ends with entry {last.number}; entry {head.number} was there once."
    elif marks.get(head.number) != head.mark:
        yield f"Entry {head.number} is not the one that was kept outside of the database."
