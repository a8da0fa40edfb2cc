"""Two policies over the same questions: what was changed rule by rule, and for whom anything comes out otherwise.

The second part is a proof: the regions that are listed are all there are. A region is a pair of outcomes, what a person
gets under the old policy and under the new one, and each is shown by one intake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import z3

from recommender.assurance.direction import cuts
from recommender.assurance.intakes import Example, Intakes, calm_person
from recommender.policy import LEVEL, Policy
from recommender.rules.smt import Person, Term


class Outcome(NamedTuple):
    """What one person gets: a level, and whether a red flag holds it; or a block, and then no level at all."""

    level: str
    stop: str


BLOCKED = Outcome("", "block")


class Region(NamedTuple):
    """All people who get one thing under the old policy and another under the new, and an intake of one of them."""

    old: Outcome
    new: Outcome
    example: Example


@dataclass(frozen=True)
class Difference:
    """Where two policies differ. `told` are the ratings, flags and what stands beside the level that can differ too."""

    regions: tuple[Region, ...]
    told: tuple[str, ...]
    calm: Mapping[str, int]


def compare(old: Policy, new: Policy) -> Difference:
    """Every region in which the two policies give different outcomes.

    Raises ValueError where they are not over the same questions and levels.
    """
    if old.questionnaire.hash != new.questionnaire.hash or old.ladder.hash != new.ladder.hash:
        raise ValueError("the two policies must be over the same questions and levels")
    comparison = Comparison(old, new)
    return Difference(tuple(comparison.regions()), tuple(comparison.told()), comparison.intakes.calm)


class Comparison:
    """The same person under both policies."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self.old, self.new = old, new
        self.intakes = Intakes(old, calm_person(old.questionnaire), beside=new)
        self.before = self.intakes.person
        self.after = self.before.changed({}, self.intakes.worlds[1])

    def regions(self) -> Iterator[Region]:
        """Pairs of outcomes, each once, until there are no more."""
        found: list[Term] = []
        while True:
            pair = self.next_pair(found)
            if pair is None:
                return
            conditions = (*self.gets(self.old, self.before, pair[0]), *self.gets(self.new, self.after, pair[1]))
            (example,) = self.intakes.find(*conditions)
            yield Region(*pair, example)
            found.append(z3.Not(z3.And(*conditions)))

    def next_pair(self, without: list[Term]) -> tuple[Outcome, Outcome] | None:
        """Two different outcomes that one person can get, not among those that were found."""
        solver = z3.SolverFor("QF_FD")
        solver.add(self.gets_otherwise())
        solver.add(without)
        solver.add(self.intakes.accepted(self.before))
        solver.add(self.before.laws())
        if solver.check() != z3.sat:
            return None
        model = solver.model()
        return self.outcome(self.old, self.before, model), self.outcome(self.new, self.after, model)

    def told(self) -> Iterator[str]:
        """What else a person is told that can differ, of what both policies have."""
        for name in told_by(self.old):
            if name in told_by(self.new):
                apart = [term for term in self.apart(name) if not term.arg(0).eq(term.arg(1))]
                if apart and self.intakes.exists(z3.Or(*apart)):
                    yield name

    def apart(self, name: str) -> list[Term]:
        """The ways in which a name can come out otherwise."""
        values = cuts(self.old.definitions[name])
        return [self.before.at_least(name, k) != self.after.at_least(name, k) for k in values]

    def gets_otherwise(self) -> Term:
        """That one is blocked and the other is not; or neither is, and the level or a hold is another."""
        blocked, held = ([stopped(*side, mode) for side in self.sides] for mode in ("block", "hold"))
        free = z3.Not(z3.Or(*blocked))
        return z3.Or(blocked[0] != blocked[1], z3.And(free, z3.Or(*self.apart(LEVEL), held[0] != held[1])))

    @property
    def sides(self) -> tuple[tuple[Policy, Person], tuple[Policy, Person]]:
        """Each policy with the person as it sees them."""
        return (self.old, self.before), (self.new, self.after)

    def gets(self, policy: Policy, person: Person, outcome: Outcome) -> list[Term]:
        """That a person gets just this."""
        blocked, held = (stopped(policy, person, mode) for mode in ("block", "hold"))
        if outcome.stop == "block":
            return [blocked]
        rank = policy.ladder.ids.index(outcome.level)
        level = [person.at_least(LEVEL, rank), z3.Not(person.at_least(LEVEL, rank + 1))]
        return [z3.Not(blocked), held if outcome.stop else z3.Not(held), *level]

    def outcome(self, policy: Policy, person: Person, model: z3.ModelRef) -> Outcome:
        def holds(term: Term) -> bool:
            return bool(z3.is_true(model.eval(term, model_completion=True)))

        if holds(stopped(policy, person, "block")):
            return BLOCKED
        ranks = range(len(policy.ladder.ids))
        rank = max(rank for rank in ranks if holds(person.at_least(LEVEL, rank)))
        return Outcome(policy.ladder.ids[rank], "hold" if holds(stopped(policy, person, "hold")) else "")


def stopped(policy: Policy, person: Person, mode: str) -> Term:
    """That some flag of a mode is up."""
    return z3.Or(*[person.truth(flag.id) for flag in policy.red_flags if flag.mode == mode])


def told_by(policy: Policy) -> tuple[str, ...]:
    """The ratings, flags and what stands beside the level, by name."""
    beside = (e.rule.id for part in (policy.addons, policy.alternatives, policy.iop_fit) for e in part)
    return (*(area.id for area in policy.areas), *(flag.id for flag in policy.red_flags), *beside)
