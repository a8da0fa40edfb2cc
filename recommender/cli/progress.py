"""How far a long command is: a line on a terminal, nothing in a pipe, or lines of JSON. Counts only."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from recommender.batch import BatchSummary
    from recommender.batch.scoring import Counts

CLEAR_LINE = "\r\x1b[K"


class Quiet:
    """Says nothing."""

    def step(self, counts: Counts, rows: int) -> None:
        """Told whenever a part is finished: the counts so far, and how many rows there are."""

    def end(self) -> None:
        """Told when nothing more comes."""

    def finished(self, summary: BatchSummary) -> None:
        """Told what a whole run did."""


class Speed:
    """Rows a second since the first report; what was there by then, perhaps from an earlier run, does not count."""

    def __init__(self) -> None:
        self.first: tuple[float, int] | None = None

    def of(self, done: int) -> float:
        """Rows a second, with `done` rows by now; 0 at the first report."""
        now = time.monotonic()
        if self.first is None:
            self.first = now, done
        began, before = self.first
        return (done - before) / max(now - began, 1e-9)


class TerminalLine(Quiet):
    """One line that is written over: rows, rows a second, and how long it will still take."""

    def __init__(self) -> None:
        self.speed = Speed()

    @staticmethod
    def where_it_is_seen(quiet: bool) -> Quiet:
        """A line on a terminal; nothing where nobody looks."""
        return Quiet() if quiet or not sys.stderr.isatty() else TerminalLine()

    def step(self, counts: Counts, rows: int) -> None:
        speed = self.speed.of(counts.read)
        line = f"{counts.read:,} of {rows:,} rows"
        if speed:
            line += f", {speed:,.0f} a second, {clock((rows - counts.read) / speed)} to go"
        click.echo(f"{CLEAR_LINE}{line}", nl=False, err=True)

    def end(self) -> None:
        click.echo(CLEAR_LINE, nl=False, err=True)


class JsonLog(Quiet):
    """A line of JSON for each finished part, and one at the end."""

    def __init__(self) -> None:
        self.speed = Speed()

    def step(self, counts: Counts, rows: int) -> None:
        told = {"event": "part", "rows": rows, **counts.as_dict(), "rows_per_second": round(self.speed.of(counts.read))}
        click.echo(json.dumps(told), err=True)

    def finished(self, summary: BatchSummary) -> None:
        click.echo(json.dumps({"event": "finished", **dataclasses.asdict(summary)}), err=True)


def clock(seconds: float) -> str:
    """Minutes and seconds, or hours and minutes: `0:07`, `3:20`, `2 h 05 min`."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 60}:{whole % 60:02}"
