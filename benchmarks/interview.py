"""How many questions an interview asks until the level is certified, on synthetic people who answer everything.

    python benchmarks/interview.py [--people 10000] [--ours 200] [--certificates 200]

ours          the interview, with coordinator and nurse both there
a full form   every question that the person's gates open
b form order  the questions in the order of the form, until the level is certified
c smallest    a proved lower bound for any interview that asks all safety questions and keeps instruments whole: the
              cheapest set of answers that meets every known way in which the level could still be another

`a` and `b` are worked out for all people, `ours` for the first of them, `c` for the first of those. Every certified
level is compared with the level of the full form; one difference stops the run.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds as Ends
from scipy.optimize import LinearConstraint, milp

from recommender.answers import Answer, Answers, Column, unknown
from recommender.assessment import assess
from recommender.contradictions import compiled_checks
from recommender.interview import EVERYBODY, LEVEL_PHASE, SAFETY, Interview, LookAhead, steps, still_due
from recommender.likely.levels import level_program
from recommender.interview.matters import level_questions
from recommender.interview.findings import open_answer
from recommender.interview.steps import instruments_of
from recommender.likely import load_population
from recommender.policy import LEVEL, Policy
from recommender.policy_file import ADULT, load_policy
from recommender.rules.bounds import ANSWERED, MISSING, Bounds, Given
from recommender.rules.tree import Nominal
from recommender.simulation import simulate_answers

SEED = 4242
ROUNDS, TRIES, MOST_WAYS = 40, 160, 6


def person_at(answers: Answers, row: int) -> dict[str, Answer]:
    """One person's answers."""
    columns = answers.columns.items()
    return {n: Answer(int(c.lower[row]), int(c.upper[row])) for n, c in columns if c.state[row] == ANSWERED}


# ---------------------------------------------------------------------------------------------------------------- ours
@dataclass
class Replay:
    """What one interview asked, in order, and how long each look ahead took in seconds of the processor."""

    asked: list[str] = field(default_factory=list)
    safety: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    level: int = -1


def replay(policy: Policy, look_ahead: LookAhead, truth: dict[str, Answer]) -> Replay:
    """An interview with a person who answers everything. Raises AssertionError where it ends without a level."""
    interview, done = Interview(policy, {}), Replay()
    while not interview.certified:
        started = time.process_time()
        found = steps(interview, look_ahead, by=EVERYBODY, last=done.asked[-1] if done.asked else "")
        assert found, "nothing is left to ask, and the level is not certified"
        assert found[0].phase in (SAFETY, LEVEL_PHASE), "no question for the level is left, and it is not certified"
        if found[0].phase == LEVEL_PHASE:
            done.seconds.append(time.process_time() - started)
        for step in found:
            if step.phase == LEVEL_PHASE and interview.certified:
                break
            for name in still_due(interview, step):
                if interview.is_open(name):
                    answer = truth.get(name) or unknown(interview.question(name), 2)
                    interview = interview.with_answer(name, answer)
                    done.asked.append(name)
                    if step.phase == SAFETY:
                        done.safety.append(name)
    done.level = interview.bounds[0]
    return done


# ---------------------------------------------------------------------------------------------------------- form order
def in_form_order(policy: Policy, people: Answers, chunk: int = 1000) -> np.ndarray:
    """For everybody, how many questions are asked in the order of the form until the level is certified."""
    parts = [in_order(policy, people.rows(start, start + chunk)) for start in range(0, people.count, chunk)]
    return np.concatenate(parts)


def in_order(policy: Policy, people: Answers) -> np.ndarray:
    names = [name for name in policy.questionnaire.questions if name in people.columns]
    asked = np.zeros(people.count, dtype=int)
    result = np.zeros(people.count, dtype=int)
    open_rows = np.ones(people.count, dtype=bool)
    last_safety = max(names.index(name) for name in policy.safety_questions if name in names)
    inputs = {name: open_answer(policy.questionnaire.questions[name]) for name in policy.read_if_answered}
    for place, name in enumerate(names):
        column = people.columns[name]
        inputs[name] = Given(Bounds(column.lower, column.upper), column.state)
        asked += column.state == ANSWERED
        if place >= last_safety:
            level = level_program(policy).run(inputs)[LEVEL]
            certified = np.broadcast_to(level.lower == level.upper, (people.count,)) & open_rows
            result[certified] = asked[certified]
            open_rows = open_rows & ~certified
            if not open_rows.any():
                break
    result[open_rows] = asked[open_rows]
    return result


