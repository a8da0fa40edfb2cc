"""The smallest changes of one person's answers that would lower, or raise, the level that is certain.

Only changes that make sense are looked at: each question says in `changes` whether its answer can become another from
now on. A set of answers is listed when changing them all moves the level and changing fewer of them does not.

How it is proved. The rules are monotone: a worse answer never lowers the level. So the best that a set of questions can
do is seen with all of them at their best ends, and one row of trials decides each set. Sets are searched by size, those
that hold a smaller one are left out, and what every solution needs is found first. For the sets that are left, all
answers on either side of every cut-off are tried, with the contradictions of the questionnaire. What is listed was
evaluated as it stands, whatever the policy; that nothing smaller was missed rests on the policy being monotone.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answer, answers_of, write_json
from recommender.assessment import BLOCKED, STATUSES, assess
from recommender.contradictions import compiled_checks, reads
from recommender.explain import Explainer, question_words
from recommender.policy import LEVEL, Policy
from recommender.questionnaire import Question
from recommender.rules.definitions import Asked, Formula, questions_behind
from recommender.rules.tree import Nominal, names_read
from recommender.trial import KEPT, Rows, Trials, plain_answer

# The most answers that are changed at once, and after how many sets found no larger ones are searched.
MOST_ANSWERS = 4
ENOUGH = 4
MOST_LISTED = 12
# The most rows of trials in which sets are looked at, one a set; beyond it the search says how far it came.
MOST_ROWS = 40_000
# The most rows in which all values of promising sets are tried.
MOST_TRIED = 200_000

EMERGENCY = STATUSES[BLOCKED]

Names = frozenset[str]
Values = Mapping[str, Sequence[int]]
Reached = Callable[[NDArray[np.int8]], NDArray[np.bool_]]


class NewAnswer(NamedTuple):
    """One answer that changes: what is known now and what would suffice, in words; `value` is that as files have it."""

    question: str
    text: str
    changes: str
    before: str
    after: str
    value: Any


class Change(NamedTuple):
    """Answers that move the level when all of them change, the level and status that follow, and what falls away.

    `not_asked` names the answers that are dropped because their questions are not asked any more. `movement` adds up
    how far the answers move, each from 0 to 1.
    """

    answers: tuple[NewAnswer, ...]
    level: str
    status: str
    not_asked: tuple[str, ...]
    movement: float

    @property
    def new(self) -> dict[str, Any]:
        """The new answers as files write them."""
        return {answer.question: answer.value for answer in self.answers}


class Changes(NamedTuple):
    """The smallest sets in one direction: the fewest answers first, emergencies last, then the least movement.

    All sets of up to `complete_to` answers were searched, `left_off` of those found are not listed. `possible` is false
    where it is proved that no change of answers, however many, moves the level in this direction.
    """

    sets: tuple[Change, ...]
    complete_to: int
    possible: bool
    left_off: int = 0


class SmallestChanges(NamedTuple):
    """What would lower the level, and what would raise it."""

    lower: Changes
    higher: Changes


class Found(NamedTuple):
    """A set that moves the level, with the nearest answers that do."""

    names: Names
    new: Mapping[str, int]
    movement: float


def smallest_changes(explainer: Explainer, answers: Mapping[str, Answer]) -> SmallestChanges:
    """What would lower and what would raise the certain level of the person whose `answers` are explained."""
    trials = Trials(explainer)
    level = explainer.at_least
    lower = Search(trials, better_values(trials), read_by_what_holds(explainer), lambda found: found < level)
    higher = Search(trials, worse_values(trials), behind_level(explainer.policy), lambda found: found > level)
    results = (lower.run() if level > 0 else ([], MOST_ANSWERS, False), higher.run())
    told = iter(described(trials, answers, [one for found, _, _ in results for one in found]))
    return SmallestChanges(
        *(
            listed(sorted(itertools.islice(told, len(found)), key=rank), complete, possible)
            for found, complete, possible in results
        )
    )


def rank(change: Change) -> tuple[int, bool, float, list[str]]:
    """The fewest answers first, emergencies last, then the least movement."""
    return len(change.answers), change.status == EMERGENCY, change.movement, sorted(change.new)


def listed(changes: Sequence[Change], complete_to: int, possible: bool) -> Changes:
    """The first of the changes, in their order."""
    return Changes(tuple(changes[:MOST_LISTED]), complete_to, possible, max(0, len(changes) - MOST_LISTED))


def changed(policy: Policy, answers: Mapping[str, Answer], new: Mapping[str, int]) -> dict[str, Answer]:
    """A person's answers after a change to plain values: what is then not asked falls away."""
    return Trials(Explainer(policy, answers_of(policy.questionnaire, [answers]))).after(answers, [new])[0]


# ------------------------------------------------------------------------------------------------------ what can change
def better_values(trials: Trials) -> dict[str, list[int]]:
    """By question with an answer, the better answers worth trying."""
    answered = filter(trials.is_answered, trials.questions)
    return {name: values for name in answered if (values := trials.better(name) or trials.other(name))}


