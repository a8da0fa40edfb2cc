"""What a change of policy does to a cohort, as text and as JSON. No number is worked out here, only laid out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from recommender.impact import Findings
from recommender.impact.counting import DIRECTIONS
from recommender.impact.disclosure import SMALLEST_SHOWN, Shown
from recommender.impact.findings import GroupFindings, GroupingFindings, Moves, PolicyNamed
from recommender.impact.shares import Share

WIDTH = 100
HASH_SHOWN = 12
HIDDEN = "·"
STAY = "same"
HOW_TO_READ = (
    "Level is the lowest level that the answers allow: for a complete record its level, for an incomplete one what the "
    "rules require already. The highest level that they allow has a part of its own.",
    f"Counts are rounded to tens. {HIDDEN} stands for 1 to {SMALLEST_SHOWN - 1} people, or for a count that is kept "
    "back so that such a number cannot be worked out; of these only the sum is given. Totals by group are sums of "
    "rounded counts.",
    f"Where only 1 to {SMALLEST_SHOWN - 1} people go lower, stay or go higher, they are counted with others, as in "
    "`same or higher`, and their moves are not told apart.",
    "Shares are worked out from the counts shown. The 95 % intervals are Wilson's, widened for the rounding; they "
    "treat the cohort as drawn from many people like these, and say nothing about whether a level is right.",
)
WITHHELD = "too few people to be told apart"
STANDING_WORDS: Mapping[str, str] = {
    "blocked": "blocked by a red flag",
    "held": "held by a red flag",
    "safety_unanswered": "safety questions open",
    "level_shown": "level may be shown",
}


def impact_text(findings: Findings, codes: Mapping[str, str]) -> str:
    """The findings as text; `codes` gives the short name of each level."""
    return "\n".join(line.rstrip() for line in lines(findings, codes))


def lines(findings: Findings, codes: Mapping[str, str]) -> Iterator[str]:
    """The text line by line."""
    yield title(findings)
    yield findings.statement
    yield ""
    yield from head_lines(findings)
    for sentence in HOW_TO_READ:
        yield textwrap.fill(sentence, WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield from heading("Level")
    for kind, share in zip(findings.kinds, findings.level, strict=True):
        yield f"  {kind:<18}{counted(share.people):>10}  {in_percent(share)}"
    for kind, moves in zip(findings.kinds, findings.moves, strict=True):
        if kind != STAY:
            yield from heading(f"From where to where: {kind}")
            yield from move_lines(moves, codes)
    yield from upper_end_lines(findings)
    yield from heading("Whether a level may be shown")
    yield from move_lines(findings.standings, STANDING_WORDS, wide=True)
    for grouping in findings.groupings:
        yield from grouping_lines(findings, grouping)


def title(findings: Findings) -> str:
    """What is compared, in one line."""
    return f"What changes if {named(findings.new)} takes the place of {named(findings.old)}"


def named(policy: PolicyNamed) -> str:
    return f"policy {policy.id} {policy.version}"


def head_lines(findings: Findings) -> Iterator[str]:
    """The cohort and the policies."""
    faults = findings.rows_with_faults
    left_out = f"1 to {SMALLEST_SHOWN - 1}" if faults is None else f"about {faults:,}" if faults else "none"
    entries = {
        "Cohort": f"{findings.cohort}, about {findings.people:,} people. {findings.kind_of_cohort}",
        "Left out": f"rows with a fault: {left_out}",
        **{
            label: f"{named(policy)}, {policy.status}, hash {policy.hash[:HASH_SHOWN]}"
            for label, policy in (("Old", findings.old), ("New", findings.new))
        },
    }
    for label, text in entries.items():
        yield textwrap.fill(f"{label:<10}{text}", WIDTH, subsequent_indent=" " * 10)
    if findings.same_policy:
        yield "The two are one and the same policy, so nobody changes."
    yield ""
    yield "How to read this"


def heading(text: str) -> Iterator[str]:
    yield from ("", text, "-" * len(text))


def counted(count: int | None) -> str:
    """A count as it is shown."""
    return HIDDEN if count is None else f"{count:,}"


def in_percent(share: Share) -> str:
    """`2.4 % (2.1 to 2.6)`, or nothing where there is no figure."""
    if share.share is None or share.low is None or share.high is None:
        return ""
    return f"{share.share:.1%} ({100 * share.low:.1f} to {100 * share.high:.1f})".replace("%", " %")


def move_lines(moves: Moves, names: Mapping[str, str], wide: bool = False) -> Iterator[str]:
    """The moves of more people first; of standings also who stays as they are."""
    if moves.withheld:
        yield f"  {WITHHELD}"
    elif not moves.moves:
        yield "  nobody"
    width = 24 if wide else 8
    for move in sorted(moves.moves, key=lambda move: -(move.people or 0)):
        start, end = (names.get(name, name) for name in (move.start, move.end))
        yield f"  {start:<{width}}→ {end:<{width}}{counted(move.people):>10}"
    if moves.hidden is not None:
        yield f"  {f'those marked {HIDDEN} together':<{2 * width + 2}}{counted(moves.hidden):>10}"


def upper_end_lines(findings: Findings) -> Iterator[str]:
    """The direction of the highest possible level, by that of the lowest."""
    yield from heading("The highest level that the answers allow")
    columns = (*DIRECTIONS, f"{HIDDEN} together")
    yield f"  {'lowest level':<20}" + "".join(
        f"{f'highest {name}' if name in DIRECTIONS else name:>18}" for name in columns
    )
    for kind, table in zip(findings.kinds, findings.upper_ends, strict=True):
        yield f"  {kind:<20}" + "".join(f"{cell:>18}" for cell in upper_end_cells(table))


def upper_end_cells(table: Shown) -> Iterator[str]:
    yield from (counted(count) for count in table.cells)
    yield "" if table.together is None else counted(table.together)


def grouping_lines(findings: Findings, grouping: GroupingFindings) -> Iterator[str]:
    """One table: the groups, and how many of each change."""
    told = [place for place, kind in enumerate(findings.kinds) if kind != STAY]
    yield from heading(grouping.title)
    yield f"  {'':<44}{'people':>9}" + "".join(f"  {findings.kinds[place]:>29}" for place in told)
    for group in grouping.groups:
        yield f"  {group.name:<44}{counted(group.people):>9}" + "".join(group_cells(group, told))
    if any(grouping.hidden[place] is not None for place in told):
        cells = ["" if grouping.hidden[place] is None else counted(grouping.hidden[place]) for place in told]
        yield f"  {f'those marked {HIDDEN} together':<53}" + "".join(f"  {cell:>7}{'':>22}" for cell in cells)


def group_cells(group: GroupFindings, told: list[int]) -> Iterator[str]:
    yield from (f"  {counted(group.kinds[place].people):>7}  {in_percent(group.kinds[place]):>20}" for place in told)


def impact_as_json(findings: Findings) -> dict[str, Any]:
    """The findings as plain values: counts rounded, null where hidden."""
    by_kind = list(zip(findings.kinds, findings.moves, findings.upper_ends, findings.level, strict=True))
    return {
        "title": title(findings),
        "statement": findings.statement,
        "how_to_read": list(HOW_TO_READ),
        "cohort": {
            "name": findings.cohort,
            "people": findings.people,
            "kind": findings.kind_of_cohort,
            "rows_with_faults": findings.rows_with_faults,
        },
        "old": findings.old.__dict__,
        "new": findings.new.__dict__,
        "same_policy": findings.same_policy,
        "level": {kind: share_as_json(share) for kind, _, _, share in by_kind},
        "moves": {kind: moves_as_json(moves) for kind, moves, _, _ in by_kind},
        "highest_level": {kind: table_as_json(table) for kind, _, table, _ in by_kind},
        "standing": moves_as_json(findings.standings),
        "groups": {grouping.question: grouping_as_json(findings, grouping) for grouping in findings.groupings},
    }


def share_as_json(share: Share) -> dict[str, Any]:
    low, high = (None if end is None else round(end, 4) for end in (share.low, share.high))
    part = None if share.share is None else round(share.share, 4)
    return {"people": share.people, "share": part, "interval_95": None if low is None else [low, high]}


def moves_as_json(moves: Moves) -> dict[str, Any]:
    told = [{"from": move.start, "to": move.end, "people": move.people} for move in moves.moves]
    return {"withheld": moves.withheld, "moves": told, "hidden_together": moves.hidden}


def table_as_json(table: Shown) -> dict[str, Any]:
    cells = dict(zip(DIRECTIONS, table.cells, strict=True))
    return {"withheld": table.withheld, **cells, "hidden_together": table.together}


def grouping_as_json(findings: Findings, grouping: GroupingFindings) -> dict[str, Any]:
    return {
        "title": grouping.title,
        "groups": [
            {
                "name": group.name,
                "people": group.people,
                **{kind: share_as_json(share) for kind, share in zip(findings.kinds, group.kinds, strict=True)},
            }
            for group in grouping.groups
        ],
        "hidden_together": dict(zip(findings.kinds, grouping.hidden, strict=True)),
    }
