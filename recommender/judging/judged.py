"""Who of a cohort is judged: people with a label, in the model's own levels, and the groups that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, InputError
from recommender.evaluation.held_out import Grouped, HeldOut
from recommender.glass_box.tables import IOP, GlassBox, LevelGroup
from recommender.impact.groups import GROUPINGS, members
from recommender.learning.cohort import Cohort
from recommender.learning.lesson import did_well, mark_of
from recommender.learning.level_groups import labels_of
from recommender.learning.splits import held_out
from recommender.levels import Ladder

# More sites than this are too many for a table of groups; how much they differ is told by leaving each out.
MOST_SITES_SHOWN = 30
ELSEWHERE = "another cohort than it was made from"


@dataclass(frozen=True, eq=False)
class Judged:
    """The people of a cohort who have a label: their rows as the figures take them, and the cohort of just them."""

    cohort: Cohort
    rows: HeldOut

    def take(self, rows: NDArray[Any]) -> Judged:
        """Some of them, by position."""
        return Judged(self.cohort.take(rows), self.rows.take(rows))


@dataclass(frozen=True, eq=False)
class Split:
    """Everybody with a label, who of them is judged (positions), and in words how they were chosen.

    `learned` are the positions of those whom the model was made from; nobody where that was another cohort. `seen`
    counts the judged who stood in the training data; None where that is not known.
    """

    everybody: Judged
    places: NDArray[np.intp]
    how: str
    seen: int | None
    learned: NDArray[np.intp]

    @property
    def judged(self) -> Judged:
        """The people who are judged."""
        return self.everybody.take(self.places)


def with_labels(cohort: Cohort, groups: Sequence[LevelGroup], success: str) -> Judged:
    """The people of a cohort whose placement is known and who did well, labelled in a model's levels.

    Raises InputError where they are too few or all at one level, or the outcome is not there.
    """
    some = cohort.take(np.flatnonzero(did_well(cohort, success) & (cohort.level_placed >= 0)))
    rows = HeldOut(
        levels=tuple(group.name for group in groups),
        label=labels_of(groups, some.level_placed),
        site=some.site.astype(np.int64),
        person=some.person,
        groups=groupings(some),
        site_names=some.site_names,
        iop=next(place for place, group in enumerate(groups) if group.name == IOP),
    )
    return Judged(some, rows)


def split_for(model: GlassBox, cohort: Cohort, trained_on: Cohort | None = None) -> Split:
    """Who of a cohort a model is judged on.

    Of the cohort that it was made from, just those who were kept for it then. Of another one, everybody; whether some
    of them stood in the training data is known only if `trained_on` is given. Raises InputError where that is not the
    cohort that the model was made from.
    """
    everybody = with_labels(cohort, model.groups, success_of(model))
    kept, how = kept_then(model, everybody.cohort)
    if kept is not None:
        person = everybody.cohort.person
        return Split(everybody, kept, how, 0, np.flatnonzero(~np.isin(person, person[kept])))
    seen = None
    if trained_on is not None:
        first = with_labels(trained_on, model.groups, success_of(model)).cohort
        before, _ = kept_then(model, first)
        if before is None:
            remedy = "Name the file that `recommender model train` read."
            raise InputError(Fault("the model was not made from this cohort", file=trained_on.file, remedy=remedy))
        learned = np.setdiff1d(np.arange(first.count), before)
        seen = int(np.isin(everybody.cohort.ids, first.ids[learned]).sum())
    return Split(everybody, np.arange(everybody.rows.count), ELSEWHERE, seen, np.arange(0))


def kept_then(model: GlassBox, people: Cohort) -> tuple[NDArray[np.intp] | None, str]:
    """The positions of those whom training kept for judging, and how; None where these are other people."""
    told, seed = model.about.get("judged", {}), model.about.get("recipe", {}).get("seed", 0)
    kept, how = held_out(people.person, people.site, people.period, seed)
    return (np.flatnonzero(kept), how) if mark_of(people.ids[kept]) == told.get("mark") else (None, "")


def success_of(model: GlassBox) -> str:
    """The outcome that a model was made for. Raises InputError for a model that does not say it."""
    success = model.about.get("success")
    if not isinstance(success, str):
        remedy = "Train it again with `recommender model train`."
        raise InputError(Fault("the model does not say which outcome it was made for", remedy=remedy))
    return success


def in_groups(ranks: NDArray[np.int8], groups: Sequence[LevelGroup]) -> NDArray[np.int8]:
    """Ranks on the ladder as positions in a model's own levels (n,); -1 stays -1."""
    return np.where(ranks >= 0, labels_of(groups, ranks), np.int8(-1))


def groupings(cohort: Cohort) -> dict[str, Grouped]:
    """The cohort split by age, sex, race, where people live, and by site where there are not too many."""
    found = {}
    for grouping in GROUPINGS:
        place = members(grouping, cohort.questionnaire, cohort.answers)
        names = tuple(group.name for group in grouping.groups)
        found[grouping.question] = Grouped(grouping.title, np.where(place == len(names), -1, place), names)
    if 1 < len(cohort.site_names) <= MOST_SITES_SHOWN:
        found["site"] = Grouped("Site", cohort.site.astype(np.int64), cohort.site_names)
    return found


def level_names(groups: Sequence[LevelGroup], ladder: Ladder) -> dict[str, tuple[str, str]]:
    """For each of a model's levels, a short name for pictures and a full one."""
    found = {}
    for group in groups:
        low, high = ladder.levels[group.lowest], ladder.levels[group.highest]
        one = group.lowest == group.highest
        found[group.name] = (
            (low.code, low.name) if one else (f"{low.code} to {high.code}", f"{low.name} to {high.name}")
        )
    return found
