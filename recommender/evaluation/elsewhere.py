"""Where the model was never: a site left out, a later period, or fewer people to learn from. Each is trained anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.estimate import Figure
from recommender.evaluation.held_out import HeldOut, Witnessed
from recommender.evaluation.measures import measures_of
from recommender.evaluation.resampling import RESAMPLES, resample

Array = NDArray[Any]
# Trains on the first rows and gives its verdicts on the second ones; None where the first are too few.
Fit = Callable[[Array, Array], Witnessed | None]
TOLD = ("auc", "auc_iop", "ece", "log_loss", "coverage")
# A site with fewer labelled people says nothing about itself.
FEWEST_PEOPLE = 100


@dataclass(frozen=True)
class Elsewhere:
    """One place or time on which a model trained without it was tried: figures by measure.

    There are none where there were too few people to train on.
    """

    name: str
    trained_on: int
    people: int
    figures: Mapping[str, Figure]


def without_each_site(rows: HeldOut, fit: Fit, *, sites: int = 10, seed: int = 0) -> tuple[Elsewhere, ...]:
    """For each of the largest sites: trained on all other people, tried on it."""
    counts = np.bincount(rows.site[rows.site >= 0])
    largest = np.argsort(-counts, kind="stable")[:sites]
    tried = (int(site) for site in largest if counts[site] >= FEWEST_PEOPLE)
    names = rows.site_names
    return tuple(
        tried_on(rows, fit, np.flatnonzero(rows.site != site), np.flatnonzero(rows.site == site), names[site], seed)
        for site in tried
        if len(np.unique(rows.label[rows.site == site])) > 1
    )


def in_later_periods(
    rows: HeldOut, period: Array, names: Sequence[str], fit: Fit, *, seed: int = 0
) -> tuple[Elsewhere, ...]:
    """For each period but the first: trained on all periods before it, tried on it."""
    found = []
    for later in np.unique(period[period >= 0])[1:]:
        before, then = np.flatnonzero((period >= 0) & (period < later)), np.flatnonzero(period == later)
        # The same person may come back: then they are known already, and are left out of the trial.
        then = then[~np.isin(rows.person[then], rows.person[before])]
        if len(then) >= FEWEST_PEOPLE and len(np.unique(rows.label[then])) > 1:
            found.append(tried_on(rows, fit, before, then, names[later], seed))
    return tuple(found)


def with_fewer_people(
    rows: HeldOut, fit: Fit, tried: Array, sizes: Sequence[int], *, seed: int = 0
) -> tuple[Elsewhere, ...]:
    """The learning curve: trained on ever more of the other people, always tried on the rows `tried`."""
    others = np.setdiff1d(np.arange(rows.count), tried)
    others = others[~np.isin(rows.person[others], rows.person[tried])]
    others = np.random.default_rng(seed).permutation(others)
    return tuple(
        tried_on(rows, fit, np.sort(others[:size]), tried, f"{size:,}", seed) for size in sizes if size <= len(others)
    )


def tried_on(rows: HeldOut, fit: Fit, train: Array, test: Array, name: str, seed: int) -> Elsewhere:
    """One training and one trial."""
    said = fit(train, test)
    if said is None:
        return Elsewhere(name, len(train), len(test), {})
    there = rows.take(test)
    # One site is one cluster; so here chance is the chance of people.
    drawn = resample(there.site, there.person, seed=seed, resamples=RESAMPLES)
    measures = measures_of(drawn, there, said)
    figures = {name: measures[name].figure() for name in TOLD if name in measures}
    return Elsewhere(name, len(train), len(test), figures)
