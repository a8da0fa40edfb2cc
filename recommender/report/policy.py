"""A policy in words: every rule as a sentence, with what it sets, why, and where it comes from."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from typing import Any

from recommender.certificate import certificate_for
from recommender.policy import NOT_VALIDATED, Dose, Policy, Rule
from recommender.rules.prose import plain, sentence
from recommender.rules.tree import Node

WIDTH = 100


def policy_text(policy: Policy, wanted: Collection[str] = ()) -> str:
    """The whole policy, or the wanted rules, as text."""
    return "\n".join(lines(policy, wanted))


def lines(policy: Policy, wanted: Collection[str]) -> Iterator[str]:
    """The text line by line."""
    yield f"{policy.title}. Policy {policy.id} {policy.version}, {policy.date}, {policy.status}."
    yield f"{NOT_VALIDATED} Hash {policy.hash[:12]}."
    certificate = certificate_for(policy)
    yield (
        f"Certificate: {certificate.line()}."
        if certificate
        else "Not proved since its last change: `recommender policy check`."
    )
    if not wanted:
        yield from derived_lines(policy)
    for heading, rules in sections(policy):
        chosen = [(effect, rule) for effect, rule in rules if not wanted or rule.id in wanted]
        if chosen:
            yield f"\n{heading}\n{'-' * len(heading)}"
        for effect, rule in chosen:
            yield from rule_lines(policy, effect, rule)


def rule_lines(policy: Policy, effect: str, rule: Rule) -> Iterator[str]:
    """One rule: what it sets, when, why, source."""
    label = labels(policy)
    yield textwrap.fill(f"{rule.id}  {effect}", WIDTH, subsequent_indent=" " * 4)
    parts = ("when", sentence(rule.when, lambda name: label.get(name, plain(name)))), ("why", rule.why)
    for name, text in (*parts, ("source", f"{policy.sources[rule.source].title} (since {rule.since})")):
        if text:
            yield textwrap.fill(text, WIDTH, initial_indent=f"    {name:<7}", subsequent_indent=" " * 11)


def derived_lines(policy: Policy) -> Iterator[str]:
    """The values that rules share by name."""
    yield "\nNamed values\n------------"
    label = labels(policy)
    for entry in policy.derived:
        words = sentence(entry.node, lambda name: label.get(name, plain(name)))
        yield textwrap.fill(f"{plain(entry.id)}: {entry.text}. It is {words}.", WIDTH, subsequent_indent=" " * 4)


def labels(policy: Policy) -> dict[str, str]:
    """What areas and derived values are called in sentences."""
    found = {area.id: f"“{area.title}”" for area in policy.areas}
    return {**found, **{strand.id: f"the {strand.title.lower()} strand" for strand in policy.strands}}


def sections(policy: Policy) -> Iterator[tuple[str, list[tuple[str, Rule]]]]:
    """The headings of the policy, each with its rules and what they set."""
    ladder = policy.ladder
    flags = [
        (f"{flag.mode}{level_words(policy, flag.rule)}: {flag.name}. {flag.action}", flag.rule)
        for flag in policy.red_flags
    ]
    yield "Red flags", flags
    for area in policy.areas:
        yield f"{area.title} (0 to 4)", [(f"rated {rule.value}", rule) for rule in area.rules]
    for strand in policy.strands:
        yield (
            f"Strand: {strand.title}",
            [(f"at least {plain(strand.steps[rule.value])}", rule) for rule in strand.rules],
        )
    yield "Level", [(f"at least {ladder.levels[rule.value].name}", rule) for rule in policy.placement]
    yield "Beside the level", [(ladder.beside[addon.name].name, addon.rule) for addon in policy.addons]
    names = {level.id: level.name for level in ladder.levels}
    yield (
        "Also acceptable",
        [(f"{names[a.level]} → {names[a.instead]}, {a.condition}", a.rule) for a in policy.alternatives],
    )
    yield "Does intensive outpatient fit?", [(test.name, test.rule) for test in policy.iop_fit]
    yield (
        "Services",
        [(service_words(service.name, dose), dose.rule) for service in policy.services for dose in service.doses],
    )
    yield "Timetables", [(f"{s.name}, {s.minutes / 60:g} hours a week", s.rule) for s in policy.schedules]


def effects(policy: Policy) -> dict[str, str]:
    """What each rule sets, with the part of the policy it stands in, by its id."""
    return {
        rule.id: f"{heading.removeprefix('Strand: ').removesuffix(' (0 to 4)')}: {effect}"
        for heading, entries in sections(policy)
        for effect, rule in entries
    }


def in_words(policy: Policy, node: Node) -> str:
    """An expression of a policy as a sentence."""
    label = labels(policy)
    return sentence(node, lambda name: label.get(name, plain(name)))


def level_words(policy: Policy, rule: Rule) -> str:
    """` at Hospital` for a floor, else nothing."""
    return f" at {policy.ladder.levels[rule.value].name}" if rule.value else ""


def service_words(name: str, dose: Dose) -> str:
    """A service with its dose."""
    return f"{name}: {dose.times_per_week:g} times a week, {dose.minutes} minutes"


def proved_as_json(policy: Policy) -> dict[str, Any] | None:
    """What was proved of just this policy; nothing where it was edited since."""
    certificate = certificate_for(policy)
    if certificate is None:
        return None
    return {"proved_on": certificate.proved_on, "solver": certificate.solver, "properties": certificate.count}


def policy_as_json(policy: Policy, wanted: Collection[str] = ()) -> dict[str, Any]:
    """The same as data: rules by section, with their expression as written and in words."""
    label = labels(policy)
    return {
        "statement": NOT_VALIDATED,
        "policy": policy.id,
        "version": policy.version,
        "date": str(policy.date),
        "status": policy.status,
        "hash": policy.hash,
        "certificate": proved_as_json(policy),
        "sections": {
            heading: [
                {
                    "id": rule.id,
                    "sets": effect,
                    "when": rule.text,
                    "when_in_words": sentence(rule.when, lambda name: label.get(name, plain(name))),
                    "why": rule.why,
                    "source": rule.source,
                    "since": rule.since,
                }
                for effect, rule in rules
                if not wanted or rule.id in wanted
            ]
            for heading, rules in sections(policy)
        },
    }
