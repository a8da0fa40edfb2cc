"""The bootstrap, clustered by site, as weights: a resample draws whole sites, and a site drawn twice counts twice.

No row is ever copied. Every figure here is a function of counts or sums over rows, so the counts are made once for each
site and multiplied by the weights: one product of matrices gives the figure for all resamples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
RESAMPLES = 1000
# Below this number, resampling sites says little: what differs between sites is then not seen at all.
FEWEST_SITES = 10
# People without a site are dealt into this many groups, so that a resample is still one weight a group.
HANDS = 250


@dataclass(frozen=True)
class Resamples:
    """The cluster of each of n rows, and the weight of each cluster (1 + resamples, clusters); all ones in row 0."""

    cluster: NDArray[np.int64]
    weights: NDArray[np.float64]
    by: str

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return int(self.weights.shape[1])

    def counts(self, codes: Array, size: int) -> NDArray[np.float64]:
        """How often each code from 0 to `size` - 1 stands in `codes` (n,), as (1 + resamples, size); -1 counts nowhere.

        All counts are whole numbers, kept as floats.
        """
        return self.totals(codes, size, None)

    def totals(self, codes: Array, size: int, values: Array | None) -> NDArray[np.float64]:
        """The sum of `values` (n,) over the rows of each code, as (1 + resamples, size)."""
        counted = codes >= 0
        place = self.cluster[counted] * size + codes[counted]
        of_rows = None if values is None else np.asarray(values, dtype=np.float64)[counted]
        each = np.bincount(place, of_rows, minlength=self.clusters * size).reshape(self.clusters, size)
        # Only the columns that hold something are multiplied: most bins of a small group are empty.
        filled = np.flatnonzero(each.any(axis=0))
        result = np.zeros((len(self.weights), size))
        result[:, filled] = self.weights @ each[:, filled]
        return result

    def total(self, values: Array) -> NDArray[np.float64]:
        """The sum of `values` (n,) over all rows, as (1 + resamples,)."""
        return self.totals(np.zeros(len(values), dtype=np.int64), 1, values)[:, 0]


def resample(site: Array, person: Array | None = None, *, seed: int = 0, resamples: int = RESAMPLES) -> Resamples:
    """The resamples of n rows: by site where at least FEWEST_SITES are known, else by person.

    Rows without a site (-1) form clusters of their own, person by person. `person` (n,) numbers people; without it each
    row is a person.
    """
    chance = np.random.default_rng(seed)
    people = np.unique(np.arange(len(site)) if person is None else person, return_inverse=True)[1]
    hand = chance.integers(0, HANDS, size=int(people.max(initial=0)) + 1)[people]
    sites = np.unique(site[site >= 0])
    by = "site" if len(sites) >= FEWEST_SITES else "person"
    own = np.where(site >= 0, site, -1 - hand) if by == "site" else hand
    cluster = np.unique(own, return_inverse=True)[1].astype(np.int64)
    count = int(cluster.max(initial=0)) + 1
    drawn = chance.multinomial(count, np.full(count, 1 / count), size=resamples)
    return Resamples(cluster, np.vstack([np.ones(count), drawn]).astype(np.float64), by)
