"""Which unanswered questions could still change a level that may be shown: for many people at once.

A question is listed where it is not settled and a rule that the level depends on reads it and is undecided. That holds
all questions that could change the level and, now and then, one that could not: `assess` tries each answer for one
person, which takes too long for a table.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recommender.assessment import PROVISIONAL, WORD, Assessment, packed
from recommender.explain import level_rules_behind
from recommender.policy import Policy
from recommender.rules.bounds import Bounds
from recommender.rules.definitions import Asked, Formula
from recommender.rules.tree import Nominal, names_read

BITS = 8
Words = NDArray[np.uint64]


def open_bits(assessment: Assessment, values: Mapping[str, Bounds]) -> Words:
    """The open questions where a level is provisional, a bit for each that the policy uses; else none: (n, words).

    `values` are the bounds of those questions.
    """
    policy, count = assessment.policy, assessment.count
    unsettled = packed([not_settled(policy, values[name], name) for name in policy.questions_used], count)
    undecided = assessment.possible & ~assessment.fired
    found = read_by(policy, undecided) & unsettled
    found[assessment.status != PROVISIONAL] = 0
    return found


def not_settled(policy: Policy, value: Bounds, name: str) -> NDArray[np.bool_]:
    """Who has more than one possible answer to a question."""
    if isinstance(policy.definitions[name].type, Nominal):
        several: NDArray[np.bool_] = (value.lower & (value.lower - value.lower.dtype.type(1))) != 0
        return several
    return np.asarray(value.lower != value.upper)


def read_by(policy: Policy, rules: Words) -> Words:
    """The questions (n, words), a bit for each that the policy uses, that any of some rules (n, words) reads."""
    octets = np.ascontiguousarray(rules.astype("<u8")).view(np.uint8).reshape(len(rules), 8 * rules.shape[1])
    tables = questions_by_octet(policy)
    found = np.zeros((len(rules), tables[0].shape[1]), dtype=np.uint64)
    for place, table in enumerate(tables):
        found |= table.take(octets[:, place], axis=0)
    return found


@functools.lru_cache(maxsize=4)
def questions_by_octet(policy: Policy) -> list[Words]:
    """For each eight rules, and each of the 256 ways in which they can be marked, the questions that those read."""
    behind = set(level_rules_behind(policy))
    read = [reads(policy, rule) if rule in behind else frozenset() for rule in policy.rules]
    bits = np.array([[name in names for name in policy.questions_used] for names in read])
    words = packed(list(bits.T), len(read)) if len(read) else np.zeros((0, 1), np.uint64)
    tables = []
    for first in range(0, -(-len(read) // WORD) * WORD, BITS):
        table = np.zeros((1 << BITS, words.shape[1]), dtype=np.uint64)
        for bit, own in enumerate(words[first : first + BITS]):
            table[np.arange(1 << BITS) >> bit & 1 == 1] |= own
        tables.append(table)
    return tables


def reads(policy: Policy, name: str) -> frozenset[str]:
    """The questions that a rule reads itself or through derived values, not through ratings or strands."""
    definition = policy.definitions[name]
    if isinstance(definition, Asked):
        return frozenset({name})
    if isinstance(definition, Formula):
        return frozenset().union(*(reads(policy, needed) for needed in names_read(definition.node)))
    return frozenset()
