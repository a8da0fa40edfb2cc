"""A recommendation as text: one screen, or everything with `full`. Plain characters; colour is the caller's choice."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from recommender.change import Change, Changes
from recommender.explain import Fact, OpenQuestion, Reason
from recommender.plan import Plan, PlannedService, Session, in_week_order
from recommender.policy import clock
from recommender.recommendation import (
    CHANGES_ARE_FACTS,
    HEADLINES,
    OPINION_IS_USUAL,
    STATUS_WORDS,
    FlagNote,
    RatingNote,
    Recommendation,
)
from recommender.report.words import (
    STATUS_AFTER,
    change_words,
    hours,
    how_often,
    likely_words,
    nothing_found,
    opinion_words,
)
from recommender.rules.prose import plain

if TYPE_CHECKING:
    from recommender.second_opinion import SecondOpinion

MARGIN = 12
NARROWEST, WIDEST = 60, 110
SHOWN_OPEN = 4
SHOWN_REASONS = 3
SHOWN_CHANGES = 4
SMALLEST_EFFECT = 0.005

Style = Callable[[str, str], str]


def unstyled(text: str, _: str) -> str:
    """No colour."""
    return text


def text_report(
    recommendation: Recommendation,
    *,
    width: int = 80,
    full: bool = False,
    for_clinician: bool = False,
    style: Style = unstyled,
) -> str:
    """The report. `style(text, role)` may colour a text by its role: level, warning, heading, quiet."""
    writer = _Writer(recommendation, max(NARROWEST, min(width, WIDEST)), style)
    shown = recommendation.level_shown or for_clinician
    return "\n".join(writer.report(full=full, shown=shown))


class _Writer:
    def __init__(self, recommendation: Recommendation, width: int, style: Style) -> None:
        self.r, self.width, self.style = recommendation, width, style

    def report(self, *, full: bool, shown: bool) -> Iterator[str]:
        yield from self.head(shown)
        yield from self.flags(full)
        if self.r.status != "blocked":
            yield from self.part("Ask first", [f"{name}: {text}" for name, text in self.r.safety_unanswered])
        if shown:
            yield from self.ratings(full)
            yield from self.why(full)
            yield from self.not_lower(full)
            yield from self.not_higher(full)
            yield from self.still_open(full)
            yield from self.changes() if full else ()
            yield from self.second_opinion(full)
            yield from self.beside(full)
            yield from self.fit(full)
            yield from self.plan(full)
        yield from self.foot()

    # -------------------------------------------------------------------------------------------------- pieces
    def part(self, heading: str, lines: Iterable[str]) -> Iterator[str]:
        """A heading in the margin with paragraphs beside it."""
        first = heading
        for text in lines:
            room = self.width - MARGIN
            indent = " " * (len(text) - len(text.lstrip()))
            words = " ".join(text.split())
            for piece in textwrap.wrap(words, room, initial_indent=indent, subsequent_indent=indent + "  ") or [""]:
                yield f"{self.style(f'{first:<{MARGIN}}', 'heading')}{piece}"
                first = ""

    def head(self, shown: bool) -> Iterator[str]:
        r = self.r
        title = self.level_title() if shown else HEADLINES[r.status]
        name = f"{r.id}  " if r.id else ""
        yield f"{name}{self.style(title, 'level' if shown else 'warning')}"
        yield from textwrap.wrap(STATUS_WORDS[r.status], self.width)
        if shown:
            yield ""
            yield from self.ladder()
            if r.likely is not None and not r.settled:
                yield from textwrap.wrap(likely_words(r.policy.ladder, r.likely, 0), self.width)
        yield ""

    def level_title(self) -> str:
        least, most = self.r.level_at_least, self.r.level_at_most
        if self.r.settled:
            return f"{least.name} ({least.code}){hours(least)}"
        return f"At least {least.name} ({least.code}), at most {most.name} ({most.code})"

    def ladder(self) -> Iterator[str]:
        """The ladder with the bounds marked under it."""
        levels = self.r.policy.ladder.levels
        gap = 2 if sum(len(level.code) + 2 for level in levels) <= self.width else 1
        line, starts = "", []
        for level in levels:
            starts.append(len(line))
            line += level.code + " " * gap
        low, high = self.r.level_at_least, self.r.level_at_most
        start, end = starts[low.rank], starts[high.rank] + len(high.code)
        mark = "^" * (end - start) if self.r.settled else "^" + "-" * (end - start - 2) + "^"
        yield line.rstrip()
        yield " " * start + self.style(mark, "level")

    def flags(self, full: bool) -> Iterator[str]:
        certain = [flag for flag in self.r.red_flags if flag.certain]
        yield from self.part("Red flags", [line for flag in certain for line in self.flag_lines(flag)])
        open_flags = [
            f"{flag.name} [{flag.id}]" for flag in self.r.red_flags if not flag.certain and (full or flag.stops)
        ]
        if open_flags and self.r.status != "blocked":
            yield from self.part("Not cleared", ["; ".join(open_flags) + "."])

    def flag_lines(self, flag: FlagNote) -> Iterator[str]:
        facts = self.facts(flag.facts)
        yield self.style(f"{flag.mode.upper()} {flag.name} [{flag.id}]", "warning") + f" {facts}"
        yield f"  {flag.action} {' · '.join(flag.contacts)}".rstrip()

    def ratings(self, full: bool) -> Iterator[str]:
        if full:
            yield from self.part("Needs, 0-4", [rating_line(rating) for rating in self.r.ratings])
        else:
            yield from self.part("Needs, 0-4", [", ".join(f"{r.title} {value_of(r)}" for r in self.r.ratings)])

    def why(self, full: bool) -> Iterator[str]:
        reasons = self.r.explanation.reasons
        if not reasons:
            lines = ["No rule asks for any care on what is known."]
        elif full:
            lines = [line for reason in reasons for line in self.tree_lines(reason)]
        else:
            lines = list(dict.fromkeys(self.leaf_line(leaf) for reason in reasons for leaf in leaves(reason)))
            lines = lines[:SHOWN_REASONS] + (
                [f"… and {len(lines) - SHOWN_REASONS} more"] if len(lines) > SHOWN_REASONS else []
            )
        yield from self.part("Why", lines)

    def not_lower(self, full: bool) -> Iterator[str]:
        refuted = self.r.explanation.not_lower
        shown = refuted if full else refuted[-1:]
        ladder = self.r.policy.ladder
        lines = [f"{ladder.level(entry.level).name}: {self.summary(entry.by)}" for entry in shown]
        yield from self.part("Not less", lines)

    def not_higher(self, full: bool) -> Iterator[str]:
        ladder = self.r.policy.ladder
        certain = [entry for entry in self.r.explanation.not_higher if not entry.possible]
        lines = []
        for entry in certain if full else certain[:1]:
            needs = entry.needs if full else entry.needs[:1]
            lines.append(f"{ladder.level(entry.level).name} would need: {' / '.join(needs)}")
        yield from self.part("Not more", lines)

    def still_open(self, full: bool) -> Iterator[str]:
        found = self.r.open
        questions = (*found.can, *found.undecided)
        shown = questions if full else questions[:SHOWN_OPEN]
        codes = [level.code for level in self.r.policy.ladder.levels]
        lines = [f"{plain(q.id)}: {self.effect(q, codes)}" for q in shown if q.alone]
        for words, group in (("together with others", found.can), ("perhaps together with others", found.undecided)):
            names = [plain(q.id) for q in group if q in shown and not q.alone]
            lines += [f"{words}: {', '.join(names)}"] * bool(names)
        if len(questions) > len(shown):
            lines.append(f"… and {len(questions) - len(shown)} more questions")
        yield from self.part("Still open", lines)
        if full:
            yield from self.part("Open, but", self.without_effect())

    def without_effect(self) -> list[str]:
        """The unanswered questions that cannot change the level, whatever else is answered."""
        names = self.r.open.cannot
        return [f"cannot change the level, whatever is answered: {', '.join(map(plain, names))}"] if names else []

    def changes(self) -> Iterator[str]:
        """What would lower and what would raise the level, as facts about the rules."""
        yield from self.part("Would lower", self.change_lines(self.r.changes.lower, "lower"))
        yield from self.part("Would raise", self.change_lines(self.r.changes.higher, "raise"))
        yield from self.part("", [CHANGES_ARE_FACTS])

    def change_lines(self, changes: Changes, direction: str) -> list[str]:
        lines = [self.change_line(change) for change in changes.sets[:SHOWN_CHANGES]]
        more = len(changes.sets) + changes.left_off - len(lines)
        lines += [f"… and {more} more"] * bool(more)
        return lines or [nothing_found(changes, direction)]

    def change_line(self, change: Change) -> str:
        level = self.r.policy.ladder.level(change.level)
        return f"{level.name} ({level.code}){STATUS_AFTER.get(change.status, '')}, with {change_words(change, '->')}"

    def second_opinion(self, full: bool) -> Iterator[str]:
        """What a model says, if one was asked, and with `full` what each answer adds."""
        opinion = self.r.second_opinion
        if opinion is None:
            return
        lines = opinion_words(opinion)
        if full:
            lines += [
                f"{entry.effect:+.2f}  {plain(entry.question)}: {entry.answer}" for entry in opinion.contributions
            ]
            lines.append(f"{opinion.intercept:+.2f}  everybody; together the log odds of at least {opinion.step}")
        yield from self.part("Model", [*lines, OPINION_IS_USUAL])

    def effect(self, question: OpenQuestion, codes: list[str]) -> str:
        """What answering one question can do to the bounds."""
        up = question.floor > self.r.level_at_least.rank
        down = question.ceiling < self.r.level_at_most.rank
        words = [f"may raise the floor to {codes[question.floor]}"] * up
        words += [f"may lower the ceiling to {codes[question.ceiling]}"] * down
        return " or ".join(words)

    def facts(self, facts: tuple[Fact, ...]) -> str:
        """The answers behind something: `(disorder: severe; use days: 30 days)`."""
        titles = {rating.id: rating.title.lower() for rating in self.r.ratings}
        pairs = [(titles.get(name, plain(name)), words) for fact in facts for name, words in fact.answers]
        answers = dict.fromkeys(f"{name}: {words}" for name, words in pairs)
        return f"({'; '.join(answers)})" if answers else ""

    def beside(self, full: bool) -> Iterator[str]:
        certain = [entry for entry in self.r.addons if entry.holds]
        names = "; ".join(f"{entry.name} [{entry.id}]" for entry in certain)
        yield from self.part(
            "Beside it",
            [f"{e.name} [{e.id}]: {e.sentence} {self.facts(e.facts)}" for e in certain]
            if full
            else [names]
            if names
            else [],
        )
        yield from self.part(
            "Also fine",
            [f"{entry.name}, on this condition: {entry.sentence} [{entry.id}]" for entry in self.r.alternatives],
        )

    def fit(self, full: bool) -> Iterator[str]:
        tests = self.r.iop_fit
        if not tests:
            return
        words = {True: "yes", False: "NO", None: "?"}
        if full:
            lines = [f"{words[test.holds]:<3} {test.name}: {test.sentence} {self.facts(test.facts)}" for test in tests]
        else:
            held = sum(test.holds is True for test in tests)
            others = ", ".join(f"{test.name} {words[test.holds]}" for test in tests if not test.holds)
            lines = [f"{held} of {len(tests)} tests hold" + (f"; {others}" if others else "")]
        yield from self.part("IOP fit", lines)

    def plan(self, full: bool) -> Iterator[str]:
        plan = self.r.plan
        if not (plan.inside or plan.beside):
            return
        lines = [self.service_line(line, full) for line in plan.inside] + [
            self.service_line(line, full) for line in plan.beside
        ]
        least = f"For {self.r.level_at_least.name}, the least that is certain: " * (not self.r.settled)
        yield from self.part(
            "Plan", [least, *lines] if full and least else lines if full else [least + "; ".join(lines)]
        )
        yield from self.week(plan, full)
        if full and plan.still_open:
            asks = [
                f"{entry.service.name} (ask: {', '.join(plain(name) for name in entry.ask[:3])})"
                for entry in plan.still_open
            ]
            yield from self.part("May join", ["; ".join(asks)])

    def week(self, plan: Plan, full: bool) -> Iterator[str]:
        week = plan.week
        if week is None:
            if plan.no_schedule_fits:
                yield from self.part("Week", ["None of the usual timetables fits the answers; find one together."])
            elif plan.schedule_open:
                yield from self.part(
                    "Week", ["Ask first: " + ", ".join(plain(name) for name in plan.schedule_open[:4])]
                )
            return
        slots = ", ".join(f"{slot.day} {clock(slot.start)}-{clock(slot.end)}" for slot in week.schedule.slots)
        lines = [f"{week.schedule.name}: {slots} = {week.hours:g} h. {week.schedule.rule.why}"]
        if full:
            lines += [session_line(session) for session in in_week_order(week.sessions)]
            lines += [f"Other timetables that fit: {', '.join(s.name for s in plan.other_schedules)}"] * bool(
                plan.other_schedules
            )
        lines += [f"In turn with the groups: {', '.join(map(plain, week.in_turn))}."] * bool(week.in_turn)
        yield from self.part("Week", lines)

    def foot(self) -> Iterator[str]:
        facts = self.r.provenance
        yield ""
        origin = f"{facts['policy']} {facts['policy_version']} ({facts['policy_status']}) {facts['policy_hash'][:12]}"
        for line in textwrap.wrap(f"{self.r.statement} Policy {origin}; {self.r.answered} answers.", self.width):
            yield self.style(line, "quiet")

    def leaf_line(self, reason: Reason) -> str:
        """One line: the sentence, the answers, the rule."""
        return f"{reason.why} {self.facts(reason.facts)} [{reason.rule}]"

    def summary(self, reason: Reason) -> str:
        """A reason by the rule nearest to it that says more than the level's own name."""
        nearest = reason.because[0] if reason.because else reason
        deepest = next(leaves(nearest))
        return (
            self.leaf_line(nearest)
            if deepest is nearest
            else f"{nearest.why} [{nearest.rule}] {self.leaf_line(deepest)}"
        )

    def tree_lines(self, reason: Reason, depth: int = 0) -> Iterator[str]:
        """The whole chain of rules, indented, with sources."""
        facts = self.facts(reason.facts)
        yield f"{'  ' * depth}{reason.why} {facts} [{reason.rule}; {reason.source}]"
        for beneath in reason.because:
            yield from self.tree_lines(beneath, depth + 1)

    def service_line(self, line: PlannedService, full: bool) -> str:
        """`Group counselling 3 x 90 min`, with the reason when everything is wanted."""
        dose = line.dose
        text = f"{line.service.name} {how_often(dose.times_per_week)} {dose.minutes} min"
        if not full:
            return line.service.name
        starts = f", starts {dose.starts}" if dose.starts else ""
        return f"{text}{starts}. {dose.rule.why} {self.facts(line.facts)} {dose.note} [{dose.rule.id}]"


