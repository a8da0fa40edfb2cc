"""Which unanswered questions can change the level, with a witness each, and which cannot, whatever else is answered.

A question *can* when two ways to complete the answers differ in it alone and give different levels; such a pair is
searched for and kept as the witness. It *cannot* when no rule that is still open and could set another level reads it:
that is read off the bounds, which hold for every completion, or seen by trying all completions where they are few.
What is neither shown nor ruled out is told as undecided.
"""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers, Column, write_json
from recommender.explain import TRIED_WHOLE, Explainer, OpenQuestion
from recommender.matters import trace, what_matters
from recommender.policy import LEVEL
from recommender.questionnaire import Question
from recommender.rules.definitions import Asked, needs, reached
from recommender.rules.tree import Nominal, names_read
from recommender.trial import KEPT, Rows, Trials, boundaries, linked, nothing, plain_answer
from recommender.trial import Outcome as Trial

# How often completions are built for a question that is not decided yet, in how many steps, and how many at least.
ROUNDS = 3
STEPS = 40
CHAINS = 200
# How many are drawn where none near the best can stand.
DRAWN = 2_000
# Drawn from a fixed seed: the same answers give the same report.
SEED = 1
# Where there are no more kinds of completions than this, all are tried.
MOST_TRIED = 12_000
TOP = 127


class Outcome(NamedTuple):
    """An answer to one question, as files write it, and the level that it gives."""

    answer: Any
    level: str


class Witness(NamedTuple):
    """Two completions that differ in one question: the other answers as files write them, and both outcomes.

    Answers to questions that are not asked in a completion count for nothing in it.
    """

    others: Mapping[str, Any]
    outcomes: tuple[Outcome, Outcome]


class OpenQuestions(NamedTuple):
    """The unanswered questions behind the level, by what answering them can do."""

    can: tuple[OpenQuestion, ...]
    cannot: tuple[str, ...]
    undecided: tuple[OpenQuestion, ...]
    witnesses: Mapping[str, Witness]

    def decided(self, witnesses: Mapping[str, Witness], never: Collection[str]) -> OpenQuestions:
        """The same, with the undecided questions moved that have a witness now, and those that can never matter."""
        return OpenQuestions(
            can=(*self.can, *(question for question in self.undecided if question.id in witnesses)),
            cannot=(*self.cannot, *(question.id for question in self.undecided if question.id in never)),
            undecided=tuple(q for q in self.undecided if q.id not in witnesses and q.id not in never),
            witnesses={**self.witnesses, **witnesses},
        )


def open_questions(explainer: Explainer) -> OpenQuestions:
    """The three lists for one person; all empty where the level is settled."""
    if explainer.at_least == explainer.at_most:
        return OpenQuestions((), (), (), {})
    narrow = narrowed(explainer)
    matter = can_matter(narrow)
    told = {question.id: question for question in explainer.still_open()}
    names = [name for name in told if name in matter] + sorted(matter - told.keys())
    completions = Completions(narrow, names)
    witnesses = completions.witnesses()
    matter -= completions.ruled_out
    questions = explainer.policy.questionnaire.questions
    kept = [told.get(name) or alone_never(explainer, questions[name]) for name in names if name in matter]
    return OpenQuestions(
        can=tuple(question for question in kept if question.id in witnesses),
        cannot=tuple(name for name in unanswered(explainer) if name not in matter),
        undecided=tuple(question for question in kept if question.id not in witnesses),
        witnesses=witnesses,
    )


def alone_never(explainer: Explainer, question: Question) -> OpenQuestion:
    """A question that matters only through others, such as one that decides whether another is asked."""
    return OpenQuestion(
        question.id, question.text, question.asked_by, explainer.at_least, explainer.at_most, alone=False
    )


