"""Looks one question ahead: which question is most surely needed, or makes most other questions needless.

The unknown answers are completed many times from the reference population, given the known ones. Two things are worked
out for every block of questions and every completion at once, of as many people as there are:

- needed: with everything else answered as in the completion, is the level still open without this block? Then no way of
  settling the level leaves it out, and asking it is never a waste.
- saved: with this block alone answered as in the completion, how many questions can no longer matter?
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.interview.findings import Findings
from recommender.interview.state import Interview, together
from recommender.likely.completing import complete
from recommender.likely.population import Population
from recommender.matters import bounds_at, level_of, level_questions, traced_again, what_matters
from recommender.policy import Policy
from recommender.rules.bounds import ANSWERED, MISSING, Bounds, Given, whole_domain

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
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


class Layout(NamedTuple):
    """Rows for people, their blocks, and completions, in this order.

    `who` (n,) is the person of each row, and `drawn` (n,) the row of the completion among all people's. `places` has
    for each person and block the first row.
    """

    who: Positions
    drawn: Positions
    places: Sequence[Positions]


def laid_out(blocks: Sequence[int], times: int) -> Layout:
    """The rows for people with so many blocks each, and so many of their completions for each block."""
    who = np.repeat(np.arange(len(blocks)), np.array(blocks) * times)
    drawn = who * COMPLETIONS + np.tile(np.arange(times), sum(blocks))
    starts = itertools.accumulate(blocks, initial=0)
    return Layout(
        who, drawn, [(start + np.arange(count)) * times for start, count in zip(starts, blocks, strict=False)]
    )


@dataclass(frozen=True)
class LookAhead:
    """Ranks blocks of questions by a policy and a population."""

    policy: Policy
    population: Population
    surely: float = SURELY

    def rank(self, interviews: Sequence[Interview], blocks: Sequence[Sequence[Block]]) -> list[list[Choice]]:
        """Each interview's blocks, best first.

        Those surely needed come in the order given; where there is none, by what is needed and saved an item.
        """
        interviews = together(interviews)
        drawn = self.drawn(interviews)
        needed = self.needed(interviews[0].findings, drawn, blocks)
        unsure = [
            tuple(own) if len(own) > 1 and not (shares >= self.surely).any() else ()
            for own, shares in zip(blocks, needed, strict=True)
        ]
        saved = self.saved(interviews, drawn, unsure)
        return [self.ordered(*entry) for entry in zip(blocks, needed, saved, strict=True)]

    def ordered(self, blocks: Sequence[Block], needed: Floats, saved: Floats) -> list[Choice]:
        """One interview's choices; `saved` is empty where some block is surely needed, or where there is only one."""
        if not len(saved):
            choices = [Choice(block, share, 0.0) for block, share in zip(blocks, needed.tolist(), strict=True)]
            return [choice for choice in choices if choice.needed >= self.surely] or choices
        found = [Choice(*entry) for entry in zip(blocks, needed.tolist(), saved.tolist(), strict=True)]
        return sorted(found, key=lambda choice: -worth(choice))

    def drawn(self, interviews: Sequence[Interview]) -> dict[str, Given]:
        """Answers to the questions that somebody was not asked yet and that can still matter to them.

        Columns of COMPLETIONS for each person, one person after another; what was answered stays as it was.
        """
        findings, questions = interviews[0].findings, self.policy.questionnaire.questions
        open_names = {name for interview in interviews for name in interview.matter if name not in interview.answers}
        wanted = frozenset(name for name in open_names if not questions[name].computed)
        completed = complete(
            self.policy.questionnaire,
            self.population,
            findings.columns,
            times=COMPLETIONS,
            seed=SEED,
            wanted=wanted,
            values=findings.values,
        ).inputs()
        who = np.repeat(np.arange(len(interviews)), COMPLETIONS)
        return {name: unless_told(findings, name, completed[name], who) for name in wanted if name in completed}

    def needed(self, findings: Findings, drawn: Mapping[str, Given], blocks: Sequence[Sequence[Block]]) -> list[Floats]:
        """By interview and block, the share of completions in which the level stays open without it."""
        # The last of everybody's blocks leaves nothing out.
        layout = laid_out([len(own) + 1 for own in blocks], COMPLETIONS)
        inputs = inputs_at(findings, layout.who)
        for name, given in drawn.items():
            inputs[name] = Given(bounds_at(given.bounds, layout.drawn), given.state[layout.drawn])
        for name, here in rows_of_questions(blocks, layout, COMPLETIONS, drawn).items():
            low, high = whole_domain(self.policy.questionnaire.questions[name].definition)
            lower, upper = inputs[name].bounds.lower, inputs[name].bounds.upper.copy()
            lower[here], upper[here] = low, high
            inputs[name] = Given(Bounds(lower, upper), inputs[name].state)
        level = level_of(traced_again(findings.traced, findings.matters.steps, inputs, layout.who))
        width = level.upper - level.lower
        without = [width[places[:, None] + np.arange(COMPLETIONS)] for places in layout.places]
        return [(widths[:-1] > widths[-1]).mean(axis=1) for widths in without]

    def saved(
        self, interviews: Sequence[Interview], drawn: Mapping[str, Given], blocks: Sequence[Sequence[Block]]
    ) -> list[Floats]:
        """By interview and block, how many other questions can no longer matter once it is answered, on average."""
        if not any(blocks):
            return [np.zeros(0) for _ in blocks]
        findings, times = interviews[0].findings, COMPLETIONS_FOR_SAVING
        layout = laid_out([len(own) for own in blocks], times)
        inputs = inputs_at(findings, layout.who)
        for name, here in rows_of_questions(blocks, layout, times, drawn).items():
            given = inputs.get(name) or unanswered(self.policy, name)
            low, high, state = (np.broadcast_to(part, len(layout.who)).copy() for part in (*given.bounds, given.state))
            low[here] = high[here] = drawn[name].bounds.lower[layout.drawn[here]]
            state[here] = ANSWERED
            inputs[name] = Given(Bounds(low, high), state)
        matters = what_matters(traced_again(findings.traced, findings.matters.steps, inputs, layout.who)).questions
        names = level_questions(self.policy)
        waiting = np.array([[name in interview.may_still_matter for name in names] for interview in interviews])
        left = sum(matters[name] & waiting[layout.who, place] for place, name in enumerate(names))
        found = []
        for own, places, before in zip(blocks, layout.places, waiting.sum(axis=1), strict=True):
            rest = left[places[:, None] + np.arange(times)].mean(axis=1)
            found.append(before - rest - [len(block) for block in own])
        return found


