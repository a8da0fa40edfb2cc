"""Complete intakes that hold together: every question that is asked has one plain answer, and none contradicts another.

Answers are drawn one question at a time for all people at once. An answer that others depend on is drawn first, by
itself: whoever reads a value has it drawn if need be.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Column, unknown
from recommender.rules.bounds import ANSWERED, MISSING, Bounds, dtype_of, evaluate
from recommender.rules.tree import Node, Nominal, names_read
from recommender.simulation.chance import Chance, Floats
from recommender.simulation.model import Bands, Between, Case, Entry, SimulationModel

Truths = NDArray[np.bool_]
Array = NDArray[Any]
# Positions of some people, or everybody.
Here = NDArray[np.intp] | slice
EVERYBODY = slice(None)


class Population:
    """Some rows of the population of one seed, drawn when they are read."""

    def __init__(self, model: SimulationModel, chance: Chance) -> None:
        self.model, self.chance = model, chance
        self.values: dict[str, Bounds] = {}
        self.answered: dict[str, Truths] = {}
        independent = [chance.normal(f"score {place}") for place in range(len(model.scores))]
        self.normals: NDArray[np.float64] = np.array(independent)

    def columns(self) -> dict[str, Column]:
        """The answer of everybody to every question; blank where it was not asked."""
        return {name: self.column(name) for name in self.model.questions}

    def column(self, name: str) -> Column:
        value, answered = self.value(name).lower, self.answered[name]
        if answered.all():
            return Column(value, value, np.full(len(value), ANSWERED, dtype=np.uint8))
        ends = unknown(self.model.questionnaire.questions[name], MISSING)
        lower, upper = (np.where(answered, value, value.dtype.type(end)) for end in (ends.lower, ends.upper))
        return Column(lower, upper, np.where(answered, np.uint8(ANSWERED), np.uint8(MISSING)))

    def value(self, name: str) -> Bounds:
        """What holds for everybody, asked or not: for a question, a hidden fact or a total."""
        if name not in self.values:
            drawn = self.hidden(name) if name not in self.model.questionnaire.questions else self.question(name)
            self.values[name] = Bounds(drawn, drawn)
        return self.values[name]

    def hidden(self, name: str) -> Array:
        entry = self.model.entries[name]
        return self.stored(entry, self.drawn(entry))

    def question(self, name: str) -> Array:
        question = self.model.questionnaire.questions[name]
        if question.computed is not None:
            return self.worked_out(question.computed)
        entry = self.model.entries[name]
        asked = self.holds(question.ask_if)
        self.answered[name] = asked & self.holds(entry.left_open_unless)
        return self.stored(entry, np.where(asked, self.drawn(entry), np.int32(question.when_not_asked)))

    def stored(self, entry: Entry, drawn: Array) -> Array:
        """Values as the evaluators want them: small, and a choice without order as one bit."""
        kind = dtype_of(entry.type)
        return (1 << drawn).astype(kind) if isinstance(entry.type, Nominal) else drawn.astype(kind)

    def drawn(self, entry: Entry) -> Array:
        """A value for everybody, by the first case that is true of them."""
        place = self.place(entry)
        inside = self.chance.uniform(f"{entry.name}, inside") if entry.looks_inside else place
        leaning = bool(entry.leans_on)
        if len(entry.cases) == 1:
            result = self.of_case(entry.cases[0], EVERYBODY, place, inside, leaning=leaning)
        else:
            result = np.zeros(self.chance.rows, dtype=np.int32)
            waiting = self.holds(None)
            for case in entry.cases:
                here = np.flatnonzero(waiting & self.holds(case.when))
                result[here] = self.of_case(case, here, place[here], inside[here], leaning=leaning)
                waiting[here] = False
        return result if entry.at_most is None else np.minimum(result, self.worked_out(entry.at_most))

    def of_case(self, case: Case, here: Here, place: Floats, inside: Floats, *, leaning: bool) -> Array:
        """The values of the people in `here`, whose random numbers are given."""
        if isinstance(case.draw, Bands):
            return in_bands(case.draw, place, inside, leaning=leaning)
        if isinstance(case.draw, Between):
            low, high = (self.worked_out(node)[here].astype(np.int32) for node in (case.draw.low, case.draw.high))
            return low + (inside**case.draw.skew * (high - low + 1)).astype(np.int32)
        return self.worked_out(case.draw.node)[here].astype(np.int32)

    def place(self, entry: Entry) -> Floats:
        """Where each person stands among all: a normal number if the entry leans on scores, else a uniform one."""
        if not entry.leans_on:
            return self.chance.uniform(entry.name)
        weights, rest = self.model.leaning[entry.name]
        place: Floats = weights @ self.normals + rest * self.chance.normal(entry.name)
        return place

    def holds(self, condition: Node | None) -> Truths:
        """Who a condition is true for; no condition is true for everybody."""
        if condition is None:
            return np.ones(self.chance.rows, dtype=bool)
        return self.worked_out(condition)

    def worked_out(self, node: Node) -> Array:
        """The value of an expression for everybody."""
        values = {name: self.value(name) for name in names_read(node)}
        # No total is ever answered directly, so `answered(…)` is false and no input is needed.
        return np.broadcast_to(evaluate(node, values, {}).lower, (self.chance.rows,))


def in_bands(bands: Bands, place: Floats, inside: Floats, *, leaning: bool) -> Array:
    """The band that each place falls into, and a value inside it."""
    band = np.searchsorted(bands.normal_edges if leaning else bands.edges, place, side="right")
    return bands.low[band] + (inside * bands.width[band]).astype(np.int32) if bands.wide else bands.low[band]
