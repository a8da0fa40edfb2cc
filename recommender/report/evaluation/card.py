"""The card of a model, in Markdown: what it is for, what it was made from, how good it is, and what it must not do."""

from __future__ import annotations

from collections.abc import Iterator

from recommender.evaluation.dossier import PREDICTS, Dossier
from recommender.evaluation.estimate import NOTHING
from recommender.evaluation.measures import MEASURES
from recommender.evaluation.self_check import YES
from recommender.report.evaluation.tables import gaps_sentence
from recommender.report.evaluation.words import HIDDEN, figure_words

NOT_FOR = (
    "Deciding by itself: a person decides, and the rules hold the floor.",
    "Saying which level is right, or what would happen at another level.",
    "People unlike those it was made from, or places where other levels are on offer.",
    "Coverage, payment or denial of care.",
)


def card(dossier: Dossier) -> str:
    """The card as text."""
    return "\n".join(lines(dossier)).rstrip() + "\n"


def lines(dossier: Dossier) -> Iterator[str]:
    """The card, line by line."""
    yield from (f"# Model {dossier.model}", "", f"**{dossier.statement}**", "", PREDICTS, "")
    yield from ("## What it is", "")
    yield from (f"- {label}: {text}" for label, text in dossier.about.items())
    yield from ("", "## What it must not be used for", "", *(f"- {text}" for text in NOT_FOR), "")
    yield from ("## How good it is", "", *figure_lines(dossier), "")
    gaps = gaps_sentence(dossier)
    if gaps:
        yield from (f"Largest gaps between groups: {gaps}.", "")
    found = dossier.findings
    yield (
        f"On {found.people:,} held-out people with a label; 95 % intervals from {found.resamples:,} resamples of "
        f"{found.clusters:,} clusters by {found.clustered_by}. {HIDDEN} is hidden or not defined."
    )
    yield from ("", "## What may be wrong with this evidence", "")
    for risk in dossier.check.risks:
        if risk.verdict != YES:
            yield f"- {risk.question} **{risk.verdict}**. {risk.answer}"


def figure_lines(dossier: Dossier) -> Iterator[str]:
    """The table of candidates."""
    told = dossier.findings.candidates
    yield "| | " + " | ".join(candidate.name for candidate in told) + " |"
    yield "| --- |" + " --- |" * len(told)
    for measure in MEASURES:
        figures = [candidate.measures.get(measure.id, NOTHING) for candidate in told]
        if any(figure.known for figure in figures):
            cells = (figure_words(figure, percent=measure.percent) for figure in figures)
            yield f"| {measure.title} | " + " | ".join(cells) + " |"