def worth(choice: Choice) -> float:
    """What a block is worth an item: how surely it is needed, and the questions that it saves."""
    return choice.needed + SAVED_WEIGHT * choice.saved / len(choice.block)


# ---------------------------------------------------------------------------------------------------------------- rows
def rows_of_questions(
    blocks: Sequence[Sequence[Block]], layout: Layout, times: int, among: Mapping[str, Given]
) -> dict[str, Positions]:
    """By question among some, the rows of the blocks that hold it."""
    starts: dict[str, list[int]] = {}
    for own, places in zip(blocks, layout.places, strict=True):
        for block, place in zip(own, places.tolist(), strict=False):
            for name in among.keys() & block:
                starts.setdefault(name, []).append(place)
    return {name: (np.array(places)[:, None] + np.arange(times)).ravel() for name, places in starts.items()}


def inputs_at(findings: Findings, who: Positions) -> dict[str, Given]:
    """The answers that can still matter, of the people at some rows."""
    return {
        name: Given(bounds_at(given.bounds, who), given.state[who] if len(given.state) > 1 else given.state)
        for name, given in findings.inputs.items()
        if name in findings.matters.questions
    }


def unless_told(findings: Findings, name: str, drawn: Given, who: Positions) -> Given:
    """What was drawn, or where somebody was asked already, what they told."""
    column = findings.columns.columns.get(name)
    if column is None:
        return Given(Bounds(drawn.bounds.lower, drawn.bounds.lower), drawn.state)
    told = column.state[who] != MISSING
    lower, upper = (np.where(told, end[who], drawn.bounds.lower) for end in (column.lower, column.upper))
    return Given(Bounds(lower, upper), np.where(told, column.state[who], np.uint8(MISSING)))


def unanswered(policy: Policy, name: str) -> Given:
    """No answer, one entry for everybody."""
    return Given(whole_domain(policy.questionnaire.questions[name].definition), np.array([MISSING], dtype=np.uint8))
