"""How well the cases and proofs guard a policy: small slips are put into it, one at a time, and each should be noticed.

A slip is what a tired editor might do: a limit one off, `and` for `or`, a `not` left out, a level one off, a rule gone.
One that nothing notices is either harmless, because the rule says the same with it, or a gap.
"""

from __future__ import annotations

import copy
import random
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from recommender.assurance.verdicts import run_cases
from recommender.cases import Case
from recommender.content_file import ContentFile
from recommender.errors import ContentError
from recommender.policy import HIGHEST_RATING, Policy
from recommender.policy_file import load_policy
from recommender.rules.tree import Nominal, Ordered

NUMBER = re.compile(r"(?<![\w'.])\d+(?![\w'.])")
CHOICE = re.compile(r"(?<=')\w+(?=')")
JOIN = re.compile(r"\b(?:and|or)\b")
NOT = re.compile(r"\bnot \b")


class Mutant(NamedTuple):
    """One slip: the rule, what was done to it, and the whole content of the policy file with it."""

    rule: str
    slip: str
    content: Mapping[str, Any]


class Fate(NamedTuple):
    """What noticed a slip: `loading`, `cases`, `proofs`, or nothing."""

    mutant: Mutant
    noticed_by: str


def mutants(file: Path, policy: Policy, count: int, seed: int) -> list[Mutant]:
    """So many slips of all that there are, drawn at random; the same for the same seed."""
    content = ContentFile(file).data
    ways = list(slips(content, policy))
    chosen = random.Random(seed).sample(ways, min(count, len(ways)))  # noqa: S311  # not a secret
    return [way(copy.deepcopy(content)) for way in chosen]


Slip = Callable[[Any], Mutant]


def slips(content: Mapping[str, Any], policy: Policy) -> Iterator[Slip]:
    """Every slip that is tried, in rules that have a bit in the mask and in derived values."""
    steps = steps_of(policy)
    for section, place, rule in entries(content):
        key = "expression" if section[0] == "derived" else "when"
        for start, end, new in text_slips(rule[key], steps):
            yield text_slip(section, place, key, start, end, new)
        for key, value in level_slips(section, rule, policy):
            yield value_slip(section, place, key, value)
        if section[0] != "derived":
            yield removal(section, place)


Section = tuple[str | int, ...]


def entries(content: Mapping[str, Any]) -> Iterator[tuple[Section, int, Mapping[str, Any]]]:
    """Every rule and derived value with where it stands."""
    for name in ("derived", "placement", "red_flags", "alternatives", "addons", "iop_fit"):
        for place, rule in enumerate(content.get(name, ())):
            yield (name,), place, rule
    for name in ("areas", "strands"):
        for number, part in enumerate(content[name]):
            for place, rule in enumerate(part["rules"]):
                yield (name, number, "rules"), place, rule


def text_slips(text: str, steps: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, int, str]]:
    """Where in an expression a slip can be, and what would stand there."""
    for found in NUMBER.finditer(text):
        yield from ((*found.span(), str(int(found[0]) + step)) for step in (-1, 1))
    for found in CHOICE.finditer(text):
        yield from ((*found.span(), new) for new in neighbours(found[0], text[: found.start()], steps))
    for found in JOIN.finditer(text):
        yield (*found.span(), "or" if found[0] == "and" else "and")
    for found in NOT.finditer(text):
        yield (*found.span(), "")


def neighbours(choice: str, before: str, steps: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The choices next to one on its scale; the scale is that of the last name before it."""
    name = re.findall(r"\w+", before)[-1] if re.findall(r"\w+", before) else ""
    for scale in steps:
        if scale[0] == name and choice in scale[1:]:
            place = scale.index(choice, 1)
            yield from (scale[near] for near in (place - 1, place + 1) if 1 <= near < len(scale))


def steps_of(policy: Policy) -> list[tuple[str, ...]]:
    """Each name that has choices, followed by them."""
    kinds = ((name, definition.type) for name, definition in policy.definitions.items())
    return [(name, *kind.choices) for name, kind in kinds if isinstance(kind, Ordered | Nominal)]


def level_slips(section: Section, rule: Mapping[str, Any], policy: Policy) -> Iterator[tuple[str, Any]]:
    """A rating, step or level one off."""
    if section[0] == "areas":
        yield from (("rating", n) for n in (rule["rating"] - 1, rule["rating"] + 1) if 1 <= n <= HIGHEST_RATING)
    elif section[0] == "strands":
        steps = policy.strands[int(section[1])].steps
        yield from (("floor", step) for step in next_on(steps, rule["floor"]))
    elif "level" in rule:
        yield from (("level", level) for level in next_on(policy.ladder.ids, rule["level"]))


def next_on(steps: Sequence[str], step: str) -> Iterator[str]:
    place = steps.index(step)
    yield from (steps[near] for near in (place - 1, place + 1) if 0 <= near < len(steps))


def rules_at(content: Any, section: Section) -> Any:
    for step in section:
        content = content[step]
    return content


def text_slip(section: Section, place: int, key: str, start: int, end: int, new: str) -> Slip:
    def apply(content: Any) -> Mutant:
        rule = rules_at(content, section)[place]
        old = rule[key]
        rule[key] = old[:start] + new + old[end:]
        words = f"`{old[max(0, start - 24) : end].strip()}` becomes `{new or 'nothing'}`"
        return Mutant(rule["id"], words, content)

    return apply


def value_slip(section: Section, place: int, key: str, value: Any) -> Slip:
    def apply(content: Any) -> Mutant:
        rule = rules_at(content, section)[place]
        words = f"{key} {rule[key]} becomes {value}"
        rule[key] = value
        return Mutant(rule["id"], words, content)

    return apply


def removal(section: Section, place: int) -> Slip:
    def apply(content: Any) -> Mutant:
        rules = rules_at(content, section)
        return Mutant(rules.pop(place)["id"], "the rule is gone", content)

    return apply


def fate(mutant: Mutant, cases: Sequence[Case], prove: Callable[[Policy], bool]) -> Fate:
    """What notices a slip. `prove` says whether a policy keeps all its promises; it is asked last."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mutant.yaml"
        file.write_text(yaml.safe_dump(dict(mutant.content), allow_unicode=True, sort_keys=False), encoding="utf-8")
        try:
            policy = load_policy(file)
        except ContentError:
            return Fate(mutant, "loading")
    if run_cases(policy, cases).failed:
        return Fate(mutant, "cases")
    return Fate(mutant, "" if prove(policy) else "proofs")
