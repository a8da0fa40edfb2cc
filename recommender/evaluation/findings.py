"""Everything that a report tells, worked out once: of one candidate in full, and of the others beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.calibration import Calibration, calibration_of
from recommender.evaluation.estimate import Estimate, Figure
from recommender.evaluation.groups import GroupingFigures, by_group
from recommender.evaluation.held_out import HeldOut, Witnessed
from recommender.evaluation.measures import CALIBRATION_BINS, measures_of
from recommender.evaluation.net_benefit import DecisionCurve, by_choice, by_probability
from recommender.evaluation.placement import confusion_of
from recommender.evaluation.ranking import histogram
from recommender.evaluation.resampling import RESAMPLES, Resamples, resample
from recommender.evaluation.sets import Sets, sets_of
from recommender.impact.disclosure import Shown, shown

Array = NDArray[Any]
ROC_POINTS = 60


@dataclass(frozen=True)
class Task:
    """One yes-or-no that a candidate is asked of each person: at this level or above, or at just this level."""

    level: str
    step: bool
    prevalence: Figure
    auc: Figure
    auprc: Figure
    roc: tuple[tuple[float, float], ...]
    calibration: Calibration | None
    decisions: DecisionCurve


@dataclass(frozen=True)
class CandidateFindings:
    """All that is told of one candidate. `confusion` has a row per label; what is small in it is hidden."""

    name: str
    measures: Mapping[str, Figure]
    steps: tuple[Task, ...]
    levels: tuple[Task, ...]
    confusion: tuple[Shown, ...]
    sets: Sets | None


@dataclass(frozen=True)
class Findings:
    """What was found on one set of held-out rows. The first candidate is the one that the report is about.

    `differences` are, by name of another candidate and by measure, the first one's figures less its own.
    """

    levels: tuple[str, ...]
    iop: int | None
    people: int
    sites: int
    clustered_by: str
    clusters: int
    resamples: int
    seed: int
    labels: Shown
    candidates: tuple[CandidateFindings, ...]
    groupings: tuple[GroupingFigures, ...]
    differences: Mapping[str, Mapping[str, Figure]]

    @property
    def chief(self) -> CandidateFindings:
        """The candidate that the report is about."""
        return self.candidates[0]


def evaluate(rows: HeldOut, candidates: Sequence[Witnessed], *, seed: int = 0, resamples: int = RESAMPLES) -> Findings:
    """All figures of the candidates on the same rows and the same resamples. The first one is looked at by group."""
    drawn = resample(rows.site, rows.person, seed=seed, resamples=resamples)
    counts = np.bincount(rows.label, minlength=len(rows.levels))
    measured = [measures_of(drawn, rows, seen) for seen in candidates]
    return Findings(
        rows.levels,
        rows.iop,
        rows.count,
        len(np.unique(rows.site[rows.site >= 0])),
        drawn.by,
        drawn.clusters,
        resamples,
        seed,
        shown([int(count) for count in counts]),
        tuple(
            candidate_findings(drawn, rows, seen, measures, full=not place)
            for place, (seen, measures) in enumerate(zip(candidates, measured, strict=True))
        ),
        tuple(by_group(drawn, rows, candidates[0], grouped) for grouped in rows.groups.values()),
        {
            seen.name: {
                name: (measured[0][name] - other).figure() for name, other in measures.items() if name in measured[0]
            }
            for seen, measures in zip(candidates[1:], measured[1:], strict=True)
        },
    )


def candidate_findings(
    resamples: Resamples, rows: HeldOut, seen: Witnessed, measures: Mapping[str, Estimate], *, full: bool
) -> CandidateFindings:
    """What is told of one candidate; calibration only if `full`."""
    return CandidateFindings(
        seen.name,
        {name: estimate.figure() for name, estimate in measures.items()},
        tuple(task_of(resamples, rows, seen, rank, step=True, full=full) for rank in range(1, len(rows.levels))),
        tuple(task_of(resamples, rows, seen, rank, step=False, full=full) for rank in range(len(rows.levels))),
        confusion_shown(resamples, rows, seen),
        sets_of(resamples, rows, seen),
    )


def task_of(resamples: Resamples, rows: HeldOut, seen: Witnessed, rank: int, *, step: bool, full: bool) -> Task:
    """One yes-or-no: ranking, calibration and decision curve."""
    score = seen.at_least(rank) if step else seen.exactly(rank)
    positive = rows.label >= rank if step else rows.label == rank
    ranked = histogram(resamples, score, positive)
    calibration = None
    if seen.probabilities is None:
        sent = (seen.chosen >= rank) if step else (seen.chosen == rank)
        decisions = by_choice(resamples, sent, positive)
    else:
        decisions = by_probability(ranked)
        if full:
            calibration = calibration_of(histogram(resamples, score, positive, bins=CALIBRATION_BINS))
    return Task(
        rows.levels[rank],
        step,
        ranked.prevalence().figure(),
        ranked.auc().figure(),
        ranked.average_precision().figure(),
        thinned(*ranked.roc()) if full else (),
        calibration,
        decisions,
    )


def thinned(false: Array, true: Array) -> tuple[tuple[float, float], ...]:
    """About ROC_POINTS points of a curve, its ends among them."""
    kept = np.unique(np.linspace(0, len(false) - 1, ROC_POINTS).astype(int))
    return tuple((float(false[place]), float(true[place])) for place in kept)


def confusion_shown(resamples: Resamples, rows: HeldOut, seen: Witnessed) -> tuple[Shown, ...]:
    """The confusion matrix as it may be shown."""
    counts = confusion_of(resamples, rows.label, seen.chosen, len(rows.levels)).counts[0].astype(int)
    return tuple(shown([int(count) for count in row]) for row in counts)
