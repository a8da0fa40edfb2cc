"""Cases beside what the policy finds: which pass, what differs in those that do not, and which rules they reach.

All cases are assessed in one go. `CaseRun` keeps the assessment, so that other measures of coverage can be read off it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from recommender.answers import Answers, answers_of
from recommender.assessment import STATUSES, Assessment, assess, bit
from recommender.assurance.coverage import Coverage, measure
from recommender.cases import Case
from recommender.errors import ContentError, Fault, did_you_mean
from recommender.explain import Explainer, Reason
from recommender.levels import Ladder
from recommender.policy import Policy


class Found(NamedTuple):
    """What the policy certainly finds for one case."""

    at_least: str
    at_most: str
    status: str
    red_flags: tuple[str, ...]
    addons: tuple[str, ...]
    ratings: Mapping[str, tuple[int, int]]
    rules: frozenset[str]
    rules_open: frozenset[str]

    def truth_of(self, rule: str) -> str:
        """Whether a rule is true, not true, or left open."""
        return "true" if rule in self.rules else "open" if rule in self.rules_open else "not true"


class Difference(NamedTuple):
    """One thing that a case states and the policy finds otherwise."""

    what: str
    expected: str
    found: str


class Ground(NamedTuple):
    """A rule behind the level that was found, and how deep it lies below the rule that set the level."""

    rule: str
    why: str
    depth: int


@dataclass(frozen=True)
class Verdict:
    """One case, what was found for it, and what differs. It passes when nothing does."""

    case: Case
    found: Found
    differences: tuple[Difference, ...]

    @property
    def passes(self) -> bool:
        """Whether everything that the case states was found."""
        return not self.differences


class Tally(NamedTuple):
    """How many cases there are of a kind, and how many of them pass."""

    cases: int
    passed: int


@dataclass(frozen=True)
class CaseRun:
    """All cases of a run, in order: row i of `answers` and of `assessment` is the case of `verdicts[i]`."""

    policy: Policy
    answers: Answers
    assessment: Assessment
    verdicts: tuple[Verdict, ...]

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The cases that do not pass."""
        return tuple(verdict for verdict in self.verdicts if not verdict.passes)

    def by_level(self) -> dict[str, Tally]:
        """Every level of the ladder, with the cases that expect it."""
        levels = self.policy.ladder.ids
        return {level: tally(v for v in self.verdicts if v.case.expect == level) for level in levels}

    def by_flag(self) -> dict[str, Tally]:
        """Every red flag, with the cases that expect it."""
        return {flag.id: self.expecting({flag.id}) for flag in self.policy.red_flags}

    def by_flag_group(self) -> dict[str, Tally]:
        """Every group of red flags, with the cases that expect at least one of them."""
        return {group: self.expecting(members) for group, members in flags_by_group(self.policy).items()}

    def expecting(self, flags: set[str]) -> Tally:
        """The cases that expect one of these flags."""
        return tally(v for v in self.verdicts if flags & set(v.case.red_flags or ()))

    @functools.cached_property
    def rules_reached(self) -> tuple[str, ...]:
        """The rules that are certainly true in at least one case, in the policy's order."""
        fired = self.assessment.fired
        return tuple(rule for place, rule in enumerate(self.policy.rules) if bit(fired, place).any())

    @functools.cached_property
    def rules_not_reached(self) -> tuple[str, ...]:
        """The rules that are certainly true in no case."""
        reached = frozenset(self.rules_reached)
        return tuple(rule for rule in self.policy.rules if rule not in reached)

    @functools.cached_property
    def coverage(self) -> Coverage:
        """Which conditions of the rules the cases show to matter."""
        return measure(self.policy, self.answers)

    def grounds(self, verdict: Verdict) -> tuple[Ground, ...]:
        """The rules that gave the level found, each followed by those that it rests on."""
        row = self.verdicts.index(verdict)
        found = (ground for reason in Explainer(self.policy, self.answers, row).reasons() for ground in grounds(reason))
        return tuple(dict.fromkeys(found))


