"""PHQ-9 of real people (NHANES, public): totals equal plain sums; partly answered ones give bounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recommender.answers import NOT_KNOWN, Answers, Column
from recommender.policy import Policy
from recommender.rules.bounds import ANSWERED, Bounds
from recommender.rules.program import compile_program

ITEMS = [f"phq_{number}" for number in range(1, 10)]
COLUMNS = [f"DPQ0{number}0" for number in range(1, 10)]
FILE = "nhanes_phq9_substance/nhanes_2005_2020_phq9_alcohol_drug.parquet"


def read_items(path: Path) -> np.ndarray:
    """One row a person, one column an item, 0 to 3; NaN where refused, not known or not asked."""
    import pandas

    frame = pandas.read_parquet(path, columns=COLUMNS)
    items = frame.to_numpy(dtype=float)
    # The transport format stores 0 as a tiny number; 7 and 9 are refused and don't know.
    items = np.where(items < 0.5, np.where(np.isnan(items), np.nan, 0), items)
    return np.where(items > 3, np.nan, items)


def total(policy: Policy, items: np.ndarray) -> Bounds:
    """PHQ-9 totals by the instrument code. These people were asked every item, so a gap is "not known"."""
    columns = {}
    for name, values in zip(ITEMS, items.T, strict=True):
        gone = np.isnan(values)
        lower, upper = (np.where(gone, end, values).astype(np.int8) for end in (0, 3))
        columns[name] = Column(lower, upper, np.where(gone, NOT_KNOWN, ANSWERED).astype(np.uint8))
    program = compile_program(policy.questionnaire.definitions, ["phq9"])
    return program.run(Answers(len(items), columns).inputs())["phq9"]


@pytest.fixture(scope="module")
def items(real_data: Path) -> np.ndarray:
    file = real_data / FILE
    if not file.is_file():
        pytest.skip(f"no {FILE} in the folder of real data")
    return read_items(file)


def test_complete_rows_equal_plain_sums(policy: Policy, items: np.ndarray) -> None:
    complete = items[~np.isnan(items).any(axis=1)]
    assert len(complete) > 39_000
    bounds = total(policy, complete)
    assert np.array_equal(bounds.lower, complete.sum(axis=1))
    assert np.array_equal(bounds.upper, complete.sum(axis=1))


def test_partly_answered_rows_contain_every_completion(policy: Policy, items: np.ndarray) -> None:
    gaps = np.isnan(items).sum(axis=1)
    partial = items[(gaps > 0) & (gaps < 9)]
    assert len(partial) > 100
    bounds = total(policy, partial)
    # The least and the most that any completion can add up to, and so all completions between.
    assert (bounds.lower <= np.nansum(partial, axis=1)).all()
    assert (bounds.upper >= np.nansum(np.where(np.isnan(partial), 3, partial), axis=1)).all()
    assert np.array_equal(bounds.upper - bounds.lower, 3 * np.isnan(partial).sum(axis=1))
