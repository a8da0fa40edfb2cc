"""What a proof found, as text and as plain data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from recommender.answers import Answer, write_json
from recommender.assessment import STATUSES
from recommender.assurance.intakes import Example
from recommender.assurance.proof import Finding, Proof
from recommender.assurance.properties import KINDS
from recommender.policy import NOT_VALIDATED

WIDTH = 100
MEANING = "What is proved is that the rules do what they promise, not that they are right."


def proof_text(proof: Proof) -> str:
    """The whole finding, by kind, and then whatever does not hold."""
    return "\n".join((*heading(proof), "", *table(proof), *(line for f in proof.refuted for line in against(proof, f))))


def heading(proof: Proof) -> Iterator[str]:
    policy, count = proof.policy, len(proof.findings)
    yield f"{policy.title}. Policy {policy.id} {policy.version}, {policy.date}, {policy.status}."
    held = "all hold" if not proof.refuted else f"{len(proof.refuted)} do not hold"
    before = f" ({proof.repeated} were proved before)" if proof.repeated else ""
    yield f"{count} properties over all possible intakes: {held}{before}."
    yield from wrapped(f"{MEANING} {NOT_VALIDATED} Hash {policy.hash[:12]}.", "")


def table(proof: Proof) -> Iterator[str]:
    """A line a kind: how many of how many hold."""
    for kind, title in KINDS.items():
        found = [finding for finding in proof.findings if finding.kind == kind]
        if found:
            held = sum(finding.holds for finding in found)
            yield f"{held:>5} of {len(found):<5} {title}"


def against(proof: Proof, finding: Finding) -> Iterator[str]:
    """One property that does not hold, with the intakes that show it."""
    yield ""
    yield from wrapped(f"DOES NOT HOLD  {finding.subject}: {finding.says}", "")
    yield from wrapped(f"{finding.note}.", "  ")
    for place, example in enumerate(finding.examples):
        title = "An intake against it" if place == 0 else "and the other"
        yield from wrapped(f"{title}: {told(proof, example)}", "  ")
        yield from wrapped(f"It gets {outcome(example)}.", "    ")


def wrapped(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


def told(proof: Proof, example: Example) -> str:
    """An intake as what sets it apart from an adult with nothing wrong."""
    questions = proof.policy.questionnaire.questions
    apart = example.differs_from(proof.calm)
    words = [f"{name.replace('_', ' ')}: {questions[name].words_of(value)}" for name, value in apart.items()]
    return "an adult with nothing wrong" + (", but " + "; ".join(words) if words else "")


def outcome(example: Example) -> str:
    """What the policy makes of an intake."""
    assessment = example.assessment()
    level = example.policy.ladder.ids[int(assessment.level_at_least[0])]
    flags = [flag.id for flag in example.policy.red_flags if assessment.has_fired(flag.id)[0]]
    status = STATUSES[int(assessment.status[0])]
    return f"{level}, {status}" + (f", red flags {', '.join(flags)}" if flags else "")


def intake_of(example: Example, finding: Finding, place: int) -> tuple[str, str, Mapping[str, Answer]]:
    """Id, note and answers of an intake against a property, as an intake file holds them."""
    name = f"{finding.kind}-{finding.subject}-{place + 1}".replace(" ", "-")
    return name, f"Made by a solver. {finding.subject}: {finding.note}.", example.given()


def proof_as_json(proof: Proof) -> dict[str, Any]:
    """The finding as plain data; intakes as `assess` reads them."""
    return {
        "statement": NOT_VALIDATED,
        "means": MEANING,
        "policy": proof.policy.id,
        "policy_version": proof.policy.version,
        "policy_hash": proof.policy.hash,
        "properties": len(proof.findings),
        "proved_before": proof.repeated,
        "holds": not proof.refuted,
        "findings": [finding_as_json(proof, finding) for finding in proof.findings],
    }


def finding_as_json(proof: Proof, finding: Finding) -> dict[str, Any]:
    questions = proof.policy.questionnaire.questions
    told: dict[str, Any] = {
        "kind": finding.kind,
        "subject": finding.subject,
        "says": finding.says,
        "holds": finding.holds,
    }
    if not finding.holds:
        intakes = [intake_of(example, finding, place) for place, example in enumerate(finding.examples)]
        told["note"] = finding.note
        told["intakes"] = [
            {"id": id, "about": about, "answers": {n: write_json(questions[n], a) for n, a in answers.items()}}
            for id, about, answers in intakes
        ]
    return told
