"""From where to where a change of policy moves a cohort, as a picture: a square for each pair of levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recommender.impact import Findings
from recommender.impact.counting import DIRECTIONS
from recommender.report.impact import HASH_SHOWN, HIDDEN, STAY, WITHHELD, counted, in_percent, title
from recommender.report.picture_file import check_picture, drawing, save_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Told apart by everybody, also in grey: up is darker than down.
UP, DOWN, STAYS, EDGE = "#2b6ca3", "#e8a33d", "#eeeeee", "#c8c8c8"


def draw_impact(findings: Findings, codes: Mapping[str, str], target: Path) -> None:
    """Writes the picture as SVG or PNG, by suffix. `codes` gives the short name of each level, in their order."""
    check_picture(target)
    from matplotlib.figure import Figure

    cells = {(move.start, move.end): move.people for moves in findings.moves for move in moves.moves}
    levels = [level for level in codes if any(level in pair for pair in cells)]
    side = 0.62 * max(len(levels), 6)
    with drawing("impact", font_size=10):
        width, height = max(side + 1.6, 7.2), side + 3.1
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((1.2 / width, 1.45 / height, side / width, side / height))
        draw_squares(axes, levels, cells)
        label_sides(axes, [codes[level] for level in levels], findings)
        write_words(figure, findings)
        save_picture(figure, target, tight=False)


def draw_squares(axes: Axes, levels: Sequence[str], cells: Mapping[tuple[str, str], int | None]) -> None:
    """One square for each pair of levels: coloured by direction, with its count; empty where nobody moves so."""
    for row, start in enumerate(levels):
        for column, end in enumerate(levels):
            moved = (start, end) in cells
            colour = "white" if not moved else STAYS if row == column else UP if column > row else DOWN
            axes.add_patch(square(column, row, colour))
            if moved:
                ink = "white" if colour == UP else "black"
                count = cells[start, end]
                size = 22 if count is None else 9
                axes.text(column, row, counted(count), ha="center", va="center", color=ink, fontsize=size)


def square(column: int, row: int, colour: str) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=colour, edgecolor=EDGE, linewidth=0.6)


def label_sides(axes: Axes, names: Sequence[str], findings: Findings) -> None:
    """The levels on both sides, from least to most intensive."""
    count = len(names)
    axes.set_xlim(-0.5, count - 0.5)
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_xticks(range(count), names, rotation=90 if count > 8 else 0)
    axes.set_yticks(range(count), names)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel(f"level by the new policy ({findings.new.version})", labelpad=8)
    axes.set_ylabel(f"level by the old policy ({findings.old.version})", labelpad=8)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def write_words(figure: Any, findings: Findings) -> None:
    """What it is and whom it is about, above; how to read it, below."""
    top = 0.2 / figure.get_figheight()
    figure.text(0.02, 1 - top, title(findings), va="top", fontsize=11, weight="bold")
    figure.text(0.02, 1 - 2.4 * top, findings.statement, va="top", fontsize=8.5)
    figure.text(0.02, top / 2, "\n".join(legend(findings)), va="bottom", fontsize=8.5, linespacing=1.4)


def legend(findings: Findings) -> list[str]:
    """The lines below the picture."""
    kinds = zip(findings.kinds, findings.level, findings.moves, strict=True)
    told = [
        f"{kind} {counted(share.people)}, {in_percent(share)}"
        + (f"; marked {HIDDEN} together {counted(moves.hidden)}" if moves.hidden is not None else "")
        + (f"; {WITHHELD}" if moves.withheld else "")
        for kind, share, moves in kinds
        if kind != STAY
    ]
    return [
        f"{findings.cohort}, about {findings.people:,} people. {findings.kind_of_cohort}",
        *(f"Level {line}." for line in told),
        f"Blue: higher. Orange: lower. Grey: as before. Counts to the nearest ten; {HIDDEN} is 1 to 10, or kept back.",
        *([f"Moves of others: {WITHHELD}."] if len(findings.kinds) < len(DIRECTIONS) else []),
        "Level is the lowest level that a person's answers allow.",
        f"Old {findings.old.hash[:HASH_SHOWN]}, new {findings.new.hash[:HASH_SHOWN]}.",
    ]
