"""The same table of measures for every candidate: what each measure is, and its estimate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.calibration import Binned
from recommender.evaluation.estimate import Estimate, mean_of
from recommender.evaluation.held_out import HeldOut, Witnessed
from recommender.evaluation.placement import confusion_of
from recommender.evaluation.ranking import histogram
from recommender.evaluation.resampling import Resamples
from recommender.evaluation.sets import covers, share_of, widths

Array = NDArray[Any]
# A probability of 0 for what then happened would cost an infinite log loss.
LEAST = 1e-12
# Calibration needs fewer bins of scores than ranking does.
CALIBRATION_BINS = 80


class Measure(NamedTuple):
    """One column of the table: `higher` says whether more of it is better, None where neither is."""

    id: str
    title: str
    about: str
    higher: bool | None
    percent: bool = False


MEASURES = (
    Measure("auc", "AUC, mean of steps", "How well it tells each step of the ladder from what is below it.", True),
    Measure("auc_iop", "AUC, IOP", "How well it tells intensive outpatient from all other levels.", True),
    Measure("auprc_iop", "AUPRC, IOP", "Precision over the people placed in IOP; by chance it is their share.", True),
    Measure("accuracy", "Just that level", "Given the very level at which the person did well.", True, True),
    Measure("within_one", "At most one step off", "Given that level or a neighbour.", True, True),
    Measure("under_placed", "Lower", "Given a lower level than the one at which the person did well.", False, True),
    Measure("over_placed", "Higher", "Given a higher level than the one at which the person did well.", None, True),
    Measure("kappa", "Weighted kappa", "Agreement beyond chance, two steps off weighing four times one.", True),
    Measure("macro_f1", "Macro F1", "The mean over levels, rare ones as heavy as common ones.", True),
    Measure("log_loss", "Log loss", "Mean surprise; punishes certainty that turns out wrong.", False),
    Measure("brier", "Brier", "Mean squared distance of the probabilities, all levels together.", False),
    Measure("ece", "ECE, mean of steps", "Mean distance between what was said and what came true.", False),
    Measure("coverage", "Coverage", "The label lies in the prediction set.", None, True),
    Measure("set_size", "Set size", "Levels in a prediction set.", False),
    Measure("abstains", "Abstains", "Sent to a person without a suggestion.", None, True),
)


def measures_of(resamples: Resamples, rows: HeldOut, seen: Witnessed) -> dict[str, Estimate]:
    """Every measure that the candidate's verdicts allow, by id."""
    return {**ranks(resamples, rows, seen), **places(resamples, rows, seen), **says(resamples, rows, seen)}


def ranks(resamples: Resamples, rows: HeldOut, seen: Witnessed) -> dict[str, Estimate]:
    """Measures of ranking."""
    found = {"auc": mean_of([histogram(resamples, *task).auc() for task in step_tasks(rows, seen)])}
    if rows.iop is not None and np.any(rows.label == rows.iop):
        of_iop = histogram(resamples, seen.exactly(rows.iop), rows.label == rows.iop)
        found |= {"auc_iop": of_iop.auc(), "auprc_iop": of_iop.average_precision()}
    return found


def places(resamples: Resamples, rows: HeldOut, seen: Witnessed) -> dict[str, Estimate]:
    """Measures of the level chosen."""
    confusion = confusion_of(resamples, rows.label, seen.chosen, len(rows.levels))
    return {
        "accuracy": confusion.accuracy(),
        "within_one": confusion.within_one(),
        "under_placed": confusion.under_placed(),
        "over_placed": confusion.over_placed(),
        "kappa": confusion.kappa(),
        "macro_f1": confusion.macro_f1(),
    }


def says(resamples: Resamples, rows: HeldOut, seen: Witnessed) -> dict[str, Estimate]:
    """Measures of probabilities and of sets."""
    found = {}
    if seen.probabilities is not None:
        of_label = seen.probabilities[np.arange(rows.count), rows.label]
        squares = (seen.probabilities**2).sum(axis=1) - 2 * of_label + 1
        found["log_loss"] = share_of(resamples, -np.log(np.maximum(of_label, LEAST)))
        found["brier"] = share_of(resamples, squares)
        found["ece"] = mean_ece(resamples, rows, seen)
    if seen.set_low is not None:
        found["coverage"] = share_of(resamples, covers(rows, seen))
        found["set_size"] = share_of(resamples, widths(seen))
    if seen.abstains is not None:
        found["abstains"] = share_of(resamples, seen.abstains)
    return found


def mean_ece(resamples: Resamples, rows: HeldOut, seen: Witnessed) -> Estimate:
    """The expected calibration error, mean over the steps of the ladder."""
    return mean_of([binned.ece() for binned in step_bins(resamples, rows, seen)])


def step_bins(resamples: Resamples, rows: HeldOut, seen: Witnessed, kept: Array | None = None) -> list[Binned]:
    """The bins of a calibration curve for each step of the ladder, over the rows where `kept` is true."""
    return [Binned.of(histogram(resamples, *task, kept, CALIBRATION_BINS)) for task in step_tasks(rows, seen)]


def step_tasks(rows: HeldOut, seen: Witnessed) -> Iterator[tuple[Array, NDArray[np.bool_]]]:
    """For each step of the ladder: the score for "at this level or above", and whether the label is."""
    for rank in range(1, len(rows.levels)):
        yield seen.at_least(rank), rows.label >= rank
