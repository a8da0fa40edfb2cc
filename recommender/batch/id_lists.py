"""Which of some names apply to each person, as text: made from bits for everybody at once.

The bits are taken eight at a time. Eight bits have 256 readings; each is spelt out once and looked up for everybody,
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

BITS = 8
Names = tuple[str | None, ...]


def joined_names(names: Sequence[str | None], words: NDArray[np.uint64]) -> Any:
    """The names whose bits are set, joined by spaces, as an Arrow array of text of n.

    `words` (n, w) has a bit for each of `names`; None leaves the name of a bit out.
    """
    octets = np.ascontiguousarray(words.astype("<u8")).view(np.uint8).reshape(len(words), -1)
    pieces = []
    for first in range(0, len(names), BITS):
        eight = tuple(names[first : first + BITS])
        if any(eight):
            pieces.append(readings(eight).take(pa.array(octets[:, first // BITS])))
    if not pieces:
        return pa.array([""] * len(words), pa.string())
    return pc.utf8_rtrim(pc.binary_join_element_wise(*pieces, ""), " ")


@functools.cache
def readings(names: Names) -> Any:
    """What each value of up to eight bits says: every name whose bit is set, each with a space after it."""
    texts = []
    for value in range(1 << len(names)):
        texts.append("".join(f"{name} " for bit, name in enumerate(names) if name and value >> bit & 1))
    return pa.array(texts, pa.string())