def contribution_lines(opinion: SecondOpinion) -> Iterator[str]:
    """What each answer adds to the log odds; what is less than can be shown is told as a sum."""
    small = [entry.effect for entry in opinion.contributions if abs(entry.effect) < SMALLEST_EFFECT]
    for entry in opinion.contributions:
        if abs(entry.effect) >= SMALLEST_EFFECT:
            yield f"{entry.effect:+.2f}  {plain(entry.question)}: {entry.answer}"
    if small:
        yield f"{sum(small):+.2f}  {len(small)} other answers together"
    yield f"{opinion.intercept:+.2f}  everybody; together the log odds of at least {opinion.step}"


def value_of(rating: RatingNote) -> str:
    """A rating, or the range that is still possible."""
    return f"{rating.lowest}" if rating.lowest == rating.highest else f"{rating.lowest}-{rating.highest}"


def rating_line(rating: RatingNote) -> str:
    """`Physical health  1      a stable condition`, with a range where answers are missing."""
    anchor = rating.anchors[0] if rating.lowest == rating.highest else " … ".join(rating.anchors)
    return f"{value_of(rating)}  {rating.title}: {anchor}"


def leaves(reason: Reason) -> Iterator[Reason]:
    """The reasons that rest on answers, under all those that rest on other rules."""
    if not reason.because:
        yield reason
    for beneath in reason.because:
        yield from leaves(beneath)


def session_line(session: Session) -> str:
    """`Mon 18:00-19:30 Group counselling`."""
    rest = f" (every {session.every_weeks} weeks; a group in between)" if session.every_weeks > 1 else ""
    video = " by video" if session.by_video else ""
    return f"{session.day} {clock(session.start)}-{clock(session.end)} {session.name}{video}{rest}"
