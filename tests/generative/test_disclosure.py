"""No number from 1 to 10 can be worked out from what is shown: counted out over all small tables, built for large ones.

Whoever looks is taken to know more than they do: how the counts were hidden, the exact total of every table, and every
count that is shown, as if it were not rounded.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.impact.counting import DIRECTIONS, SAME, STANDINGS, Counts
from recommender.impact.disclosure import SMALLEST_SHOWN, behind, hidden_places, is_small, rounded, shown
from recommender.impact.findings import Findings, findings_of, kinds_of
from recommender.impact.groups import GROUPINGS
from recommender.impact.shares import share_of, wilson
from recommender.policy_file import load_policy
from recommender.report.impact import impact_as_json, impact_text
from recommender.store.deidentified import FEWEST_ROWS, make_coarser

POLICY = load_policy()
LEVELS = len(POLICY.ladder.ids)
CODES = {level.id: level.code for level in POLICY.ladder.levels}
# So many different numbers a hidden count must be able to be, whatever is known.
STILL_POSSIBLE = 9


def tables(total: int, size: int) -> Iterator[tuple[int, ...]]:
    """Every table of so many counts that make up a total."""
    for bars in itertools.combinations(range(total + size - 1), size - 1):
        ends = (-1, *bars, total + size - 1)
        yield tuple(end - start - 1 for start, end in itertools.pairwise(ends))


def told(cells: Sequence[int]) -> tuple[object, ...]:
    """All that an all-knowing reader learns: the total, what is hidden, and every shown count unrounded."""
    hidden = hidden_places(cells)
    if hidden is None:
        return sum(cells), None
    return sum(cells), tuple(None if place in hidden else count for place, count in enumerate(cells))


@pytest.mark.parametrize(("size", "largest"), [(2, 90), (3, 55), (4, 34)])
def test_a_hidden_count_may_be_nearly_anything_in_every_small_table(size: int, largest: int) -> None:
    for total in range(SMALLEST_SHOWN, largest + 1):  # a smaller total is never shown, nor is a table of it
        possible: dict[object, list[set[int]]] = defaultdict(lambda: [set() for _ in range(size)])
        for table in tables(total, size):
            for values, count in zip(possible[told(table)], table, strict=True):
                if count < SMALLEST_SHOWN:
                    values.add(count)
        for table in tables(total, size):
            for values, count in zip(possible[told(table)], table, strict=True):
                assert not is_small(count) or len(values) >= STILL_POSSIBLE, table


@pytest.mark.parametrize("size", [2, 3])
def test_rounding_adds_to_what_is_possible(size: int) -> None:
    for table in itertools.product((0, 1, 5, 10, 11, 14, 15, 24, 25), repeat=size):
        seen = shown(table)
        for count, cell in zip(table, seen.cells, strict=True):
            assert not is_small(count) or cell is None
            assert cell is None or behind(cell)[0] <= count <= behind(cell)[1]
        if seen.together is not None:
            hidden = [count for count, cell in zip(table, seen.cells, strict=True) if cell is None]
            assert seen.together == rounded(sum(hidden)) > SMALLEST_SHOWN


def test_directions_with_few_people_are_never_told_apart() -> None:
    for total in range(SMALLEST_SHOWN, 60):  # of fewer people nothing is told
        possible: dict[object, list[set[int]]] = defaultdict(lambda: [set() for _ in DIRECTIONS])
        seen = {totals: kinds_seen(totals) for totals in tables(total, len(DIRECTIONS))}
        for totals, (_, sizes) in seen.items():
            assert not any(is_small(size) for size in sizes)
            for values, count in zip(possible[seen[totals]], totals, strict=True):
                values.add(count)
        for totals in seen:
            for values, count in zip(possible[seen[totals]], totals, strict=True):
                assert not is_small(count) or len(values) >= STILL_POSSIBLE, totals


def kinds_seen(totals: Sequence[int]) -> tuple[object, tuple[int, ...]]:
    """Which directions are told together, and how many people each of these kinds has exactly."""
    kinds = kinds_of(totals)
    return kinds, tuple(sum(totals[each] for each in kind) for kind in kinds)


few = st.integers(0, 10)
counts_of_people = st.one_of(st.just(0), few, st.integers(0, 60))


def split(draw: st.DrawFn, total: int, size: int) -> list[int]:
    """A total in `size` parts, many of them small."""
    parts = [0] * size
    while total:
        taken = min(total, draw(st.integers(1, 30)))
        parts[draw(st.integers(0, size - 1))] += taken
        total -= taken
    return parts


@st.composite
def cohorts(draw: st.DrawFn) -> Counts:
    """Counts of a made-up cohort: every table counts everybody once, and each direction has one total in all."""
    pairs = [
        (draw(st.integers(0, LEVELS - 1)), draw(st.integers(0, LEVELS - 1))) for _ in range(draw(st.integers(1, 9)))
    ]
    moves = np.zeros((LEVELS, LEVELS), dtype=np.int64)
    for pair in pairs:
        moves[pair] += draw(counts_of_people)
    moves[5, 5] += draw(st.sampled_from([0, 11, 40]))
    totals = [int(np.tril(moves, -1).sum()), int(np.trace(moves)), int(np.triu(moves, 1).sum())]
    standings = np.array(split(draw, sum(totals), len(STANDINGS) ** 2)).reshape(len(STANDINGS), -1)
    groups = {g.question: np.array([split(draw, total, len(g.names)) for total in totals]) for g in GROUPINGS}
    return Counts(moves, np.array([split(draw, total, 3) for total in totals]), standings, groups)


def findings(counts: Counts) -> Findings:
    return findings_of(POLICY, POLICY, counts, cohort="people.csv", kind_of_cohort="Made up.")


def alternatives(table: Sequence[int]) -> list[list[int]]:
    """Other tables of the same total, in which a hidden count is another number and a larger one makes up for it."""
    hidden = hidden_places(table)
    if not hidden:
        return []
    found = []
    large = [place for place in hidden if table[place] >= SMALLEST_SHOWN]
    for place in (each for each in hidden if is_small(table[each])):
        for value in range(1, STILL_POSSIBLE + 1):
            other = list(table)
            for each in hidden:
                other[each] = 1 if is_small(table[each]) else SMALLEST_SHOWN
            other[place] = value
            other[min(large)] += sum(table) - sum(other)
            found.append(other)
    return found


@settings(max_examples=settings().max_examples // 3)
@given(cohorts())
def test_a_whole_report_is_the_same_whatever_a_hidden_count_is(counts: Counts) -> None:
    if counts.people < SMALLEST_SHOWN:
        return
    report = impact_as_json(findings(counts))
    kinds = kinds_of([int(total) for total in counts.upper_ends.sum(axis=1)])
    for grouping in GROUPINGS:
        cells = counts.groups[grouping.question]
        for kind in (kind for kind in kinds if len(kind) == 1):
            for other in alternatives(cells[kind[0]].tolist()):
                changed = cells.copy()
                changed[kind[0]] = other
                groups = {**counts.groups, grouping.question: changed}
                assert (
                    impact_as_json(findings(Counts(counts.moves, counts.upper_ends, counts.standings, groups)))
                    == report
                )
    for other in alternatives(counts.standings.ravel().tolist()):
        standings = np.array(other).reshape(counts.standings.shape)
        assert impact_as_json(findings(Counts(counts.moves, counts.upper_ends, standings, counts.groups))) == report
    for way in (kind[0] - SAME for kind in kinds if len(kind) == 1):
        where = np.nonzero(np.sign(np.subtract.outer(np.arange(LEVELS), np.arange(LEVELS))) == -way)
        for other in alternatives(counts.moves[where].tolist()):
            moves = counts.moves.copy()
            moves[where] = other
            assert impact_as_json(findings(Counts(moves, counts.upper_ends, counts.standings, counts.groups))) == report


@settings(max_examples=settings().max_examples // 2)
@given(cohorts())
def test_no_small_number_stands_in_a_report(counts: Counts) -> None:
    if counts.people < SMALLEST_SHOWN:
        return
    found = findings(counts)
    assert all(
        number == 0 or (number >= 10 and number % 10 == 0) for number in numbers_of_people(impact_as_json(found))
    )
    assert impact_text(found, CODES)


def numbers_of_people(value: object) -> list[int]:
    """Every whole number in a report; shares and intervals are no whole numbers."""
    if isinstance(value, dict):
        return [number for each in value.values() for number in numbers_of_people(each)]
    if isinstance(value, list):
        return [number for each in value for number in numbers_of_people(each)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


@given(st.integers(0, 400), st.integers(0, 400))
def test_an_interval_holds_whatever_the_rounded_counts_may_stand_for(part: int, rest: int) -> None:
    seen = [None if is_small(count) else rounded(count) for count in (part, rest)]
    share = share_of(seen[0], [seen[1]])
    if share.low is None or share.high is None:
        assert None in seen or part + rest == 0
        return
    low, high = wilson(part, part + rest)
    assert share.low <= low + 1e-12
    assert high <= share.high + 1e-12


# ----------------------------------------------------------------------------------------------------------------- rows
COLUMNS = ("first", "second", "third")
CELL = st.sampled_from(["", "a", "b", "c"])
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELL)), min_size=11, max_size=400)


@settings(deadline=None)
@given(ROWS)
def test_every_row_is_like_ten_others_in_what_describes_somebody(rows: list[dict[str, str]]) -> None:
    given_rows = [dict(row) for row in rows]
    make_coarser(rows, COLUMNS)
    alike = Counter(tuple(row[name] for name in COLUMNS) for row in rows)
    assert min(alike.values()) >= FEWEST_ROWS
    for before, after in zip(given_rows, rows, strict=True):
        assert all(after[name] in ("", before[name]) for name in before), "a cell is blanked or stays"
