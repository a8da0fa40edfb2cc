"""The staircase of a leak audit, drawn: what the AUC would be with each forbidden group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recommender.report.picture_file import check_picture, drawing, save_picture

ALLOWED, FORBIDDEN, QUIET = "#2b6ca3", "#b0413e", "#6b7280"


class Stair(NamedTuple):
    """One step: what was added, and the AUC then, over all levels and for intensive outpatient."""

    title: str
    macro: float
    iop: float


def draw_staircase(stairs: Sequence[Stair], people: int, statement: str, target: Path) -> None:
    """Writes the picture as SVG or PNG, by suffix. The first step is what may be seen."""
    check_picture(target)
    from matplotlib.figure import Figure

    with drawing("leaks"):
        figure = Figure(figsize=(8.5, 1.9 + 0.5 * len(stairs)), layout="constrained")
        axes = figure.subplots()
        places = np.arange(len(stairs))
        colours = [ALLOWED, *[FORBIDDEN] * (len(stairs) - 1)]
        axes.barh(places, [stair.macro - 0.5 for stair in stairs], left=0.5, color=colours, height=0.6)
        axes.plot([stair.iop for stair in stairs], places, "D", color="black", markersize=5, label="IOP against others")
        for place, stair in enumerate(stairs):
            axes.text(max(stair.macro, stair.iop) + 0.008, place, f"{stair.macro:.3f}", va="center")
        axes.axvline(stairs[0].macro, color=ALLOWED, linewidth=0.8, linestyle="--")
        titles = [stairs[0].title, *[f"+ {stair.title}" for stair in stairs[1:]]]
        axes.set_yticks(places, titles)
        axes.invert_yaxis()
        axes.set_xlim(0.5, 1.05)
        axes.set_xlabel("AUC, mean of levels against the others (0.5: chance)")
        axes.legend(loc="lower right", frameon=False)
        figure.suptitle(f"What a model would seem to know if it cheated ({people:,} people)", x=0.01, ha="left")
        figure.text(0.01, -0.02, statement, fontsize=7.5, color=QUIET, va="top", wrap=True)
        save_picture(figure, target)
