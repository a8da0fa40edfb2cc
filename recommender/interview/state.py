"""An interview: the answers so far, and what follows from them. Pure; nothing here reads or writes anything.

An answer gives a new interview. What to ask next is a function of the answers alone, so an interview that was left can
be taken up anywhere, and the order of the answers changes nothing but the order of the questions.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from recommender.answers import Answer, Answers
from recommender.assessment import LEVEL_SHOWN, STATUSES, Assessment, assess
from recommender.contradictions import check_intake
from recommender.errors import Fault
from recommender.interview.findings import Findings
from recommender.likely.evidence import gate_of
from recommender.policy import Policy, RedFlag
from recommender.questionnaire import Question
from recommender.rules.bounds import ANSWERED
from recommender.rules.prose import at
from recommender.rules.tree import Node, Nominal, names_read


class Interview:
    """One person's interview under one policy. `answers` also holds what was asked and is not known or declined.

    It does not change. `findings` are shared with others where interviews are held side by side (see `together`); then
    this person is the one at `row`.
    """

    def __init__(
        self, policy: Policy, answers: Mapping[str, Answer], findings: Findings | None = None, row: int = 0
    ) -> None:
        self.policy, self.answers = policy, answers
        self.findings, self.row = findings or Findings(policy, [answers]), row

    # ------------------------------------------------------------------------------------------------- answers
    def with_answer(self, name: str, answer: Answer) -> Interview:
        """The interview with one more answer, or another one. Answers to questions that it closes are taken out."""
        changed = Interview(self.policy, {**self.answers, name: answer})
        while closed := [other for other in changed.answers if other != name and not changed.may_be_asked(other)]:
            left = {other: given for other, given in changed.answers.items() if other not in closed}
            changed = Interview(self.policy, left)
        return changed

    def without(self, name: str) -> Interview:
        """The interview as if a question had not been asked."""
        return Interview(self.policy, {key: value for key, value in self.answers.items() if key != name})

    def faults(self) -> list[Fault]:
        """What cannot stand together in the answers."""
        return check_intake(self.policy.questionnaire, self.answers)

    # ----------------------------------------------------------------------------------------- what is known
    def question(self, name: str) -> Question:
        """The declaration of a question."""
        return self.policy.questionnaire.questions[name]

    @functools.cached_property
    def columns(self) -> Answers:
        """The answers as columns of one row."""
        return self.findings.columns.rows(self.row, self.row + 1)

    @functools.cached_property
    def bounds(self) -> tuple[int, int]:
        """The lowest and highest rank that the answers allow, whatever is still asked."""
        level = self.findings.level
        return at(level.lower, self.row), at(level.upper, self.row)

    @functools.cached_property
    def matter(self) -> frozenset[str]:
        """The questions that can still change the level, those that are worked out from others among them."""
        return frozenset(name for name, matters in self.findings.matters.questions.items() if at(matters, self.row))

    @functools.cached_property
    def assessment(self) -> Assessment:
        """The assessment of the answers as they are."""
        return assess(self.policy, self.columns)

    @property
    def status(self) -> str:
        """The status of the assessment: blocked, held, safety_unanswered, provisional or settled."""
        return STATUSES[int(self.assessment.status[0])]

    @property
    def level_shown(self) -> bool:
        """Whether bounds may be shown to the person."""
        return int(self.assessment.status[0]) in LEVEL_SHOWN

    @functools.cached_property
    def certified(self) -> bool:
        """Whether the safety questions are done and no answer to any other question can change the level."""
        return self.bounds[0] == self.bounds[1] and not self.safety_open

    @functools.cached_property
    def flags(self) -> tuple[RedFlag, ...]:
        """The red flags that are up."""
        fired = set(self.assessment.rules_fired(0))
        return tuple(flag for flag in self.policy.red_flags if flag.id in fired)

    # ------------------------------------------------------------------------------------------ what is open
    def is_asked(self, name: str) -> bool:
        """Whether a question is certainly one for this person."""
        return self.question(name).ask_if is None or bool(at(self.findings.values[gate_of(name)].lower, self.row))

    def may_be_asked(self, name: str) -> bool:
        """Whether a question may turn out to be one for this person."""
        return self.question(name).ask_if is None or bool(at(self.findings.values[gate_of(name)].upper, self.row))

    def is_open(self, name: str) -> bool:
        """Whether a question could be asked now: it is one for this person, and nobody has answered it."""
        question = self.question(name)
        waiting = name not in self.answers and question.computed is None and name not in self.covered
        return waiting and self.is_asked(name)

    @functools.cached_property
    def covered(self) -> frozenset[str]:
        """The parts of totals that were entered as a whole; not measurements, which count beside a summary."""
        totals = [name for name, answer in self.answers.items() if answer.state == ANSWERED]
        computed = [self.question(name).computed for name in totals]
        parts = frozenset(part for node in computed if node is not None for part in self.parts(node))
        return parts - self.policy.read_if_answered

    def parts(self, node: Node) -> Iterator[str]:
        """The questions that are asked behind an expression."""
        for name in sorted(names_read(node), key=self.place):
            inner = self.question(name).computed
            if inner is None:
                yield name
            else:
                yield from self.parts(inner)

    def place(self, name: str) -> int:
        """The place of a question in the form."""
        return order_of(self.policy)[name]

    @functools.cached_property
    def safety_open(self) -> tuple[str, ...]:
        """What still has to be asked for safety, in order: safety questions, and what opens or makes them up."""
        wanted: dict[str, None] = {}
        for name in self.policy.safety_questions:
            wanted.update(dict.fromkeys(self.leads_to(name)))
        return tuple(wanted)

    def leads_to(self, name: str) -> Iterator[str]:
        """The questions to ask now so that another one becomes known; nothing where it is known or was asked."""
        question = self.question(name)
        if name in self.answers or not self.may_be_asked(name):
            return
        if question.ask_if is not None and not self.is_asked(name):
            for other in self.unsettled(names_read(question.ask_if)):
                yield from self.leads_to(other)
        elif question.computed is not None:
            for other in self.unsettled(names_read(question.computed)):
                yield from self.leads_to(other)
        elif self.is_open(name):
            yield name

    def unsettled(self, names: Iterable[str]) -> list[str]:
        """Those of some questions that are not settled, in the order asked."""
        return sorted((name for name in names if not self.settled(name)), key=self.place)

    def settled(self, name: str) -> bool:
        """Whether only one value of a question is possible."""
        lower, upper = (at(end, self.row) for end in self.findings.values[name])
        if isinstance(self.question(name).type, Nominal):
            return lower.bit_count() == 1
        return lower == upper

    @functools.cached_property
    def may_still_matter(self) -> tuple[str, ...]:
        """The questions that could still be asked before the level is certified: at most so many remain."""
        wanted = dict.fromkeys(self.safety_open)
        for name in sorted(self.matter, key=self.place):
            question = self.question(name)
            waiting = name not in self.answers and question.computed is None and name not in self.covered
            if waiting and self.may_be_asked(name):
                wanted[name] = None
        return tuple(wanted)


def together(interviews: Sequence[Interview]) -> list[Interview]:
    """The same interviews, one or more under one policy, with findings that are theirs and are worked out at once."""
    findings = interviews[0].findings
    rows = [interview.row for interview in interviews if interview.findings is findings]
    if rows == list(range(len(findings.people))) and len(rows) == len(interviews):
        return list(interviews)
    findings = Findings(interviews[0].policy, [interview.answers for interview in interviews])
    return [Interview(i.policy, i.answers, findings, row) for row, i in enumerate(interviews)]


@functools.lru_cache(maxsize=4)
def order_of(policy: Policy) -> Mapping[str, int]:
    """The place of each question in the form."""
    return {name: place for place, name in enumerate(policy.questionnaire.questions)}
