"""What each code of each column says in the variants that a file may be coded in.

Where several variants are left, a code says what it says in all of them: the widest reading.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np

from recommender.teds.answer_text import Contradiction, both, either
from recommender.teds.cells import Cells, Integers, Truths
from recommender.teds.mapping import Reading, TedsMapping
from recommender.teds.variant import codes_in


class Codebook:
    """The codes of the columns, each with a position: cells are turned into positions once, all else is look-up."""

    def __init__(self, mapping: TedsMapping, variants: Sequence[str], columns: Sequence[str]) -> None:
        self.mapping = mapping
        self.columns = tuple(columns)
        self.codes: Mapping[str, tuple[int, ...]] = {
            name: tuple(sorted(codes))
            for name in self.columns
            if (codes := codes_in(mapping.columns[name], variants)) is not None
        }
        self.readings: Mapping[str, tuple[Reading, ...]] = {
            name: tuple(filter(None, map(mapping.columns[name].in_variant, variants))) for name in self.codes
        }

    def answers(self, column: str, question: str) -> list[str | None]:
        """What each code of a column says about a question, in the order of the codes; None is nothing."""
        return [
            reduce(either, [reading.answers.get(question, {}).get(code) for reading in self.readings[column]])
            for code in self.codes[column]
        ]

    def parts(self, column: str, part: str) -> list[str | None]:
        """The same for a part that is put together with others."""
        return [
            reduce(either, [reading.parts.get(part, {}).get(code) for reading in self.readings[column]])
            for code in self.codes[column]
        ]

    def in_any(self, column: str, part: str) -> Truths:
        """Whether each code has the part in any of the variants: for warnings, where the widest reading is yes."""
        with_part = {code for reading in self.readings[column] for code in reading.parts.get(part, ())}
        return np.array([code in with_part for code in self.codes[column]])

    def columns_on(self, question: str) -> list[str]:
        """The columns that speak to a question."""
        return [name for name in self.codes if any(question in reading.answers for reading in self.readings[name])]

    def combined(self, question: str) -> Evidence:
        """What all columns together say about a question."""
        columns = self.columns_on(question)
        return Evidence(columns, [self.answers(column, question) for column in columns])


class Evidence:
    """What the columns that speak to one question say together, for every combination of their codes."""

    def __init__(self, columns: Sequence[str], answers: Sequence[Sequence[str | None]]) -> None:
        self.columns = tuple(columns)
        self.sizes = tuple(len(each) for each in answers)
        self.texts: list[str | None] = []
        self.contradicts: list[bool] = []
        for combination in itertools.product(*answers):
            try:
                self.texts.append(reduce(both, combination, None))
                self.contradicts.append(False)
            except Contradiction:
                self.texts.append(None)
                self.contradicts.append(True)

    def cells(self, positions: Mapping[str, Integers], rows: int) -> Cells:
        """The answers of the rows whose codes have these positions."""
        index = np.zeros(rows, dtype=np.int64)
        for column, size in zip(self.columns, self.sizes, strict=True):
            index = index * size + positions[column]
        contradicted = int(np.array(self.contradicts, dtype=bool)[index].sum())
        return Cells(self.texts, index, contradicted)
