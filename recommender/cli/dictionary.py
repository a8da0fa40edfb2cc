"""`recommender dictionary`: every question with its type, domain, gate, codes, source and licence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from recommender.questionnaire import Question, Questionnaire

Entry = dict[str, Any]
FORMS = ("text", "csv", "json", "markdown")
# What is said of a question on its own line; the others are left out where they say nothing.
SHOWN: Mapping[str, str] = {
    "help": "help",
    "allowed": "may be",
    "asked_by": "asked by",
    "ask_if": "asked if",
    "when_not_asked": "else it is",
    "computed": "worked out as",
    "use": "used for",
    "codes": "codes",
    "source": "source",
    "licence": "licence",
}


@click.command()
@click.option("--format", "form", type=click.Choice(FORMS), default=FORMS[0], show_default=True, help="The form.")
def dictionary(form: str) -> None:
    """Print every question with what it may hold."""
    from recommender.questionnaire_file import load_questionnaire

    writers: Mapping[str, Callable[[Questionnaire], str]] = dict(
        zip(FORMS, (as_text, as_csv, as_json, as_markdown), strict=True)
    )
    click.echo(writers[form](load_questionnaire()), nl=False)


def entry(question: Question) -> Entry:
    """All that is declared of a question, as plain values."""
    is_count = question.kind == "count"
    return {
        "id": question.id,
        "topic": question.topic,
        "type": question.kind,
        "text": question.text,
        "help": question.help,
        "allowed": question.allowed(),
        "minimum": question.minimum if is_count else None,
        "maximum": question.maximum if is_count else None,
        "unit": question.unit,
        "choices": {choice.id: choice.text for choice in question.choices},
        "spans": {word: [question.name_of(end) for end in ends] for word, ends in question.spans.items()},
        "worse": question.worse,
        "changes": question.changes,
        "improves_to": [question.name_of(value) for value in question.improves_to],
        "area": question.area,
        "safety": question.safety,
        "asked_by": question.asked_by,
        "ask_if": question.ask_if_text,
        "when_not_asked": question.name_of(question.when_not_asked) if question.ask_if else None,
        "answered_anyway": question.answered_anyway if question.ask_if else None,
        "computed": question.computed_text,
        "must_agree": question.must_agree,
        "known_at": question.known_at,
        "use": question.use,
        "codes": dict(question.codes),
        "source": question.source,
        "licence": question.licence,
    }


def as_json(questionnaire: Questionnaire) -> str:
    entries = [entry(question) for question in questionnaire.questions.values()]
    return json.dumps({"questions": entries}, ensure_ascii=False, indent=2, default=str) + "\n"


def as_csv(questionnaire: Questionnaire) -> str:
    stream = io.StringIO()
    entries = [entry(question) for question in questionnaire.questions.values()]
    writer = csv.DictWriter(stream, fieldnames=list(entries[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: cell(value) for key, value in found.items()} for found in entries)
    return stream.getvalue()


def cell(value: Any) -> str:
    """A value as one cell of text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {cell(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return "..".join(map(str, value))
    return "" if value is None else str(value)


def as_text(questionnaire: Questionnaire) -> str:
    return "\n".join(line for topic in questionnaire.topics for line in topic_lines(questionnaire, topic)) + "\n"


def topic_lines(questionnaire: Questionnaire, topic: Any) -> Iterator[str]:
    yield from (topic.title, "=" * len(topic.title), "")
    for name in topic.questions:
        found = entry(questionnaire.questions[name])
        yield f"{name}  [{found['type']}{', safety' if found['safety'] else ''}]"
        yield f"    {found['text']}"
        yield from (f"    {label}: {cell(found[key])}" for key, label in SHOWN.items() if cell(found[key]))
        yield from (f"      {choice} = {words}" for choice, words in found["choices"].items() if words)
        yield from (f"      {word} = {cell(ends)}" for word, ends in found["spans"].items())
        yield ""


def as_markdown(questionnaire: Questionnaire) -> str:
    columns = ("id", "type", "text", "help", "allowed", "choices", "ask_if", "computed", "codes", "source", "licence")
    lines = ["# Data dictionary"]
    for topic in questionnaire.topics:
        lines += ["", f"## {topic.title}", "", table_line(columns), table_line(["---"] * len(columns))]
        found = [entry(questionnaire.questions[name]) for name in topic.questions]
        lines += [table_line([cell(question[column]) for column in columns]) for question in found]
    return "\n".join(lines) + "\n"


def table_line(cells: Any) -> str:
    return "| " + " | ".join(text.replace("|", "\\|").replace("\n", " ") for text in cells) + " |"
