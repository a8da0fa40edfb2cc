"""The model's own ladder: levels of care with enough people stand alone, thin ones join a neighbour.

The intensive outpatient level always stands alone, since whether it fits is the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, InputError
from recommender.glass_box.tables import IOP, LevelGroup
from recommender.levels import Ladder

Ranks = NDArray[Any]
# A level of the model's own needs so many people, and this share of all.
FEWEST_PEOPLE = 50
SMALLEST_SHARE = 0.01
TO = ".."


def level_groups(
    ladder: Ladder, placed: Ranks, together: Iterable[str] = (), *, fewest: int = FEWEST_PEOPLE
) -> tuple[LevelGroup, ...]:
    """The groups of levels for people who were placed at ranks (n,), least intensive first; they cover the ladder.

    `together` names stretches of levels to take as one, such as `residential_low..hospital`; a group has at least
    `fewest` people. Raises InputError where
    nobody, or hardly anybody, was placed at intensive outpatient, or at any other level.
    """
    iop = ladder.ids.index(IOP)
    people = np.bincount(placed, minlength=len(ladder.ids))
    needed = max(fewest, int(len(placed) * SMALLEST_SHARE))
    if people[iop] < needed:
        what = "too few of these people were placed at intensive outpatient"
        raise InputError(Fault(what, given=f"{people[iop]:,}", allowed=f"at least {needed:,}"))
    wanted = [stretch_of(ladder, text) for text in together]
    below = grouped(0, iop - 1, people, needed, wanted)
    above = grouped(iop + 1, len(ladder.ids) - 1, people, needed, wanted)
    if sum(people) == people[iop] or (enough(below, people, needed) + enough(above, people, needed)) == 0:
        what = "hardly any of these people was placed at a level other than intensive outpatient"
        given = f"{int(people.sum() - people[iop]):,} of {int(people.sum()):,}"
        raise InputError(Fault(what, given=given, remedy="Give a cohort with several levels of care."))
    return tuple(LevelGroup(named(ladder, low, high), low, high) for low, high in (*below, (iop, iop), *above))


def stretch_of(ladder: Ladder, text: str) -> tuple[int, int]:
    """The ranks of `LOWEST..HIGHEST`. Raises InputError for levels that there are not, or in the wrong order."""
    low, _, high = text.partition(TO)
    for name in (low, high):
        if name not in ladder.ids:
            raise InputError(Fault("is no level of care", given=name, allowed=", ".join(ladder.ids)))
    ranks = ladder.ids.index(low), ladder.ids.index(high)
    if ranks[0] >= ranks[1] or ranks[0] <= ladder.ids.index(IOP) <= ranks[1]:
        what = "levels to take together are named from the lighter to the heavier, without intensive outpatient"
        raise InputError(Fault(what, given=text, allowed=f"such as residential_low{TO}hospital"))
    return ranks


def grouped(
    first: int, last: int, people: Ranks, needed: int, wanted: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The stretches of one side of the ladder: from the lightest on, each as short as gives enough people."""
    found: list[tuple[int, int]] = []
    start = first
    for rank in range(first, last + 1):
        inside = any(low <= rank < high for low, high in wanted)
        if not inside and people[start : rank + 1].sum() >= needed:
            found.append((start, rank))
            start = rank + 1
    if start <= last and found:
        found[-1] = (found[-1][0], last)
    return found or [(first, last)]


def enough(stretches: Sequence[tuple[int, int]], people: Ranks, needed: int) -> int:
    """How many of the stretches have enough people."""
    return sum(int(people[low : high + 1].sum() >= needed) for low, high in stretches)


def named(ladder: Ladder, low: int, high: int) -> str:
    """A group's name: its level, or its lightest and heaviest."""
    return ladder.ids[low] if low == high else f"{ladder.ids[low]}{TO}{ladder.ids[high]}"


def labels_of(groups: Sequence[LevelGroup], placed: Ranks) -> NDArray[np.int8]:
    """The group of each rank (n,)."""
    return np.searchsorted([group.highest for group in groups], placed).astype(np.int8)
