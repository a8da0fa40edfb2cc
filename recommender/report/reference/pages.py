"""What stands on which page of the policy reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from recommender.anatomy import Pinned, RuleCounts
from recommender.policy import NOT_VALIDATED, Dose, Policy, Rule, Service, Source, Strand, clock
from recommender.report.policy import in_words
from recommender.report.words import how_often
from recommender.rules.prose import plain
from recommender.rules.tree import Node, names_read

INDEX, NAMED_VALUES, OPEN = "index", "named_values", "open_questions"
MODE_WORDS: Mapping[str, str] = {
    "block": "no level is given, only what to do now",
    "hold": "the level is hidden until a clinician clears it",
    "floor": "the level is never below",
    "route": "something to arrange, whatever the level",
}
NOTHING = Pinned((), ())
CASES_SHOWN = 12


@dataclass(frozen=True)
class Link:
    """A name that a rule reads, and the page that explains it, or the heading on it."""

    words: str
    page: str
    anchor: str = ""


@dataclass(frozen=True)
class Entry:
    """One rule or named value: its heading, its sentence, and what else there is to say, each with a label.

    `counts` are the people of the cohort it is certainly and possibly true for; None where no cohort was given.
    """

    anchor: str
    heading: str
    words: str
    written: str
    why: str = ""
    told: tuple[tuple[str, str], ...] = ()
    reads: tuple[Link, ...] = ()
    source: Source | None = None
    since: str = ""
    counts: tuple[int, int, int] | None = None
    cases: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Part:
    """Some entries under one heading, with a sentence before them."""

    heading: str
    intro: str
    entries: tuple[Entry, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """One page: its file name without suffix, its title, what it is about, and its parts."""

    name: str
    title: str
    intro: str
    parts: tuple[Part, ...]

    @property
    def rules(self) -> int:
        """How many entries it has."""
        return sum(len(part.entries) for part in self.parts)


@dataclass(frozen=True)
class Reference:
    """The whole reference: what it is of, what every page says, and the pages in order."""

    title: str
    version: str
    statement: str
    cohort: str
    pages: tuple[Page, ...]
    sources: tuple[Source, ...]


def reference_of(policy: Policy, pinned: Mapping[str, Pinned], counts: RuleCounts | None, cohort: str) -> Reference:
    """The pages of a policy. `cohort` says in a sentence who was counted."""
    return Reference(
        title=policy.title,
        version=f"Policy {policy.id} {policy.version} of {policy.date}, {policy.status}.",
        statement=NOT_VALIDATED,
        cohort=cohort,
        pages=tuple(_Writer(policy, pinned, counts).pages()),
        sources=tuple(policy.sources.values()),
    )


class _Writer:
    def __init__(self, policy: Policy, pinned: Mapping[str, Pinned], counts: RuleCounts | None) -> None:
        self.policy, self.pinned, self.counts = policy, pinned, counts
        self.links = {entry.id: Link(plain(entry.id), NAMED_VALUES, entry.id) for entry in policy.derived}
        self.links.update((area.id, Link(area.title, area.id)) for area in policy.areas)
        self.links.update((strand.id, Link(strand.title, strand.id)) for strand in policy.strands)
        self.level_names = {level.id: level.name for level in policy.ladder.levels}

    def pages(self) -> Iterator[Page]:
        yield self.red_flags()
        for area in self.policy.areas:
            intro = "Rated 0 where no rule is true; otherwise the highest rating among the rules that are true."
            anchors = tuple(f"{value}: {meaning}" for value, meaning in sorted(area.anchors.items()))
            rules = tuple(self.entry(rule, f"rated {rule.value}") for rule in area.rules)
            yield Page(
                area.id, area.title, intro, (Part("What the ratings mean", "", (), anchors), Part("", "", rules))
            )
        for strand in self.policy.strands:
            yield self.strand(strand)
        yield self.placement()
        yield self.alternatives()
        yield self.addons()
        yield self.fit()
        yield self.services()
        yield self.named_values()
        yield self.open_questions()

    def entry(self, rule: Rule, effect: str, *told: tuple[str, str]) -> Entry:
        """A rule as it stands on a page."""
        counts = self.counts
        return Entry(
            anchor=rule.id.lower(),
            heading=f"{rule.id}: {effect}",
            words=in_words(self.policy, rule.when),
            written=" ".join(rule.text.split()),
            why=rule.why,
            told=tuple((label, " ".join(text.split())) for label, text in told if text),
            reads=self.read_by(rule.when),
            source=self.policy.sources[rule.source],
            since=rule.since,
            counts=(counts.certain[rule.id], counts.possible[rule.id], counts.people) if counts else None,
            cases=self.pinned.get(rule.id, NOTHING).certain,
        )

    def read_by(self, node: Node) -> tuple[Link, ...]:
        """The named values, ratings and strands that an expression reads."""
        return tuple(self.links[name] for name in sorted(names_read(node)) if name in self.links)

    def red_flags(self) -> Page:
        intro = "What stands before any level. All are looked at, and no other rule can take one away."
        entries = tuple(
            self.entry(
                flag.rule,
                f"{flag.name} ({flag.mode})",
                ("Then", self.flag_effect(flag.mode, flag.rule)),
                ("Do", flag.action),
                ("Call", "; ".join(self.policy.contacts[name] for name in flag.contacts)),
            )
            for flag in self.policy.red_flags
        )
        return Page("red_flags", "Red flags", intro, (Part("", "", entries),))

    def flag_effect(self, mode: str, rule: Rule) -> str:
        floor = f" {self.policy.ladder.levels[rule.value].name}" if mode == "floor" else ""
        return f"{MODE_WORDS[mode]}{floor}."

    def strand(self, strand: Strand) -> Page:
        first, *rest = map(plain, strand.steps)
        intro = (
            f"The highest step that a rule asks for holds. Steps: {first} (where no rule is true), {', '.join(rest)}."
        )
        rules = tuple(self.entry(rule, f"at least {plain(strand.steps[rule.value])}") for rule in strand.rules)
        return Page(strand.id, f"Strand: {strand.title}", intro, (Part("", "", rules),))

    def placement(self) -> Page:
        intro = "From the four strands to the level: the highest level among these rules, and the floors of red flags."
        levels = self.policy.ladder.levels
        rules = tuple(self.entry(rule, f"at least {levels[rule.value].name}") for rule in self.policy.placement)
        return Page("placement", "Placement: the level", intro, (Part("", "", rules),))

    def alternatives(self) -> Page:
        intro = "Also acceptable, each with a condition that a person must confirm. They never change the level."
        entries = tuple(
            self.entry(
                entry.rule,
                f"{self.level_names[entry.level]} → {self.level_names[entry.instead]}",
                ("Condition", entry.condition),
            )
            for entry in self.policy.alternatives
        )
        return Page("alternatives", "Also acceptable", intro, (Part("", "", entries),))

    def addons(self) -> Page:
        beside = self.policy.ladder.beside
        entries = tuple(self.entry(entry.rule, beside[entry.name].name) for entry in self.policy.addons)
        return Page(
            "addons", "Beside the level", "What stands beside the level, whatever it is.", (Part("", "", entries),)
        )

    def fit(self) -> Page:
        intro = "Answered for every person: yes, no, or not known yet. The tests never change the level."
        entries = tuple(
            self.entry(t.rule, t.name, ("Where it does not hold", t.otherwise)) for t in self.policy.iop_fit
        )
        return Page("iop_fit", "Does intensive outpatient fit?", intro, (Part("", "", entries),))

    def services(self) -> Page:
        intro = (
            "What a level holds for a person. The last rule of a service that is true gives its dose. "
            "Who it is true for is counted among everybody, whatever their level."
        )
        parts = [self.service(service) for service in self.policy.services]
        timetables = tuple(
            self.entry(
                entry.rule,
                f"{entry.name}, {entry.minutes / 60:g} hours a week",
                ("For", ", ".join(self.level_names[name] for name in entry.levels)),
                ("Times", "; ".join(f"{slot.day} {clock(slot.start)} to {clock(slot.end)}" for slot in entry.slots)),
            )
            for entry in self.policy.schedules
        )
        parts.append(Part("Timetables", "Offered where the rule holds; the person chooses.", timetables))
        return Page("services", "Services and timetables", intro, tuple(parts))

    def service(self, service: Service) -> Part:
        levels = ", ".join(self.level_names[name] for name in service.part_of)
        place = "Within the programme's hours" if service.inside else "Beside the programme"
        entries = tuple(
            self.entry(
                dose.rule,
                dose_words(dose),
                ("Starts", dose.starts),
                ("Note", dose.note),
            )
            for dose in service.doses
        )
        return Part(service.name, f"{service.does} {place}. Part of: {levels}.", entries)

    def named_values(self) -> Page:
        intro = "Values that several rules use by name."
        entries = tuple(
            Entry(
                anchor=entry.id,
                heading=plain(entry.id),
                words=in_words(self.policy, entry.node),
                written="",
                why=" ".join(entry.text.split()),
                reads=self.read_by(entry.node),
            )
            for entry in self.policy.derived
        )
        return Page(NAMED_VALUES, "Named values", intro, (Part("", "", entries),))

    def open_questions(self) -> Page:
        notes = self.policy.notes
        exceptions = [
            f"{entry.get('question') or entry.get('rule') or entry.get('section')}: {entry['why']}"
            for entry in notes.get("monotone_exceptions", ())
        ]
        promise = (
            "A worse answer never lowers the level. What follows has no worse direction, or stands beside the level."
        )
        parts = (
            Part("For the signing clinician", "", (), one_line(notes.get("open_questions", ()))),
            Part("Where the promise does not reach", promise, (), one_line(exceptions)),
        )
        return Page(OPEN, "Open questions and exceptions", "What is not settled, and what is meant to be so.", parts)


def dose_words(dose: Dose) -> str:
    """`2 x a week, 60 minutes`."""
    often = how_often(dose.times_per_week)
    return f"{often} a week, {dose.minutes} minutes" if dose.times_per_week >= 1 else f"{often}, {dose.minutes} minutes"


def one_line(texts: Sequence[str]) -> tuple[str, ...]:
    """Texts without their line ends."""
    return tuple(" ".join(str(text).split()) for text in texts)


def facts(
    entry: Entry, plainly: Callable[[str], str], code: Callable[[str], str], link: Callable[[Link], str]
) -> Iterator[tuple[str, str]]:
    """What there is to say of an entry, each with a label; the three functions write text, code and links."""
    yield "When" if entry.source else "It is", plainly(f"{entry.words}.")
    if entry.written:
        yield "Written", code(entry.written)
    yield from ((label, plainly(text)) for label, text in entry.told)
    if entry.reads:
        yield "Reads", ", ".join(dict.fromkeys(map(link, entry.reads)))
    if entry.source:
        note = f" ({entry.source.note})" if entry.source.note else ""
        yield "Source", plainly(f"{entry.source.id}, {entry.source.title}{note}; since {entry.since}")
    if entry.counts:
        yield "In the sample", plainly(cohort_words(entry.counts))
    if entry.cases is not None:
        yield "Cases", plainly(case_words(entry.cases))


def case_words(cases: tuple[str, ...]) -> str:
    """The cases in which a rule is true; `recommender policy explain-rule` lists all of a long row."""
    if len(cases) <= CASES_SHOWN:
        return ", ".join(cases) or "none makes it true"
    return f"{', '.join(cases[:CASES_SHOWN])} and {len(cases) - CASES_SHOWN} more"


def cohort_words(counts: tuple[int, int, int]) -> str:
    """Who a rule is true for, in words."""
    certain, possible, people = counts
    more = f"; open for {possible} more" if possible else ""
    return f"certainly true for {certain} of {people} people{more}"
