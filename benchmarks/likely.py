"""How good the likely levels are: calibration and hits on synthetic people with answers hidden, and on the vignettes.

    python benchmarks/likely.py [--people 2000] [--population FILE]

Answers are hidden at random, or by whole topics. Safety questions, and the questions that open them, stay known, as
after the first part of an interview. The people are of another seed than those the population was fitted to. They come
from the same simulation: on real people the figures would be worse.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recommender.answers import Answers, Column, unknown
from recommender.assessment import Assessment, assess
from recommender.cases import calibrate, load_calibration
from recommender.likely import LikelyLevels, Population, likely_levels, load_population
from recommender.likely.population import PACKAGED
from recommender.policy import Policy
from recommender.policy_file import ADULT, load_policy
from recommender.report.cases import likely_hits
from recommender.rules.bounds import ANSWERED, MISSING
from recommender.rules.tree import names_read
from recommender.simulation import simulate_answers

SEED_OF_PEOPLE, SEED_OF_GAPS = 77, 5
SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)
BINS = 10


def kept(policy: Policy) -> set[str]:
    """The questions that are never hidden: those for safety, with what opens them."""
    questions, found, waiting = policy.questionnaire.questions, set(), list(policy.safety_questions)
    while waiting:
        name = waiting.pop()
        found.add(name)
        nodes = [node for node in (questions[name].ask_if, questions[name].computed) if node is not None]
        waiting += [other for node in nodes for other in names_read(node) if other not in found and name in found]
    return found


def hidden(policy: Policy, answers: Answers, share: float, by_topic: bool, random: np.random.Generator) -> Answers:
    """The answers with a share of them taken out, one by one or by whole topics."""
    topics = {topic.id: random.random(answers.count) < share for topic in policy.questionnaire.topics}
    stay = kept(policy)
    columns = {}
    for name, column in answers.columns.items():
        question = policy.questionnaire.questions[name]
        gone = topics[question.topic] if by_topic else random.random(answers.count) < share
        gone = gone & (column.state == ANSWERED) & (name not in stay)
        ends = unknown(question, MISSING)
        lower, upper = (
            np.where(gone, old.dtype.type(new), old)
            for old, new in ((column.lower, ends.lower), (column.upper, ends.upper))
        )
        columns[name] = Column(lower, upper, np.where(gone, np.uint8(MISSING), column.state))
    return Answers(answers.count, columns)


def calibration_error(chance: np.ndarray, hit: np.ndarray) -> float:
    """ECE: how far the chance of the most likely level is from how often it is right, over ten bins of chance."""
    bins = np.minimum((chance * BINS).astype(int), BINS - 1)
    parts = [(bins == b).mean() * abs(chance[bins == b].mean() - hit[bins == b].mean()) for b in np.unique(bins)]
    return float(sum(parts))


def chance_error(chance: np.ndarray) -> float:
    """The ECE that so many perfectly calibrated chances would show by accident."""
    random = np.random.default_rng(0)
    return float(np.mean([calibration_error(chance, random.random(len(chance)) < chance) for _ in range(20)]))


def line(pattern: str, share: float, truth: np.ndarray, bounds: Assessment, likely: LikelyLevels) -> str:
    hit = likely.level == truth
    error = calibration_error(likely.chance, hit)
    floor = (bounds.level_at_least == truth).mean()
    found = f"likely right {hit.mean():5.1%} (says {likely.chance.mean():5.1%}), at least right {floor:5.1%}"
    return f"{pattern:<8}{share:>5.0%} hidden: {found}, ECE {error:.3f} (by accident {chance_error(likely.chance):.3f})"


def patterns(policy: Policy, population: Population, people: int) -> Iterator[str]:
    """A line for each pattern and share."""
    answers = simulate_answers(people, SEED_OF_PEOPLE, unknown_share=0)
    truth = assess(policy, answers).level_at_least
    random = np.random.default_rng(SEED_OF_GAPS)
    chances, hits = [], []
    for pattern in ("random", "topics"):
        for share in SHARES:
            part = hidden(policy, answers, share, pattern == "topics", random)
            bounds = assess(policy, part)
            likely = likely_levels(policy, population, bounds, part)
            chances.append(likely.chance)
            hits.append(likely.level == truth)
            yield line(pattern, share, truth, bounds, likely)
    chance = np.concatenate(chances)
    error = calibration_error(chance, np.concatenate(hits))
    yield f"all together: ECE {error:.3f} (by accident {chance_error(chance):.3f})"


def vignettes(policy: Policy, population: Population) -> Iterator[str]:
    """How often the likely level, and the certain floor, is a level that the vignette accepts."""
    calibration = load_calibration(policy.questionnaire)
    count = len(calibration.cases)
    yield f"vignettes: likely is an accepted level in {likely_hits(policy, population, calibration)} of {count}"
    yield f"vignettes: at least is an accepted level in {calibrate(policy, calibration).share() * count:.0f} of {count}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=2000)
    arguments.add_argument("--population", type=Path, default=PACKAGED)
    given = arguments.parse_args()
    policy = load_policy(ADULT)
    population = load_population(policy.questionnaire, given.population)
    print(f"{population.origin}; {given.people} synthetic people, seed {SEED_OF_PEOPLE}")
    for text in itertools.chain(patterns(policy, population, given.people), vignettes(policy, population)):
        print(text, flush=True)


if __name__ == "__main__":
    main()
