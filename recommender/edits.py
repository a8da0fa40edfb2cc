"""What was edited between two policies: every rule, derived value and setting that was added, taken out or changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from recommender.policy import Policy, Rule, clock
from recommender.rules.prose import sentence


class Edit(NamedTuple):
    """One thing that is not as it was. `old` is empty where it is new, `new` where it was taken out."""

    name: str
    section: str
    what: str
    old: str
    new: str


Described = Mapping[str, Mapping[str, str]]


def edits(old: Policy, new: Policy) -> tuple[Edit, ...]:
    """Everything that differs between two policies, in the order of the old one, then what is new."""
    return tuple(edits_between(described(old), described(new)))


def edits_between(old: Described, new: Described) -> Iterator[Edit]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, {}), new.get(name, {})
        section = (before or after)["section"]
        if not before or not after:
            what = "taken out" if before else "added"
            yield Edit(name, section, what, before.get("condition", ""), after.get("condition", ""))
            continue
        for what in dict.fromkeys((*before, *after)):
            if before.get(what, "") != after.get(what, ""):
                yield Edit(name, section, what, before.get(what, ""), after.get(what, ""))


def described(policy: Policy) -> Described:
    """Every named thing of a policy as texts by what they are."""
    found: dict[str, dict[str, str]] = {"policy": described_head(policy)}
    for entry in policy.derived:
        found[entry.id] = {"section": "derived", "condition": sentence(entry.node), "meaning": entry.text}
    for rule in (*policy.rules.values(), *policy.plan_rules.values()):
        found[rule.id] = described_rule(policy, rule)
    for flag in policy.red_flags:
        found[flag.id] |= {"name": flag.name, "mode": flag.mode, "action": flag.action, "group": flag.group}
    for alternative in policy.alternatives:
        found[alternative.rule.id] |= {"offers": f"{alternative.level} → {alternative.instead}"}
        found[alternative.rule.id] |= {"on condition that": alternative.condition}
    for addon in policy.addons:
        found[addon.rule.id] |= {"add-on": addon.name}
    for service in policy.services:
        for dose in service.doses:
            found[dose.rule.id] |= {"dose": f"{dose.times_per_week:g} × {dose.minutes} minutes a week"}
    for schedule in policy.schedules:
        slots = (f"{slot.day} {clock(slot.start)}-{clock(slot.end)}" for slot in schedule.slots)
        found[schedule.rule.id] |= {"name": schedule.name, "times": ", ".join(slots)}
    return found


def described_head(policy: Policy) -> dict[str, str]:
    """What a policy says of itself."""
    head = {"section": "head", "title": policy.title, "status": policy.status, "statement": policy.statement}
    contacts = {f"contact {key}": value for key, value in policy.contacts.items()}
    return {**head, "version": policy.version, "date": str(policy.date), **contacts}


def described_rule(policy: Policy, rule: Rule) -> dict[str, str]:
    """What every rule says."""
    sets = value_words(policy, rule)
    return {
        "section": rule.section,
        "condition": sentence(rule.when),
        **({"sets": sets} if sets else {}),
        "why": rule.why,
        "source": rule.source,
    }


def value_words(policy: Policy, rule: Rule) -> str:
    """What a rule sets, in words; empty where it sets nothing."""
    for strand in policy.strands:
        if rule.section == strand.id:
            return strand.steps[rule.value]
    if rule.section in {area.id for area in policy.areas}:
        return str(rule.value)
    return policy.ladder.ids[rule.value] if rule.value else ""
