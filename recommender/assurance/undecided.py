"""Open questions that a search left undecided for one person: a solver says whether each can change the level.

It looks for two completions of the person's answers that differ in the one question alone and give different levels.
Where there are none, the question cannot change the level: what is looked through holds every completion that can
stand. What it finds is tried on the rules themselves before it is told, like every other witness.

Needs z3, which the extra `prove` installs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import z3

from recommender.contradictions import ClosedGate, Impossible, checks_of
from recommender.explain import Explainer
from recommender.open_questions import Completions, OpenQuestions, narrowed
from recommender.policy import LEVEL
from recommender.rules.bounds import ANSWERED
from recommender.rules.definitions import Asked, Definition, Formula, names_behind
from recommender.rules.prose import at
from recommender.rules.smt import Person, Sides, Term
from recommender.rules.tree import Constant, Nominal, names_read
from recommender.trial import KEPT, asked_about


def decide(explainer: Explainer, found: OpenQuestions) -> OpenQuestions:
    """The same lists, with what was undecided among the questions that can change the level or those that cannot.

    A question stays undecided only where the rules do not confirm the two completions that the solver found.
    """
    if not found.undecided:
        return found
    # With every answer in it a completion is settled also where bounds, which look at one question at a time, are not.
    measured = asked_about(explainer.policy)
    others = [name for name in found.cannot if name not in measured]
    completions = Completions(narrowed(explainer), [*(q.id for q in (*found.can, *found.undecided)), *others])
    space = CompletedPeople(completions)
    for question in found.undecided:
        pair = space.pair(question.id)
        if pair is None:
            completions.ruled_out.add(question.id)
        else:
            completions.try_pair(question.id, *pair)
    return found.decided(completions.found, completions.ruled_out)


class CompletedPeople:
    """One person's answers completed in every way: at least in all the ways that can stand."""

    def __init__(self, completions: Completions) -> None:
        self.names, self.trials = completions.names, completions.trials
        self.explainer = self.trials.explainer
        self.policy = self.trials.policy
        self.definitions = {name: self.as_known(name) for name in names_behind(self.policy.definitions, LEVEL)}
        entered = {name: self.entered(name) for name in self.definitions if name in self.trials.questions}
        self.person = Person(self.definitions, entered=entered)

    def as_known(self, name: str) -> Definition:
        """What is settled stands for its value; a total that is open stands for its parts."""
        definition = self.policy.definitions[name]
        if name in self.explainer.values and self.explainer.settled(name):
            low = at(self.explainer.values[name].lower, 0)
            value = low.bit_length() - 1 if isinstance(definition.type, Nominal) else low
            return Formula(name, Constant(value, definition.type))
        return definition._replace(computed=None) if isinstance(definition, Asked) else definition

    def entered(self, name: str) -> Term:
        """Whether an answer counts whatever its gate says; of a measurement, whether it was taken."""
        if name in asked_about(self.policy) and name not in self.names:
            return z3.BoolVal(self.is_entered(name))
        return z3.BoolVal(name not in self.trials.kept_while_asked)

    def is_entered(self, name: str) -> bool:
        """Whether a question of the level's has an answer now."""
        column = self.explainer.answers.columns.get(name)
        return name in self.definitions and column is not None and column.state[0] == ANSWERED

    def pair(self, name: str) -> tuple[list[int], list[int]] | None:
        """Two completions, as answers to `names`, that differ in one question and the level; None if there is none."""
        twin = self.person.changed({name: Sides(f"{name} otherwise", self.definitions[name].type)}, mark=" otherwise")
        levels = range(self.explainer.at_least + 1, self.explainer.at_most + 1)
        apart = [z3.And(self.person.at_least(LEVEL, k), z3.Not(twin.at_least(LEVEL, k))) for k in levels]
        solver = z3.SolverFor("QF_FD")
        solver.add(z3.Or(*apart))
        for person in (self.person, twin):
            solver.add(*self.consistent(person))
        for person in (self.person, twin):
            solver.add(*self.within_what_is_known(person.answers), *person.laws())
        if solver.check() != z3.sat:
            return None
        model = solver.model()
        return self.read(self.person, model), self.read(twin, model)

    def consistent(self, person: Person) -> Iterator[Term]:
        """That nothing contradicts, as far as it lies within what the level hangs on."""
        for check in checks_of(self.policy.questionnaire):
            if not names_read(check.node) <= self.definitions.keys():
                continue
            if isinstance(check, Impossible):
                yield z3.Not(person.node_truth(check.node))
            elif isinstance(check, ClosedGate) and self.is_entered(check.question.id):
                fixed = person.equals(check.question.id, check.question.when_not_asked)
                yield z3.Or(person.node_truth(check.node), fixed)

    def within_what_is_known(self, answers: Mapping[str, Sides]) -> Iterator[Term]:
        """That every answer is one that what is known of it allows."""
        for name in list(answers):
            sides, (low, high) = answers[name], self.trials.bounds(name)
            if isinstance(sides.type, Nominal):
                yield from (z3.Not(term) for choice, term in sides.made.items() if not low >> choice & 1)
            else:
                yield from (sides.at_least(low), z3.Not(sides.at_least(high + 1)))

    def read(self, person: Person, model: z3.ModelRef) -> list[int]:
        """The answers to `names` that a model stands for; the lowest that does where several do, kept where all do."""
        return [person.answers[name].read(model)[0] if name in person.answers else KEPT for name in self.names]


__all__ = ["decide"]
