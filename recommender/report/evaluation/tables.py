"""The tables of the page, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from recommender.evaluation.dossier import Dossier
from recommender.evaluation.elsewhere import Elsewhere
from recommender.evaluation.estimate import NOTHING, Figure
from recommender.evaluation.findings import CandidateFindings, Task
from recommender.evaluation.groups import COLUMNS, RATES, GroupingFigures
from recommender.evaluation.measures import MEASURES
from recommender.impact.disclosure import Shown
from recommender.report.evaluation.words import (
    HIDDEN,
    PERCENT,
    figure_words,
    interval_words,
    people_words,
    share_words,
    value_words,
)

ELSEWHERE_COLUMNS = {
    "auc": "AUC, mean of steps",
    "auc_iop": "AUC, IOP",
    "ece": "ECE",
    "log_loss": "Log loss",
    "coverage": "Coverage",
}
PRICED = ("auc", "auc_iop", "auprc_iop", "log_loss", "brier", "ece")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table of cells that are HTML already; the first cell of each row is its heading."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    return f'<div class="wide"><table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def cell(figure: Figure, percent: bool = False) -> str:
    """A value, its interval in a smaller line below."""
    interval = interval_words(figure, percent=percent)
    below = f"<small>{interval}</small>" if interval else ""
    return f"<b>{value_words(figure, percent=percent)}</b>{below}"


def candidates_table(dossier: Dossier) -> str:
    """One row a measure, one column a candidate."""
    told = dossier.findings.candidates
    rows = [
        [
            f"{escape(measure.title)}<small>{escape(measure.about)}{better(measure.higher)}</small>",
            *(cell(candidate.measures.get(measure.id, NOTHING), measure.percent) for candidate in told),
        ]
        for measure in MEASURES
        if any(measure.id in candidate.measures for candidate in told)
    ]
    return table(["", *(escape(candidate.name) for candidate in told)], rows, "figures")


def price_table(dossier: Dossier) -> str:
    """One row a measure, one column a candidate that gives probabilities of its own."""
    found = dossier.findings
    others = [c.name for c in found.candidates[1:] if (found.differences[c.name].get("log_loss") or NOTHING).value]
    rows = [
        [escape(measure.title), *(cell(found.differences[name].get(measure.id, NOTHING)) for name in others)]
        for measure in MEASURES
        if measure.id in PRICED
    ]
    return table(["Model less …", *map(escape, others)], rows, "figures") if others else ""


def better(higher: bool | None) -> str:
    return "" if higher is None else " Higher is better." if higher else " Lower is better."


def tasks_table(dossier: Dossier, candidate: CandidateFindings) -> str:
    """Ranking for each step and for each level by itself."""
    rows = [
        [task_words(dossier, task), cell(task.prevalence, True), cell(task.auc), cell(task.auprc)]
        for task in (*candidate.steps, *candidate.levels)
    ]
    return table(["", "Share of people", "AUC", "AUPRC"], rows, "figures")


def task_words(dossier: Dossier, task: Task) -> str:
    name = escape(dossier.full(task.level))
    return f"{name}, or above" if task.step else f"Just {name}"


def calibration_table(dossier: Dossier, candidate: CandidateFindings) -> str:
    """Error beside its noise floor, slope, intercept and Brier, for each step and each level."""
    rows = [
        [
            task_words(dossier, task),
            cell(found.ece),
            noise_cell(found.noise_floor),
            cell(found.slope),
            cell(found.intercept),
            cell(found.brier),
        ]
        for task in (*candidate.steps, *candidate.levels)
        if (found := task.calibration) is not None
    ]
    return table(["", "ECE", "Noise floor", "Slope", "Intercept", "Brier"], rows, "figures")


def noise_cell(floor: Figure) -> str:
    return f"<b>{value_words(floor)}</b><small>up to {value_words(Figure(floor.high))}</small>"


def confusion_table(dossier: Dossier, candidate: CandidateFindings) -> str:
    """The confusion matrix in numbers of people, to the nearest ten."""
    names = [dossier.short(level) for level in dossier.findings.levels]
    rows = [
        [f"did well at {escape(name)}", *map(people_words, row.cells), hidden_words(row)]
        for name, row in zip(names, candidate.confusion, strict=True)
    ]
    return table(["", *map(escape, names), f"{HIDDEN} together"], rows, "numbers")


def hidden_words(row: Shown) -> str:
    return "row kept back" if row.withheld else "" if row.together is None else people_words(row.together)


def sets_table(dossier: Dossier, candidate: CandidateFindings) -> str:
    """Coverage by label."""
    sets = candidate.sets
    assert sets is not None
    rows = [
        [f"did well at {escape(dossier.full(level))}", cell(figure, True)]
        for level, figure in zip(dossier.findings.levels, sets.by_label, strict=True)
    ]
    return table(["", "Coverage"], rows, "figures")


def group_table(grouping: GroupingFigures) -> str:
    """One row a group, and the gaps."""
    columns = [column for column in COLUMNS if any(column in group.figures for group in grouping.groups)]
    rows = [
        [
            escape(group.name),
            people_words(group.people),
            *(
                cell(group.figures.get(column, NOTHING), column in RATES)
                + (floor_words(group.ece_floor) if column == "ece" else "")
                for column in columns
            ),
        ]
        for group in grouping.groups
    ]
    if grouping.gaps:
        rows.append(
            [
                "<i>largest gap</i>",
                "",
                *(cell(grouping.gaps.get(column, NOTHING), column in RATES) for column in columns),
            ]
        )
    return table(["", "People", *(COLUMNS[column] for column in columns)], rows, "figures")


def floor_words(floor: float | None) -> str:
    return "" if floor is None else f"<small>noise floor {floor:.3f}</small>"


def elsewhere_table(tried: Sequence[Elsewhere], first: str) -> str:
    """One row a place, a time or a number of people."""
    columns = [column for column in ELSEWHERE_COLUMNS if any(column in entry.figures for entry in tried)]
    rows = [
        [
            escape(entry.name),
            f"{entry.trained_on:,}",
            f"{entry.people:,}",
            *(cell(entry.figures.get(column, NOTHING), column in PERCENT) for column in columns),
        ]
        for entry in tried
    ]
    head = [first, "Trained on", "Tried on", *(ELSEWHERE_COLUMNS[column] for column in columns)]
    return table(head, rows, "figures")


def gaps_sentence(dossier: Dossier) -> str:
    """The largest gap of each figure, in one sentence each."""
    found = []
    for column, title in COLUMNS.items():
        gaps = [(g.gaps[column], g.title) for g in dossier.findings.groupings if column in g.gaps]
        if gaps:
            gap, where = max(gaps, key=lambda pair: pair[0].value or 0)
            found.append(f"{title}: {figure_words(gap, percent=column in RATES)}, by {where.lower()}")
    return "; ".join(found)


def sizes_words(shares: Sequence[float]) -> str:
    """How many people have sets of one level, of two, and so on."""
    told = [
        f"{size} level{'s' if size > 1 else ''} {share_words(share)}" for size, share in enumerate(shares, 1) if share
    ]
    return ", ".join(told)
