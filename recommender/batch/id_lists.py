"""Which of some names apply to each person, as text: made from bits for everybody at once.

Where many people share a pattern of bits, each pattern is spelt out once and looked up. Else the bits are taken sixteen
at a time: of the readings that sixteen bits can have, those that occur are spelt out once and looked up for everybody,
and the pieces are joined. So no person costs a step of Python.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

BITS, LOW_BITS = 8, 0xFF
WORD = 64
# Patterns are shared where there are at most a fourth as many as people.
SHARED_BY = 4
FACTOR = np.uint64(0x9E3779B97F4A7C15)
Names = tuple[str | None, ...]
Words = NDArray[np.uint64]


def joined_names(names: Sequence[str | None], words: Words) -> Any:
    """The names whose bits are set, joined by spaces, as an Arrow array of text of n.

    `words` (n, w) has a bit for each of `names`; None leaves the name of a bit out.
    """
    patterns, which = different(words & named_bits(names, words.shape[1]))
    if which is None:
        return spelt_out(names, words)
    return spelt_out(names, patterns).take(pa.array(which))


def different(words: Words) -> tuple[Words, NDArray[np.int32] | None]:
    """The different patterns, and which of them each person has; None for the latter where few are shared."""
    mixed = functools.reduce(lambda done, word: (done ^ word) * FACTOR, words.T, np.zeros(len(words), np.uint64))
    encoded = pa.array(mixed).dictionary_encode()
    if len(encoded.dictionary) * SHARED_BY > len(words):
        return words, None
    which = encoded.indices.to_numpy()
    somebody = np.empty(len(encoded.dictionary), dtype=np.intp)
    somebody[which] = np.arange(len(words))
    patterns = words[somebody]
    # Two patterns that are mixed to the same number would be taken for one.
    return (patterns, which) if np.array_equal(patterns[which], words) else (words, None)


def named_bits(names: Sequence[str | None], width: int) -> Words:
    """The bits that have a name (w,)."""
    bits = [
        sum(1 << place for place, name in enumerate(names[at : at + WORD]) if name) for at in range(0, len(names), WORD)
    ]
    return np.array([*bits, *[0] * (width - len(bits))], dtype=np.uint64)


def spelt_out(names: Sequence[str | None], words: Words) -> Any:
    """The names by sixteens."""
    pairs = np.ascontiguousarray(words.astype("<u8")).view("<u2").reshape(len(words), 4 * words.shape[1])
    pieces = []
    for place, first in enumerate(range(0, len(names), 2 * BITS)):
        low, high = (tuple(names[at : at + BITS]) for at in (first, first + BITS))
        if any((*low, *high)):
            pieces.append(looked_up(readings(low), readings(high), np.ascontiguousarray(pairs[:, place])))
    if not pieces:
        return pa.array([""] * len(words), pa.string())
    return pc.ascii_rtrim(pc.binary_join_element_wise(*pieces, ""), " ")


def looked_up(low: Sequence[str], high: Sequence[str], values: NDArray[np.uint16]) -> Any:
    """What each of `values` says, by what its lower and its higher eight bits say."""
    present = np.flatnonzero(np.bincount(values, minlength=1))
    place = np.zeros(present[-1] + 1 if len(present) else 1, dtype=np.int32)
    place[present] = np.arange(len(present))
    texts = [low[value & LOW_BITS] + high[value >> BITS] for value in present.tolist()]
    return pa.array(texts, pa.string()).take(pa.array(place[values]))


@functools.cache
def readings(names: Names) -> Sequence[str]:
    """What each value of up to eight bits says: every name whose bit is set, each with a space after it."""
    texts = []
    for value in range(1 << len(names)):
        texts.append("".join(f"{name} " for bit, name in enumerate(names) if name and value >> bit & 1))
    return texts
