"""Answers of many rows, held as a few different texts and, for each row, which of them it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.teds.answer_text import text_of

Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cells:
    """A column of answers: `texts[index[row]]` is the answer of a row, None where it is unknown.

    `contradicted` counts the rows that are unknown because two columns of TEDS contradict each other.
    """

    texts: Sequence[str | None]
    index: Integers
    contradicted: int = 0

    def known(self) -> int:
        """How many rows have an answer."""
        is_known = np.array([text is not None for text in self.texts], dtype=bool)
        return int(is_known[self.index].sum())

    def to_arrow(self) -> Any:
        """The answers as an Arrow array of text, null where unknown."""
        import pyarrow as pa

        return pa.array(list(self.texts), type=pa.string()).take(pa.array(self.index))


def one_of_two(holds: Truths, text: str) -> Cells:
    """The text where it holds, unknown elsewhere."""
    return Cells((None, text), holds.astype(np.int64))


def ranges(low: Integers, high: Integers, known: Truths) -> Cells:
    """Ranges of numbers, `low` to `high` with both ends included, where known."""
    width = int(high.max(initial=0)) + 1
    packed, index = np.unique(np.where(known, low * width + high, -1), return_inverse=True)
    texts = [None if both < 0 else text_of(*divmod(both, width)) for both in packed.tolist()]
    return Cells(texts, index.astype(np.int64))


def word_sets(members: Integers, words: Sequence[str], known: Truths) -> Cells:
    """Sets of words, given as bits (bit 0 is the first word), where known and not empty."""
    packed, index = np.unique(np.where(known, members, 0), return_inverse=True)
    texts = ["|".join(word for bit, word in enumerate(words) if mask >> bit & 1) or None for mask in packed.tolist()]
    return Cells(texts, index.astype(np.int64))