def run_cases(policy: Policy, cases: Sequence[Case]) -> CaseRun:
    """Assesses all cases together and compares each with what it states.

    Raises ContentError for a level or an add-on that does not exist. A red flag that this policy does not have is a
    difference like any other: the case may have been written for another version.
    """
    faults = [fault for case in cases for fault in unknown_names(policy.ladder, case)]
    if faults:
        raise ContentError(faults)
    answers = answers_of(policy.questionnaire, [case.answers for case in cases])
    assessment = assess(policy, answers)
    verdicts = tuple(verdict(case, found) for case, found in zip(cases, everything_found(assessment), strict=True))
    return CaseRun(policy, answers, assessment, verdicts)


def unknown_names(ladder: Ladder, case: Case) -> Iterator[Fault]:
    """The levels and add-ons that a case names and that do not exist."""
    for kind, names, known in (
        ("level", (case.expect, case.at_most or case.expect), ladder.ids),
        ("add-on", case.addons or (), tuple(ladder.beside)),
    ):
        for name in dict.fromkeys(names):
            if name not in known:
                hint = did_you_mean(str(name), known)
                what = f"case {case.id}: there is no such {kind}"
                yield Fault(what, given=str(name), allowed=", ".join(known), remedy=hint)


def everything_found(assessment: Assessment) -> Iterator[Found]:
    """What was found, case by case."""
    policy, levels = assessment.policy, assessment.policy.ladder.ids
    flags = {flag.id for flag in policy.red_flags}
    addons = {entry.rule.id: entry.name for entry in policy.addons}
    for row in range(assessment.count):
        fired = assessment.rules_fired(row)
        yield Found(
            at_least=levels[int(assessment.level_at_least[row])],
            at_most=levels[int(assessment.level_at_most[row])],
            status=STATUSES[int(assessment.status[row])],
            red_flags=tuple(rule for rule in fired if rule in flags),
            addons=tuple(dict.fromkeys(addons[rule] for rule in fired if rule in addons)),
            ratings={area: (int(b.lower[row]), int(b.upper[row])) for area, b in assessment.ratings.items()},
            rules=frozenset(fired),
            rules_open=frozenset(assessment.rules_undecided(row)),
        )


def verdict(case: Case, found: Found) -> Verdict:
    """A case beside what was found for it."""
    return Verdict(case, found, tuple(differences(case, found)))


def differences(case: Case, found: Found) -> Iterator[Difference]:
    """What the case states and the policy finds otherwise. What it does not state is not compared."""
    stated, levels = (case.expect, case.at_most or case.expect), (found.at_least, found.at_most)
    if stated != levels:
        yield Difference("level", span(*stated), span(*levels))
    if case.status != found.status:
        yield Difference("status", case.status, found.status)
    wanted = {True: "true", False: "not true", None: found.truth_of(case.rule)}[case.holds]
    if found.truth_of(case.rule) != wanted:
        yield Difference(f"rule {case.rule}", wanted, found.truth_of(case.rule))
    for what, names, there in (("red flags", case.red_flags, found.red_flags), ("add-ons", case.addons, found.addons)):
        if names is not None and set(names) != set(there):
            yield Difference(what, listed(names), listed(there))
    for area, rating in case.ratings.items():
        ends = found.ratings.get(area)
        if ends != (rating, rating):
            yield Difference(f"rating {area}", str(rating), span(*map(str, ends)) if ends else "no such area")


def span(low: str, high: str) -> str:
    """`outpatient`, or `outpatient to hospital`."""
    return low if low == high else f"{low} to {high}"


def listed(names: Sequence[str]) -> str:
    """The names in a line; `none` for none of them."""
    return ", ".join(sorted(names)) or "none"


def tally(verdicts: Iterator[Verdict]) -> Tally:
    """The count of some cases, and of those that pass."""
    passes = [verdict.passes for verdict in verdicts]
    return Tally(len(passes), sum(passes))


def flags_by_group(policy: Policy) -> dict[str, set[str]]:
    """The flags of each group that a policy declares."""
    return {group: {flag.id for flag in policy.red_flags if flag.group == group} for group in policy.flag_groups}


def grounds(reason: Reason, depth: int = 0) -> Iterator[Ground]:
    """A reason and those beneath it."""
    yield Ground(reason.rule, reason.why, depth)
    for beneath in reason.because:
        yield from grounds(beneath, depth + 1)
