"""The few sentences that most readers need."""

from __future__ import annotations

from collections.abc import Iterator

from recommender.evaluation.dossier import Dossier
from recommender.evaluation.estimate import NOTHING
from recommender.evaluation.findings import CandidateFindings
from recommender.evaluation.sets import Sets
from recommender.report.evaluation.tables import gaps_sentence
from recommender.report.evaluation.words import PERCENT, figure_words

OTHERS_TOLD = 2


def sentences(dossier: Dossier) -> Iterator[str]:
    """The evidence in short, what is asked first standing first."""
    chief = dossier.findings.chief
    yield from ranking_sentence(chief, "auc_iop", "intensive outpatient from all other levels")
    yield from ranking_sentence(chief, "auc", "a step of the ladder from what is below it, on average,")
    told = told_of(chief)
    yield (
        f"It names just the level at which the person did well for {told['accuracy']}, a lower one for "
        f"{told['under_placed']}, a higher one for {told['over_placed']}."
    )
    if "ece" in chief.measures:
        yield f"Its probabilities are off by {figure_words(chief.measures['ece'], percent=True)} on average."
    if chief.sets is not None:
        yield sets_sentence(chief.sets)
    for other in dossier.findings.candidates[1 : 1 + OTHERS_TOLD]:
        yield f"Beside it, {beside(other)}"
    gaps = gaps_sentence(dossier)
    if gaps:
        yield f"Largest gaps between groups: {gaps}."
    if dossier.flips:
        people, changed = sum(f.people for f in dossier.flips), sum(f.changed for f in dossier.flips)
        yield f"Of {people:,} flips of race, sex, payer or place, {changed:,} changed what is told."


def ranking_sentence(candidate: CandidateFindings, measure: str, what: str) -> Iterator[str]:
    figure = candidate.measures.get(measure, NOTHING)
    if figure.known:
        yield f"It tells {what} with an AUC of {figure_words(figure)}; 0.5 is chance."


def sets_sentence(sets: Sets) -> str:
    """How often the prediction sets hold the label, and how wide they are."""
    promise = "" if sets.promised is None else f", where {100 * sets.promised:g} % was promised"
    return (
        f"Its prediction sets hold the label for {figure_words(sets.coverage, percent=True)}{promise}; they hold "
        f"{figure_words(sets.size, digits=2)} levels on average."
    )


def beside(candidate: CandidateFindings) -> str:
    told = told_of(candidate)
    return (
        f"{candidate.name}: just that level for {told['accuracy']}, lower for {told['under_placed']}, higher for "
        f"{told['over_placed']}."
    )


def told_of(candidate: CandidateFindings) -> dict[str, str]:
    """The figures of the levels that a candidate names, in words."""
    names = ("accuracy", "under_placed", "over_placed")
    return {name: figure_words(candidate.measures.get(name, NOTHING), percent=name in PERCENT) for name in names}
