"""The pictures of one model: ranking, confusion, calibration and decision curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommender.evaluation.dossier import Dossier
from recommender.evaluation.findings import CandidateFindings, Task
from recommender.evaluation.net_benefit import THRESHOLDS
from recommender.impact.disclosure import Shown
from recommender.report.evaluation.drawing import CHIEF, COLOURS, DASHES, INK, QUIET, legend, look, panels, picture
from recommender.report.evaluation.words import HIDDEN, value_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CONFUSIONS_SHOWN = 3
CURVES_SHOWN = 4


def roc_picture(dossier: Dossier) -> str:
    """ROC curves: one panel a step, and IOP against all others."""
    tasks = tasks_shown(dossier)
    with look():
        sheet, axes = panels(len(tasks), sharex=True, sharey=True)
        for cell, task in zip(axes, tasks, strict=True):
            cell.plot([0, 1], [0, 1], color=QUIET, linewidth=0.8)
            cell.plot(*zip(*task.roc, strict=True), color=CHIEF, linewidth=1.6)
            cell.set_title(task_title(dossier, task))
            cell.text(0.97, 0.06, f"AUC {value_words(task.auc)}", ha="right", transform=cell.transAxes)
            cell.set_aspect("equal")
        sheet.supxlabel("others taken for them (false positive rate)", fontsize=8.5)
        sheet.supylabel("found (true positive rate)", fontsize=8.5)
        words = "; ".join(f"{task_title(dossier, task)}: AUC {value_words(task.auc)}" for task in tasks)
        return picture(sheet, f"ROC curves. {words}.", "The grey line is chance.")


def tasks_shown(dossier: Dossier) -> list[Task]:
    """Every step of the ladder, and IOP by itself."""
    chief, iop = dossier.findings.chief, dossier.findings.iop
    return [*chief.steps, *([] if iop is None else [chief.levels[iop]])]


def task_title(dossier: Dossier, task: Task) -> str:
    """`IOP or above`, or `just IOP`."""
    short = dossier.short(task.level)
    return f"{short} or above" if task.step else f"just {short}"


def confusion_picture(dossier: Dossier) -> str:
    """Who was given what: a square a pair of levels, darker for a larger share of its row."""
    told = dossier.findings.candidates[:CONFUSIONS_SHOWN]
    names = [dossier.short(level) for level in dossier.findings.levels]
    side = 0.8 + 0.3 * len(names)
    with look():
        sheet, axes = panels(len(told), columns=max(len(told), 2), height=max(side, 2.8))
        for cell, candidate in zip(axes, told, strict=True):
            draw_confusion(cell, candidate.confusion, names)
            cell.set_title(candidate.name)
            cell.set_xlabel("level given")
        axes[0].set_ylabel("level at which they did well")
        caption = (
            "People in each row in percent; a row adds up to 100. Outlined: the same level. Left of the outline is "
            f"lower than where people did well. {HIDDEN} is 1 to 10 people, or kept back so that such a number cannot "
            "be worked out."
        )
        return picture(sheet, f"Confusion matrices of {', '.join(c.name for c in told)}; in numbers below.", caption)


def draw_confusion(axes: Axes, rows: tuple[Shown, ...], names: list[str]) -> None:
    from matplotlib.patches import Rectangle

    size = len(names)
    shares = np.array([shares_of(row) for row in rows])
    axes.imshow(np.nan_to_num(shares), cmap="Greens", vmin=0, vmax=1, aspect="equal")
    small = 8 if size < 8 else 6
    for label in range(size):
        axes.add_patch(Rectangle((label - 0.5, label - 0.5), 1, 1, fill=False, edgecolor=INK, linewidth=1))
        for given in range(size):
            share = shares[label, given]
            ink = "white" if share > 0.6 else INK
            words = HIDDEN if np.isnan(share) else f"{100 * share:.0f}" if share else ""
            axes.text(given, label, words, ha="center", va="center", color=ink, fontsize=small)
    axes.set_xticks(range(size), names, rotation=90 if size > 5 else 0)
    axes.set_yticks(range(size), names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def shares_of(row: Shown) -> list[float]:
    """Each cell as a share of what its row shows; NaN where it is hidden."""
    whole = sum(cell or 0 for cell in row.cells) + (row.together or 0)
    return [np.nan if cell is None else cell / whole if whole else 0.0 for cell in row.cells]


def calibration_picture(dossier: Dossier) -> str:
    """Calibration curves: what was said against what came true."""
    tasks = [task for task in tasks_shown(dossier) if task.calibration is not None]
    with look():
        sheet, axes = panels(len(tasks))
        for cell, task in zip(axes, tasks, strict=True):
            assert task.calibration is not None
            draw_calibration(cell, task)
            cell.set_title(task_title(dossier, task))
        sheet.supxlabel("probability that the model gave", fontsize=8.5)
        sheet.supylabel("share that came true", fontsize=8.5)
        caption = (
            "Each dot is a tenth of the people, its bar the 95 % interval. On the line: the probability means what it "
            "says. Below it: too high. Small bars at the bottom: where the probabilities lie."
        )
        return picture(sheet, "Calibration curves; slope, intercept and error in the table below.", caption)


def draw_calibration(axes: Axes, task: Task) -> None:
    assert task.calibration is not None
    points = [point for point in task.calibration.curve if point.observed.value is not None]
    said = [point.predicted for point in points]
    high = max([*said, *(point.observed.high or point.observed.value or 0 for point in points), 0.02]) * 1.06
    axes.plot([0, high], [0, high], color=QUIET, linewidth=0.8)
    for point in points:
        if point.observed.low is not None and point.observed.high is not None:
            axes.plot([point.predicted] * 2, [point.observed.low, point.observed.high], color=CHIEF, alpha=0.55)
    axes.plot(said, [point.observed.value or 0 for point in points], "o-", color=CHIEF, markersize=3.2, linewidth=0.9)
    axes.vlines(said, 0, 0.05 * high, color=QUIET, linewidth=1.6)
    axes.set_xlim(0, high)
    axes.set_ylim(0, high)
    axes.locator_params(nbins=4)
    axes.set_aspect("equal")


def decision_picture(dossier: Dossier) -> str:
    """Decision curves of the model, the rules and others, one panel a step."""
    findings = dossier.findings
    told = with_curves_of_their_own(findings.candidates)[:CURVES_SHOWN]
    with look():
        sheet, axes = panels(len(tasks_shown(dossier)))
        for number, cell in enumerate(axes):
            draw_decisions(cell, [task_at(candidate, number, findings.iop) for candidate in told], told)
            cell.set_title(task_title(dossier, tasks_shown(dossier)[number]))
        legend(sheet, axes[0], columns=len(told) + 2)
        sheet.supxlabel("threshold: send at this probability", fontsize=8.5)
        sheet.supylabel("net benefit", fontsize=8.5)
        caption = (
            "Higher is better; 0 is sending nobody there. A threshold of 0.2 says that missing one person is as bad as "
            "four false alarms. Rules and clinicians give no probability, so they act alike at each threshold."
        )
        return picture(sheet, f"Decision curves of {', '.join(c.name for c in told)}.", caption)


def with_curves_of_their_own(candidates: tuple[CandidateFindings, ...]) -> tuple[CandidateFindings, ...]:
    """Candidates whose curves no other one has, and that are not the label itself, which would be above all."""
    first = {candidate.steps[0].decisions.benefit: candidate for candidate in reversed(candidates)}
    return tuple(
        candidate
        for candidate in candidates
        if first[candidate.steps[0].decisions.benefit] is candidate and candidate.measures["accuracy"].value != 1
    )


def task_at(candidate: CandidateFindings, number: int, iop: int | None) -> Task:
    """The task of a candidate that stands in the panel of this number."""
    if number < len(candidate.steps):
        return candidate.steps[number]
    assert iop is not None
    return candidate.levels[iop]


def draw_decisions(axes: Axes, tasks: list[Task], told: tuple[CandidateFindings, ...]) -> None:
    everybody = [figure.value or 0.0 for figure in tasks[0].decisions.everybody]
    axes.axhline(0, color=QUIET, linewidth=0.8, label="nobody")
    axes.plot(THRESHOLDS, everybody, color=QUIET, linewidth=1, linestyle="--", label="everybody")
    for place, (task, candidate) in enumerate(zip(tasks, told, strict=True)):
        worth = [np.nan if figure.value is None else figure.value for figure in task.decisions.benefit]
        look_of = {"color": COLOURS[place], "linestyle": DASHES[place], "zorder": 9 - place}
        axes.plot(THRESHOLDS, worth, linewidth=1.5, label=candidate.name, **look_of)
    best = max(everybody[0], 0.02)
    axes.set_ylim(-0.25 * best, 1.1 * best)
    axes.set_xlim(0, 1)
    axes.locator_params(nbins=4)
