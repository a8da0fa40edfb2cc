"""All intakes that the questionnaire accepts, as one space to search: is there one for which … ?

A complete intake answers every question that is asked; what is worked out from parts may be worked out or entered;
and nothing in it contradicts. Long totals (a score of ten items) stand for themselves: every total can be reached by
its items, so nothing is lost, and a solver is spared the counting.

What is found is turned into an intake that `assess` accepts, as near to a person with nothing wrong as the search
allows, so that a reader sees what matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import z3

from recommender.answers import Answer, answers_of
from recommender.assessment import Assessment, assess
from recommender.cases import EXAMPLES, read_baseline
from recommender.content_file import ContentFile
from recommender.contradictions import Check, Impossible, checks_of
from recommender.policy import Policy
from recommender.questionnaire import Question, Questionnaire
from recommender.rules.bounds import ANSWERED
from recommender.rules.definitions import Asked, Definition, asked_about, needs, questions_behind
from recommender.rules.smt import Person, Term, ends_of, summands
from recommender.rules.tree import Node, Nominal, Number, names_read

# A total of fewer parts is left as it is worked out.
LONG_TOTAL = 4


@dataclass(frozen=True)
class Example:
    """One complete intake, as the answers that are entered."""

    policy: Policy
    answers: Mapping[str, int]

    def given(self) -> dict[str, Answer]:
        """The answers as `assess` takes them."""
        questions = self.policy.questionnaire.questions
        return {name: as_answer(questions[name], value) for name, value in self.answers.items()}

    def assessment(self, policy: Policy | None = None) -> Assessment:
        """What the policy, or another one over the same questions, makes of it."""
        return assess(policy or self.policy, answers_of(self.policy.questionnaire, [self.given()]))

    def assessment_of_all(self, examples: Sequence[Example]) -> Assessment:
        """What the policy makes of many, in one go."""
        return assess(self.policy, answers_of(self.policy.questionnaire, [example.given() for example in examples]))

    def differs_from(self, other: Mapping[str, int]) -> dict[str, int]:
        """The answers that are not those of another intake."""
        return {name: value for name, value in self.answers.items() if other.get(name) != value}


def as_answer(question: Question, value: int) -> Answer:
    """A plain answer."""
    bits = 1 << value if isinstance(question.type, Nominal) else value
    return Answer(bits, bits, ANSWERED)


class Intakes:
    """The space of accepted intakes under one policy. `calm` is the person to stay near to.

    With another policy `beside` it, over the same questions, examples state what either of the two reads.
    """

    def __init__(self, policy: Policy, calm: Mapping[str, int], beside: Policy | None = None) -> None:
        self.policy, self.policies = policy, (policy, *([beside] if beside else []))
        self.questions = policy.questionnaire.questions
        self.long_totals = long_totals(policy.questionnaire)
        whole = {name: self.questions[name].definition._replace(computed=None) for name in self.long_totals}
        self.worlds: list[dict[str, Definition]] = [{**each.definitions, **whole} for each in self.policies]
        self.definitions = self.worlds[0]
        self.entered_by_the_calm = frozenset(calm)
        self.used = self._used()
        self.calm = {name: calm.get(name, quiet(self.questions[name])) for name in self.used}
        self.person = Person(self.definitions)
        self._solver = z3.SolverFor("QF_FD")
        self._told = -1
        # By person: a twin is asked about several times.
        self._accepted: WeakKeyDictionary[Person, list[Term]] = WeakKeyDictionary()

    def _used(self) -> tuple[str, ...]:
        """The questions that the policy reads, long totals taken as one, and those that the calm person answers."""
        worlds = zip(self.policies, self.worlds, strict=True)
        read = (questions_behind(world, *self._roots(policy)) for policy, world in worlds)
        found = frozenset().union(*read)
        return tuple(name for name in self.questions if name in found)

    def _roots(self, policy: Policy) -> tuple[str, ...]:
        """What an example is made for: the rules, the safety questions, and what the calm person answers."""
        return (*policy.rules, *policy.plan_rules, *policy.safety_questions, *sorted(self.entered_by_the_calm))

    def _checks(self) -> Iterator[Check]:
        """The ways to contradict that are within what an example states; with an open question there is none."""
        for check in checks_of(self.policy.questionnaire):
            read = frozenset().union(*(self.behind(name) for name in names_read(check.node)))
            if read.issubset(self.used):
                yield check

    def behind(self, name: str) -> frozenset[str]:
        """The questions that a name rests on, long totals taken as one."""
        return questions_behind(self.definitions, name)

    # ------------------------------------------------------------------------------------------------- search
    def exists(self, *conditions: Term) -> bool:
        """Whether there is an accepted intake for which all conditions hold."""
        solver = self._ready()
        solver.push()
        solver.add(*conditions)
        found = solver.check() == z3.sat
        solver.pop()
        return bool(found)

    def _ready(self) -> z3.Solver:
        """The solver, told of every value that was asked about since the last time."""
        if self._told < 0:
            self._solver.add(self.accepted(self.person))
        made = sum(len(sides.made) for sides in self.person.answers.values())
        if made != self._told:
            self._solver.add(self.person.laws())
            self._told = made
        return self._solver

    def find(
        self, *conditions: Term, near: Mapping[str, int] | None = None, people: Sequence[Person] = ()
    ) -> tuple[Example, ...]:
        """Accepted intakes of the space's own person and of `people` for which all conditions hold; () if none are.

        The first is as near to `near` (else to the calm person) as can be: no answer that differs could be left.
        """
        near = {**self.calm, **(near or {})}
        solver = self._ready()
        solver.push()
        try:
            solver.add(*conditions)
            for twin in people:
                solver.add(self.accepted(twin))
                solver.add(twin.laws())
            # What a twin made is asked of the person too.
            solver.add(self.person.laws())
            wishes = [*self._wishes(solver, near), *(wish for twin in people for wish in self._alike(solver, twin))]
            granted = self._granted(solver, wishes)
            if granted is None or solver.check(*granted) != z3.sat:
                return ()
            model = solver.model()
            return tuple(Example(self.policy, self.read(person, model, near)) for person in (self.person, *people))
        finally:
            solver.pop()

    def find_if_any(self, *conditions: Term) -> tuple[Example, ...]:
        """As `find`, for a search that is expected to find nothing: whether there is anything is asked first."""
        return self.find(*conditions) if self.exists(*conditions) else ()

    def find_if_any_pair(self, twin: Person, *conditions: Term) -> tuple[Example, ...]:
        """The space's own person and a twin for whom all conditions hold, both accepted; () if there are none."""
        solver = self._ready()
        solver.push()
        solver.add(*conditions)
        solver.add(self.accepted(twin))
        solver.add(twin.laws())
        solver.add(self.person.laws())
        any_at_all = solver.check() == z3.sat
        solver.pop()
        return self.find(*conditions, people=(twin,)) if any_at_all else ()

    def _granted(self, solver: z3.Solver, wishes: list[Term]) -> list[Term] | None:
        """The wishes that can be granted together, none left out that could be added; None where there is no intake."""
        granted, doubtful = wishes, list[Term]()
        while solver.check(*granted) == z3.unsat:
            core = set(map(str, solver.unsat_core()))
            if not core:
                return None
            doubtful += [wish for wish in granted if str(wish) in core]
            granted = [wish for wish in granted if str(wish) not in core]
        for wish in doubtful:
            if solver.check(*granted, wish) == z3.sat:
                granted.append(wish)
        return granted

    def _wishes(self, solver: z3.Solver, near: Mapping[str, int]) -> Iterator[Term]:
        """The wish, for each question, that it be answered as the person to stay near to answers it."""
        for name, sides in self.person.answers.items():
            wish = z3.Bool(f"{name} stays")
            value = near.get(name, quiet(self.questions[name]))
            solver.add([z3.Implies(wish, literal) for literal in sides.is_value(value)])
            yield wish
        for name, entered in self.person.entered.items():
            wish = z3.Bool(f"{name} stays entered")
            solver.add(z3.Implies(wish, entered if name in self.entered_by_the_calm else z3.Not(entered)))
            yield wish

    def _alike(self, solver: z3.Solver, twin: Person) -> Iterator[Term]:
        """The wish, for each question that a twin may answer otherwise, that the answer be the same all the same."""
        for name, sides in twin.answers.items():
            wish = z3.Bool(f"{name} is alike")
            own = self.person.answer(name)
            solver.add([z3.Implies(wish, own.at_least(k) == sides.at_least(k)) for k in sorted(sides.made)])
            yield wish
        for name, entered in twin.entered.items():
            if not entered.eq(self.person.is_entered(name)):
                wish = z3.Bool(f"{name} is entered alike")
                solver.add(z3.Implies(wish, entered == self.person.is_entered(name)))
                yield wish

    # ----------------------------------------------------------------------------------------------- accepted
    def accepted(self, person: Person) -> list[Term]:
        """That nothing in a person's answers contradicts, and that nothing is answered that is not asked."""
        if person not in self._accepted:
            self._accepted[person] = [*self._consistent(person), *self._entered_when_asked(person)]
        return self._accepted[person]

    def _consistent(self, person: Person) -> Iterator[Term]:
        for check in self._checks():
            if isinstance(check, Impossible):
                yield z3.Not(person.node_truth(check.node))
        for name in self.used:
            if self.questions[name].must_agree:
                yield from self._agreeing(person, self.questions[name])

    def _agreeing(self, person: Person, question: Question) -> Iterator[Term]:
        """That a total that was entered is one that its parts can give."""
        definition = self.definitions[question.id]
        assert isinstance(definition, Asked)
        if definition.computed is not None:
            low, high = ends_of(question.type)
            entered = person.is_entered(question.id)
            for value in range(low + 1, high + 1):
                same = person.node_at_least(definition.computed, value) == person.answer(question.id).at_least(value)
                yield z3.Implies(entered, same)
            return
        assert question.computed is not None
        yield from self._parts_fit(person, question, question.computed)

    def _parts_fit(self, person: Person, total: Question, computed: Node) -> Iterator[Term]:
        """That the parts of a long total that are looked at by themselves leave no more and no less than the rest."""
        parts = [part for part in summands(computed) if names_read(part) and names_read(part).issubset(self.used)]
        rest = total.maximum - sum(ends_of(part.type)[1] for part in parts)
        for value in range(total.minimum + 1, total.maximum + 1) if parts else ():
            reached = person.answer(total.id).at_least(value)
            yield z3.Implies(person.sum_at_least(parts, value), reached)
            yield z3.Implies(reached, person.sum_at_least(parts, value - rest))

    def _entered_when_asked(self, person: Person) -> Iterator[Term]:
        """That what is not asked is not entered either, but where the questionnaire lets such an answer count.

        And that what is not entered itself is worked out from measurements that were all taken.
        """
        for name in self.used:
            definition = self.definitions[name]
            assert isinstance(definition, Asked)
            if name in self.long_totals:
                yield person.is_entered(name)
            elif definition.computed is not None:
                for part in sorted(names_read(definition.computed) & self.policy.read_if_answered):
                    yield z3.Or(person.is_entered(name), person.is_entered(part))
            elif definition.ask_if is not None and self.questions[name].answered_anyway != "counts":
                yield z3.Implies(person.is_entered(name), person.node_truth(definition.ask_if))

    # --------------------------------------------------------------------------------------------------- read
    def read(self, person: Person, model: z3.ModelRef, near: Mapping[str, int]) -> dict[str, int]:
        """The answers of a person that a model stands for: what is asked or entered, and matters."""
        stated = self._stated(person, model)
        return {name: self._value(name, person, model, near) for name in self.used if name in stated}

    def _value(self, name: str, person: Person, model: z3.ModelRef, near: Mapping[str, int]) -> int:
        known = name in person.answers
        low, high = person.answers[name].read(model) if known else ends_of(self.questions[name].type)
        return min(max(near[name], low), high)

    def _stated(self, person: Person, model: z3.ModelRef) -> set[str]:
        """The questions that have an answer: not the parts of what is entered whole, nor what is not asked."""
        worlds = zip(self.policies, self.worlds, strict=True)
        found = (self._stated_in(world, self._roots(policy), person, model) for policy, world in worlds)
        return set().union(*found)

    def _stated_in(
        self, world: Mapping[str, Definition], roots: Sequence[str], person: Person, model: z3.ModelRef
    ) -> set[str]:
        stated: set[str] = set()
        waiting, seen = [*roots], set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            definition = world[name]
            if isinstance(definition, Asked):
                asked, entered = self._asked(definition, person, model)
                stated |= {name} if entered or (asked and definition.computed is None) else set()
                definition = definition._replace(computed=None) if entered else definition
            waiting.extend(needs(definition) | asked_about(definition))
        return stated

    def _asked(self, question: Asked, person: Person, model: z3.ModelRef) -> tuple[bool, bool]:
        """Whether a question is asked, and whether its answer was entered though it need not be."""
        name = question.name
        entered = is_true(model, person.entered[name]) if name in person.entered else name in self.entered_by_the_calm
        if any(name in policy.read_if_answered for policy in self.policies):
            return False, entered
        asked = question.ask_if is None or is_true(model, person.node_truth(question.ask_if))
        return asked, entered and (question.computed is not None or not asked)


def quiet(question: Question) -> int:
    """The answer that means least: the best end, or the first choice."""
    return question.maximum if question.worse == "down" else question.minimum


def is_true(model: z3.ModelRef, term: Term) -> bool:
    """Whether a term is true in a model."""
    return bool(z3.is_true(model.eval(term, model_completion=True)))


def long_totals(questionnaire: Questionnaire) -> frozenset[str]:
    """Totals that have to agree with their parts, and that many parts, or another such total, go into."""
    long: set[str] = set()
    for name, question in questionnaire.questions.items():
        parts = needs(question.definition)
        if question.must_agree and isinstance(question.type, Number) and (len(parts) >= LONG_TOTAL or parts & long):
            long.add(name)
    return frozenset(long)


def calm_person(questionnaire: Questionnaire) -> dict[str, int]:
    """The adult with nothing wrong who stands beneath every made-up case."""
    baseline = read_baseline(questionnaire, ContentFile(EXAMPLES))
    return {name: value_of(questionnaire.questions[name], answer) for name, answer in baseline.items()}


def value_of(question: Question, answer: Answer) -> int:
    """A plain answer as a value."""
    return answer.lower.bit_length() - 1 if isinstance(question.type, Nominal) else answer.lower
