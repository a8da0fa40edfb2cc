"""One rule in full, as text and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from recommender.anatomy import Anatomy, Ingredient, Step
from recommender.policy import NOT_VALIDATED, Policy
from recommender.questionnaire import Question
from recommender.report.policy import WIDTH, effects, in_words
from recommender.rules.prose import plain

STEP = "  "


def rule_text(policy: Policy, anatomy: Anatomy) -> str:
    """The rule, what it reads, where it leads and which cases pin it, as text."""
    return "\n".join(lines(policy, anatomy))


def lines(policy: Policy, anatomy: Anatomy) -> Iterator[str]:
    """The text line by line."""
    rule, source = anatomy.rule, policy.sources[anatomy.rule.source]
    yield from wrapped(f"{rule.id}  {effects(policy)[rule.id]}")
    yield f"{STEP}Policy {policy.id} {policy.version}, {policy.status}. {NOT_VALIDATED}"
    told = {
        "when": in_words(policy, rule.when),
        "written": " ".join(rule.text.split()),
        "why": rule.why,
        "source": f"{source.title}{f': {source.note}' if source.note else ''} [{source.id}]",
        "since": rule.since,
    }
    for name, text in told.items():
        if text:
            yield from wrapped(text, f"{STEP}{name:<9}", STEP + " " * 9)
    told_already: set[str] = set()
    reads = (line for entry in anatomy.reads for line in ingredient_lines(policy, entry, 1, told_already))
    yield from part("What it reads", reads)
    yield from part("The questions behind it", (line for entry in anatomy.asked() for line in question_lines(entry)))
    words = effects(policy)
    yield from part("Where it leads", (line for step in anatomy.leads_to for line in step_lines(words, step, 1)))
    yield from part("Beside the level, read by", iter(named(anatomy.also_read_by)))
    yield from part("Packaged cases in which it is true", iter(named(anatomy.cases)))
    if not anatomy.cases:
        yield "\nNo packaged case makes it true."
    if anatomy.possible_cases:
        yield f"{len(anatomy.possible_cases)} packaged cases leave it open."


def part(heading: str, found: Iterator[str]) -> Iterator[str]:
    """A heading with what stands under it; nothing where there is nothing."""
    first = next(found, None)
    if first is not None:
        yield f"\n{heading}"
        yield first
        yield from found


def wrapped(text: str, first: str = "", rest: str = "    ") -> list[str]:
    """A paragraph that fits on the screen."""
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False)


def named(names: tuple[str, ...]) -> list[str]:
    """A list of ids in a paragraph."""
    return wrapped(", ".join(names), STEP, STEP)


def ingredient_lines(policy: Policy, entry: Ingredient, depth: int, told: set[str]) -> Iterator[str]:
    """One name with what stands behind it, each step indented further; what was told already is only named again.

    The questions follow in a list of their own.
    """
    indent = STEP * depth
    if entry.name in told:
        yield f"{indent}{entry.name}: see above"
        return
    told.add(entry.name)
    if entry.kind == "question":
        yield f"{indent}{entry.name}: a question"
        return
    behind = f", from {entry.questions} questions" if entry.questions else ""
    yield from wrapped(f"{entry.name}: {entry.kind}{behind}. {entry.words}", indent, indent + STEP * 2)
    if entry.node is not None:
        yield from wrapped(f"is {in_words(policy, entry.node)}", indent + STEP, indent + STEP * 2)
    for value in entry.values:
        meaning = f" {value.meaning}" if value.meaning else ""
        by = f" [{', '.join(value.rules)}]" if value.rules else ""
        yield from wrapped(f"{plain(value.name)}:{meaning}{by}", indent + STEP, indent + STEP * 2)
    for inner in entry.reads:
        yield from ingredient_lines(policy, inner, depth + 1, told)


def question_lines(question: Question) -> Iterator[str]:
    """A question with what it may be answered."""
    worse = "" if question.worse == "none" else f"; {'higher' if question.worse == 'up' else 'lower'} is worse"
    yield from wrapped(f"{question.id}{worse}: {question.text}", STEP, STEP * 2)
    if question.choices:
        for choice in question.choices:
            words = choice.id if choice.text == choice.id else f"{choice.id}: {choice.text}"
            yield from wrapped(words, STEP * 2, STEP * 3)
    else:
        yield f"{STEP * 2}{question.allowed()}"


def step_lines(words: dict[str, str], step: Step, depth: int) -> Iterator[str]:
    """A rule that may follow, and what follows from that."""
    needs_more = "" if step.alone else " (with more)"
    yield from wrapped(f"{step.rule.id}{needs_more}: {words[step.rule.id]}", STEP * depth, STEP * (depth + 2))
    for after in step.then:
        yield from step_lines(words, after, depth + 1)


def rule_as_json(policy: Policy, anatomy: Anatomy) -> dict[str, Any]:
    """The same as data."""
    rule, source, words = anatomy.rule, policy.sources[anatomy.rule.source], effects(policy)
    return {
        "statement": NOT_VALIDATED,
        "policy": {"id": policy.id, "version": policy.version, "status": policy.status, "hash": policy.hash},
        "id": rule.id,
        "section": rule.section,
        "sets": words[rule.id],
        "when": rule.text,
        "when_in_words": in_words(policy, rule.when),
        "why": rule.why,
        "source": source._asdict(),
        "since": rule.since,
        "reads": [ingredient_as_json(policy, entry) for entry in anatomy.reads],
        "questions": [question_as_json(entry) for entry in anatomy.asked()],
        "leads_to": [step_as_json(words, step) for step in anatomy.leads_to],
        "also_read_by": list(anatomy.also_read_by),
        "cases": list(anatomy.cases),
        "possible_cases": list(anatomy.possible_cases),
    }


def ingredient_as_json(policy: Policy, entry: Ingredient) -> dict[str, Any]:
    found: dict[str, Any] = {"name": entry.name, "kind": entry.kind, "words": entry.words}
    if entry.node is not None:
        found |= {"is": in_words(policy, entry.node), "reads": [ingredient_as_json(policy, e) for e in entry.reads]}
    if entry.values:
        found |= {"values": [value._asdict() for value in entry.values], "questions_behind": entry.questions}
    return found


def question_as_json(question: Question) -> dict[str, Any]:
    choices = {choice.id: choice.text for choice in question.choices} or question.allowed()
    return {"id": question.id, "text": question.text, "worse": question.worse, "answers": choices}


def step_as_json(words: dict[str, str], step: Step) -> dict[str, Any]:
    then = [step_as_json(words, after) for after in step.then]
    return {"id": step.rule.id, "sets": words[step.rule.id], "alone": step.alone, "leads_to": then}
