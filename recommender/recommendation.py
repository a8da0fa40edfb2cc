"""The answer that a person gets: level with bounds, red flags, ratings, reasons, what is open, what fits, and the plan.

One object, made once, from which the text, JSON and HTML reports are only drawn.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from recommender import __version__
from recommender.answers import Answer, answers_of
from recommender.assessment import LEVEL_SHOWN, STATUSES
from recommender.certificate import certificate_for
from recommender.change import SmallestChanges, smallest_changes
from recommender.explain import Explainer, Explanation, Fact, Reason
from recommender.levels import Level
from recommender.likely import LikelyLevels, Population, likely_levels
from recommender.open_questions import OpenQuestions, open_questions
from recommender.plan import Plan, plan_for
from recommender.policy import MODES, NOT_VALIDATED, Policy, RedFlag, Rule, clock
from recommender.rules.bounds import ANSWERED

if TYPE_CHECKING:
    from recommender.glass_box import GlassBox
    from recommender.second_opinion import SecondOpinion

# Decides what the search for witnesses left undecided.
Decider = Callable[[Explainer, OpenQuestions], OpenQuestions]

# What stands in place of a level that may not be shown.
HEADLINES: Mapping[str, str] = {
    "blocked": "Emergency: get help now",
    "held": "Held for a clinician",
    "safety_unanswered": "Safety questions first",
}
# What stands beside every change of answers that is told.
CHANGES_ARE_FACTS = (
    "What the rules say, not advice and no promise: a person decides. "
    "Stopping alcohol or sedatives suddenly can be dangerous; never do it to reach a level."
)
# What stands beside every opinion of a model.
OPINION_IS_USUAL = (
    "What was usual among similar people who did well, not what is right. It lowers nothing that the rules require. "
    "A person decides."
)
# What a status means, for the person who reads it.
STATUS_WORDS: Mapping[str, str] = {
    "blocked": "No level is given.",
    "held": "No level is given until a clinician has looked at the red flags below.",
    "safety_unanswered": "No level is given until these questions are asked.",
    "provisional": "Provisional: unanswered questions could still change the level.",
    "settled": "Settled: no unanswered question can change the level.",
}


class FlagNote(NamedTuple):
    """A red flag that is up, or that unanswered questions leave open."""

    id: str
    name: str
    mode: str
    certain: bool
    why: str
    action: str
    contacts: tuple[str, ...]
    source: str
    facts: tuple[Fact, ...]

    @property
    def stops(self) -> bool:
        """Whether it keeps the level back."""
        return self.mode in ("block", "hold")


class RatingNote(NamedTuple):
    """One area of need: the bounds of its rating, their meaning, and the rules that give the certain part."""

    id: str
    title: str
    lowest: int
    highest: int
    anchors: tuple[str, str]
    reasons: tuple[Reason, ...]


class Note(NamedTuple):
    """An add-on, fit test or alternative: whether it holds (None: not known yet), in a sentence, with its facts."""

    id: str
    name: str
    holds: bool | None
    sentence: str
    source: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Recommendation:
    """Everything that is told about one person. `level` may be shown only where `level_shown` is true."""

    id: str
    about: str
    status: str
    level_shown: bool
    level_at_least: Level
    level_at_most: Level
    red_flags: tuple[FlagNote, ...]
    safety_unanswered: tuple[tuple[str, str], ...]
    ratings: tuple[RatingNote, ...]
    explanation: Explanation
    addons: tuple[Note, ...]
    iop_fit: tuple[Note, ...]
    alternatives: tuple[Note, ...]
    plan: Plan
    answered: int
    policy: Policy
    answers: Mapping[str, Answer] = field(repr=False, compare=False)
    explainer: Explainer = field(repr=False, compare=False)
    likely: LikelyLevels | None = None
    second_opinion: SecondOpinion | None = None
    decide: Decider | None = field(default=None, repr=False, compare=False)
    statement: str = NOT_VALIDATED

    @functools.cached_property
    def changes(self) -> SmallestChanges:
        """What would lower and what would raise the level that is certain; worked out when somebody looks."""
        return smallest_changes(self.explainer, self.answers)

    @functools.cached_property
    def open(self) -> OpenQuestions:
        """Which unanswered questions can change the level, and which cannot; worked out when somebody looks."""
        found = open_questions(self.explainer)
        return self.decide(self.explainer, found) if self.decide and found.undecided else found

    @property
    def settled(self) -> bool:
        """Whether both bounds are the same level."""
        return self.level_at_least.rank == self.level_at_most.rank

    @property
    def provenance(self) -> dict[str, str]:
        """What it takes to compute this again: policy, version, hash, program version."""
        policy = self.policy
        certificate = certificate_for(policy)
        return {
            "policy": policy.id,
            "policy_version": policy.version,
            "policy_status": policy.status,
            "policy_hash": policy.hash,
            "policy_proved": certificate.line() if certificate else "not since its last change",
            "recommender": __version__,
            **self.model_provenance,
        }

    @property
    def model_provenance(self) -> dict[str, str]:
        """Which model was asked for a second opinion; nothing where none was."""
        asked = self.second_opinion
        return {"model": asked.model, "model_hash": asked.hash} if asked else {}


def recommend(
    policy: Policy,
    answers: Mapping[str, Answer],
    *,
    id: str = "",
    about: str = "",
    population: Population | None = None,
    model: GlassBox | None = None,
    decide: Decider | None = None,
) -> Recommendation:
    """The recommendation for one person's answers.

    With a `population` also what is likely beside what is certain, and with a `model` its second opinion, which changes
    nothing else.

    `decide` is asked about open questions of which the search neither showed nor ruled out that they can change the
    level, such as `assurance.undecided.decide`; without it they are told as undecided.
    """
    explainer = Explainer(policy, answers_of(policy.questionnaire, [answers]))
    status = int(explainer.assessment.status[0])
    levels = policy.ladder.levels
    least = levels[explainer.at_least]
    questions = policy.questionnaire.questions
    return Recommendation(
        id=id,
        about=about,
        status=STATUSES[status],
        level_shown=status in LEVEL_SHOWN,
        level_at_least=least,
        level_at_most=levels[explainer.at_most],
        red_flags=tuple(flag_notes(explainer)),
        safety_unanswered=tuple((name, questions[name].text) for name in explainer.assessment.safety_unanswered(0)),
        ratings=tuple(rating_notes(explainer)),
        explanation=explainer.explanation(),
        addons=tuple(addon_notes(explainer)),
        iop_fit=tuple(fit_notes(explainer)),
        alternatives=tuple(alternative_notes(explainer, least)),
        plan=plan_for(explainer, least.id),
        answered=sum(a.state == ANSWERED and questions[name].decides for name, a in answers.items()),
        policy=policy,
        answers=answers,
        explainer=explainer,
        likely=likely_levels(policy, population, explainer.assessment, explainer.answers) if population else None,
        second_opinion=asked(model, explainer) if model else None,
        decide=decide,
    )


def asked(model: GlassBox, explainer: Explainer) -> SecondOpinion:
    """What a model says; whoever asks none need not load one."""
    from recommender.second_opinion import second_opinion

    return second_opinion(model, explainer.policy, explainer.assessment, explainer.answers)


def flag_notes(explainer: Explainer) -> Iterable[FlagNote]:
    """The flags that are up, then those still open; what stops everything comes first."""
    flags = sorted(explainer.policy.red_flags, key=lambda flag: MODES.index(flag.mode))
    for wanted in (True, None):
        for flag in flags:
            if explainer.situation.truth(flag.rule.when) is wanted:
                yield flag_note(explainer, flag, certain=wanted is True)


def flag_note(explainer: Explainer, flag: RedFlag, *, certain: bool) -> FlagNote:
    policy = explainer.policy
    return FlagNote(
        id=flag.id,
        name=flag.name,
        mode=flag.mode,
        certain=certain,
        why=flag.rule.why,
        action=flag.action,
        contacts=tuple(policy.contacts[contact] for contact in flag.contacts),
        source=policy.sources[flag.rule.source].title,
        facts=facts_of(explainer, flag.rule),
    )


def facts_of(explainer: Explainer, rule: Rule) -> tuple[Fact, ...]:
    """What makes a rule true, not true, or leaves it open."""
    truth = explainer.situation.truth(rule.when)
    if truth is None:
        nodes = explainer.situation.open_parts(rule.when)
    else:
        nodes = explainer.situation.grounds(rule.when, holds=truth)
    return tuple(dict.fromkeys(explainer.fact(node) for node in nodes))


def rating_notes(explainer: Explainer) -> Iterable[RatingNote]:
    """The six areas in the order of the policy."""
    for area in explainer.policy.areas:
        bounds = explainer.values[area.id]
        low, high = int(bounds.lower[0]), int(bounds.upper[0])
        rules = [rule for rule in area.rules if rule.value == low and rule.id in explainer.fired]
        reasons = tuple(explainer.reason(rule) for rule in rules)
        anchors = (area.anchors.get(low, ""), area.anchors.get(high, ""))
        yield RatingNote(area.id, area.title, low, high, anchors, reasons)


def addon_notes(explainer: Explainer) -> Iterable[Note]:
    """Add-ons that hold, then those that unanswered questions leave open."""
    policy = explainer.policy
    notes = [note(explainer, a.rule, policy.ladder.beside[a.name].name, a.rule.why) for a in policy.addons]
    yield from (entry for entry in notes if entry.holds)
    yield from (entry for entry in notes if entry.holds is None)


def fit_notes(explainer: Explainer) -> Iterable[Note]:
    """Every test of intensive outpatient fit, answered for everybody."""
    for test in explainer.policy.iop_fit:
        truth = explainer.situation.truth(test.rule.when)
        words = {True: test.rule.why, False: test.otherwise, None: "Not known yet."}[truth]
        yield note(explainer, test.rule, test.name, words)


def alternative_notes(explainer: Explainer, level: Level) -> Iterable[Note]:
    """Neighbouring levels that are also acceptable from a settled level, with the conditions a person must confirm."""
    ladder = explainer.policy.ladder
    for entry in explainer.policy.alternatives if explainer.at_least == explainer.at_most else ():
        if entry.level == level.id and explainer.situation.truth(entry.rule.when):
            yield note(explainer, entry.rule, ladder.level(entry.instead).name, entry.condition)


def note(explainer: Explainer, rule: Rule, name: str, words: str) -> Note:
    truth = explainer.situation.truth(rule.when)
    source = explainer.policy.sources[rule.source].title
    return Note(rule.id, name, truth, words, source, facts_of(explainer, rule))


# ---------------------------------------------------------------------------------------------------------------- JSON
def as_json(recommendation: Recommendation, *, for_clinician: bool = False) -> dict[str, Any]:
    """The recommendation as plain data.

    While the level may not be shown, everything that would give it away is left out, unless `for_clinician`.
    """
    r = recommendation
    shown = r.level_shown or for_clinician
    return {
        "statement": r.statement,
        "id": r.id,
        "status": r.status,
        "status_words": STATUS_WORDS[r.status],
        "level": r.level_at_least.id if shown and r.settled else None,
        "red_flags": [plain_data(flag) for flag in r.red_flags],
        "safety_unanswered": [{"question": name, "text": text} for name, text in r.safety_unanswered],
        **{key: tell(r) if shown else None for key, tell in SHOWN_WITH_THE_LEVEL.items()},
        "answers_given": r.answered,
        "provenance": r.provenance,
    }


def bounds_as_json(recommendation: Recommendation) -> dict[str, str]:
    return {"at_least": recommendation.level_at_least.id, "at_most": recommendation.level_at_most.id}


def explanation_as_json(recommendation: Recommendation) -> dict[str, Any]:
    """The whole why, with the exact word on each unanswered question."""
    open_ones = open_as_json(recommendation)
    cannot = list(recommendation.open.cannot)
    return {**plain_data(recommendation.explanation), "still_open": open_ones, "cannot_change_it": cannot}


def likely_as_json(recommendation: Recommendation) -> dict[str, Any] | None:
    """The chance of each level that is possible at all, and the population that says so."""
    likely, ids = recommendation.likely, recommendation.policy.ladder.ids
    if likely is None:
        return None
    return {
        "level": ids[int(likely.level[0])],
        "chance": round(float(likely.chance[0]), 4),
        "levels": {name: round(float(c), 4) for name, c in zip(ids, likely.chances[0], strict=True) if c > 0},
        "population": likely.origin,
    }


def second_opinion_as_json(recommendation: Recommendation) -> dict[str, Any] | None:
    """What the model says, with what it can never be."""
    opinion = recommendation.second_opinion
    if opinion is None:
        return None
    return {
        "statement": OPINION_IS_USUAL,
        **plain_data(opinion),
        "needs_a_person": opinion.needs_a_person,
        "set": dict(zip(("lowest", "highest"), opinion.set_names, strict=True)),
    }


def open_as_json(recommendation: Recommendation) -> list[dict[str, Any]]:
    """The open questions with the names of the levels that each could lead to.

    `can_change` is true where two completions that differ in the question alone are shown as `witness`, null where
    neither that nor the opposite was found.
    """
    ids = recommendation.policy.ladder.ids
    witnesses = recommendation.open.witnesses
    return [
        {
            **plain_data(question),
            "floor": ids[question.floor],
            "ceiling": ids[question.ceiling],
            "can_change": True if question.id in witnesses else None,
            "witness": plain_data(witnesses.get(question.id)),
        }
        for question in (*recommendation.open.can, *recommendation.open.undecided)
    ]


def changes_as_json(recommendation: Recommendation) -> dict[str, Any]:
    """The smallest changes in both directions, as facts about the rules."""
    changes = recommendation.changes
    return {"statement": CHANGES_ARE_FACTS, "lower": plain_data(changes.lower), "higher": plain_data(changes.higher)}


# What would give a level away that may not be shown.
SHOWN_WITH_THE_LEVEL: Mapping[str, Callable[[Recommendation], Any]] = {
    "bounds": bounds_as_json,
    "likely": likely_as_json,
    "second_opinion": second_opinion_as_json,
    "ratings": lambda r: plain_data(r.ratings),
    "explanation": explanation_as_json,
    "changes": changes_as_json,
    "addons": lambda r: plain_data(r.addons),
    "iop_fit": lambda r: plain_data(r.iop_fit),
    "alternatives": lambda r: plain_data(r.alternatives),
    "plan": lambda r: plan_as_json(r.plan),
}


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """The plan with services by name and sessions with clock times."""
    week = plan.week
    return {
        "level": plan.level,
        "services": [
            {
                "service": line.service.id,
                "name": line.service.name,
                "inside_programme_hours": line.service.inside,
                "times_per_week": line.dose.times_per_week,
                "minutes": line.dose.minutes,
                "starts": line.dose.starts,
                "note": line.dose.note,
                "why": line.dose.rule.why,
                "rule": line.dose.rule.id,
                "facts": [plain_data(fact) for fact in line.facts],
            }
            for line in (*plan.inside, *plan.beside)
        ],
        "week": None
        if week is None
        else {
            "schedule": week.schedule.rule.id,
            "name": week.schedule.name,
            "why": week.schedule.rule.why,
            "hours": week.hours,
            "sessions": [
                {**plain_data(session), "start": clock(session.start), "end": clock(session.end)}
                for session in week.sessions
            ],
            "in_turn": list(week.in_turn),
        },
        "other_schedules": [schedule.name for schedule in plan.other_schedules],
        "ask_for_a_schedule": list(plan.schedule_open),
        "still_open": [{"service": entry.service.name, "ask": list(entry.ask)} for entry in plan.still_open],
    }


def plain_data(value: Any) -> Any:
    """A record as dictionaries and lists, facts as statement and answers by name."""
    if isinstance(value, Fact):
        return {"statement": value.statement, "answers": dict(value.answers)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: plain_data(entry) for name, entry in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [plain_data(entry) for entry in value]
    return value
