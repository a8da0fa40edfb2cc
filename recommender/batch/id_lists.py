"""Which of some names apply to each person, as text: made from bits for everybody at once.

Where many people share a pattern of bits, each pattern is spelt out once and looked up. Else the bits are taken eight
at a time: eight bits have 256 readings, each is spelt out once and looked up for everybody, and the pieces are joined.
So no person costs a step of Python.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

BITS = 8
WORD = 64
# So many people show whether patterns are shared; they are where there are at most a fourth as many patterns.
SAMPLE, SHARED_BY = 2048, 4
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


def different(words: Words) -> tuple[Words, NDArray[np.intp] | None]:
    """The different patterns, and which of them each person has; None for the latter where few are shared."""
    mixed = functools.reduce(lambda done, word: (done ^ word) * FACTOR, words.T, np.zeros(len(words), np.uint64))
    if len(np.unique(mixed[:SAMPLE])) * SHARED_BY > len(mixed[:SAMPLE]):
        return words, None
    _, first, which = np.unique(mixed, return_index=True, return_inverse=True)
    patterns = words[first]
    # Two patterns that are mixed to the same number would be taken for one.
    return (patterns, which) if np.array_equal(patterns[which], words) else (words, None)


def named_bits(names: Sequence[str | None], width: int) -> Words:
    """The bits that have a name (w,)."""
    bits = [
        sum(1 << place for place, name in enumerate(names[at : at + WORD]) if name) for at in range(0, len(names), WORD)
    ]
    return np.array([*bits, *[0] * (width - len(bits))], dtype=np.uint64)


def spelt_out(names: Sequence[str | None], words: Words) -> Any:
    """The names by eights."""
    octets = np.ascontiguousarray(words.astype("<u8")).view(np.uint8).reshape(len(words), 8 * words.shape[1])
    pieces = []
    for first in range(0, len(names), BITS):
        eight = tuple(names[first : first + BITS])
        if any(eight):
            pieces.append(readings(eight).take(pa.array(octets[:, first // BITS])))
    if not pieces:
        return pa.array([""] * len(words), pa.string())
    return pc.ascii_rtrim(pc.binary_join_element_wise(*pieces, ""), " ")


@functools.cache
def readings(names: Names) -> Any:
    """What each value of up to eight bits says: every name whose bit is set, each with a space after it."""
    texts = []
    for value in range(1 << len(names)):
        texts.append("".join(f"{name} " for bit, name in enumerate(names) if name and value >> bit & 1))
    return pa.array(texts, pa.string())