def narrowed(explainer: Explainer) -> Explainer:
    """The same person without the answers that certainly contradict what is known; for looking only."""
    trials = Trials(explainer, answers_fall_away=False)
    names = [name for name in unanswered(explainer) if can_narrow(trials, name)]
    if not names:
        return explainer
    values = {name: kinds_of(trials, name) for name in names}
    rows = np.full((sum(map(len, values.values())), len(names)), KEPT, dtype=np.int64)
    places = np.repeat(np.arange(len(names)), [len(values[name]) for name in names])
    rows[np.arange(len(rows)), places] = [value for name in names for value in values[name]]
    stands = trials.run(names, rows).stands
    columns = dict(explainer.answers.columns)
    for place, name in enumerate(names):
        left = [value for value, can in zip(values[name], stands[places == place], strict=True) if can]
        if left and len(left) < len(values[name]):
            columns[name] = column_within(trials, name, left)
    return Explainer(explainer.policy, Answers(1, columns)) if columns != explainer.answers.columns else explainer


def can_narrow(trials: Trials, name: str) -> bool:
    """Whether the bounds of an open question count as they stand: not where a computation would replace them."""
    return trials.questions[name].computed is None and trials.is_asked(name)


def kinds_of(trials: Trials, name: str) -> list[int]:
    """The ends of every stretch of answers that no condition tells apart, rising."""
    question = trials.questions[name]
    low, high = trials.bounds(name)
    if isinstance(question.type, Nominal):
        return [value for value in range(len(question.names)) if low >> value & 1]
    rising, falling = trials.above(name, low), trials.below(name, high)
    return sorted({low, high, *(v for v in (*rising, *falling) if low <= v <= high)})


def column_within(trials: Trials, name: str, values: Sequence[int]) -> Column:
    """A column of one that holds the values left, and what holds where the question is not asked after all."""
    question = trials.questions[name]
    open_gate = question.ask_if is not None and trials.explainer.situation.truth(question.ask_if) is not True
    kept = {*values, *([question.when_not_asked] if open_gate else [])}
    now = trials.columns.get(name) or nothing(question)
    if isinstance(question.type, Nominal):
        bits = np.array([sum(1 << value for value in kept)], dtype=now.lower.dtype)
        return Column(bits, bits, now.state)
    lower, upper = (np.array([end], dtype=now.lower.dtype) for end in (min(kept), max(kept)))
    return Column(lower, upper, now.state)


def can_matter(explainer: Explainer) -> set[str]:
    """The unanswered questions that an open rule reads whose truth could change the level."""
    traced = trace(explainer.policy, explainer.answers.inputs(), 1)
    return {name for name, matters in what_matters(traced, parts_of_totals=False).questions.items() if matters.any()}


def unanswered(explainer: Explainer) -> list[str]:
    """The unanswered questions that the level may hang on for anybody; a total stands for its parts."""
    found = reached(functools.partial(beneath, explainer), LEVEL)
    return [name for name in explainer.policy.questionnaire.questions if name in found and not explainer.settled(name)]


def beneath(explainer: Explainer, name: str) -> frozenset[str]:
    """The names that a name hangs on; of a question that is open, those of its gate."""
    definition = explainer.policy.definitions[name]
    if not isinstance(definition, Asked):
        return needs(definition)
    gate = None if explainer.settled(name) else definition.ask_if
    return frozenset() if gate is None else names_read(gate)


class Known(NamedTuple):
    """Completions that stand (n, names), and the levels that they give (n,)."""

    rows: Rows
    levels: NDArray[np.int8]


