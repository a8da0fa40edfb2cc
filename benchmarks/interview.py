"""How many questions an interview asks until the level is certified, on synthetic people who answer everything.

    python benchmarks/interview.py [--people 10000] [--certificates 200] [--kept build/interview.json]

ours          the interview, with coordinator and nurse both there
a full form   every question that the person's gates open
b form order  the questions in the order of the form, until the level is certified
c smallest    a proved lower bound for any interview that asks all safety questions and keeps instruments whole: the
              cheapest set of answers that meets every known way in which the level could still be another

`c` is worked out for the first people only. Every certified level is compared with the level of the full form, for
everybody and in both orders; a difference is counted and ends in an error. What was found is kept in a file as it goes,
and a run that was stopped goes on from there, as long as people, policy and population are the same.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _certificate import SmallestCertificate

from recommender.answers import Answer, Answers
from recommender.assessment import assess
from recommender.interview import EVERYBODY, Interview, LookAhead, steps
from recommender.interview.findings import open_answer
from recommender.interview.replay import Replay, replay
from recommender.likely import load_population
from recommender.likely.levels import level_program
from recommender.policy import LEVEL, Policy
from recommender.policy_file import ADULT, load_policy
from recommender.rules.bounds import ANSWERED, Bounds, Given
from recommender.simulation import simulate_answers

SEED = 4242
AT_A_TIME = 500
TIMED = 12


class Bench:
    """The people, what is true of them, and what was found so far."""

    def __init__(self, people: int, kept: Path) -> None:
        self.policy = load_policy(ADULT)
        self.population = load_population(self.policy.questionnaire)
        self.look_ahead = LookAhead(self.policy, self.population)
        self.answers = simulate_answers(people, SEED, unknown_share=0)
        self.levels = assess(self.policy, self.answers).level_at_least
        self.kept = kept
        self.found = self.found_before()

    def found_before(self) -> dict[str, Any]:
        """What an earlier run has kept, if it was the same."""
        about = {
            "people": self.answers.count,
            "seed": SEED,
            "policy": self.policy.hash,
            "population": self.population.hash,
        }
        if self.kept.exists():
            before: dict[str, Any] = json.loads(self.kept.read_text(encoding="utf-8"))
            if before["about"] == about:
                return before
        return {"about": about, "ours": {}, "seconds": 0.0, "exceptions": [], "smallest": {}}

    def keep(self) -> None:
        """Puts what was found so far in the file."""
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        partial = self.kept.with_suffix(".partial")
        partial.write_text(json.dumps(self.found), encoding="utf-8")
        partial.replace(self.kept)

    def person(self, row: int) -> dict[str, Answer]:
        """One person's answers."""
        columns = self.answers.columns.items()
        return {n: Answer(int(c.lower[row]), int(c.upper[row])) for n, c in columns if c.state[row] == ANSWERED}

    # ------------------------------------------------------------------------------------------------------------ ours
    def interview_everybody(self) -> None:
        """Replays the interview of everybody who is left, and compares each certified level with the full form's."""
        for start in range(0, self.answers.count, AT_A_TIME):
            rows = range(start, min(start + AT_A_TIME, self.answers.count))
            if str(rows[-1]) in self.found["ours"]:
                continue
            people = [self.person(row) for row in rows]
            began = time.process_time()
            done = list(replay(self.policy, self.look_ahead, people))
            self.found["seconds"] += time.process_time() - began
            for one in done:
                row = rows[one.row]
                self.found["ours"][str(row)] = [len(one.asked), len(one.asked_for_safety)]
                if one.interview.bounds != (self.levels[row], self.levels[row]):
                    self.found["exceptions"].append(row)
            self.keep()

    def ours(self) -> np.ndarray:
        """By person, how many questions were asked, and how many of them for safety: (n, 2)."""
        return np.array([self.found["ours"][str(row)] for row in range(self.answers.count)])

    # ---------------------------------------------------------------------------------------------------- certificates
    def bound_from_below(self, people: int) -> Counter[str]:
        """Works out `c` for the first people; gives how often a question was asked that no smallest set needs."""
        rows = range(min(people, self.answers.count))
        needless: Counter[str] = Counter()
        for one in replay(self.policy, self.look_ahead, [self.person(row) for row in rows]):
            if str(one.row) not in self.found["smallest"]:
                self.found["smallest"][str(one.row)] = self.smallest(one)
                self.keep()
            needed = self.found["smallest"][str(one.row)][-1]
            needless.update(set(one.asked) - set(one.asked_for_safety) - set(needed))
        return needless

    def smallest(self, one: Replay) -> list[Any]:
        """The size of a smallest set that certifies one person's level, whether it is exact, and one such set."""
        safety, level = one.asked_for_safety, int(self.levels[one.row])
        certificate = SmallestCertificate(self.policy, one.truth, safety, level, one.row)
        size, exact = certificate.bound()
        needed = sorted(name for unit in certificate.cheapest() for name in certificate.units[unit])
        return [len(safety) + size, exact, needed]

    # ------------------------------------------------------------------------------------------------------------ time
    def times_in_a_terminal(self) -> list[float]:
        """Seconds of the processor from an answer to the next question for the level, one interview at a time."""
        found = []
        for one in replay(self.policy, self.look_ahead, [self.person(row) for row in range(TIMED)]):
            for count in range(len(one.asked_for_safety), len(one.asked)):
                answers = {name: one.truth[name] for name in one.asked[:count]}
                began = time.process_time()
                steps(Interview(self.policy, answers), self.look_ahead, by=EVERYBODY, last=one.asked[count - 1])
                found.append(time.process_time() - began)
        return found


