"""The random numbers that completions are drawn with: a person's own, and the same whenever the answers are."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.questionnaire import Questionnaire
from recommender.rules.bounds import ANSWERED

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]
# What each number of a variable is for.
STATE, ANSWER, VALUE = range(3)
USES = 3


class Luck:
    """For each of some people, `times` numbers for each use of each variable; -1 is the class.

    Each of `times` equal parts of 0 to 1 holds one number, so that shares are drawn nearer to their chances than by
    mere luck (a Latin hypercube). The numbers of one person are those of another turned by an amount of their own: were
    they the same, everybody's shares would be too high or too low together, and chances would not be calibrated.
    """

    def __init__(self, questionnaire: Questionnaire, answers: Answers, variables: int, times: int, seed: int) -> None:
        self.shared, self.turns = shared_numbers(variables, times, seed), factors((variables + 1, USES), seed)
        self.own = mixed(summed(questionnaire, answers, seed))

    def of(self, place: int, use: int) -> Floats:
        """(n * times,): the numbers of a variable, one person after another."""
        turn = (self.own * self.turns[place, use] >> np.uint64(11)) * 2.0**-53
        found: Floats = (self.shared[place, use] + turn[:, None]).ravel()
        found -= found >= 1
        return found


@functools.lru_cache(maxsize=4)
def shared_numbers(variables: int, times: int, seed: int) -> Floats:
    """(variables + 1, uses, times), from 0 up to 1, one in each of `times` equal parts."""
    random = np.random.default_rng(seed)
    parts = np.tile(np.arange(times, dtype=np.float64), (variables + 1, USES, 1))
    found: Floats = (random.permuted(parts, axis=2) + random.random(parts.shape)) / times
    return found


@functools.lru_cache(maxsize=8)
def factors(shape: tuple[int, int], seed: int) -> Words:
    """Odd numbers of 64 bits."""
    return np.random.default_rng(seed).integers(0, 2**64, shape, dtype=np.uint64) | np.uint64(1)


def summed(questionnaire: Questionnaire, answers: Answers, seed: int) -> Words:
    """(n,): one number for all that a person answered, whatever else was asked."""
    low, high = factors((len(questionnaire.questions), 2), seed).T
    total = np.zeros(answers.count, dtype=np.uint64)
    for place, name in enumerate(questionnaire.questions):
        column = answers.columns.get(name)
        if column is None:
            continue
        said = column.lower.astype(np.uint64) * low[place] + column.upper.astype(np.uint64) * high[place]
        total += np.where(column.state == ANSWERED, said + high[place], np.uint64(0))
    return total


def mixed(words: Words) -> Words:
    """Numbers in which every bit hangs on every bit (the last step of SplitMix64, Steele, Lea and Flood 2014)."""
    words = (words ^ words >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ words >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    found: Words = words ^ words >> np.uint64(31)
    return found