def worse_values(trials: Trials) -> dict[str, list[int]]:
    """By question with an answer, or that is not asked now, the worse answers worth trying."""
    return {
        name: values
        for name, question in trials.questions.items()
        if trials.is_answered(name) or (question.computed is None and not trials.is_asked(name))
        if (values := trials.worse(name) or trials.other(name))
    }


def read_by_what_holds(explainer: Explainer) -> Names:
    """The questions behind the rules that hold the certain level: lowering it must change some of them."""
    policy, level = explainer.policy, explainer.at_least
    waiting = [rule.id for rule in policy.level_rules if rule.value == level and rule.id in explainer.fired]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        definition = policy.definitions[name]
        if isinstance(definition, Formula):
            waiting.extend(names_read(definition.node))
        elif isinstance(definition, Asked):
            inner = (node for node in (definition.ask_if, definition.computed) if node is not None)
            waiting.extend(part for node in inner for part in names_read(node))
        else:
            waiting.extend(rule for rule, _ in definition.cases if rule in explainer.fired)
    return frozenset(seen & policy.questionnaire.questions.keys())


@functools.lru_cache(maxsize=4)
def behind_level(policy: Policy) -> Names:
    """Every question that the level depends on."""
    return questions_behind(policy.definitions, LEVEL)


@functools.lru_cache(maxsize=4)
def contradicting(policy: Policy) -> Mapping[str, Names]:
    """By question, the others with which it can contradict itself."""
    checks, _ = compiled_checks(policy.questionnaire)
    found: dict[str, Names] = {}
    for read in (reads(policy.questionnaire, check) for check in checks):
        for name in read:
            found[name] = found.get(name, frozenset()) | read
    return found


# -------------------------------------------------------------------------------------------------------------- search
class Search:
    """The smallest sets among `relevant` questions of which some values move the level."""

    def __init__(self, trials: Trials, values: Values, relevant: Names, reached: Reached) -> None:
        self.trials, self.values, self.reached = trials, values, reached
        self.relevant = [name for name in values if name in relevant]
        directed = {name for name in values if trials.questions[name].worse != "none"}
        self.ends: Values = {name: [found[-1]] if name in directed else found for name, found in values.items()}
        self.found: list[Found] = []
        # Sets that would move the level, but not without a contradiction.
        self.failed: list[Names] = []

    def run(self) -> tuple[list[Found], int, bool]:
        """What was found, up to which size the search is complete, and whether any change can move the level."""
        self.judge([frozenset({name}) for name in self.relevant])
        if len(self.found) >= ENOUGH:
            return self.found, 1, True
        possible, needed = self.needed()
        if not possible:
            return [], MOST_ANSWERS, False
        complete, fresh = self.fresh(needed)
        reaching = itertools.compress(fresh, self.reaching(fresh))
        complete = self.judge_within(self.smallest(reaching), complete)
        # A set that fails is tried with every one question more, and not with two.
        complete = min([complete, *(len(failed) + 1 for failed in self.failed)])
        complete = self.judge_within([names for names in self.extended() if len(names) <= complete], complete)
        return [found for found in self.found if len(found.names) <= complete], complete, True

    def needed(self) -> tuple[bool, Names]:
        """Whether all changes together move the level, and the questions without which all others do not."""
        everything = frozenset(self.relevant)
        sets = [everything, *(everything - {name} for name in self.relevant)]
        can, *without = self.reaching(sets[:1] if self.rows_of(sets, self.ends) > MOST_ROWS else sets)
        needed = (name for name, reached in zip(self.relevant, without, strict=False) if not reached)
        return can, frozenset(needed)

    def fresh(self, needed: Names) -> tuple[int, list[Names]]:
        """The sets of two and more that may move the level, by size, and up to which size there is room for them."""
        alone = {name for one in (*self.failed, *(found.names for found in self.found)) for name in one}
        others = [name for name in self.relevant if name not in needed and name not in alone]
        sets: list[Names] = []
        room = MOST_ROWS
        for size in range(2, MOST_ANSWERS + 1):
            more = size - len(needed)
            if more < 0 or needed & alone:
                continue
            if math.comb(len(others), more) > room:
                return size - 1, sets
            wider = [needed.union(rest) for rest in itertools.combinations(others, more)]
            room -= self.rows_of(wider, self.ends)
            if room < 0:
                return size - 1, sets
            sets += wider
        return MOST_ANSWERS, sets

    def smallest(self, sets: Iterable[Names]) -> list[Names]:
        """Those that hold no other, of sets that come by size."""
        kept: list[Names] = []
        for names in sets:
            if not any(smaller <= names for smaller in kept):
                kept.append(names)
        return kept

    def judge_within(self, sets: Sequence[Names], complete: int) -> int:
        """Judges sets that come by size, as long as there is room; up to which size that makes the search complete."""
        room = MOST_TRIED
        for place, names in enumerate(sets):
            room -= self.rows_of([names], self.values)
            if room < 0:
                complete = min(complete, len(names) - 1)
                sets = [kept for kept in sets[:place] if len(kept) <= complete]
                break
        self.judge(sets)
        return complete

    def judge(self, sets: Sequence[Names]) -> None:
        """Keeps of each set the nearest answers that move the level and stand together.

        A set that moves the level and never without a contradiction is kept as failed.
        """
        if not sets:
            return
        names, rows, owner = self.table(sets, self.values)
        outcome = self.trials.run(names, rows)
        moves = self.reached(outcome.at_least)
        best: dict[int, Found] = {}
        for row in np.flatnonzero(moves & outcome.stands):
            new = {name: int(value) for name, value in zip(names, rows[row], strict=True) if value != KEPT}
            movement = sum(self.movement(name, value) for name, value in new.items())
            place = int(owner[row])
            if place not in best or movement < best[place].movement - 1e-9:
                best[place] = Found(sets[place], new, movement)
        self.found.extend(best.values())
        self.failed.extend(sets[place] for place in np.unique(owner[moves]) if place not in best)

    def extended(self) -> list[Names]:
        """Sets that failed, each with one question more: of those that matter, or that can settle the contradiction."""
        wider: dict[Names, None] = {}
        for failed in self.failed:
            beside = frozenset().union(*(contradicting(self.trials.policy).get(name, frozenset()) for name in failed))
            for name in self.values:
                if name not in failed and (name in self.relevant or name in beside):
                    wider[failed | {name}] = None
        return self.smallest(
            sorted(
                (names for names in wider if not any(found.names < names for found in self.found)),
                key=lambda names: (len(names), sorted(names)),
            )
        )

    def reaching(self, sets: Sequence[Names]) -> list[bool]:
        """Which sets move the level at their best, contradictions aside."""
        if not sets:
            return []
        names, rows, owner = self.table(sets, self.ends)
        reached = self.reached(self.trials.run(names, rows).at_least)
        return [bool(count) for count in np.bincount(owner[reached], minlength=len(sets))]

    @functools.cached_property
    def movements(self) -> dict[tuple[str, int], float]:
        return {}

    def movement(self, name: str, value: int) -> float:
        if (name, value) not in self.movements:
            self.movements[name, value] = self.trials.movement(name, value)
        return self.movements[name, value]

    def rows_of(self, sets: Iterable[Names], values: Values) -> int:
        return sum(math.prod(len(values[name]) for name in names) for names in sets)

    def table(self, sets: Sequence[Names], values: Values) -> tuple[list[str], Rows, NDArray[np.int64]]:
        """The names in all sets, one row for each combination of values of each set, and which set a row is of."""
        together = frozenset().union(*sets)
        names = [name for name in self.values if name in together]
        place = {name: number for number, name in enumerate(names)}
        counts = [math.prod(len(values[name]) for name in one) for one in sets]
        rows = np.full((sum(counts), len(names)), KEPT, dtype=np.int64)
        start = 0
        for one, count in zip(sets, counts, strict=True):
            inside = sorted(one, key=place.__getitem__)
            if count == 1:
                for name in inside:
                    rows[start, place[name]] = values[name][0]
            else:
                rows[start : start + count, [place[name] for name in inside]] = list(
                    itertools.product(*(values[name] for name in inside))
                )
            start += count
        return names, rows, np.repeat(np.arange(len(sets)), counts)


