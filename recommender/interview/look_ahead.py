"""Looks one question ahead: which question is most surely needed, or makes most other questions needless.

The unknown answers are completed many times from the reference population, given the known ones. Two things are worked
out for every block of questions and every completion at once:

- needed: with everything else answered as in the completion, is the level still open without this block? Then no way of
  settling the level leaves it out, and asking it is never a waste.
- saved: with this block alone answered as in the completion, how many questions can no longer matter?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.interview.matters import level_of, traced_again, what_matters
from recommender.interview.state import Interview
from recommender.likely.completing import complete
from recommender.likely.population import Population
from recommender.policy import Policy
from recommender.rules.bounds import ANSWERED, MISSING, Bounds, Given, whole_domain

Floats = NDArray[np.float64]
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
        drawn = self.drawn(interview)
        needed = self.needed(interview, drawn, blocks)
        surely = [Choice(block, float(n), 0.0) for block, n in zip(blocks, needed, strict=True) if n >= self.surely]
        if surely or len(blocks) == 1:
            return surely or [Choice(blocks[0], float(needed[0]), 0.0)]
        saved = self.saved(interview, drawn, blocks)
        choices = [Choice(*entry) for entry in zip(blocks, needed.tolist(), saved.tolist(), strict=True)]
        return sorted(choices, key=lambda choice: -worth(choice))

    def drawn(self, interview: Interview) -> dict[str, Given]:
        """Answers to the questions that were not asked yet and can still matter: columns of COMPLETIONS."""
        questions = self.policy.questionnaire.questions
        open_names = (name for name in interview.matter if name not in interview.answers)
        wanted = frozenset(name for name in open_names if not questions[name].computed)
        completed = complete(
            self.policy.questionnaire,
            self.population,
            interview.columns,
            times=COMPLETIONS,
            seed=SEED,
            wanted=wanted,
            values=interview.values,
        )
        inputs = completed.inputs()
        return {name: inputs[name] for name in wanted if name in inputs}

    def needed(self, interview: Interview, drawn: dict[str, Given], blocks: Sequence[Block]) -> Floats:
        """By block, the share of completions in which the level stays open without it."""
        groups = [*blocks, ()]  # the last one leaves nothing out
        without = {name: place for place, block in enumerate(groups) for name in block}
        inputs = dict(interview.inputs)
        for name, given in drawn.items():
            low, high, state = (np.tile(array, len(groups)) for array in (*given.bounds, given.state))
            if name in without:
                here = slice(without[name] * COMPLETIONS, (without[name] + 1) * COMPLETIONS)
                low[here], high[here] = whole_domain(interview.question(name).definition)
            inputs[name] = Given(Bounds(low, high), state)
        level = level_of(traced_again(interview.traced, interview.matters.steps, inputs, len(groups) * COMPLETIONS))
        width = (level.upper - level.lower).reshape(len(groups), COMPLETIONS)
        share: Floats = (width[:-1] > width[-1]).mean(axis=1)
        return share

    def saved(self, interview: Interview, drawn: dict[str, Given], blocks: Sequence[Block]) -> Floats:
        """By block, how many other questions can no longer matter once it is answered, on average."""
        times = COMPLETIONS_FOR_SAVING
        rows = len(blocks) * times
        inputs = dict(interview.inputs)
        for place, block in enumerate(blocks):
            here = slice(place * times, (place + 1) * times)
            for name in drawn.keys() & block:
                low, high = (np.repeat(end, rows) for end in whole_domain(interview.question(name).definition))
                state = np.full(rows, MISSING, dtype=np.uint8)
                low[here] = high[here] = drawn[name].bounds.lower[:times]
                state[here] = ANSWERED
                inputs[name] = Given(Bounds(low, high), state)
        matters = what_matters(traced_again(interview.traced, interview.matters.steps, inputs, rows)).questions
        waiting = [name for name in interview.may_still_matter if name in matters]
        left = np.sum([np.broadcast_to(matters[name], rows) for name in waiting], axis=0).reshape(-1, times)
        saved: Floats = len(waiting) - left.mean(axis=1) - [len(block) for block in blocks]
        return saved


def worth(choice: Choice) -> float:
    """What a block is worth an item: how surely it is needed, and the questions that it saves."""
    return choice.needed + SAVED_WEIGHT * choice.saved / len(choice.block)
