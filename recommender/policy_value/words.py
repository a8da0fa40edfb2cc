"""The answer as text and as data. No number is worked out here, only laid out."""

from __future__ import annotations

import dataclasses
import math
import textwrap
from collections.abc import Iterator
from typing import Any

from recommender.policy_value.answer import Answer, WayValue
from recommender.policy_value.overlap import RAREST, Overlap
from recommender.policy_value.value import Estimated

WIDTH = 100
NOT_VALIDATED = "Not clinically validated. It supports a clinician's decision and never makes it."
SIMULATED = "The people are simulated: nothing here says what any level is worth for real ones."
HOW_TO_READ = (
    "Value: how many of 100 would have the outcome if everybody were placed so. It is doubly robust (AIPW, "
    "cross-fitted) and rests on everything being recorded that swayed both placement and outcome, which nobody can "
    "check.",
    "Differences are from current practice, on the same people, in points of 100 people, with 95 % intervals.",
    "Equal beds: the difference if no more and no fewer nights in a bed were used than now.",
    "E-value: how many times likelier something unrecorded would have to make both the placement and the outcome, to "
    "explain the difference away; behind it, that for the end of the interval nearest to no difference.",
    "Naive: who happened to be placed so against who was not. Shown because it is what a table would show, and wrong.",
    "Levels that are rarely used are taken together with their neighbours.",
)


def answer_text(answer: Answer) -> str:
    """The answer for a screen."""
    return "\n".join(lines_of(answer))


def lines_of(answer: Answer) -> Iterator[str]:
    counts = answer.counts
    yield f"What a way of placing is worth: `{answer.outcome}`, settled at {answer.horizon} days"
    yield f"{counts['people']:,} people with a known placement and outcome, of {counts['rows']:,} rows;"
    yield f"{answer.people:,} of them for whom every way below has some overlap; {answer.clusters:,} clusters."
    yield from textwrap.wrap(SIMULATED, WIDTH) if answer.simulated else ()
    yield ""
    yield row("", "value", "difference", "equal beds", "nights in a bed")
    nights = nights_of(answer.practice_bed_days)
    yield row("current practice", share(answer.practice), "", "", nights)
    for way in answer.ways:
        equal = points(way.equal_beds) if way.equal_beds else "not told"
        yield row(way.name, share(way.value), points(way.difference), equal, nights_of(way.bed_days))
    for way in answer.ways:
        yield ""
        yield from part(way.name, details(way))
    for name, fault in answer.refused.items():
        yield ""
        yield from part(name, [fault.sentence(), overlap_words(answer.refused_overlap[name])])
    yield ""
    for text in (*HOW_TO_READ, NOT_VALIDATED):
        yield from textwrap.wrap(text, WIDTH)


def row(*cells: str) -> str:
    widths = (30, 21, 21, 20, 15)
    return "".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def part(name: str, lines: list[str]) -> Iterator[str]:
    yield f"{name[0].upper()}{name[1:]}"
    for line in lines:
        yield from textwrap.wrap(line, WIDTH - 2, initial_indent="  ", subsequent_indent="  ")


def details(way: WayValue) -> list[str]:
    """All that is told of one way of placing."""
    lines = [f"It places {way.agrees:.0%} of these people where they were placed. {overlap_words(way.overlap)}"]
    if way.share is not None:
        lines.append(
            f"With as many nights in a bed as now: {way.share:.0%} are placed so, the others get {way.instead}."
        )
    elif way.bed_days is not None:
        lines.append("No share of people placed so uses as many nights in a bed as now.")
    else:
        lines.append("Nights in a bed are not told: nobody's stay in one is known.")
    likely, nearest = (f"{value:.2f}" if math.isfinite(value) else "without limit" for value in way.e_values)
    naive = "not told" if way.naive is None else f"{100 * way.naive:+.1f} points"
    lines.append(f"E-value {likely} ({nearest} for the end of the interval). Naive difference: {naive}.")
    return lines


def overlap_words(overlap: Overlap) -> str:
    """How far practice has tried it."""
    low, _, quarter, middle, *_ = overlap.quantiles
    return (
        f"Practice did the same with a chance of {percent(middle)} for the middle person, {percent(quarter)} or less "
        f"for a quarter, {percent(low)} or less for one in 100. Left out, because below {percent(RAREST)}: "
        f"{overlap.trimmed:.1%}. It rests on {overlap.matched:,} people placed so, worth {overlap.effective:,.0f}."
    )


def percent(chance: float) -> str:
    return f"{100 * chance:.2g}%"


def share(estimate: Estimated) -> str:
    """A share in 100 people with its interval."""
    return f"{100 * estimate.value:.1f} ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


def points(estimate: Estimated) -> str:
    """A difference in points of 100 people with its interval."""
    return f"{100 * estimate.value:+.1f} ({100 * estimate.low:+.1f} to {100 * estimate.high:+.1f})"


def nights_of(estimate: Estimated | None) -> str:
    return "not known" if estimate is None else f"{estimate.value:.1f}"


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """The answer as plain data."""
    told = dataclasses.asdict(answer)
    told["refused"] = {
        name: {"why": fault.sentence(), "overlap": dataclasses.asdict(answer.refused_overlap[name])}
        for name, fault in answer.refused.items()
    }
    del told["refused_overlap"]
    for way in told["ways"]:
        way["e_values"] = [value if math.isfinite(value) else None for value in way["e_values"]]
    return {"statement": NOT_VALIDATED, "about": SIMULATED if answer.simulated else "", **told}
