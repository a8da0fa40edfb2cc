"""How many referrals a second the whole adult policy scores in memory, on one core: bounds, ratings, flags and masks.

Printed beside the floor of merely reading the same answer columns once (a sum over each), in the same run.

    python benchmarks/rules.py [ROWS]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import numpy as np

from recommender.answers import ANSWERED, MISSING, Answers, Column
from recommender.assessment import assess
from recommender.policy import Policy
from recommender.policy_file import load_policy
from recommender.questionnaire import Question
from recommender.rules.bounds import dtype_of
from recommender.rules.tree import Nominal

REPEATS = 3


def random_column(question: Question, rows: int, unknown: float, random: np.random.Generator) -> Column:
    """Plain random answers, a share of them missing."""
    kind = dtype_of(question.type)
    if isinstance(question.type, Nominal):
        values = (1 << random.integers(0, len(question.type.choices), rows)).astype(kind)
    else:
        values = random.integers(question.minimum, question.maximum + 1, rows).astype(kind)
    state = np.full(rows, ANSWERED, dtype=np.uint8)
    if unknown == 0 or isinstance(question.type, Nominal):
        return Column(values, values, state)
    gone = random.random(rows) < unknown
    state[gone] = MISSING
    lower, upper = (np.where(gone, kind.type(end), values) for end in (question.minimum, question.maximum))
    return Column(lower, upper, state)


def population(policy: Policy, rows: int, unknown: float) -> Answers:
    """Made-up answers to every question that the policy uses and nobody computes."""
    random = np.random.default_rng(1)
    questions = [policy.questionnaire.questions[name] for name in policy.questions_used]
    asked = [question for question in questions if question.computed is None]
    return Answers(rows, {question.id: random_column(question, rows, unknown, random) for question in asked})


def seconds(work: Callable[[], object]) -> float:
    """The best of a few runs."""
    best = float("inf")
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Runs the comparison and prints one line of JSON a case."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    policy = load_policy()
    assess(policy, population(policy, 10, 0))
    for unknown in (0.0, 0.3):
        answers = population(policy, rows, unknown)
        floor = seconds(lambda answers=answers: [c.lower.sum() + c.upper.sum() for c in answers.columns.values()])
        taken = seconds(lambda answers=answers: assess(policy, answers))
        print(
            json.dumps(
                {
                    "rows": rows,
                    "share_unknown": unknown,
                    "columns": len(answers.columns),
                    "rows_per_second": round(rows / taken),
                    "times_the_floor": round(taken / floor, 2),
                }
            )
        )


if __name__ == "__main__":
    main()