# ---------------------------------------------------------------------------------------------------------- form order
def in_form_order(policy: Policy, people: Answers, levels: np.ndarray, chunk: int = 1000) -> np.ndarray:
    """For everybody, how many questions are asked in the order of the form until the level is certified."""
    starts = range(0, people.count, chunk)
    return np.concatenate([in_order(policy, people.rows(s, s + chunk), levels[s : s + chunk]) for s in starts])


def in_order(policy: Policy, people: Answers, levels: np.ndarray) -> np.ndarray:
    names = [name for name in policy.questionnaire.questions if name in people.columns]
    asked, result = np.zeros(people.count, dtype=int), np.zeros(people.count, dtype=int)
    going = np.ones(people.count, dtype=bool)
    last_safety = max(names.index(name) for name in policy.safety_questions if name in names)
    inputs = {name: open_answer(policy.questionnaire.questions[name]) for name in policy.read_if_answered}
    for place, name in enumerate(names):
        column = people.columns[name]
        inputs[name] = Given(Bounds(column.lower, column.upper), column.state)
        asked += column.state == ANSWERED
        if place >= last_safety and going.any():
            level = level_program(policy).run(inputs)[LEVEL]
            certified = np.broadcast_to(level.lower == level.upper, (people.count,)) & going
            assert (np.broadcast_to(level.lower, (people.count,)) == levels)[certified].all()
            result[certified] = asked[certified]
            going &= ~certified
    result[going] = asked[going]
    return result


# ------------------------------------------------------------------------------------------------------------- figures
def table(policy: Policy, levels: np.ndarray, columns: dict[str, np.ndarray]) -> Iterator[str]:
    """Median and 90th percentile of each column, for each final level and for all."""
    heads = "".join(f"{name:>22}" for name in columns)
    yield f"{'final level':<52}{'people':>8}{heads}"
    ranks = [(level.name, levels == level.rank) for level in policy.ladder.levels]
    for name, here in (*ranks, ("all", np.ones(len(levels), dtype=bool))):
        if here.any():
            cells = "".join(f"{middle_and_high(values[here[: len(values)]]):>22}" for values in columns.values())
            yield f"{name:<52}{here.sum():>8}{cells}"


def middle_and_high(values: np.ndarray) -> str:
    if not len(values):
        return "-"
    return f"{np.median(values):.0f} / {np.percentile(values, 90):.0f} (n={len(values)})"


def report(bench: Bench, needless: Counter[str]) -> Iterator[str]:
    """The figures, and the table of all columns by final level."""
    full = np.sum([column.state == ANSWERED for column in bench.answers.columns.values()], axis=0)
    asked, safety = bench.ours().T
    columns = {"a full form": full, "b form order": in_form_order(bench.policy, bench.answers, bench.levels)}
    columns["ours"] = asked
    yield f"ours: {len(asked)} people, exceptions to the full form's level: {len(bench.found['exceptions'])}"
    yield f"asked, of the full form: median {np.median(asked / full):.0%}; for safety: {np.median(safety):.0f}"
    yield f"side by side: {bench.found['seconds'] / asked.sum() * 1000:.2f} ms of the processor a question"
    times = np.array(bench.times_in_a_terminal()) * 1000
    yield (
        f"alone, to the next question for the level: median {np.median(times):.0f} ms of the processor, "
        f"90th percentile {np.percentile(times, 90):.0f} ms"
    )
    if bench.found["smallest"]:
        rows = range(len(bench.found["smallest"]))
        columns["c smallest"] = np.array([bench.found["smallest"][str(row)][0] for row in rows])
        exact = sum(bench.found["smallest"][str(row)][1] for row in rows)
        ratio = asked[: len(rows)] / columns["c smallest"]
        yield (
            f"c: {len(rows)} people, exact for {exact}; ours / c: median {np.median(ratio):.2f}, "
            f"90th percentile {np.percentile(ratio, 90):.2f}"
        )
        often = ", ".join(f"{name} {count}" for name, count in needless.most_common(15))
        yield f"asked although a smallest set does without: {often}"
    yield from table(bench.policy, bench.levels, columns)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=10_000)
    arguments.add_argument("--certificates", type=int, default=200)
    arguments.add_argument("--kept", type=Path, default=Path("build/interview.json"))
    given = arguments.parse_args()
    bench = Bench(given.people, given.kept)
    print(f"{given.people} synthetic people, seed {SEED}; {bench.population.origin}. Median / 90th percentile.")
    bench.interview_everybody()
    needless = bench.bound_from_below(given.certificates)
    for line in report(bench, needless):
        print(line, flush=True)
    if bench.found["exceptions"]:
        raise SystemExit(f"the certified level is not the full form's in the rows {bench.found['exceptions'][:20]}")


if __name__ == "__main__":
    main()