# -------------------------------------------------------------------------------------------------------- certificates
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


def plain_answer(question: object, value: int) -> Answer:
    bits = 1 << value if isinstance(question.type, Nominal) else value  # type: ignore[attr-defined]
    return Answer(bits, bits)


def given_of(question: object, answers: Sequence[Answer]) -> Given:
    from recommender.answers import column_of

    column = column_of(question, answers)  # type: ignore[arg-type]
    return Given(Bounds(column.lower, column.upper), column.state)


# ------------------------------------------------------------------------------------------------------------- figures
def table(policy: Policy, levels: np.ndarray, columns: dict[str, np.ndarray]) -> Iterator[str]:
    """Median and 90th percentile of each column, for each final level and for all."""
    heads = "".join(f"{name:>22}" for name in columns)
    yield f"{'final level':<32}{'people':>8}{heads}"
    ranks = [(level.name, levels == level.rank) for level in policy.ladder.levels]
    for name, here in (*ranks, ("all", np.ones(len(levels), dtype=bool))):
        if here.any():
            cells = "".join(f"{middle_and_high(values[here[: len(values)]]):>22}" for values in columns.values())
            yield f"{name:<32}{here.sum():>8}{cells}"


def middle_and_high(values: np.ndarray) -> str:
    if not len(values):
        return "-"
    return f"{np.median(values):.0f} / {np.percentile(values, 90):.0f} (n={len(values)})"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=10_000)
    arguments.add_argument("--ours", type=int, default=200)
    arguments.add_argument("--certificates", type=int, default=200)
    given = arguments.parse_args()
    policy = load_policy(ADULT)
    population = load_population(policy.questionnaire)
    look_ahead = LookAhead(policy, population)
    people = simulate_answers(given.people, SEED, unknown_share=0)
    levels = assess(policy, people).level_at_least
    full = np.sum([column.state == ANSWERED for column in people.columns.values()], axis=0)
    columns = {"a full form": full, "b form order": in_form_order(policy, people)}
    print(f"{given.people} synthetic people, seed {SEED}; {population.origin}. Median / 90th percentile of questions.")
    print("\n".join(table(policy, levels, columns)), flush=True)

    replays: list[Replay] = []
    for row in range(min(given.ours, given.people)):
        done = replay(policy, look_ahead, person_at(people, row))
        if done.level != levels[row]:
            raise SystemExit(f"row {row}: certified {done.level}, the full form says {levels[row]}")
        replays.append(done)
    ours = np.array([len(done.asked) for done in replays])
    seconds = np.array([second for done in replays for second in done.seconds])
    columns["ours"] = ours
    print(f"\nours: {len(ours)} people, every certified level is that of the full form")
    share = np.median(ours / full[: len(ours)])
    print(
        f"questions asked, of the full form: median {share:.0%}; of them for safety: "
        f"{np.median([len(done.safety) for done in replays]):.0f}"
    )
    print(
        f"time of the processor to find the next questions: median {np.median(seconds) * 1000:.0f} ms, "
        f"90th percentile {np.percentile(seconds, 90) * 1000:.0f} ms"
    )

    smallest, exact, wasted = [], 0, Counter()
    for row, done in enumerate(replays[: given.certificates]):
        certificate = SmallestCertificate(policy, person_at(people, row), done.safety, int(levels[row]), row)
        bound, is_exact = certificate.bound()
        exact += is_exact
        smallest.append(len(done.safety) + bound)
        needed = {name for unit in certificate.cheapest() for name in certificate.units[unit]}
        wasted.update(name for name in done.asked if name not in needed and name not in done.safety)
    if smallest:
        columns["c smallest"] = np.array(smallest)
        ratio = ours[: len(smallest)] / columns["c smallest"]
        print(
            f"c: {len(smallest)} people, exact for {exact}; ours / c: median {np.median(ratio):.2f}, "
            f"90th percentile {np.percentile(ratio, 90):.2f}"
        )
        print(
            "asked although a smallest certificate does without: "
            + ", ".join(f"{name} {count}" for name, count in wasted.most_common(15))
        )
    print("\n".join(table(policy, levels, columns)))


if __name__ == "__main__":
    main()
