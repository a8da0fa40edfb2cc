"""The answer drawn: what each way of placing is worth, its difference from practice, and how far practice tried it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recommender.policy_value.answer import Answer
from recommender.policy_value.overlap import QUANTILES, RAREST
from recommender.policy_value.value import Estimated
from recommender.policy_value.words import NOT_VALIDATED, SIMULATED
from recommender.report.picture_file import check_picture, drawing, save_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHIEF, BESIDE, WRONG, QUIET = "#2b6ca3", "#e8a33d", "#b0413e", "#6b7280"


def draw_answer(answer: Answer, target: Path) -> None:
    """Writes the picture as SVG or PNG, by suffix."""
    check_picture(target)
    from matplotlib.figure import Figure

    ways = len(answer.ways)
    with drawing("policy value"):
        figure = Figure(figsize=(9.5, 2.4 + 0.75 * ways), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        draw_differences(left, answer)
        draw_overlap(right, answer)
        figure.suptitle(f"`{answer.outcome}` under other ways of placing, {answer.people:,} people", x=0.01, ha="left")
        words = f"{SIMULATED} {NOT_VALIDATED}" if answer.simulated else NOT_VALIDATED
        figure.text(0.01, -0.02, words, fontsize=7.5, color=QUIET, va="top")
        save_picture(figure, target)


def draw_differences(axes: Axes, answer: Answer) -> None:
    """A dot and its interval for each difference from practice; the naive one beside them, crossed."""
    for place, way in enumerate(answer.ways):
        dot(axes, way.difference, place - 0.12, CHIEF, "difference from practice")
        if way.equal_beds:
            dot(axes, way.equal_beds, place + 0.12, BESIDE, "with as many nights in a bed")
        if way.naive is not None:
            axes.plot([100 * way.naive], [place + 0.3], "x", color=WRONG, label="naive, and wrong")
    axes.axvline(0, color=QUIET, linewidth=0.8)
    axes.set_yticks(range(len(answer.ways)), [f"{way.name}\n{100 * way.value.value:.1f} of 100" for way in answer.ways])
    axes.set_ylim(len(answer.ways) - 0.4, -0.5)
    axes.set_xlabel(f"points of 100 people, against practice ({100 * answer.practice.value:.1f} of 100)")
    told = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    axes.legend(told.values(), told.keys(), loc="upper center", bbox_to_anchor=(0.5, -0.28), ncols=3, frameon=False)


def dot(axes: Axes, estimate: Estimated, place: float, colour: str, label: str) -> None:
    value, low, high = (100 * end for end in (estimate.value, estimate.low, estimate.high))
    axes.errorbar([value], [place], xerr=[[value - low], [high - value]], fmt="o", color=colour, label=label, capsize=2)


def draw_overlap(axes: Axes, answer: Answer) -> None:
    """For each way, how likely practice was to do the same: what 1, 5, 25, 50, 75 and 95 of 100 people had at most."""
    for place, way in enumerate(answer.ways):
        low, five, quarter, middle, three, most = np.array(way.overlap.quantiles).clip(1e-4)
        axes.plot([low, most], [place, place], color=CHIEF, linewidth=1)
        axes.plot([quarter, three], [place, place], color=CHIEF, linewidth=6, solid_capstyle="butt")
        axes.plot([five, middle], [place, place], "|", color="black", markersize=9)
    axes.axvline(RAREST, color=WRONG, linewidth=0.8, linestyle="--")
    axes.set_xscale("log")
    axes.set_xlim(5e-4, 1)
    axes.set_xticks([0.001, 0.01, 0.1, 1], ["0.1 %", "1 %", "10 %", "100 %"])
    axes.set_ylim(len(answer.ways) - 0.4, -0.5)
    axes.set_yticks([])
    shares = ", ".join(f"{100 * q:.0f}" for q in QUANTILES)
    axes.set_xlabel(f"how likely practice did the same\n({shares} of 100 people; left of the line: left out)")
