"""Whatever is done to the audit log past the program is found: edits, deletions, insertions, moves and cuts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from recommender.store import Event, Head, Store, Work, create_store, new_ring, people
from recommender.store.anchor import read_heads
from recommender.store.audit import BEGINNING, USE, AuditEntry, AuditHead, content
from recommender.store.audit_check import check
from tests.stores import WHO

ENTRIES = 12
COLUMNS = ("at", "actor", "through", "request", "action", "subject", "detail", "key", "previous", "mark")
numbers = st.integers(1, ENTRIES)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[Head]]]:
    """A store with so many entries, written in three transactions, and its heads."""
    folder = tmp_path_factory.mktemp("log")
    store = create_store(f"sqlite:///{folder / 'store.db'}", new_ring(), heads=folder / "heads")
    for _ in range(3):
        with store.writing() as work:
            person = people.add(work, WHO, "north", event=Event("somebody"))
            for _ in range(ENTRIES // 3 - 1):
                people.change(work, person.id, WHO, event=Event("somebody"))
    yield store, read_heads(folder / "heads")
    store.close()


class Undone(Exception):
    """Raised to take a change back."""


def findings_after(log: tuple[Store, list[Head]], *statements: tuple[str, dict[str, Any]]) -> tuple[str, ...]:
    """What is found once some statements were run on the database; they are undone afterwards."""
    store, heads = log
    found: tuple[str, ...] = ()
    try:
        with store.writing() as work:
            for statement, values in statements:
                work.session.execute(text(statement), values)
            found = check(work, heads).findings
            raise Undone
    except Undone:
        return found


def test_an_untouched_log_is_whole(log: tuple[Store, list[Head]]) -> None:
    assert findings_after(log) == ()
    assert [head.number for head in log[1]] == [4, 8, 12]


@given(number=numbers, column=st.sampled_from(COLUMNS), value=st.text("0123456789abcdef", min_size=1, max_size=64))
def test_an_edit_of_any_column_is_found(log: tuple[Store, list[Head]], number: int, column: str, value: str) -> None:
    value = f"2026-01-01 00:00:{int(value, 16) % 60:02}.000000" if column == "at" else value
    edit = f"UPDATE audit SET {column} = :value WHERE number = :number"
    assert findings_after(log, (edit, {"value": value, "number": number}))


@given(number=numbers, close=st.booleans())
def test_a_deletion_is_found_also_where_the_gap_is_closed(
    log: tuple[Store, list[Head]], number: int, close: bool
) -> None:
    statements = [("DELETE FROM audit WHERE number = :number", {"number": number})]
    if close:
        later = range(number + 1, ENTRIES + 1)
        statements += [("UPDATE audit SET number = number - 1 WHERE number = :number", {"number": n}) for n in later]
    assert findings_after(log, *statements)


@given(first=numbers, second=numbers)
def test_two_entries_that_change_places_are_found(log: tuple[Store, list[Head]], first: int, second: int) -> None:
    move = "UPDATE audit SET number = :to WHERE number = :of"
    swap = [(first, -1), (second, first), (-1, second)]
    found = findings_after(log, *((move, {"of": of, "to": to}) for of, to in swap))
    assert bool(found) is (first != second)


@given(left=st.integers(0, ENTRIES - 1))
def test_a_cut_at_the_end_is_found_also_where_the_noted_head_was_cut_too(
    log: tuple[Store, list[Head]], left: int
) -> None:
    cut = ("DELETE FROM audit WHERE number > :left", {"left": left})
    mark = "coalesce((SELECT mark FROM audit WHERE number = :left), :nothing)"
    note = (f"UPDATE audit_head SET number = :left, mark = {mark}", {"left": left, "nothing": "0" * 64})
    assert findings_after(log, cut)
    assert f"The log ends with entry {left}; entry {ENTRIES} was there once." in findings_after(log, cut, note)


@given(number=numbers)
def test_an_entry_put_in_is_found(log: tuple[Store, list[Head]], number: int) -> None:
    copied = ", ".join(COLUMNS)
    put_in = f"INSERT INTO audit (number, {copied}) SELECT {ENTRIES + 1}, {copied} FROM audit WHERE number = :number"
    note = f"UPDATE audit_head SET number = {ENTRIES + 1}, mark = (SELECT mark FROM audit WHERE number = :number)"
    assert findings_after(log, (put_in, {"number": number}), (note, {"number": number}))


def test_a_chain_made_anew_without_the_key_is_found(log: tuple[Store, list[Head]]) -> None:
    store, heads = log
    try:
        with store.writing() as work:
            forger, previous = Work(work.session, new_ring(), work.now), BEGINNING
            for entry in work.session.query(AuditEntry).order_by(AuditEntry.number):
                entry.actor, entry.previous = "nobody", previous
                previous = entry.mark = forger.keys.mark(USE, content(entry))
            work.session.query(AuditHead).one().mark = previous
            work.session.flush()
            found = check(work, heads).findings
            raise Undone
    except Undone:
        assert f"Entry {ENTRIES} was changed." in found


def test_a_log_without_heads_is_not_called_whole(log: tuple[Store, list[Head]]) -> None:
    with log[0].reading() as work:
        assert len(check(work, []).findings) == 1


def test_a_head_line_cut_short_by_a_crash_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "heads"
    file.write_text(f"1:{'a' * 64}\n2:{'b' * 30}")
    assert read_heads(file) == [Head(1, "a" * 64)]
