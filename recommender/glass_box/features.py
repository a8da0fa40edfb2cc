"""What a model reads of the answers: for each question a few cells, and one more for what is not known.

A cell of an ordered question is a stretch of values, a cell of a question without order is a set of choices. A range
that lies in one cell is read as exactly as a plain answer. One that reaches over several is read as the narrowest of
the model's ranges that holds it, and as not known where there is none.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.questionnaire import Question, Questionnaire
from recommender.rules.bounds import Bounds
from recommender.rules.definitions import questions_behind
from recommender.rules.program import Program, compile_program

Codes = NDArray[np.uint8]
Places = NDArray[np.float64]
MOST_CELLS = 254


@dataclass(frozen=True, slots=True)
class Feature:
    """One question as a model reads it.

    `cells` are the lowest values of the stretches of an ordered question, or the sets of choices (as bits) of a
    question without order. `direction` is 1 where a higher answer may only raise the level, -1 where it may only lower
    it, 0 where either may be. `ranges` are the first and last cell of stretches that many records leave open. The code
    of a person is the position of the cell, or behind the cells that of the range, or `unknown`.
    """

    question: str
    ordered: bool
    cells: tuple[int, ...]
    direction: int = 0
    ranges: tuple[tuple[int, int], ...] = ()

    @property
    def unknown(self) -> int:
        """The code of what is not known."""
        return len(self.cells) + len(self.ranges)

    @property
    def places(self) -> Places:
        """Where each code but `unknown` lies on the scale of cells; a range in its middle."""
        return np.array([*range(len(self.cells)), *((first + last) / 2 for first, last in self.ranges)])

    def words(self, question: Question, code: int) -> str:
        """A cell as people read it: `30 days`, `2 days to 9 days`, `unstable`, `not known`."""
        if code == self.unknown:
            return "not known"
        if not self.ordered:
            return " or ".join(question.words_of(bit) for bit in range(64) if self.cells[code] >> bit & 1)
        first, last = (code, code) if code < len(self.cells) else self.ranges[code - len(self.cells)]
        low, high = self.cells[first], (*self.cells, question.maximum + 1)[last + 1] - 1
        return question.words_of(low) if low == high else f"{question.words_of(low)} to {question.words_of(high)}"

    def codes(self, question: Question, value: Bounds, count: int) -> Codes:
        """The code of each of `count` people, whose answers are known within bounds."""
        found = self._stretch_codes(question, value) if self.ordered else self._set_codes(value)
        return np.broadcast_to(found, (count,))

    def _stretch_codes(self, question: Question, value: Bounds) -> Codes:
        widths = np.diff((*self.cells, question.maximum + 1))
        cell_of = np.repeat(np.arange(len(self.cells), dtype=np.uint8), widths)
        low, high = (cell_of.take(end.astype(np.intp) - question.minimum) for end in (value.lower, value.upper))
        return self._code_of_pairs()[low, high]

    def _code_of_pairs(self) -> Codes:
        """(cells, cells): the code of what reaches from one cell to another."""
        count = len(self.cells)
        codes = np.full((count, count), self.unknown, dtype=np.uint8)
        widest_first = sorted(range(len(self.ranges)), key=lambda place: self.ranges[place][0] - self.ranges[place][1])
        for place in widest_first:
            first, last = self.ranges[place]
            codes[first : last + 1, first : last + 1] = count + place
        np.fill_diagonal(codes, np.arange(count))
        return codes

    def _set_codes(self, value: Bounds) -> Codes:
        sets = np.array(self.cells, dtype=np.int64)
        order = np.argsort(sets)
        bits = value.lower.astype(np.int64)
        place = order[np.searchsorted(sets[order], bits).clip(max=len(sets) - 1)]
        return np.where(sets[place] == bits, place, self.unknown).astype(np.uint8)


def code_answers(questionnaire: Questionnaire, features: Sequence[Feature], answers: Answers) -> Codes:
    """(n, features): the code of everybody's answers. A question that was rightly not asked has its stated answer."""
    values = _program(questionnaire, tuple(feature.question for feature in features)).run(answers.inputs())
    # Column by column in memory, as they are looked up.
    codes = np.empty((len(features), answers.count), dtype=np.uint8)
    for row, feature in zip(codes, features, strict=True):
        row[:] = feature.codes(questionnaire.questions[feature.question], values[feature.question], answers.count)
    return codes.T


@functools.lru_cache(maxsize=8)
def _program(questionnaire: Questionnaire, names: tuple[str, ...]) -> Program:
    return compile_program(questionnaire.definitions, names)


def reading_hash(questionnaire: Questionnaire, names: Sequence[str]) -> str:
    """A hash of what a model depends on in the questions it reads: choices, gates, computations; not their words."""
    behind = sorted(questions_behind(questionnaire.definitions, *names))
    return hashlib.sha256(json.dumps([_essence(questionnaire.questions[name]) for name in behind]).encode()).hexdigest()


def _essence(question: Question) -> list[Any]:
    gate, computed = question.ask_if_text, question.computed_text
    choices = [choice.id for choice in question.choices]
    domain = [question.minimum, question.maximum, question.unit, question.when_not_asked]
    return [question.id, question.kind, choices, domain, gate, computed, question.worse, question.use]
