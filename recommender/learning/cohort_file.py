"""A cohort read from CSV, CSV.gz or Parquet, and checked: every fault says where, what was given and what to do."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers, Column, unknown
from recommender.batch.columns import ColumnReader, encoded, read_header
from recommender.batch.identity import Identities
from recommender.batch.places import find_tables
from recommender.batch.reading import open_table, read_ahead
from recommender.batch.table import Chunk
from recommender.cohort_columns import CohortColumns, load_cohort_columns
from recommender.contradictions import contradictions
from recommender.errors import Fault, InputError
from recommender.learning.cohort import MOST_DAYS, UNKNOWN, Cohort
from recommender.learning.cohort_cells import Cell, Days, Group, cells_of
from recommender.learning.outcome import Known, known_outcomes
from recommender.levels import Ladder, load_levels
from recommender.questionnaire import Question, Questionnaire
from recommender.questionnaire_file import load_questionnaire
from recommender.rules.bounds import MISSING, dtype_of

CHUNK_ROWS = 65_536
# Whoever gave the wrong file need not wait for the end of it.
MOST_FAULTS = 10_000
Cells = dict[str, NDArray[Any]]
Faulty = list[tuple[int, Fault]]


def read_cohort(
    source: Path,
    *,
    questionnaire: Questionnaire | None = None,
    levels: Ladder | None = None,
    leave_out_faulty: bool = False,
) -> Cohort:
    """The cohort in a CSV, CSV.gz or Parquet file, by the packaged questions and levels if no others are given.

    Raises InputError with every fault: an answer or a level that there is not, dates out of order, outcomes that
    contradict the reason or the days, a row or an episode that stands twice. With `leave_out_faulty` such rows are left
    out and counted in `left_out` instead; a file without any row left is refused all the same.
    """
    reader = _Reader(source.name, questionnaire or load_questionnaire(), levels or load_levels())
    with tempfile.TemporaryDirectory() as unpacked:
        files = open_table(find_tables(str(source)), CHUNK_ROWS, Path(unpacked))
        header = read_header(files[0].headers, reader.questionnaire, files[0].name)
        reader.begin(header.questions, [name for name in header.carried if name in reader.cells], len(files) > 1)
        columns = ColumnReader(reader.questionnaire, header)
        for file in files:
            for portion in file.portions:
                for chunk in read_ahead(portion.chunks(header.questions, header.texts, CHUNK_ROWS)):
                    reader.add(file.name, chunk, columns)
    return reader.cohort(leave_out_faulty)


class _Reader:
    """Gathers the chunks of a file; what is wrong is kept with the position of its row among all."""

    def __init__(self, file: str, questionnaire: Questionnaire, levels: Ladder) -> None:
        self.file, self.questionnaire, self.levels = file, questionnaire, levels
        self.declared: CohortColumns = load_cohort_columns()
        self.cells: dict[str, Cell] = cells_of(self.declared, levels)
        self.rows = 0
        self.faults: Faulty = []
        self.broken: list[Fault] = []
        self.places: list[tuple[int, str, NDArray[np.int64]]] = []
        self.ids: list[Any] = []
        self.answers: list[Answers] = []
        self.parts: list[Cells] = []

    def begin(self, questions: Sequence[str], columns: Sequence[str], several_files: bool) -> None:
        self.questions, self.columns = questions, columns
        self.identities = Identities(self.file, several_files, earlier={})

    def add(self, file: str, chunk: Chunk, columns: ColumnReader) -> None:
        """Reads a chunk. Raises InputError where so much is wrong that the file must be another one."""
        ids, reading = self.identities.of(chunk), columns.read(chunk)
        cells, wrong = self.read_cells(chunk)
        against = contradictions(self.questionnaire, reading.answers, reading.unread)
        found = [*self.identities.faults(chunk, ids), *reading.faults, *against, *wrong]
        self.broken += [replace(fault, file=file) for fault in chunk.broken]
        self.faults += [
            (self.rows + place, replace(fault, file=file, row=int(chunk.rows[place]))) for place, fault in found
        ]
        self.places.append((self.rows, file, chunk.rows))
        self.ids.append(np.array(ids.to_pylist(), dtype=str))
        self.answers.append(reading.answers)
        self.parts.append(cells)
        self.rows += len(chunk.rows)
        if len(self.faults) > MOST_FAULTS:
            raise InputError(fault for _, fault in self.faults)

    def read_cells(self, chunk: Chunk) -> tuple[Cells, Faulty]:
        """The cells of a chunk by column, and what is wrong by position; a cell that cannot be read says nothing."""
        cells: Cells = {}
        wrong: Faulty = []
        for name in self.columns:
            texts, positions = encoded(chunk.columns[name].dictionary_encode())
            said, faults = read_texts(self.cells[name], texts)
            for end, suffix in enumerate(("", ", at most")[: said.shape[1]]):
                cells[f"{name}{suffix}"] = said[:, end][positions]
            for text, fault in faults.items():
                wrong += [(int(row), fault) for row in np.flatnonzero(positions == text)]
        return cells, wrong

    def cohort(self, leave_out_faulty: bool) -> Cohort:
        """What was read, as a cohort."""
        cells = {name: np.concatenate([part[name] for part in self.parts]) for name in (self.parts or [{}])[0]}
        known = known_outcomes(self.declared, cells, self.rows)
        self.faults += [(row, self.placed(row, fault)) for row, fault in clashing(cells, known)]
        self.faults += [(row, self.placed(row, fault)) for row, fault in episodes_told_twice(cells)]
        if (self.faults or self.broken) and not leave_out_faulty:
            raise InputError([*(fault for _, fault in sorted(self.faults, key=lambda one: one[0])), *self.broken])
        fine = np.ones(self.rows, bool)
        fine[[row for row, _ in self.faults]] = False
        if not fine.any():
            raise InputError(Fault("no row can be used", file=self.file, remedy="Correct the faults first."))
        whole = self.in_columns(cells, known)
        kept = whole if fine.all() else whole.take(fine)
        return replace(kept, left_out=int((~fine).sum()) + len(self.broken))

    def in_columns(self, cells: Cells, known: Known) -> Cohort:
        def numbers(name: str, kind: type[Any]) -> NDArray[Any]:
            return cells[name].astype(kind) if name in cells else np.full(self.rows, UNKNOWN, kind)

        period, period_names = self.periods(cells)
        person = numbers("person", np.int64)
        alone = person == UNKNOWN
        person[alone] = person.max(initial=UNKNOWN) + 1 + np.arange(alone.sum())
        return Cohort(
            questionnaire=self.questionnaire,
            levels=self.levels,
            answers=joined_answers(self.questionnaire, self.answers),
            ids=np.concatenate(self.ids),
            person=person,
            site=numbers("site", np.int32),
            site_names=self.names("site"),
            period=period,
            period_names=period_names,
            state=numbers("state", np.int32),
            state_names=self.names("state"),
            level_indicated=numbers("level_indicated", np.int8),
            level_offered=numbers("level_offered", np.int8),
            level_placed=numbers("level_placed", np.int8),
            outcomes=known.outcomes,
            days_at_least=known.days_at_least,
            days_at_most=known.days_at_most,
            weight=cells["weight"] if "weight" in cells else np.ones(self.rows),
            file=self.file,
        )

    def names(self, column: str) -> tuple[str, ...]:
        cell = self.cells[column]
        assert isinstance(cell, Group)
        return tuple(cell.numbers)

    def periods(self, cells: Cells) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """The period of each row and their names in order of time; the year of admission where no column says it."""
        if "period" in cells:
            names, numbers = self.names("period"), cells["period"].astype(np.int64)
        elif "admitted_on" in cells:
            years = [date.fromordinal(int(day)).year if day > 0 else UNKNOWN for day in cells["admitted_on"]]
            named = {year: number for number, year in enumerate(sorted({year for year in years if year != UNKNOWN}))}
            return np.array([named.get(year, UNKNOWN) for year in years], np.int32), tuple(map(str, named))
        else:
            return np.full(self.rows, UNKNOWN, np.int32), ()
        order = sorted(range(len(names)), key=names.__getitem__)
        rank = np.empty(len(names) + 1, np.int32)
        rank[order] = np.arange(len(names))
        rank[UNKNOWN] = UNKNOWN
        return rank[numbers], tuple(names[place] for place in order)

    def placed(self, row: int, fault: Fault) -> Fault:
        """A fault with the file and number of the row at a position among all."""
        first, file, rows = next(place for place in reversed(self.places) if place[0] <= row)
        return replace(fault, file=file, row=int(rows[row - first]))


def read_texts(cell: Cell, texts: Sequence[str]) -> tuple[NDArray[Any], dict[int, Fault]]:
    """What each text says, a row of numbers each, and what is wrong by position of the text."""
    nothing: tuple[float, ...] = (0, MOST_DAYS) if isinstance(cell, Days) else (UNKNOWN,)
    said, faults = [nothing] * len(texts), {}
    for place, text in enumerate(texts):
        try:
            said[place] = cell.read(text)
        except InputError as error:
            faults[place] = error.faults[0]
    return np.array(said).reshape(len(texts), len(nothing)), faults


def clashing(cells: Cells, known: Known) -> Iterator[tuple[int, Fault]]:
    """The rows whose dates, days, reasons and outcomes leave nothing."""
    for row in np.flatnonzero(known.backwards).tolist():
        day = date.fromordinal(int(cells["admitted_on"][row])).isoformat()
        yield row, Fault("the discharge lies before the admission", field="discharged_on", allowed=f"{day} or later")
    for column, rows in known.clashes.items():
        for row in np.flatnonzero(rows).tolist():
            remedy = "Correct what is wrong; leave blank what is not known."
            yield row, Fault("contradicts the reason or the days of this row", field=column, remedy=remedy)


def episodes_told_twice(cells: Cells) -> Iterator[tuple[int, Fault]]:
    """Rows of one person who is admitted twice on one day, the first left out."""
    if not {"person", "admitted_on"} <= set(cells):
        return
    here = np.flatnonzero((cells["person"] != UNKNOWN) & (cells["admitted_on"] != UNKNOWN))
    pairs = np.stack([cells["person"][here], cells["admitted_on"][here]], axis=1)
    _, first = np.unique(pairs, axis=0, return_index=True)
    for row in np.setdiff1d(here, here[first]).tolist():
        remedy = "Keep one row for each admission."
        yield row, Fault("the person has another row with this day of admission", field="person", remedy=remedy)


def joined_answers(questionnaire: Questionnaire, parts: Sequence[Answers]) -> Answers:
    """Chunks of answers one after another; a column that a chunk lacks was asked of nobody there."""
    names = dict.fromkeys(name for part in parts for name in part.columns)
    questions: Mapping[str, Question] = questionnaire.questions
    columns = {name: _joined([_column(part, questions[name]) for part in parts]) for name in names}
    return Answers(sum(part.count for part in parts), columns)


def _column(part: Answers, question: Question) -> Column:
    if question.id in part.columns:
        return part.columns[question.id]
    ends = unknown(question, MISSING)
    low, high = (np.full(part.count, end, dtype_of(question.type)) for end in (ends.lower, ends.upper))
    return Column(low, high, np.full(part.count, MISSING, np.uint8))


def _joined(columns: Sequence[Column]) -> Column:
    lower = np.concatenate([column.lower for column in columns])
    plain = all(column.upper is column.lower for column in columns)
    upper = lower if plain else np.concatenate([column.upper for column in columns])
    return Column(lower, upper, np.concatenate([column.state for column in columns]))