# --------------------------------------------------------------------------------------------------------------- words
def described(trials: Trials, answers: Mapping[str, Answer], found: Sequence[Found]) -> Iterator[Change]:
    """What was found in words, each set applied for real once more."""
    policy = trials.policy
    after = trials.after(answers, [one.new for one in found])
    result = assess(policy, answers_of(policy.questionnaire, after))
    for row, (one, told) in enumerate(zip(found, after, strict=True)):
        level = policy.ladder.ids[int(result.level_at_least[row])]
        gone = tuple(name for name in answers if name not in told and name not in trials.worked_out)
        new = tuple(new_answer(trials, name, value) for name, value in one.new.items())
        yield Change(new, level, STATUSES[int(result.status[row])], gone, round(one.movement, 6))


def new_answer(trials: Trials, name: str, value: int) -> NewAnswer:
    question = trials.questions[name]
    before = question_words(question, *trials.bounds(name)) if is_known(trials, name) else "not asked"
    written = write_json(question, plain_answer(question, value))
    return NewAnswer(name, question.text, question.changes, before, value_words(trials, question, value), written)


def is_known(trials: Trials, name: str) -> bool:
    """Whether there is an answer, or may be one."""
    return trials.is_answered(name) or trials.is_asked(name)


def value_words(trials: Trials, question: Question, value: int) -> str:
    """A new answer in words; of a count, also that more of the same direction does."""
    if question.kind != "count" or question.worse == "none":
        bits = 1 << value if isinstance(question.type, Nominal) else value
        return question_words(question, bits, bits)
    low, _ = trials.bounds(question.id)
    further = " or fewer" if value < low else " or more"
    at_the_end = value in (question.minimum, question.maximum)
    return question.words_of(value) + ("" if at_the_end else further)


__all__ = ["Change", "Changes", "NewAnswer", "SmallestChanges", "changed", "smallest_changes"]
