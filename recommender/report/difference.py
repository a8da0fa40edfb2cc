"""Two policies beside each other, as text and as plain data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from recommender.answers import write_json
from recommender.edits import Edit
from recommender.policy import NOT_VALIDATED, Policy

if TYPE_CHECKING:
    from recommender.assurance.difference import Difference, Outcome, Region

WIDTH = 100
STOPS = {"block": "blocked", "hold": "held for a clinician", "": ""}


def difference_text(old: Policy, new: Policy, edits: Sequence[Edit], difference: Difference | None) -> str:
    """What was edited, then who gets something else."""
    lines = [f"From {named(old)}", f"to   {named(new)}.", NOT_VALIDATED, ""]
    lines += list(edit_lines(edits)) or ["Nothing was edited that a rule or a person reads."]
    if difference is not None:
        lines += ["", *region_lines(old, difference)]
    return "\n".join(lines)


def named(policy: Policy) -> str:
    return f"{policy.id} {policy.version} of {policy.date}, hash {policy.hash[:12]}"


def edit_lines(edits: Sequence[Edit]) -> Iterator[str]:
    for edit in edits:
        where = f"{edit.name} ({edit.section.replace('_', ' ')})"
        if edit.what in ("added", "taken out"):
            yield from wrapped(f"{where} was {edit.what}: {edit.new or edit.old}", "")
            continue
        yield f"{where}: {edit.what}"
        yield from wrapped(f"was  {edit.old or 'nothing'}", "  ")
        yield from wrapped(f"is   {edit.new or 'nothing'}", "  ")


def region_lines(old: Policy, difference: Difference) -> Iterator[str]:
    if not difference.regions:
        yield "Proved: no complete intake gets another level, and none is kept back or let go by the edit."
    else:
        yield "Proved: a complete intake gets something else in these ways and in no other."
    for region in difference.regions:
        yield ""
        yield f"{words(region.old)}  →  {words(region.new)}"
        yield from wrapped(f"for instance {apart(old, difference, region)}", "  ")
    if difference.told:
        yield ""
        yield from wrapped(f"Also told otherwise for somebody: {', '.join(difference.told)}.", "")


def words(outcome: Outcome) -> str:
    stop = STOPS[outcome.stop]
    return f"{outcome.level} ({stop})" if stop and outcome.level else outcome.level or stop


def apart(policy: Policy, difference: Difference, region: Region) -> str:
    """The intake as what sets it apart from an adult with nothing wrong."""
    questions = policy.questionnaire.questions
    answers = region.example.differs_from(difference.calm)
    told = [f"{name.replace('_', ' ')}: {questions[name].words_of(value)}" for name, value in answers.items()]
    return "an adult with nothing wrong" + (", but " + "; ".join(told) if told else "")


def wrapped(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "     ")


def difference_as_json(
    old: Policy, new: Policy, edits: Sequence[Edit], difference: Difference | None
) -> dict[str, Any]:
    """The same as plain data; intakes as `assess` reads them. `regions` is null where nothing was proved."""
    return {
        "statement": NOT_VALIDATED,
        "old": {"policy": old.id, "version": old.version, "hash": old.hash},
        "new": {"policy": new.id, "version": new.version, "hash": new.hash},
        "edits": [edit._asdict() for edit in edits],
        "regions": None if difference is None else [region_as_json(old, region) for region in difference.regions],
        "told_otherwise": None if difference is None else list(difference.told),
    }


def region_as_json(policy: Policy, region: Region) -> dict[str, Any]:
    questions = policy.questionnaire.questions
    given = region.example.given()
    return {
        "old": region.old._asdict(),
        "new": region.new._asdict(),
        "intake": {
            "id": f"{words(region.old)} to {words(region.new)}",
            "about": "Made by a solver.",
            "answers": {name: write_json(questions[name], answer) for name, answer in given.items()},
        },
    }
