"""Need against capacity: how many people needed which level, what they were offered, and why it was another.

Counts from 1 to 10 are hidden so that they cannot be worked out, and the others are rounded to tens.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommender.impact.disclosure import Shown, shown
from recommender.levels import Ladder
from recommender.store.decisions import NOTHING
from recommender.store.deidentified import BESIDE, deidentified_rows
from recommender.store.needs import Outcome, needs, totals
from recommender.web.rendering import page
from recommender.web.visit import Here, Visit
from recommender.web.words import load_words

router = APIRouter()
# How what was offered stands to what was indicated, from least to most; in the order of the picture's colours.
STANDINGS = ("nothing", "less", "same", "more", "open")


class Line(NamedTuple):
    """Some people for whom one level was indicated: what they were offered, why, how it compares, and how many."""

    offered: str
    reason: str
    standing: str
    people: int | None


class Need(NamedTuple):
    """One level: how many people needed it (None: hidden), the lines that may be shown, and how many are hidden."""

    level: str
    people: int | None
    lines: tuple[Line, ...]
    together: int | None
    withheld: bool


class Needs(NamedTuple):
    """All levels that may be shown, and how many people needed the hidden ones together.

    `withheld` is whether nobody may be shown at all, because there are so few.
    """

    levels: tuple[Need, ...]
    together: int | None
    withheld: bool


@router.get("/capacity", name="capacity")
def capacity(request: Request, visit: Here) -> Response:
    """The counts as a picture and as a table."""
    found = needs_of(visit)
    largest = max((need.people or 0 for need in found.levels), default=0)
    bars = [list(bars_of(need)) for need in found.levels]
    return page(request, "capacity.html", needs=found, largest=largest, bars=bars)


@router.get("/capacity.csv", name="capacity_table")
def capacity_table(visit: Here) -> Response:
    """The same counts as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("indicated", "offered", "reason", "people"))
    writer.writerows(cells(needs_of(visit)))
    return Response(text.getvalue(), media_type="text/csv", headers=as_file("capacity.csv"))


@router.get("/deidentified.csv", name="deidentified")
def deidentified(visit: Here) -> Response:
    """Rows of what was answered and decided that identify nobody, as a cohort in CSV."""
    policy = visit.desk.policy
    with visit.desk.store.writing() as work:
        rows = deidentified_rows(work, policy, event=visit.event)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, (*BESIDE, *policy.questionnaire.questions), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return Response(text.getvalue(), media_type="text/csv", headers=as_file("deidentified.csv"))


def as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def cells(found: Needs) -> Iterator[tuple[str, str, str, int | str]]:
    """The lines of the table, and what the hidden ones are together."""
    words = load_words()
    everyone, hidden, nothing, open_yet = (words(name) for name in ("all", "hidden", "nothing", "not_yet"))
    for need in found.levels:
        yield need.level, everyone, everyone, hidden if need.people is None else need.people
        for line in need.lines:
            offered = nothing if line.offered == NOTHING else line.offered or open_yet
            yield need.level, offered, line.reason, hidden if line.people is None else line.people
        if need.together is not None:
            yield need.level, hidden, hidden, need.together
    if found.together is not None:
        yield hidden, everyone, everyone, found.together


def needs_of(visit: Visit) -> Needs:
    """What may be shown of all sites together, in the order of the ladder; a level nobody needed is left out."""
    with visit.desk.store.reading() as work:
        return showable(visit.desk.policy.ladder, needs(work))


def showable(ladder: Ladder, found: Mapping[str, Mapping[Outcome, int]]) -> Needs:
    """What may be shown of the counts by level. Where all are withheld, not even which levels there are is shown."""
    levels = [level.id for level in ladder.levels if level.id in found]
    totalled = totals(found)
    people = shown([totalled[level] for level in levels])
    if people.withheld:
        return Needs((), None, withheld=True)
    counts = zip(levels, people.cells, strict=True)
    shown_ones = tuple(need_of(ladder, level, count, found[level]) for level, count in counts)
    return Needs(shown_ones, people.together, withheld=False)


def need_of(ladder: Ladder, level: str, people: int | None, outcomes: Mapping[Outcome, int]) -> Need:
    """What may be shown of one level. Where its own count is hidden, nothing is."""
    # In an order that tells nothing of the counts.
    name, order = ladder.level(level).name, sorted(outcomes)
    may = shown([outcomes[outcome] for outcome in order]) if people is not None else Shown((None,), None)
    if may.withheld:
        return Need(name, people, (), None, withheld=True)
    lines = tuple(line_of(ladder, level, o, count) for o, count in zip(order, may.cells, strict=True))
    return Need(name, people, lines, may.together, withheld=False)


def line_of(ladder: Ladder, indicated: str, outcome: Outcome, people: int | None) -> Line:
    offered = ladder.level(outcome.offered).name if outcome.offered in ladder.ids else outcome.offered
    return Line(
        offered,
        (load_words()(f"difference.{outcome.reason}") if outcome.reason else ""),
        standing_of(ladder, indicated, outcome.offered),
        people,
    )


def standing_of(ladder: Ladder, indicated: str, offered: str) -> str:
    """How what was offered stands to what was indicated."""
    if offered not in ladder.ids:
        return "nothing" if offered else "open"
    least, got = ladder.level(indicated).rank, ladder.level(offered).rank
    return "less" if got < least else "more" if got > least else "same"


def bars_of(need: Need) -> Iterator[tuple[str, int, int]]:
    """The pieces of a level's bar: how the offer stands, where the piece begins, and how many people it is."""
    start = 0
    for standing in STANDINGS:
        people = sum(line.people or 0 for line in need.lines if line.standing == standing)
        if people:
            yield standing, start, people
            start += people
    if need.people and (need.withheld or need.together):
        yield "hidden", start, need.together or need.people
