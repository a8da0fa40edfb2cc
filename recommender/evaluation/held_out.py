"""What is judged, and by whom. Plain arrays: nothing here knows a model, a cohort or a policy.

A *label* is the level at which a person was placed and did well. It is what was usual and worked, not what was right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, InputError

Array = NDArray[Any]
IOP = "intensive_outpatient"
# With fewer labelled rows than this no figure has an interval worth printing.
FEWEST_ROWS = 50


@dataclass(frozen=True)
class Grouped:
    """A split of n rows into groups: the position of each row's group in `names`, -1 where it is not recorded."""

    title: str
    codes: Array
    names: tuple[str, ...]


@dataclass(frozen=True)
class HeldOut:
    """Rows that no candidate was trained on: n labels as ranks in `levels`, least intensive first.

    `levels` are what the model tells apart, which may be groups of levels; `iop` is the rank of the one that holds the
    intensive outpatient program, or None. `site` and `person` number clusters; -1 is an unknown site.
    """

    levels: tuple[str, ...]
    label: Array
    site: Array
    person: Array
    groups: Mapping[str, Grouped] = field(default_factory=dict)
    site_names: tuple[str, ...] = ()
    iop: int | None = None

    def __post_init__(self) -> None:
        check_labels(self.label, self.levels)
        check_lengths(self.count, {"site": self.site, "person": self.person})
        check_lengths(self.count, {name: grouped.codes for name, grouped in self.groups.items()})

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.label)

    def take(self, rows: Array) -> HeldOut:
        """The same for some of the rows."""
        groups = {name: Grouped(g.title, g.codes[rows], g.names) for name, g in self.groups.items()}
        picked = (self.label[rows], self.site[rows], self.person[rows])
        return HeldOut(self.levels, *picked, groups, self.site_names, self.iop)


@dataclass(frozen=True)
class Witnessed:
    """What one candidate says of each row: the model, a challenger, the rules alone, or the clinicians.

    `chosen` (n,) is a rank in the levels, -1 where it says nothing. `probabilities` (n, k) add up to 1 in each row.
    `set_low` and `set_high` (n,) are the ends of its prediction set, `abstains` (n,) where it sends to a person.
    """

    name: str
    chosen: Array
    probabilities: NDArray[np.float64] | None = None
    set_low: Array | None = None
    set_high: Array | None = None
    abstains: NDArray[np.bool_] | None = None
    promised: float | None = None

    def __post_init__(self) -> None:
        if self.probabilities is not None and not np.allclose(self.probabilities.sum(axis=1), 1, atol=1e-6):
            raise ValueError(f"the probabilities of {self.name} do not add up to 1")

    def at_least(self, rank: int) -> Array:
        """A score (n,) for "at this level or above": its probability, or else whether the chosen level is."""
        if self.probabilities is None:
            return np.asarray(self.chosen, dtype=np.float64)
        return np.asarray(self.probabilities[:, rank:].sum(axis=1)).clip(0.0, 1.0)

    def exactly(self, rank: int) -> Array:
        """A score (n,) for "at just this level"."""
        if self.probabilities is None:
            return np.equal(self.chosen, rank).astype(np.float64)
        return np.asarray(self.probabilities[:, rank])

    def take(self, rows: Array) -> Witnessed:
        """The same for some of the rows."""
        columns = ("chosen", "probabilities", "set_low", "set_high", "abstains")
        picked: dict[str, Any] = {name: column_at(getattr(self, name), rows) for name in columns}
        return replace(self, **picked)


def column_at(column: Array | None, rows: Array) -> Array | None:
    """Some rows of a column that may not be there."""
    return None if column is None else column[rows]


def check_labels(label: Array, levels: Sequence[str]) -> None:
    """Raises InputError where nothing can be learned from the labels."""
    if len(label) < FEWEST_ROWS:
        what = "too few people have a label (a known placement after which they did well)"
        raise InputError(Fault(what, given=str(len(label)), allowed=f"at least {FEWEST_ROWS}"))
    if label.min() < 0 or label.max() >= len(levels):
        raise InputError(Fault("a label is not on the ladder of the model", allowed=", ".join(levels)))
    if label.min() == label.max():
        what = "all people have the same label, so nothing can be told apart"
        raise InputError(Fault(what, given=levels[int(label[0])], allowed="at least two levels"))


def check_lengths(count: int, columns: Mapping[str, Array]) -> None:
    """Raises ValueError where columns are not of one length: our own slip, not a user's."""
    for name, column in columns.items():
        if len(column) != count:
            raise ValueError(f"{name} has {len(column)} rows, the labels have {count}")