class Completions:
    """Ways to answer `names` together, built so that one more answer is likely to decide.

    For a question and a level, the others are made worse one after another, as long as the level stays below and no
    contradiction arises. What is left then hangs on the question, if it can hang on it at all.
    """

    def __init__(self, explainer: Explainer, names: Sequence[str]) -> None:
        self.names = list(names)
        self.trials = Trials(explainer, answers_fall_away=False)
        self.questions = self.trials.questions
        self.levels = range(explainer.at_least + 1, explainer.at_most + 1)
        self.values = [self.possible(name) for name in self.names]
        self.chance = random.Random(SEED)  # noqa: S311  # nothing secret hangs on it
        self.found: dict[str, Witness] = {}
        # Questions of which all completions were tried, and none hangs on them.
        self.ruled_out: set[str] = set()

    def possible(self, name: str) -> list[int]:
        """One answer of each kind that the rules can tell apart, from the best to the worst where there is an order."""
        question = self.questions[name]
        low, high = self.trials.bounds(name)
        if isinstance(question.type, Nominal):
            return [value for value in range(len(question.names)) if low >> value & 1]
        if question.maximum - question.minimum < TRIED_WHOLE:
            found = list(range(low, high + 1))
        else:
            cuts = boundaries(self.trials.policy).get(name, frozenset())
            found = sorted({low, high, *(c for c in (*cuts, *self.trials.beside(name)) if low < c <= high)})
        return found[::-1] if question.worse == "down" else found

    def witnesses(self) -> dict[str, Witness]:
        """By question for which one was found, two completions that differ in it alone and give different levels."""
        if not self.names:
            return {}
        if math.prod(len(values) for values in self.values) <= MOST_TRIED:
            self.try_all()
            return self.found
        starts, single = self.near_the_best()
        for _ in range(ROUNDS):
            left = [place for place, name in enumerate(self.names) if name not in self.found]
            if not left or not len(starts.rows):
                break
            times = max(1, CHAINS // (len(left) * len(self.levels)))
            places = np.repeat(left, len(self.levels) * times)
            levels = np.tile(np.array(self.levels), len(left) * times)
            self.compare(places, self.just_below(places, levels, starts, single))
        return {name: self.found[name] for name in self.names if name in self.found}

    def try_all(self) -> None:
        """Decides by trying every kind of completion there is, where they are few."""
        rows = np.array(list(itertools.product(*self.values)), dtype=np.int64)
        outcome = self.trials.run(self.names, rows)
        together = linked(self.trials.policy)
        # Two open questions that are compared with each other contradict themselves at more answers than are tried.
        apart = not any(together.get(name, frozenset()) & set(self.names) for name in self.names)
        counted = outcome.stands if apart else np.ones(len(rows), dtype=bool)
        shape = [len(values) for values in self.values]
        numbers = np.arange(len(rows)).reshape(shape)
        for place, name in enumerate(self.names):
            group = numbers.min(axis=place, keepdims=True)
            groups = np.broadcast_to(group, shape).ravel()
            self.keep_witnesses(np.full(len(rows), place), rows, outcome, groups)
            highest = np.where(counted, outcome.at_most, -1).reshape(shape).max(axis=place)
            lowest = np.where(counted, outcome.at_least, TOP).reshape(shape).min(axis=place)
            if name not in self.found and not (highest > lowest).any():
                self.ruled_out.add(name)

    def near_the_best(self) -> tuple[Known, list[list[int]]]:
        """The completions with all answers at their best but one; and the level that each answer of each gives."""
        base = [values[0] for values in self.values]
        counts = [len(values) for values in self.values]
        places = np.repeat(np.arange(len(counts)), counts)
        table = np.tile(np.array(base, dtype=np.int64), (len(places), 1))
        table[np.arange(len(places)), places] = [value for values in self.values for value in values]
        outcome = self.trials.run(self.names, table)
        level = iter(outcome.at_least.tolist())
        single = [[next(level) for _ in values] for values in self.values]
        self.keep_witnesses(places, table, outcome)
        if not outcome.stands.any():
            table = np.array([[self.chance.choice(v) for v in self.values] for _ in range(DRAWN)], dtype=np.int64)
            outcome = self.trials.run(self.names, table)
        good = outcome.stands & (outcome.at_least == outcome.at_most)
        return Known(table[good], outcome.at_least[good]), single

    def just_below(self, places: Rows, levels: Rows, starts: Known, single: list[list[int]]) -> Rows:
        """For each pair of question and level, a completion below the level, the others as bad as they can be there."""
        count = len(places)
        rows = np.stack([self.start(starts, int(level)) for level in levels])
        first = rows.copy()
        order = np.array([self.order(int(place)) for place in places])
        targets = np.array([self.targets(int(level), single, order[row]) for row, level in enumerate(levels)])
        done, size = np.zeros(count, dtype=int), np.full(count, 4)
        steps = np.arange(order.shape[1])
        for _ in range(STEPS):
            active = np.flatnonzero(done < len(steps))
            if not len(active):
                break
            line, step = np.nonzero((steps >= done[active, None]) & (steps < (done + size)[active, None]))
            where = active[line], order[active[line], step]
            # What was made worse already stays: the second time round is for what was too much the first time.
            free = rows[where] == first[where]
            tried = rows[active]
            tried[line[free], where[1][free]] = targets[active[line], step][free]
            outcome = self.trials.run(self.names, tried)
            good = (outcome.at_least < levels[active]) & outcome.stands
            rows[active[good]] = tried[good]
            done[active] += np.where(good, size[active], np.where(size[active] == 1, 1, 0))
            size[active] = np.where(good, size[active] * 2, np.maximum(size[active] // 2, 1))
        return rows

    def start(self, starts: Known, level: int) -> Rows:
        """A completion with a lower level; where there is none, any."""
        below = np.flatnonzero(starts.levels < level)
        among = below if len(below) else np.arange(len(starts.levels))
        row: Rows = starts.rows[among[self.chance.randrange(len(among))]].copy()
        return row

    def order(self, place: int) -> list[int]:
        """The questions in the order in which they are made worse, twice; the one asked about comes first, once."""
        others = [other for other in range(len(self.names)) if other != place]
        self.chance.shuffle(others)
        return [place, *others, *others]

    def targets(self, level: int, single: list[list[int]], order: Rows) -> list[int]:
        """By step, the answer that a question is made worse to: one that does not reach the level alone."""
        found = []
        for step, place in enumerate(order.tolist()):
            pairs = zip(self.values[place], single[place], strict=True)
            below = [value for value, reached in pairs if reached < level] or self.values[place][:1]
            worst = 0 < step < len(self.names) and self.chance.random() < 0.6
            found.append(below[-1] if worst else self.chance.choice(below))
        return found

    def compare(self, places: Rows, rows: Rows) -> None:
        """Tries each question's every answer in its completion."""
        counts = [len(self.values[place]) for place in places]
        tried = np.repeat(rows, counts, axis=0)
        asked = np.repeat(places, counts)
        tried[np.arange(len(tried)), asked] = [value for place in places for value in self.values[place]]
        group = np.repeat(np.arange(len(places)), counts)
        self.keep_witnesses(asked, tried, self.trials.run(self.names, tried), group)

    def try_pair(self, name: str, first: Sequence[int], last: Sequence[int]) -> None:
        """Keeps two completions that differ in one question as its witness, if they stand and their levels differ."""
        rows = np.array([first, last], dtype=np.int64)
        self.keep_witnesses(np.full(2, self.names.index(name)), rows, self.trials.run(self.names, rows))

    def keep_witnesses(self, asked: Rows, rows: Rows, outcome: Trial, group: Rows | None = None) -> None:
        """Keeps a pair of rows of one group that differ in the question asked and in the level."""
        group = asked if group is None else group
        good = np.flatnonzero(outcome.stands & (outcome.at_least == outcome.at_most))
        lowest: dict[int, int] = {}
        for row in good:
            if len(self.found) == len(self.names):
                break
            name, number = self.names[int(asked[row])], int(group[row])
            first = lowest.setdefault(number, int(row))
            if name not in self.found and outcome.at_least[first] != outcome.at_least[row]:
                levels = [int(outcome.at_least[first]), int(outcome.at_least[row])]
                self.found[name] = self.witness(name, rows[first].tolist(), rows[row].tolist(), levels)

    def witness(self, name: str, first: Sequence[int], last: Sequence[int], levels: Sequence[int]) -> Witness:
        ids = self.trials.policy.ladder.ids
        place = self.names.index(name)
        others = {
            other: self.written(other, value)
            for other, value in zip(self.names, first, strict=True)
            if other != name and value != KEPT
        }
        one, two = (
            Outcome(self.written(name, row[place]), ids[level])
            for row, level in zip((first, last), levels, strict=True)
        )
        return Witness(others, (one, two))

    def written(self, name: str, value: int) -> Any:
        return write_json(self.questions[name], plain_answer(self.questions[name], value))


__all__ = ["OpenQuestions", "Outcome", "Witness", "open_questions"]
