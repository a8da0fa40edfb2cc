"""What a model must never see: refused by name, by the declaration of a question, and by what it is made from.

A model helps at intake. Whatever was known only later (length of stay, the state at discharge), was settled together
with the placement (a planned medication), or says who somebody is (`use: audit`) is refused, with the reason in the
error. The names are declared in `content/leaks.yaml`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.content_file import CONTENT, ContentFile
from recommender.errors import Fault, InputError, did_you_mean
from recommender.questionnaire import Question, Questionnaire
from recommender.rules.definitions import questions_behind
from recommender.shape import DATE, TEXT, WORD, Key, Shape, entry_of, list_of, mapping_of

LEAKS = CONTENT / "leaks.yaml"
REMEDY = "Leave it out: a model may see only what is known at intake."
GROUP: Shape = {
    "title": Key(TEXT, "What it is, for the picture.", required=True),
    "columns": Key(list_of(TEXT), "Names that are refused.", required=True),
    "questions": Key(list_of(TEXT), "Questions that belong to the group."),
    "why": Key(TEXT, "Why, to go on after 'is refused, because'.", required=True),
}
LEAK_FILE: Shape = {
    "leaks": Key(TEXT, "The name of the declaration.", required=True),
    "version": Key(WORD, "Its version.", required=True),
    "date": Key(DATE, "Its day.", required=True),
    "groups": Key(mapping_of(entry_of(GROUP)), "The groups, the most telling last.", required=True),
    "only_named_so": Key(mapping_of(TEXT), "Questions of the intake that only sound like one of them, each with why."),
}


@dataclass(frozen=True, slots=True)
class LeakGroup:
    """Columns that are refused for one reason; `ending` are those that stand for every name that ends so."""

    name: str
    title: str
    columns: tuple[str, ...]
    questions: tuple[str, ...]
    why: str

    def holds(self, name: str) -> str | None:
        """The refused column that a name is, or is made from; None if it is none."""
        words = words_of(name)
        for column in self.columns:
            if column.startswith("*") and words_of(column)[0] in words[1:]:
                return column
            if not column.startswith("*") and contains(words, words_of(column)):
                return column
        return None


@functools.cache
def load_leaks(path: Path = LEAKS) -> tuple[LeakGroup, ...]:
    """The groups as declared. Raises ContentError with the place of everything that is wrong."""
    file = ContentFile(path)
    file.check(file.data, LEAK_FILE, ())
    for name, entry in file.data["groups"].items():
        file.check(entry, GROUP, ("groups", name))
    return tuple(_group(name, entry) for name, entry in file.data["groups"].items())


@functools.cache
def only_named_so(path: Path = LEAKS) -> frozenset[str]:
    """The questions that may be seen although their names hold a refused one."""
    return frozenset(ContentFile(path).data.get("only_named_so", ()))


def _group(name: str, entry: Mapping[str, Any]) -> LeakGroup:
    return LeakGroup(
        name, entry["title"], tuple(entry["columns"]), tuple(entry.get("questions", ())), entry["why"].strip()
    )


def refuse_leaks(names: Iterable[str], questionnaire: Questionnaire) -> None:
    """Raises InputError with every name that a model must not see, each with the reason."""
    faults = [
        Fault(f"`{name}` is refused as a feature, because {why}", field=name, remedy=REMEDY)
        for name in names
        if (why := why_refused(name, questionnaire))
    ]
    if faults:
        raise InputError(faults)


def allowed_features(questionnaire: Questionnaire) -> tuple[str, ...]:
    """The questions that a model may see, in the order asked."""
    return tuple(name for name in questionnaire.questions if why_refused(name, questionnaire) is None)


def why_refused(name: str, questionnaire: Questionnaire) -> str | None:
    """Why a model must not see this column, to go on after "because"; None if it may."""
    question = questionnaire.questions.get(name)
    told = _by_name(name) if question is None else _by_declaration(question, questionnaire)
    if told or question is not None:
        return told
    hint = did_you_mean(name, questionnaire.questions)
    return f"it is no question of the intake{f' ({hint[:-1].lower()}?)' if hint else ''}"


def _by_name(name: str) -> str | None:
    for group in load_leaks():
        column = group.holds(name)
        if column is not None:
            same = words_of(column) == words_of(name)
            return group.why if same or column.startswith("*") else f"it is made from {column}: {group.why}"
    return None


def _by_declaration(question: Question, questionnaire: Questionnaire) -> str | None:
    """Why a question is refused by what it is and declares, or by a question that it is worked out from."""
    told = _own(question)
    for name in sorted(questions_behind(questionnaire.definitions, question.id)):
        behind = _own(questionnaire.questions[name])
        if behind and not told:
            told = f"it is made from `{name}`: {behind}"
    return told


def _own(question: Question) -> str | None:
    if question.use == "audit":
        return "it is asked for audit alone (`use: audit`) and decides nothing"
    if question.known_at != "intake":
        return f"it is known only at {question.known_at} (`known_at: {question.known_at}`)"
    if question.id in only_named_so():
        return None
    # A declaration may be wrong about itself: the name and the columns that it is read from count too.
    columns = re.findall(r"\w+", str(question.codes.get("teds", "")))
    return _by_name(question.id) or next(filter(None, map(_by_name, columns)), None)


def words_of(name: str) -> list[str]:
    """The words of a name in small letters: `teds_code_LOS` has `teds`, `code` and `los`."""
    return re.findall(r"[a-z0-9]+", name.lower())


def contains(words: list[str], part: list[str]) -> bool:
    """Whether some words hold others, one behind the other."""
    return any(words[start : start + len(part)] == part for start in range(len(words) - len(part) + 1))


def refused_columns(names: Iterable[str]) -> tuple[str, ...]:
    """Those of some names of columns that no model may see."""
    return tuple(name for name in names if _by_name(name))


def group_of(name: str) -> LeakGroup | None:
    """The group that a refused column or question belongs to, the most telling where there are several."""
    held = [group for group in load_leaks() if name in group.questions or group.holds(name)]
    return held[-1] if held else None
