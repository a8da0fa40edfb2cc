"""Columns of few different texts: each text is kept once, with its position for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def few(names: Sequence[str], positions: NDArray[np.int8], left_out: NDArray[np.bool_] | None = None) -> Any:
    """The names at `positions`, and nothing where `left_out`."""
    indices = pa.array(positions, pa.int8(), mask=left_out)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))


def same_for_all(text: str, count: int) -> Any:
    """One text in every row."""
    return few([text], np.zeros(count, dtype=np.int8))
