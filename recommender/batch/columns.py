"""A chunk of text columns as answers: each different text is read once, and then looked up for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answer, Answers, Column, read_text, unknown
from recommender.batch.table import Chunk
from recommender.contradictions import contradictions
from recommender.errors import Fault, InputError, did_you_mean
from recommender.questionnaire import Question, Questionnaire
from recommender.rules.bounds import ANSWERED, MISSING, dtype_of

ID = "id"
CARRIED_PREFIXES = ("teds_", "note_")
CARRY_REMEDY = "To carry a column through untouched, begin its name with `note_`; else take it out."


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
    carried = tuple(name for name in headers if name.startswith(CARRIED_PREFIXES) and name not in questions)
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
    """The answers of a chunk, and every fault with the position of its row in the chunk, in order."""

    answers: Answers
    faults: list[tuple[int, Fault]]


def read_columns(questionnaire: Questionnaire, header: Header, chunk: Chunk) -> Reading:
    """The answers in a chunk; an answer that cannot be read is a fault and stands as missing."""
    columns: dict[str, Column] = {}
    unread: dict[str, NDArray[np.bool_]] = {}
    faults: list[tuple[int, Fault]] = []
    for name in header.questions:
        texts, positions = encoded(chunk.columns[name])
        if all(not text.strip() for text in texts):
            continue
        lookup = Lookup(questionnaire.questions[name], texts)
        columns[name] = lookup.column(positions)
        if lookup.faults:
            unread[name] = lookup.unread[positions]
            faults.extend(lookup.found(positions))
    answers = Answers(len(chunk.rows), columns)
    faults += contradictions(questionnaire, answers, unread)
    return Reading(answers, sorted(faults, key=lambda entry: entry[0]))


def encoded(column: Any) -> tuple[list[str], NDArray[np.int32]]:
    """The different texts of a dictionary column, the last one blank, and for each row the position of its text."""
    texts = [text or "" for text in column.dictionary.to_pylist()]
    positions = column.indices
    if positions.null_count:
        positions = positions.fill_null(len(texts))
    return [*texts, ""], positions.to_numpy(zero_copy_only=False)


class Lookup:
    """What each of some texts says as an answer to one question, as small tables to look rows up in."""

    def __init__(self, question: Question, texts: Sequence[str]) -> None:
        self.question, self.texts = question, texts
        self.faults: dict[int, Fault] = {}
        answers = [self.read(place, text) for place, text in enumerate(texts)]
        kind = dtype_of(question.type)
        self.lower = np.array([answer.lower for answer in answers], dtype=kind)
        self.upper = np.array([answer.upper for answer in answers], dtype=kind)
        self.state = np.array([answer.state for answer in answers], dtype=np.uint8)
        self.unread = np.array([place in self.faults for place in range(len(texts))])

    def read(self, place: int, text: str) -> Answer:
        try:
            return read_text(self.question, text)
        except InputError as error:
            self.faults[place] = replace(error.faults[0], given=text)
            return unknown(self.question, MISSING)

    def column(self, positions: NDArray[np.int32]) -> Column:
        """The answers of the rows (n,) whose texts stand at `positions`."""
        lower, plain = self.lower[positions], self.lower == self.upper
        upper = lower if plain[positions].all() else self.upper[positions]
        return Column(lower, upper, self.state[positions])

    def found(self, positions: NDArray[np.int32]) -> Iterator[tuple[int, Fault]]:
        for row in np.flatnonzero(self.unread[positions]):
            yield int(row), self.faults[int(positions[row])]


def answered_count(questionnaire: Questionnaire, answers: Answers) -> NDArray[np.int16]:
    """How many questions each person (n,) has an answer to; those asked for audit alone do not count."""
    total = np.zeros(answers.count, dtype=np.int16)
    for name, column in answers.columns.items():
        if name not in questionnaire.for_audit:
            total += column.state == ANSWERED
    return total
