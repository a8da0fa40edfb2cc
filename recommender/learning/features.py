"""What a model may read, and in which cells: worked out from the answers that people gave.

Cells are as fine as the answers are and as coarse as too few people make them. Where most records give a range, such
as "1 to 29 days", it becomes a cell; where others tell more, a range over several cells. So they are read as exactly
as they were written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers, Column
from recommender.errors import Fault, InputError, did_you_mean
from recommender.glass_box.features import Codes, Feature, code_answers
from recommender.glass_box.tables import GlassBox
from recommender.questionnaire import Question, Questionnaire
from recommender.rules.bounds import Bounds
from recommender.rules.program import compile_program
from recommender.rules.tree import Nominal

DIRECTIONS = {"up": 1, "down": -1, "none": 0}
MOST_STRETCHES = 16
MOST_SETS = 24
MOST_RANGES = 12
# A cell needs so many people, and this share of all who are known.
FEWEST_PEOPLE = 10
SMALLEST_SHARE = 0.002
# So many people are enough to find the cells by.
PEOPLE_LOOKED_AT = 100_000


def may_read(question: Question) -> bool:
    """Whether a model may read a question: known at intake, and not asked for audit alone."""
    return question.known_at == "intake" and question.use != "audit"


def readable(questionnaire: Questionnaire, *, record: bool = False) -> tuple[str, ...]:
    """The questions that a model reads where none are named; of an instrument its total, not the items as well.

    Those for the record are among them only where `record` says so: school years, marriage and income are no needs.
    """
    items = {
        name
        for instrument in questionnaire.instruments.values()
        if instrument.score in questionnaire.questions
        for name in instrument.questions
        if name != instrument.score
    }
    return tuple(
        name
        for name, question in questionnaire.questions.items()
        if may_read(question) and (record or question.decides) and name not in items
    )


def checked_names(questionnaire: Questionnaire, names: Iterable[str]) -> tuple[str, ...]:
    """The names of questions that a model shall read. Raises InputError for each that is none, or may not be read."""
    faults, wanted = [], tuple(dict.fromkeys(names))
    for name in wanted:
        question = questionnaire.questions.get(name)
        if question is None:
            hint = did_you_mean(name, questionnaire.questions)
            faults.append(Fault("there is no question of this name", given=name, remedy=hint))
        elif not may_read(question):
            why = "is asked for audit alone" if question.use == "audit" else "is not known at intake"
            faults.append(Fault(f"no model may read `{name}`: it {why}", remedy="Leave it out."))
    if faults:
        raise InputError(faults)
    return wanted


def find_features(
    questionnaire: Questionnaire, answers: Answers, names: Iterable[str] | None = None, *, record: bool = False
) -> tuple[Feature, ...]:
    """The features of some people: of `names`, or of all that are `readable`, those whose answers differ.

    Raises InputError where no question's answers differ, and for names that a model may not read.
    """
    wanted = readable(questionnaire, record=record) if names is None else checked_names(questionnaire, names)
    few = some_people(answers, PEOPLE_LOOKED_AT)
    values = compile_program(questionnaire.definitions, wanted).run(few.inputs())
    found = [feature_of(questionnaire.questions[name], values[name], few.count) for name in wanted]
    features = tuple(feature for feature in found if len(feature.cells) > 1)
    if not features:
        what = "no question that a model may read has answers that differ"
        raise InputError(Fault(what, remedy="Give a cohort with answers to the intake questions."))
    return features


def some_people(answers: Answers, most: int) -> Answers:
    """At most so many people, evenly from the whole table."""
    if answers.count <= most:
        return answers
    rows = np.linspace(0, answers.count - 1, most).astype(np.intp)
    columns = {name: Column(c.lower[rows], c.upper[rows], c.state[rows]) for name, c in answers.columns.items()}
    return Answers(most, columns)


def feature_of(question: Question, value: Bounds, count: int) -> Feature:
    """A question's cells; fewer than two where its answers do not differ."""
    lower = np.broadcast_to(value.lower, (count,)).astype(np.int64)
    if isinstance(question.type, Nominal):
        everything = (1 << len(question.type.choices)) - 1
        return Feature(question.id, False, sets_in(lower[lower != everything]))
    upper = np.broadcast_to(value.upper, (count,)).astype(np.int64)
    known = (lower > question.minimum) | (upper < question.maximum)
    cells = stretches_in(question, lower[known], upper[known])
    return Feature(question.id, True, cells, DIRECTIONS[question.worse], ranges_in(cells, lower[known], upper[known]))


