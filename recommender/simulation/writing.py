"""Synthetic referrals as answers, as text, and as files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import DECLINED, NOT_KNOWN, RANGE, Answers, Column
from recommender.errors import Fault, InputError
from recommender.questionnaire import Question
from recommender.rules.bounds import ANSWERED, MISSING
from recommender.rules.tree import Nominal
from recommender.simulation.chance import Chance
from recommender.simulation.gaps import with_gaps
from recommender.simulation.model import SimulationModel
from recommender.simulation.population import Population
from recommender.simulation.reading import load_simulation
from recommender.table_file import text_table_writer

ROWS_AT_A_TIME = 16_384
MOST_ROWS = 100_000_000
ID_DIGITS = 6
STATE_WORDS = {MISSING: "", NOT_KNOWN: "?", DECLINED: "declined"}

Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Cells:
    """A column as few texts and, by row, which of them stands there."""

    texts: Sequence[str]
    index: NDArray[np.intp]

    def in_full(self) -> Texts:
        """The text of every row."""
        return np.array(self.texts, dtype=object)[self.index]

    def to_arrow(self) -> Any:
        """The same as an Arrow array, null where the text is empty."""
        import pyarrow as pa

        return pa.array([text or None for text in self.texts], type=pa.string()).take(pa.array(self.index))


def simulate(rows: int, seed: int, *, unknown_share: float | None = None) -> dict[str, Texts]:
    """Synthetic referrals as a CSV file has them: `id`, then a text array by question.

    Args:
        rows: how many people.
        seed: any whole number; the same seed gives the same people.
        unknown_share: from 0 (complete) to 1; the declared share if not given. See `Gaps` for what it means.

    Raises InputError for a number of rows or a share that makes no sense.
    """
    answers = simulate_answers(rows, seed, unknown_share=unknown_share)
    questions = load_simulation().questionnaire.questions
    cells = {name: cells_of(questions[name], column) for name, column in answers.columns.items()}
    return {"id": ids(0, rows), **{name: column.in_full() for name, column in cells.items()}}


def simulate_answers(rows: int, seed: int, *, start: int = 0, unknown_share: float | None = None) -> Answers:
    """The same people as columns that can be assessed at once; `start` leaves out the rows before it."""
    model = load_simulation()
    share = checked_share(model, rows, unknown_share)
    stretches = [
        stretch_of(model, Chance(seed, first, min(ROWS_AT_A_TIME, start + rows - first)), share)
        for first in range(start, start + rows, ROWS_AT_A_TIME)
    ]
    return Answers(rows, {name: joined([stretch[name] for stretch in stretches]) for name in model.questions})


def stretch_of(model: SimulationModel, chance: Chance, share: float) -> dict[str, Column]:
    """A stretch of the population, small enough for the processor's cache."""
    columns = Population(model, chance).columns()
    return with_gaps(model, chance, columns, share) if share else columns


def joined(columns: Sequence[Column]) -> Column:
    """Stretches of a column one after another."""
    lower = np.concatenate([column.lower for column in columns])
    plain = all(column.upper is column.lower for column in columns)
    upper = lower if plain else np.concatenate([column.upper for column in columns])
    return Column(lower, upper, np.concatenate([column.state for column in columns]))


def write_simulation(
    target: Path,
    rows: int,
    seed: int,
    *,
    unknown_share: float | None = None,
    questions: Iterable[str] | None = None,
    rows_at_a_time: int = ROWS_AT_A_TIME,
) -> tuple[str, ...]:
    """Writes synthetic referrals as CSV, CSV.gz or Parquet by suffix, and gives the columns written.

    Only `rows_at_a_time` people are held at once. With `questions`, only those of them that are answered are written.
    The file takes its place when it is complete. Raises InputError if it cannot be written.
    """
    checked_share(load_simulation(), rows, unknown_share)
    columns = ("id", *answered_among(questions))
    with text_table_writer(target, columns) as writer:
        for start in range(0, rows, rows_at_a_time):
            stretch = min(rows_at_a_time, rows - start)
            writer.write_table(
                table_of(simulate_answers(stretch, seed, start=start, unknown_share=unknown_share), start, columns)
            )
    return columns


def answered_among(questions: Iterable[str] | None) -> tuple[str, ...]:
    answered = load_simulation().questions
    if questions is None:
        return answered
    wanted = set(questions)
    return tuple(name for name in answered if name in wanted)


def checked_share(model: SimulationModel, rows: int, unknown_share: float | None) -> float:
    """The share of unknown answers to use."""
    share = model.gaps.share if unknown_share is None else unknown_share
    if not 0 <= share <= 1:
        raise InputError(Fault("the share of unknown answers is not a share", given=str(share), allowed="0 to 1"))
    if not 1 <= rows <= MOST_ROWS:
        raise InputError(Fault("this number of rows cannot be made", given=str(rows), allowed=f"1 to {MOST_ROWS}"))
    return share


def ids(start: int, rows: int) -> Texts:
    """`SYN-000001` and so on; everyone sees at once that it is nobody."""
    numbers = np.arange(start + 1, start + rows + 1).astype(str)
    return np.char.add("SYN-", np.char.zfill(numbers, ID_DIGITS)).astype(object)


def cells_of(question: Question, column: Column) -> Cells:
    """The answers of a column as `answers.read_text` reads them."""
    texts = [question.name_of(value) for value in range(question.minimum, question.maximum + 1)]
    if isinstance(question.type, Nominal):
        # A choice without order is one bit; its number is its name's place.
        index = np.frexp(column.lower.astype(np.float64))[1].astype(np.intp) - 1
    else:
        index = column.lower.astype(np.intp) - question.minimum
        mark_ranges(question, column, texts, index)
    for state, word in STATE_WORDS.items():
        index[column.state == state] = len(texts)
        texts.append(word)
    return Cells(texts, index)


def mark_ranges(question: Question, column: Column, texts: list[str], index: NDArray[np.intp]) -> None:
    """Adds the texts of answers that are ranges."""
    rough = np.flatnonzero((column.lower != column.upper) & (column.state == ANSWERED))
    pairs, which = np.unique(np.stack([column.lower[rough], column.upper[rough]]), axis=1, return_inverse=True)
    index[rough] = len(texts) + which.reshape(-1)
    texts += [RANGE.join(question.name_of(int(end)) for end in pair) for pair in pairs.T]


def table_of(answers: Answers, start: int, columns: Sequence[str]) -> Any:
    """A stretch as an Arrow table of text."""
    import pyarrow as pa

    questions = load_simulation().questionnaire.questions
    arrays = [cells_of(questions[name], answers.columns[name]).to_arrow() for name in columns[1:]]
    return pa.table([pa.array(ids(start, answers.count), type=pa.string()), *arrays], names=list(columns))
