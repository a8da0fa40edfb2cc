"""Whether every answer that the mapping may write is one that its question knows."""

from __future__ import annotations

from collections.abc import Iterator

from recommender.answers import placed, read_text
from recommender.errors import ContentError, Fault, InputError
from recommender.questionnaire import Questionnaire
from recommender.teds.mapping import MAPPING, SubstanceClass, TedsMapping


def check_agreement(mapping: TedsMapping, questionnaire: Questionnaire) -> None:
    """Raises ContentError with every answer of the mapping that the questionnaire does not have."""
    faults: list[Fault] = []
    for name, text in dict.fromkeys(possible_answers(mapping)):
        question = questionnaire.questions.get(name)
        if question is None:
            faults.append(Fault("there is no such question", file=MAPPING.name, field=name))
            continue
        try:
            read_text(question, text)
        except InputError as error:
            faults += placed(error, file=MAPPING.name)
    if faults:
        raise ContentError(faults)


def possible_answers(mapping: TedsMapping) -> Iterator[tuple[str, str]]:
    """Every question with every answer that an import may give it; where answers are put together, what they are of."""
    rules = mapping.substances
    for reading in (reading for column in mapping.columns.values() for reading in column.readings):
        for question, texts in reading.answers.items():
            yield from ((question, text) for text in texts.values())
    for each in rules.classes:
        yield rules.main_substance, each.main
        yield from _of_class(mapping, each)
    yield from ((rules.dry_days["question"], rules.dry_days[key]) for key in ("used", "none_used"))
    yield from ((rule["question"], rule["answer"]) for rule in (rules.injecting, rules.disorder))


def _of_class(mapping: TedsMapping, each: SubstanceClass) -> Iterator[tuple[str, str]]:
    not_used = mapping.substances.not_used
    yield each.days, "0..30"
    if each.route:
        yield from ((each.route, text) for text in (*_parts(mapping, "ROUTE1", "route"), not_used))
    if each.kind:
        yield from ((each.kind["question"], text) for text in (*each.kind["of"].values(), not_used))
    if each.first_use:
        yield from ((each.first_use["question"], text) for text in _parts(mapping, "FRSTUSE1", "first_use"))
    for rule in (each.last_use, each.pattern):
        yield from ((rule["question"], rule[key]) for key in ("used", "daily") if key in rule)


def _parts(mapping: TedsMapping, column: str, part: str) -> Iterator[str]:
    for reading in mapping.columns[column].readings:
        yield from reading.parts.get(part, {}).values()
