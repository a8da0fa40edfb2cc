"""Random numbers that depend on the seed, a name and the row, and on nothing else.

Each name has a stream of its own, counted by row (Philox is a counter, so any row can be gone to at once). So a person
stays the same whatever rows are made around them, and a new question changes no other.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

# Philox makes four numbers a step of its counter.
NUMBERS_A_STEP = 4

# Normal numbers are read off a table of so many steps and a straight line between two of them. That takes no logarithm
# and no cosine, so it is fast, and the same to the last bit on every machine.
TABLE_BITS = 14

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Chance:
    """The random numbers of the rows from `start` on, `rows` of them."""

    seed: int
    start: int
    rows: int

    def uniform(self, name: str) -> Floats:
        """One number from 0 up to 1 a row."""
        return (self._bits(name) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, name: str) -> Floats:
        """One number a row from the bell curve around 0 with spread 1, cut off at about 4 on both sides."""
        bits, heights = self._bits(name), heights_of_bell()
        step = (bits >> np.uint64(64 - TABLE_BITS)).astype(np.intp)
        inside = (bits & np.uint64((1 << (64 - TABLE_BITS)) - 1)).astype(np.float64) * 2.0 ** (TABLE_BITS - 64)
        low = heights[step]
        normal: Floats = low + inside * (heights[step + 1] - low)
        return normal

    def _bits(self, name: str) -> NDArray[np.uint64]:
        """64 random bits a row."""
        before = self.start % NUMBERS_A_STEP
        key = int.from_bytes(hashlib.sha256(f"{self.seed}/{name}".encode()).digest()[:16], "big")
        stream = np.random.Philox(key=key)
        stream.advance(self.start // NUMBERS_A_STEP)
        return stream.random_raw(before + self.rows)[before:]


@functools.cache
def heights_of_bell() -> Floats:
    """The normal numbers below which 0, 1, 2 … of 2**TABLE_BITS equal parts of the bell curve lie."""
    parts = 1 << TABLE_BITS
    shares = [min(max(part, 0.25), parts - 0.25) / parts for part in range(parts + 1)]
    return np.array([NormalDist().inv_cdf(share) for share in shares])
