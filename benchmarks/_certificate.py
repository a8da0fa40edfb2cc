"""A lower bound on the questions that any interview needs for one person, by an integer programme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy.optimize import Bounds as Ends
from scipy.optimize import LinearConstraint, milp

from recommender.answers import Answer, Answers, Column, column_of
from recommender.contradictions import compiled_checks
from recommender.interview.steps import instruments_of
from recommender.likely.levels import level_program
from recommender.matters import level_questions
from recommender.policy import LEVEL, Policy
from recommender.questionnaire import Question
from recommender.rules.bounds import MISSING, Bounds, Given
from recommender.rules.tree import Nominal

ROUNDS, TRIES, MOST_WAYS = 40, 160, 6


class SmallestCertificate:
    """A lower bound on how many questions any interview needs for one person.

    Units are questions, or the parts of an instrument that open together. Each way in which the level could be another
    (an intake without contradictions that differs in some units) has to be ruled out by asking one of these units. The
    cheapest choice of units that rules out all ways found is a lower bound; where the rules certify that choice, it is
    exact.
    """

    def __init__(self, policy: Policy, truth: dict[str, Answer], always: Iterable[str], level: int, seed: int) -> None:
        self.policy, self.truth, self.level = policy, truth, level
        self.always = frozenset(always)
        self.questions = policy.questionnaire.questions
        behind = level_questions(policy)
        free = [n for n in behind if n in truth and n not in self.always and self.questions[n].computed is None]
        self.units = units_of(policy, free)
        self.costs = np.array([len(unit) for unit in self.units], dtype=float)
        # What the person was not asked stays closed or opens with other answers; it is free to be anything.
        self.others = [n for n in behind if n not in truth and self.questions[n].computed is None]
        self.random = np.random.default_rng(seed)
        self.touchy = frozenset(n for c in policy.questionnaire.contradictions for n in c.questions)
        self.ways: list[frozenset[int]] = []

    def bound(self) -> tuple[float, bool]:
        """The bound without the questions that are always asked, and whether it is exact."""
        for _ in range(ROUNDS):
            chosen = self.cheapest()
            if self.certifies(chosen):
                return self.cost(chosen), True
            found = self.new_ways(chosen)
            if not found:
                return self.cost(chosen), False
            self.ways += found
        return self.cost(self.cheapest()), False

    def cost(self, chosen: frozenset[int]) -> float:
        return float(sum(self.costs[unit] for unit in chosen))

    def cheapest(self) -> frozenset[int]:
        """The cheapest units that meet every way found so far (an integer programme)."""
        if not self.ways:
            return frozenset()
        matrix = np.array([[unit in way for unit in range(len(self.units))] for way in self.ways], dtype=float)
        solved = milp(
            self.costs,
            constraints=LinearConstraint(matrix, lb=1),
            integrality=np.ones(len(self.units)),
            bounds=Ends(0, 1),
        )
        return frozenset(np.flatnonzero(solved.x > 0.5).tolist())

    def certifies(self, chosen: frozenset[int]) -> bool:
        """Whether the bounds are one level when only these units and what is always asked are known."""
        known = {*self.always, *(name for unit in chosen for name in self.units[unit])}
        inputs = {name: given_of(self.questions[name], [self.truth[name]]) for name in known if name in self.truth}
        level = level_program(self.policy).run(inputs)[LEVEL]
        return bool(level.lower[0] == level.upper[0])

    def new_ways(self, chosen: frozenset[int]) -> list[frozenset[int]]:
        """Ways to another level that these units do not rule out, each with as few units as was found."""
        free = [unit for unit in range(len(self.units)) if unit not in chosen]
        rows = [(self.moved(kind), units) for kind, units in self.tries(free)]
        other = self.other_level([values for values, _ in rows], [units for _, units in rows])
        found: list[frozenset[int]] = []
        for (values, units), ok in sorted(zip(rows, other, strict=True), key=lambda entry: len(entry[0][1])):
            if ok and len(found) < MOST_WAYS:
                way = self.shrunk(values, units)
                if way and not any(way >= old for old in found):
                    found.append(way)
        return found

    def tries(self, free: list[int]) -> Iterator[tuple[str, list[int]]]:
        """Which units to change, and how: all that are free, all without likely contradictions, few, one."""
        calm = [unit for unit in free if not self.touchy.intersection(self.units[unit])]
        for units in (free, calm):
            yield from ((kind, units) for kind in ("worst", "best", "any", "any"))
        for _ in range(TRIES):
            size = int(self.random.integers(2, 13))
            picked = self.random.permutation(calm if self.random.random() < 0.7 else free)[:size].tolist()
            yield ("worst", "best", "any")[int(self.random.integers(3))], picked
        if not self.ways:
            yield from ((kind, [unit]) for unit in free for kind in ("worst", "best", "any"))

    def shrunk(self, values: dict[str, int], free: Sequence[int]) -> frozenset[int]:
        """The same way with units set back to the person's own answers for as long as the level stays another."""
        units = list(free)
        for size in (max(1, len(units) // 2), max(1, len(units) // 4), max(1, len(units) // 8), 2, 1, 1):
            progress = True
            while progress and len(units) > 1:
                self.random.shuffle(units)
                groups = [units[start : start + size] for start in range(0, len(units), size)]
                kept = [[unit for unit in units if unit not in group] for group in groups]
                fine = self.other_level([values] * len(kept), kept)
                progress = any(fine) and any(len(rest) < len(units) for rest in kept)
                if progress:
                    units = min((rest for rest, ok in zip(kept, fine, strict=True) if ok), key=len)
        return frozenset(units)

    def moved(self, kind: str) -> dict[str, int]:
        """An answer to every free question: the worst, the best, or any."""
        values = {}
        for name in (*(name for unit in self.units for name in unit), *self.others):
            question = self.questions[name]
            worst = question.maximum if question.worse != "down" else question.minimum
            best = question.minimum if question.worse != "down" else question.maximum
            anything = int(self.random.choice([question.minimum, question.maximum, self.near(name)]))
            values[name] = {"worst": worst, "best": best}.get(kind, anything)
        return values

    def near(self, name: str) -> int:
        question = self.questions[name]
        return int(self.random.integers(question.minimum, question.maximum + 1))

    def other_level(self, rows: Sequence[dict[str, int]], changed: Sequence[Sequence[int]]) -> list[bool]:
        """For each row, whether changing these units to the row's values gives another level and no contradiction."""
        columns = {}
        count = len(rows)
        for name in self.truth:
            columns[name] = [self.truth[name]] * count
        for place, (row, units) in enumerate(zip(rows, changed, strict=True)):
            for unit in units:
                for name in self.units[unit]:
                    columns[name][place] = plain_answer(self.questions[name], row[name])
        inputs = {name: given_of(self.questions[name], answers) for name, answers in columns.items()}
        for name in inputs:
            # A changed answer may close the gate of another question, which then was not asked.
            if self.questions[name].ask_if is not None:
                inputs[name] = Given(inputs[name].bounds, np.full(count, MISSING, dtype=np.uint8))
        for name in self.others:
            answers = [plain_answer(self.questions[name], row[name]) for row in rows]
            given = given_of(self.questions[name], answers)
            # Not entered: it counts only where a changed answer opens it.
            inputs[name] = Given(given.bounds, np.full(count, MISSING, dtype=np.uint8))
        level = level_program(self.policy).run(inputs)[LEVEL]
        other = np.broadcast_to(level.lower, (count,)) != self.level
        return (other & ~self.contradictory(inputs, count)).tolist()

    def contradictory(self, inputs: dict[str, Given], count: int) -> np.ndarray:
        checks, program = compiled_checks(self.policy.questionnaire)
        values = program.run(inputs)
        answers = Answers(count, {n: Column(g.bounds.lower, g.bounds.upper, g.state) for n, g in inputs.items()})
        broken = np.zeros(count, dtype=bool)
        for check in checks:
            if not check.name.startswith("gate of"):
                broken |= check.broken(values[check.name], answers)
        return broken


def units_of(policy: Policy, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The questions one by one, or by instrument and condition where an instrument must stay whole."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        whole = instruments_of(policy).get(name)
        key = (whole[0], policy.questionnaire.questions[name].ask_if_text) if whole else (name,)
        groups.setdefault(key, []).append(name)
    return [tuple(group) for group in groups.values()]


def plain_answer(question: Question, value: int) -> Answer:
    bits = 1 << value if isinstance(question.type, Nominal) else value
    return Answer(bits, bits)


def given_of(question: Question, answers: Sequence[Answer]) -> Given:
    column = column_of(question, answers)
    return Given(Bounds(column.lower, column.upper), column.state)