def sets_in(bits: NDArray[np.int64]) -> tuple[int, ...]:
    """The sets of choices that enough people have, in order of their bits."""
    sets, counts = np.unique(bits, return_counts=True)
    enough = counts >= fewest(len(bits))
    common = sets[enough][np.argsort(-counts[enough], kind="stable")][:MOST_SETS]
    return tuple(sorted(common.tolist()))


def fewest(people: int) -> int:
    return max(FEWEST_PEOPLE, int(people * SMALLEST_SHARE))


def stretches_in(question: Question, lower: NDArray[np.int64], upper: NDArray[np.int64]) -> tuple[int, ...]:
    """The lowest values of the stretches that people's answers can be told apart by."""
    starts = starts_of(question, lower, upper)
    # A range counts where it begins.
    counts = np.bincount(np.searchsorted(starts, lower, side="right") - 1, minlength=len(starts))
    least = max(fewest(len(lower)), evenly(counts) if len(starts) > MOST_STRETCHES else 0)
    cells, gathered = [question.minimum], 0
    for place, start in enumerate(starts):
        rest = counts[place:].sum()
        # Where nobody has the lowest values they are a cell by themselves: what is known is then told from what is not.
        empty = place and not counts[:place].any()
        if place and (gathered >= least or empty) and rest >= least:
            cells.append(int(start))
            gathered = 0
        gathered += counts[place]
    return tuple(cells)


def ranges_in(
    cells: tuple[int, ...], lower: NDArray[np.int64], upper: NDArray[np.int64]
) -> tuple[tuple[int, int], ...]:
    """The ranges over several cells that enough people have, as first and last cell, in order."""
    ends = np.stack([np.searchsorted(cells, end, side="right") - 1 for end in (lower, upper)])
    ranges, counts = np.unique(ends[:, ends[0] < ends[1]], axis=1, return_counts=True)
    common = np.argsort(-counts, kind="stable")[:MOST_RANGES]
    return tuple(sorted((int(a), int(b)) for a, b in ranges[:, common[counts[common] >= fewest(len(lower))]].T))


def evenly(counts: NDArray[np.intp]) -> int:
    """How many people a cell needs for about MOST_STRETCHES cells; common values, such as 0, are cells of their own."""
    common = counts * MOST_STRETCHES > counts.sum()
    cells = max(1, MOST_STRETCHES - np.count_nonzero(common))
    return int(counts[~common].sum() // cells)


def starts_of(question: Question, lower: NDArray[np.int64], upper: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where a stretch may begin: at plain answers and behind them, at ends of ranges, and not inside common ranges."""
    ends = np.concatenate([[question.minimum], lower, upper + 1])
    starts = np.unique(ends[ends <= question.maximum])
    plain = lower[lower == upper]
    ranges, counts = np.unique(np.stack([lower, upper])[:, lower < upper], axis=1, return_counts=True)
    for (low, high), count in zip(ranges.T, counts, strict=True):
        if count >= fewest(len(lower)) and count > np.count_nonzero((plain >= low) & (plain <= high)):
            starts = starts[(starts <= low) | (starts > high)]
    return starts


def most_telling(model: GlassBox, codes: Codes, labels: NDArray[np.int8], most: int) -> tuple[str, ...]:
    """The questions that help a model most to tell people apart whom it was not made from, at most so many.

    A question helps by as much as the log loss of the steps rises when its answers count as average. `codes` (n, f) and
    `labels` (n,) are of those people; the questions are in the model's order.
    """
    reached = labels[:, None] > np.arange(model.steps)
    signs = np.where(reached, -1.0, 1.0)
    log_odds = model.log_odds(codes)
    whole = np.logaddexp(0, signs * log_odds).sum()
    gains = [
        np.logaddexp(0, signs * (log_odds - table[codes[:, place]])).sum() - whole
        for place, table in enumerate(model.tables)
    ]
    best = np.argsort(-np.array(gains), kind="stable")[:most].tolist()
    return tuple(model.features[place].question for place in sorted(best) if gains[place] > 0)


def codes_of(questionnaire: Questionnaire, features: Sequence[Feature], answers: Answers) -> Codes:
    """(n, features): the code of everybody's answers, 'unknown' being the last of each feature."""
    return code_answers(questionnaire, features, answers)
