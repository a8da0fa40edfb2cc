"""A chunk of text columns as answers: each different text is read once, and then looked up for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answer, Answers, Column, read_text, unknown
from recommender.batch.table import Chunk
from recommender.cohort_columns import load_cohort_columns
from recommender.errors import Fault, InputError, did_you_mean
from recommender.questionnaire import Question, Questionnaire
from recommender.rules.bounds import ANSWERED, MISSING, dtype_of

Positions = NDArray[np.intp]

ID = "id"
CARRIED_PREFIXES = ("teds_", "note_")


@dataclass(frozen=True, slots=True)
class Header:
    """What the columns of a table are: its questions, those carried through untouched, and whether it has ids."""

    questions: tuple[str, ...]
    carried: tuple[str, ...]
    has_id: bool

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that are not answers."""
        return (ID, *self.carried) if self.has_id else self.carried


def read_header(headers: Sequence[str], questionnaire: Questionnaire, file: str) -> Header:
    """What each column is. Raises InputError with every column that nothing is known of."""
    questions = tuple(name for name in headers if name in questionnaire.questions)
    # What a cohort says of placement and outcome is never an answer, and a cohort can be scored all the same.
    beside = load_cohort_columns().names
    carried = tuple(
        name for name in headers if (name.startswith(CARRIED_PREFIXES) or name in beside) and name not in questions
    )
    known = {ID, *questions, *carried}
    faults = [unknown_column(name, questionnaire, file) for name in headers if name not in known]
    if faults:
        raise InputError(faults)
    if not questions:
        what = "has no column with answers"
        raise InputError(Fault(what, file=file, remedy="`recommender template` prints a header to start from."))
    return Header(questions, carried, ID in headers)


def unknown_column(name: str, questionnaire: Questionnaire, file: str) -> Fault:
    # Without a header the first row's cells would stand here, so the name is a given value and not a place.
    hint = did_you_mean(name.strip().lower(), (ID, *questionnaire.questions))
    carry = "To carry a column through untouched, begin its name with `note_`; else take it out."
    return Fault(
        "there is no question of this name", file=file, given=name, remedy=" ".join(filter(None, [hint, carry]))
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """The answers of a chunk, what could not be read by position of its row, and by question for which rows (n,)."""

    answers: Answers
    faults: list[tuple[int, Fault]]
    unread: dict[str, NDArray[np.bool_]]


class ColumnReader:
    """Reads chunks of text as answers; what a text says is worked out once, however many chunks it stands in."""

    def __init__(self, questionnaire: Questionnaire, header: Header) -> None:
        self.lookups = {name: Lookup(questionnaire.questions[name]) for name in header.questions}

    def read(self, chunk: Chunk) -> Reading:
        """The answers in a chunk; an answer that cannot be read is a fault and stands as missing."""
        columns: dict[str, Column] = {}
        unread: dict[str, NDArray[np.bool_]] = {}
        faults: list[tuple[int, Fault]] = []
        for name, lookup in self.lookups.items():
            texts, positions = encoded(chunk.columns[name])
            if not any(map(str.strip, texts)):
                continue
            said = lookup.tables(texts)
            columns[name] = said.column(positions)
            if said.faults:
                unread[name] = said.unread.take(positions)
                faults.extend((int(row), said.faults[int(positions[row])]) for row in np.flatnonzero(unread[name]))
        return Reading(Answers(len(chunk.rows), columns), faults, unread)


def encoded(column: Any) -> tuple[list[str], Positions]:
    """The different texts of a dictionary column, and for each row the position of its text; null is a blank text."""
    texts = [text or "" for text in column.dictionary.to_pylist()]
    indices = column.indices
    valid, data = indices.buffers()
    window = slice(indices.offset, indices.offset + len(indices))
    # Numpy looks up fastest by its own kind of position.
    positions = np.frombuffer(data, dtype=indices.type.to_pandas_dtype())[window].astype(np.intp)
    if indices.null_count:
        present = np.unpackbits(np.frombuffer(valid, np.uint8), count=window.stop, bitorder="little")[window]
        # The same as to put the position of the blank text where nothing is present, in a third of the time.
        positions -= len(texts)
        positions *= present
        positions += len(texts)
        texts.append("")
    return texts, positions


class Lookup:
    """What texts say as answers to one question; each different text is read once."""

    # Texts that are not among the domain's are few in honest tables; a hostile one must not fill the memory.
    MOST_KEPT = 4096

    def __init__(self, question: Question) -> None:
        self.question, self.ends = question, dtype_of(question.type)
        self.forget()

    def forget(self) -> None:
        self.places: dict[str, int] = {}
        self.answers: list[Answer] = []
        self.faults: dict[str, Fault] = {}
        self.read_all([])

    def tables(self, texts: Sequence[str]) -> Tables:
        """Small tables to look rows up in, by the position of their text."""
        if len(self.places) > self.MOST_KEPT:
            self.forget()
        new = [text for text in texts if text not in self.places]
        if new:
            self.read_all(new)
        places = np.array([self.places[text] for text in texts], dtype=np.intp)
        faults = (
            {place: self.faults[text] for place, text in enumerate(texts) if text in self.faults} if self.faults else {}
        )
        lower, upper = self.lower[places], self.upper[places]
        return Tables(
            lower=lower,
            upper=lower if np.array_equal(lower, upper) else upper,
            state=self.state[places],
            unread=np.array([place in faults for place in range(len(texts))]) if faults else NOBODY,
            faults=faults,
        )

    def read_all(self, texts: Sequence[str]) -> None:
        """Takes more texts into the arrays of what is known."""
        for text in texts:
            self.places[text] = len(self.answers)
            self.answers.append(self.read(text))
        lower, upper, state = zip(*self.answers, strict=True) if self.answers else ((), (), ())
        self.lower, self.upper = np.array(lower, dtype=self.ends), np.array(upper, dtype=self.ends)
        self.state = np.array(state, dtype=np.uint8)

    def read(self, text: str) -> Answer:
        try:
            return read_text(self.question, text)
        except InputError as error:
            self.faults[text] = replace(error.faults[0], given=text)
            return unknown(self.question, MISSING)


NOBODY = np.array([False])


@dataclass(frozen=True, slots=True)
class Tables:
    """By the position of a text: its answer (`upper is lower` where all are plain), and what is wrong with it."""

    lower: NDArray[Any]
    upper: NDArray[Any]
    state: NDArray[np.uint8]
    unread: NDArray[np.bool_]
    faults: Mapping[int, Fault]

    def column(self, positions: Positions) -> Column:
        """The answers of the rows (n,) whose texts stand at `positions`."""
        lower = self.lower.take(positions)
        upper = lower if self.upper is self.lower else self.upper.take(positions)
        return Column(lower, upper, self.state.take(positions))


def answered_count(questionnaire: Questionnaire, answers: Answers) -> NDArray[np.int16]:
    """How many questions each person (n,) has an answer to; those that decide nothing do not count."""
    # One byte a person holds a count up to 255, and is added up faster than two.
    total = np.zeros(answers.count, dtype=np.int16)
    columns = [column for name, column in answers.columns.items() if name not in questionnaire.beside]
    for start in range(0, len(columns), MOST_IN_A_BYTE):
        few = np.zeros(answers.count, dtype=np.uint8)
        for column in columns[start : start + MOST_IN_A_BYTE]:
            few += (column.state == ANSWERED).view(np.uint8)
        total += few
    return total


MOST_IN_A_BYTE = 255
