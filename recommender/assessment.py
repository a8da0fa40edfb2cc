"""`assess`: a policy applied to the answers of any number of people. Pure, vectorised, no input or output.

Unknown answers become bounds: the lowest and the highest level that they still allow. Which rules fired is kept as
bits, 64 rules a word, and turned into sentences only when somebody looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.policy import LEVEL, Policy
from recommender.rules.bounds import Bounds

Array = NDArray[Any]

# In order of precedence: the first that applies is the status.
STATUSES = ("blocked", "held", "safety_unanswered", "provisional", "settled")
BLOCKED, HELD, SAFETY_UNANSWERED, PROVISIONAL, SETTLED = range(len(STATUSES))
# A level may be shown to a person only in these.
LEVEL_SHOWN = (PROVISIONAL, SETTLED)
# Small enough that the arrays of one stretch stay in the processor's cache.
PEOPLE_AT_A_TIME = 16_384
WORD = 64
NOBODY = np.array([False])


@dataclass(frozen=True)
class Assessment:
    """The result for n people, in columns.

    `level_at_least`, `level_at_most` (n, rank on the ladder); `status` (n, position in STATUSES); `ratings` and
    `strands` by name as bounds of (n,); `fired` and `possible` (n, words) with a bit a rule of `policy.rules`: rules
    that are certainly true, and rules that may be true (the fired ones included); `unanswered` (n, words) with a bit a
    question of `policy.safety_questions`.
    """

    policy: Policy
    count: int
    level_at_least: NDArray[np.int8]
    level_at_most: NDArray[np.int8]
    status: NDArray[np.int8]
    ratings: Mapping[str, Bounds]
    strands: Mapping[str, Bounds]
    fired: NDArray[np.uint64]
    possible: NDArray[np.uint64]
    unanswered: NDArray[np.uint64]

    def rules_fired(self, row: int) -> tuple[str, ...]:
        """The ids of the rules that are certainly true for one person."""
        return named(tuple(self.policy.rules), self.fired[row])

    def rules_undecided(self, row: int) -> tuple[str, ...]:
        """The ids of the rules that the unanswered questions leave open."""
        return named(tuple(self.policy.rules), self.possible[row] & ~self.fired[row])

    def safety_unanswered(self, row: int) -> tuple[str, ...]:
        """The safety questions that one person still has to be asked."""
        return named(self.policy.safety_questions, self.unanswered[row])

    def has_fired(self, rule: str) -> NDArray[np.bool_]:
        """Who a rule is certainly true for."""
        return bit(self.fired, list(self.policy.rules).index(rule))

    def may_fire(self, rule: str) -> NDArray[np.bool_]:
        """Who a rule may be true for."""
        return bit(self.possible, list(self.policy.rules).index(rule))


def assess(policy: Policy, answers: Answers) -> Assessment:
    """The level bounds, status, ratings and fired rules of everybody in `answers`."""
    starts = range(0, max(answers.count, 1), PEOPLE_AT_A_TIME)
    parts = [_stretch(policy, answers.rows(start, start + PEOPLE_AT_A_TIME)) for start in starts]
    return joined(policy, parts)


def truths(policy: Policy, answers: Answers) -> dict[str, Bounds]:
    """For every rule, those of services and timetables too, who it is certainly and who it is possibly true for."""
    inputs = answers.inputs()
    values = {**policy.program.run(inputs), **policy.plan_program.run(inputs)}
    return {rule: filled(values[rule], answers.count) for rule in (*policy.rules, *policy.plan_rules)}


def _stretch(policy: Policy, answers: Answers) -> Assessment:
    return assessment_of(policy, policy.program.run(answers.inputs()), answers.count)


def assessment_of(policy: Policy, values: Mapping[str, Bounds], count: int) -> Assessment:
    """The assessment of `count` people whose values, by name, are worked out already."""
    rules = [values[rule] for rule in policy.rules]
    missing = unanswered_safety(policy, values)
    level = filled(values[LEVEL], count)
    return Assessment(
        policy=policy,
        count=count,
        level_at_least=level.lower,
        level_at_most=level.upper,
        status=statuses(policy, values, missing, level),
        ratings={area.id: filled(values[area.id], count) for area in policy.areas},
        strands={strand.id: filled(values[strand.id], count) for strand in policy.strands},
        fired=packed([rule.lower for rule in rules], count),
        possible=packed([rule.upper for rule in rules], count),
        unanswered=packed(missing, count),
    )


def unanswered_safety(policy: Policy, values: Mapping[str, Bounds]) -> list[Array]:
    """By safety question, who has not cleared it: nothing is known of it, or it leaves a block or hold open."""
    doubtful = undecided_by_question(policy, values)
    missing = []
    for name in policy.safety_questions:
        question, value = policy.questionnaire.questions[name], values[name]
        leaves_open = (value.lower != value.upper) & doubtful.get(name, NOBODY)
        nothing_known = (value.lower == question.minimum) & (value.upper == question.maximum)
        if question.safety:
            missing.append(nothing_known | leaves_open)
        else:
            # A measurement that a flag reads only where it was taken is not asked for.
            missing.append(leaves_open & ~nothing_known if name in policy.read_if_answered else leaves_open)
    return missing


def undecided_by_question(policy: Policy, values: Mapping[str, Bounds]) -> dict[str, Array]:
    """By question, for whom a block or hold that reads it is still open."""
    found: dict[str, Array] = {}
    for flag, read in policy.stopping_flags.items():
        open_for = values[flag].upper & ~values[flag].lower
        for name in read:
            found[name] = found[name] | open_for if name in found else open_for
    return found


def statuses(policy: Policy, values: Mapping[str, Bounds], missing: list[Array], level: Bounds) -> NDArray[np.int8]:
    """The status of each person, by precedence."""
    blocked, held = (any_fired(policy, values, mode) for mode in ("block", "hold"))
    result = np.where(level.lower == level.upper, SETTLED, PROVISIONAL).astype(np.int8)
    for applies, status in ((any_of(missing), SAFETY_UNANSWERED), (held, HELD), (blocked, BLOCKED)):
        result = np.where(applies, np.int8(status), result)
    return result


def any_fired(policy: Policy, values: Mapping[str, Bounds], mode: str) -> Array:
    return any_of([values[flag.id].lower for flag in policy.red_flags if flag.mode == mode])


def any_of(truths: Sequence[Array]) -> Array:
    result: Array = NOBODY
    for truth in truths:
        result = result | truth
    return result


def filled(bounds: Bounds, count: int) -> Bounds:
    """Bounds with one entry a person, also where the value is the same for everybody."""
    lower = spread(bounds.lower, count)
    return Bounds(lower, lower if bounds.lower is bounds.upper else spread(bounds.upper, count))


def spread(array: Array, count: int) -> Array:
    return array if len(array) == count else np.repeat(array, count)


def packed(truths: Sequence[Array], count: int) -> NDArray[np.uint64]:
    """One bit a truth, by person: (count, words). Bits are gathered in bytes, which is eight times less to move."""
    words = -(-len(truths) // WORD)
    result = np.zeros((count, words * 8), dtype=np.uint8)
    byte = np.empty(count, dtype=np.uint8)
    for place in range(-(-len(truths) // 8)):
        byte[:] = 0
        for truth in reversed(truths[8 * place : 8 * place + 8]):
            np.add(byte, byte, out=byte)
            np.bitwise_or(byte, truth.view(np.uint8), out=byte)
        result[:, place] = byte
    return result.view("<u8")


def bit(words: NDArray[np.uint64], position: int) -> NDArray[np.bool_]:
    """Who has the bit at `position`."""
    return (words[:, position // WORD] >> np.uint64(position % WORD) & np.uint64(1)).astype(bool)


def named(names: Sequence[str], words: NDArray[np.uint64]) -> tuple[str, ...]:
    """The names whose bits are set in one person's words."""
    bits = np.unpackbits(words.astype("<u8").view(np.uint8), bitorder="little")
    return tuple(name for name, on in zip(names, bits[: len(names)], strict=True) if on)


def joined(policy: Policy, parts: Sequence[Assessment]) -> Assessment:
    """The assessments of stretches of people as one of them all."""
    if len(parts) == 1:
        return parts[0]

    def columns(pick: str) -> dict[str, Bounds]:
        names = getattr(parts[0], pick)
        return {
            name: Bounds(*(np.concatenate([getattr(part, pick)[name][end] for part in parts]) for end in (0, 1)))
            for name in names
        }

    arrays = ("level_at_least", "level_at_most", "status", "fired", "possible", "unanswered")
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in arrays}
    count = sum(part.count for part in parts)
    return Assessment(policy=policy, count=count, ratings=columns("ratings"), strands=columns("strands"), **whole)
