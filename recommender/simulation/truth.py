"""The truth about simulated people: how likely each level is, and each outcome at each level.

Only a simulation has it. It says how good a model can be at best, what any way of placing people is really worth, and
which way is the best. All of it hangs on the record alone (an unknown answer counts as the middle of what is possible),
so nobody who has the record is kept from it by chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.questionnaire_file import load_questionnaire
from recommender.rules.bounds import ANSWERED, evaluate
from recommender.rules.program import compile_program
from recommender.rules.tree import names_read
from recommender.simulation.chance import Chance, Floats
from recommender.simulation.responses import Circumstances, Linear, Responses


@dataclass(frozen=True)
class Around:
    """The circumstances of n people: positions of site and period, and of the payer (-1: not recorded)."""

    site: NDArray[np.int32]
    period: NDArray[np.int32]
    payer: NDArray[np.int32]


@dataclass(frozen=True)
class Truth:
    """What is true of n simulated people. `terms` is (n, terms); `around` says where and by whom they were placed."""

    declared: Responses
    terms: Floats
    around: Around

    @cached_property
    def placement(self) -> Floats:
        """How likely each person was placed at each level, (n, k)."""
        declared = self.declared
        utility = declared.placement.intercept + self.terms @ declared.placement.weights + self.pulls()
        utility -= utility.max(axis=1, keepdims=True)
        chance = np.exp(utility)
        chance /= chance.sum(axis=1, keepdims=True)
        result: Floats = (1 - declared.at_random) * chance + declared.at_random * declared.percent
        return result

    def outcome(self, name: str) -> Floats:
        """How likely an outcome is for each person at each level, (n, k). KeyError for a name that is none."""
        if name == "retained_90":
            return self.outcome("retained_30") * self.response("retained_90")
        if name == "transferred":
            return (1 - self.response("completed")) * self.response("transferred")
        if name == "completed_or_transferred":
            return self.outcome("completed") + self.outcome("transferred")
        return self.response(name)

    def value(self, outcome: str, chosen: NDArray[Any]) -> float:
        """The mean outcome if everybody were placed at the rank chosen for them (n,). ValueError for another level."""
        ranks = np.array(self.declared.ranks)
        place = np.searchsorted(ranks, chosen).clip(max=len(ranks) - 1)
        if (ranks[place] != chosen).any():
            raise ValueError("people are only ever placed at " + ", ".join(self.declared.levels))
        return float(np.take_along_axis(self.outcome(outcome), place[:, None], axis=1).mean())

    def mean_outcome(self, outcome: str) -> float:
        """The mean outcome as people are placed now."""
        return float((self.placement * self.outcome(outcome)).sum(axis=1).mean())

    def best(self, outcome: str) -> NDArray[np.int8]:
        """The rank that is best for each person, whatever it costs."""
        ranks: NDArray[np.int8] = np.array(self.declared.ranks, np.int8)
        picked: NDArray[np.int8] = ranks[self.outcome(outcome).argmax(axis=1)]
        return picked

    def within(self, outcome: str, groups: Mapping[str, tuple[int, ...]]) -> Floats:
        """The chance of an outcome in each group of levels (n, groups), if people stay spread in it as they are now.

        `groups` gives the ranks of each. ValueError for a group at which nobody is ever placed.
        """
        columns = []
        for ranks in groups.values():
            here = np.isin(self.declared.ranks, ranks)
            if not here.any():
                raise ValueError("nobody is ever placed at these levels")
            placed = self.placement[:, here]
            columns.append((placed * self.outcome(outcome)[:, here]).sum(axis=1) / placed.sum(axis=1))
        return np.stack(columns, axis=1)

    def placement_of_successes(self, outcome: str) -> Floats:
        """The best that a model can say who sees answers and no circumstances: P(level | success), (n, k).

        Averaged over all circumstances that these people have, each as heavy as it is common.
        """
        together = np.zeros((len(self.terms), len(self.declared.levels)))
        full = beds_full(self.declared.circumstances)[self.around.site, self.around.period]
        told_apart = np.stack([self.around.site, full, self.around.payer])
        _, somebody, people = np.unique(told_apart, axis=1, return_index=True, return_counts=True)
        for one, weight in zip(somebody, people, strict=True):
            elsewhere = replace(self, around=around_at(self.around, np.full(len(self.terms), one)))
            together += weight * elsewhere.placement * elsewhere.outcome(outcome)
        result: Floats = together / together.sum(axis=1, keepdims=True)
        return result

    def response(self, name: str) -> Floats:
        formula: Linear = self.declared.responses[name]
        logit = formula.intercept + self.terms @ formula.weights + self.results()[:, None]
        result: Floats = 1 / (1 + np.exp(-logit))
        return result

    def pulls(self) -> Floats:
        """What circumstances add to the utility of each level, (n, k)."""
        circumstances, around = self.declared.circumstances, self.around
        beds = effects(circumstances, "beds", around)
        full = beds_full(circumstances)[around.site, around.period]
        by_kind = {
            "visits": np.zeros(len(beds)),
            "intensive": effects(circumstances, "intensive", around),
            "bed": beds + np.where(full, circumstances.full_utility, 0.0),
        }
        return np.stack([by_kind[kind] for kind in self.declared.kinds], axis=1)

    def results(self) -> Floats:
        """What circumstances add to every outcome, (n,)."""
        return effects(self.declared.circumstances, "result", self.around)


def around_at(around: Around, rows: NDArray[np.intp]) -> Around:
    return Around(around.site[rows], around.period[rows], around.payer[rows])


def effects(circumstances: Circumstances, kind: str, around: Around) -> Floats:
    """What state, site and payer add, by kind of effect, for each person."""
    by_site = site_effects(circumstances, kind)
    payers = [payer.get(kind, 0.0) for payer in circumstances.payer.values()]
    result: Floats = by_site[around.site] + np.array([*payers, 0.0])[around.payer]
    return result


def site_effects(circumstances: Circumstances, kind: str) -> Floats:
    """The effects of each site and its state. Beds and results of a state hang on the same: how rich it is."""
    states, sites = len(circumstances.states), len(circumstances.sites)
    richness = Chance(circumstances.seed, 0, states).normal("richness of a state")
    own = Chance(circumstances.seed, 0, sites).normal(f"{kind} of a site")
    of_state = circumstances.spread_state.get(kind, 0.0) * richness
    return np.repeat(of_state, circumstances.sites_a_state) + circumstances.spread_site.get(kind, 0.0) * own


def beds_full(circumstances: Circumstances) -> NDArray[np.bool_]:
    """In which periods no bed is easy to get at a site, (sites, periods)."""
    sites, periods = len(circumstances.sites), len(circumstances.periods)
    drawn = Chance(circumstances.seed, 0, sites * periods).uniform("beds full") < circumstances.full_share
    return drawn.reshape(sites, periods)


def payer_of(circumstances: Circumstances, answers: Answers) -> NDArray[np.int32]:
    """The position of each person's payer among those that have effects, -1 for others and where it is not stated."""
    payer = np.full(answers.count, -1, np.int32)
    if "payer" in answers.columns:
        column, names = answers.columns["payer"], load_questionnaire().questions["payer"].names
        for place, name in enumerate(circumstances.payer):
            payer[(column.state == ANSWERED) & (column.lower == 1 << names.index(name))] = place
    return payer


def terms_of(declared: Responses, answers: Answers) -> Floats:
    """The terms of each person (n, terms), from the middle of what their record leaves possible."""
    definitions, inputs = load_questionnaire().definitions, answers.inputs()
    read = sorted({name for node, _ in declared.terms.values() for name in names_read(node)})
    values = compile_program(definitions, read).run(inputs)
    columns = []
    for node, per in declared.terms.values():
        bounds = evaluate(node, values, inputs)
        middle = (bounds.lower.astype(np.float64) + bounds.upper.astype(np.float64)) / 2 / per
        columns.append(np.broadcast_to(middle, (answers.count,)))
    return np.stack(columns, axis=1)
