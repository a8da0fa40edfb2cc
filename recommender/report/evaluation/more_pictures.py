"""The pictures around a model: groups, places and times, what is unknown, and what each answer does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from recommender.evaluation.dossier import Dossier
from recommender.evaluation.elsewhere import Elsewhere
from recommender.evaluation.estimate import NOTHING
from recommender.evaluation.groups import COLUMNS, RATES, GroupingFigures
from recommender.evaluation.profile import Shape
from recommender.report.evaluation.drawing import CHIEF, LINE, QUIET, SECOND, WIDTH, dots, legend, look, panels, picture
from recommender.report.evaluation.words import SIGN, people_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GROUPS_DRAWN = 30
UNKNOWN_DRAWN = 30
TICKS = 5


def group_picture(dossier: Dossier, grouping: GroupingFigures) -> str:
    """One grouping: a row a group, a panel a figure; nothing where every group has too few people to be shown."""
    from matplotlib.figure import Figure as Sheet

    groups = [group for group in grouping.groups if group.figures][:GROUPS_DRAWN]
    columns = [column for column in COLUMNS if any(column in group.figures for group in groups)]
    if not columns:
        return ""
    places = list(range(len(groups), 0, -1))
    with look():
        sheet = Sheet(figsize=(WIDTH, 0.9 + 0.27 * len(groups)), layout="constrained")
        axes = sheet.subplots(1, len(columns), sharey=True, squeeze=False)[0]
        for cell, column in zip(axes, columns, strict=True):
            dots(cell, [group.figures.get(column, NOTHING) for group in groups], places)
            overall = dossier.findings.chief.measures.get(column, NOTHING)
            if overall.value is not None:
                cell.axvline(overall.value, color=QUIET, linewidth=0.8, linestyle="--")
            if column == "ece":
                draw_floor(cell, [group.ece_floor for group in groups], places)
            finish_column(cell, column)
        axes[0].set_yticks(places, [f"{group.name} ({people_words(group.people)})" for group in groups])
        axes[0].set_ylim(0.4, len(groups) + 0.6)
        return picture(sheet, f"{grouping.title}: figures by group, in numbers below.")


def draw_floor(axes: Axes, floors: Sequence[float | None], places: Sequence[float]) -> None:
    """What a perfect model would have, as a tick."""
    for floor, place in zip(floors, places, strict=True):
        if floor is not None:
            axes.plot([floor, floor], [place - 0.28, place + 0.28], color=SECOND, linewidth=1.4)


def finish_column(axes: Axes, column: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title(COLUMNS[column])
    axes.xaxis.set_major_locator(MaxNLocator(3))
    if column in RATES:
        axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.4g}{SIGN}")
    if column == "ece":
        axes.set_xlim(left=0)
    axes.grid(axis="y", color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def elsewhere_picture(tried: tuple[Elsewhere, ...], what: str) -> str:
    """AUC and calibration error in each place or time; nothing where there is no figure at all."""
    from matplotlib.figure import Figure as Sheet

    titles = {"auc": "AUC, mean of steps", "auc_iop": "AUC, IOP", "ece": "ECE", "coverage": "Coverage"}
    columns = [column for column in titles if any(column in entry.figures for entry in tried)]
    if not columns:
        return ""
    places = list(range(len(tried), 0, -1))
    with look():
        sheet = Sheet(figsize=(WIDTH, 0.9 + 0.27 * len(tried)), layout="constrained")
        axes = sheet.subplots(1, len(columns), sharey=True, squeeze=False)[0]
        for cell, column in zip(axes, columns, strict=True):
            dots(cell, [entry.figures.get(column, NOTHING) for entry in tried], places)
            cell.set_title(titles[column])
            cell.locator_params(axis="x", nbins=4)
            cell.grid(axis="y", color=LINE, linewidth=0.5)
            cell.tick_params(axis="y", length=0)
        axes[0].set_yticks(places, [f"{entry.name} ({entry.people:,})" for entry in tried])
        axes[0].set_ylim(0.4, len(tried) + 0.6)
        return picture(sheet, f"{what}: figures by row.")


def learning_picture(learning: tuple[Elsewhere, ...]) -> str:
    """What more people bring."""
    with look():
        sheet, axes = panels(3, columns=3, height=2.6)
        titles = {"auc": "AUC, mean of steps", "auc_iop": "AUC, IOP", "log_loss": "Log loss"}
        for cell, (column, title) in zip(axes, titles.items(), strict=True):
            told = [(entry.trained_on, entry.figures[column]) for entry in learning if column in entry.figures]
            people = [count for count, _ in told]
            cell.plot(people, [figure.value or np.nan for _, figure in told], "o-", color=CHIEF, markersize=4)
            ends = [
                (figure.low, figure.high) for _, figure in told if figure.low is not None and figure.high is not None
            ]
            if len(ends) == len(people):
                cell.fill_between(people, *np.array(ends, dtype=float).T, color=CHIEF, alpha=0.15, linewidth=0)
            cell.set_xscale("log")
            cell.set_xticks(people, [f"{count:,}" for count in people], rotation=30, ha="right")
            cell.minorticks_off()
            cell.set_title(title)
        sheet.supxlabel("people in training", fontsize=8.5)
        return picture(sheet, "Learning curve: figures by number of people in training.")


def unknown_picture(dossier: Dossier) -> str:
    """How often each question has no answer, and how much sites differ."""
    told = dossier.unknown[:UNKNOWN_DRAWN]
    places = list(range(len(told), 0, -1))
    with look():
        sheet, (cell,) = panels(1, columns=1, height=0.8 + 0.19 * len(told))
        cell.barh(places, [entry.share for entry in told], color="#bfe3d3", height=0.7)
        for entry, place in zip(told, places, strict=True):
            if entry.sites is not None:
                cell.plot(entry.sites, [place, place], color=CHIEF, linewidth=1.4)
        cell.set_yticks(places, [entry.question.replace("_", " ") for entry in told])
        cell.set_xlim(0, 1)
        cell.set_ylim(0.3, len(told) + 0.7)
        cell.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f}{SIGN}")
        cell.tick_params(axis="y", length=0)
        caption = "Bars: share of people without an answer. Lines: from the tenth to the ninetieth of a hundred sites."
        return picture(sheet, "How often each question has no answer.", caption)


def shapes_picture(dossier: Dossier) -> str:
    """What each answer does: a panel a question, a line a step of the ladder."""
    with look():
        sheet, axes = panels(len(dossier.shapes), height=1.9)
        for cell, shape in zip(axes, dossier.shapes, strict=True):
            draw_shape(cell, shape, [dossier.short(level) for level in dossier.findings.levels[1:]])
        legend(sheet, axes[0], columns=6)
        sheet.supylabel("added to the log-odds", fontsize=8.5)
        caption = (
            "Each line is one step of the ladder, from light to dark with intensity. Right of the gap: unknown. Over 0 "
            "speaks for that level or above. Grey bars: where people are. Exact numbers stand in "
            "model.json and in the JSON of this report."
        )
        return picture(sheet, "Effect of each answer on each step of the ladder, by question.", caption)


def draw_shape(axes: Axes, shape: Shape, steps: list[str]) -> None:
    from matplotlib import colormaps

    shades = colormaps["viridis_r"](np.linspace(0.15, 0.95, max(len(shape.effects), 2)))
    # The last cell is unknown: it stands apart, since it lies nowhere on the scale.
    known = len(shape.cells) - 1
    places = [*range(known), known - 1 + max(1.6, 0.12 * known)]
    people = np.array(shape.people) / max(sum(shape.people), 1)
    axes.bar(places, 0.35 * people, width=0.5, color=LINE, transform=axes.get_xaxis_transform(), zorder=0)
    for number, effects in enumerate(shape.effects):
        look_of = {"color": shades[number], "linewidth": 1.1, "markersize": 2.6}
        axes.plot(places[:known], effects[:known], "o-" if shape.ordered else "o", **look_of)
        axes.plot(places[known:], effects[known:], "o", label=f"{steps[number]} or above", **look_of)
    axes.axhline(0, color=QUIET, linewidth=0.7)
    axes.set_title(shape.title if len(shape.title) < 30 else f"{shape.title[:28]}…", fontsize=8)
    shown = sorted(set(np.linspace(0, known - 1, min(TICKS, known)).round().astype(int))) if known else []
    labels = [short(shape.cells[cell], len(shown)) for cell in shown]
    axes.set_xticks([*shown, places[-1]], [*labels, "?"], fontsize=6.5, rotation=0 if compact(labels) else 30)
    if not compact(labels):
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("right")
    axes.tick_params(axis="y", labelsize=7)


def short(text: str, beside: int) -> str:
    """A label that fits beside others."""
    text, room = text.replace("_", " "), 14 if beside > 2 else 18
    return text if len(text) <= room else f"{text[: room - 1]}…"


def compact(labels: list[str]) -> bool:
    """Whether labels fit side by side without being turned."""
    return sum(map(len, labels)) <= 24
