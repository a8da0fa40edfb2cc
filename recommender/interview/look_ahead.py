"""Looks one question ahead: which question is most surely needed, or makes most other questions needless.

The unknown answers are completed many times from the reference population, given the known ones. Two things are worked
out for every block of questions and every completion at once:

- needed: with everything else answered as in the completion, is the level still open without this block? Then no way of
  settling the level leaves it out, and asking it is never a waste.
- saved: with this block alone answered as in the completion, how many questions can no longer matter?
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.interview.matters import questions_that_matter, trace
from recommender.interview.state import Interview
from recommender.likely.completing import complete
from recommender.likely.population import Population
from recommender.policy import LEVEL, Policy
from recommender.rules.bounds import ANSWERED, MISSING, Bounds, Given, Program, compile_program, whole_domain

Floats = NDArray[np.float64]
Array = NDArray[Any]
Block = tuple[str, ...]

COMPLETIONS, COMPLETIONS_FOR_SAVING = 20, 5
SEED = 20261125
# From this share of completions on a block counts as needed, and all such are asked in the order of the form.
SURELY = 0.9
SAVED_WEIGHT = 0.05


class Choice(NamedTuple):
    """A block of questions, how often it is needed (0 to 1), and how many questions it saves on average."""

    block: Block
    needed: float
    saved: float


@dataclass(frozen=True)
class LookAhead:
    """Ranks blocks of questions by a policy and a population."""

    policy: Policy
    population: Population
    surely: float = SURELY

    def rank(self, interview: Interview, blocks: Sequence[Block]) -> list[Choice]:
        """The blocks, best first: those surely needed in the order given, else by what is needed and saved an item."""
        completions = self.completions(interview, COMPLETIONS)
        needed = self.needed(interview, completions, blocks)
        surely = [Choice(block, float(n), 0.0) for block, n in zip(blocks, needed, strict=True) if n >= self.surely]
        if surely or len(blocks) == 1:
            return surely or [Choice(blocks[0], float(needed[0]), 0.0)]
        saved = self.saved(interview, completions, blocks)
        choices = [Choice(*entry) for entry in zip(blocks, needed.tolist(), saved.tolist(), strict=True)]
        return sorted(choices, key=lambda choice: -worth(choice))

    def completions(self, interview: Interview, times: int) -> dict[str, Given]:
        """The answers behind the level, with those that were not asked yet drawn: columns of `times`, or of one.

        What cannot matter any more is left unknown.
        """
        questions = self.policy.questionnaire.questions
        wanted = [name for name in interview.matter if name not in interview.answers and not questions[name].computed]
        drawn = complete(
            self.policy.questionnaire,
            self.population,
            interview.columns,
            times=times,
            seed=SEED,
            wanted=frozenset(wanted),
            values=interview.values,
        )
        inputs = dict(interview.columns.inputs())
        for name in wanted:
            column = drawn.columns.get(name)
            if column is not None:
                inputs[name] = Given(Bounds(column.lower, column.lower), column.state)
        return inputs

    def needed(self, interview: Interview, completions: dict[str, Given], blocks: Sequence[Block]) -> Floats:
        """By block, the share of completions in which the level stays open without it."""
        times = COMPLETIONS
        groups = [*blocks, ()]  # the last one leaves nothing out
        without = {name: place for place, block in enumerate(groups) for name in block}
        inputs = {}
        for name, given in completions.items():
            lower = given.bounds.lower
            if len(lower) == 1 and name not in without:
                inputs[name] = given
                continue
            repeats = len(groups) if len(lower) == times else len(groups) * times
            low, high, state = (np.tile(array, repeats) for array in (lower, given.bounds.upper, given.state))
            if name in without:
                here = slice(without[name] * times, (without[name] + 1) * times)
                whole = whole_domain(interview.question(name).definition)
                low[here], high[here] = whole.lower[0], whole.upper[0]
            inputs[name] = Given(Bounds(low, high), state)
        level = level_program(self.policy).run(inputs)[LEVEL]
        width = np.broadcast_to(level.upper - level.lower, (len(groups) * times,)).reshape(len(groups), times)
        share: Floats = (width[:-1] > width[-1]).mean(axis=1)
        return share

    def saved(self, interview: Interview, completions: dict[str, Given], blocks: Sequence[Block]) -> Floats:
        """By block, how many other questions can no longer matter once it is answered, on average."""
        times = COMPLETIONS_FOR_SAVING
        rows = len(blocks) * times
        inputs = dict(interview.inputs)
        for place, block in enumerate(blocks):
            here = slice(place * times, (place + 1) * times)
            for name in block:
                whole = whole_domain(interview.question(name).definition)
                low, high = (np.full(rows, end[0]) for end in whole)
                state = np.full(rows, MISSING, dtype=np.uint8)
                drawn = completions[name].bounds.lower[:times] if name in completions else whole.lower
                low[here], high[here], state[here] = drawn, drawn, ANSWERED
                inputs[name] = Given(Bounds(low, high), state)
        matter = questions_that_matter(self.policy, trace(self.policy, inputs, rows))
        left = np.zeros(rows)
        for name in interview.may_still_matter:
            if name in matter:
                left += np.broadcast_to(matter[name], (rows,))
        before = sum(name in matter for name in interview.may_still_matter)
        sizes = np.array([len(block) for block in blocks])
        saved: Floats = before - left.reshape(len(blocks), times).mean(axis=1) - sizes
        return saved


def worth(choice: Choice) -> float:
    """What a block is worth an item: how surely it is needed, and the questions that it saves."""
    return choice.needed + SAVED_WEIGHT * choice.saved / len(choice.block)


@functools.lru_cache(maxsize=4)
def level_program(policy: Policy) -> Program:
    """The compiled rules of the level alone."""
    return compile_program(policy.definitions, [LEVEL])
