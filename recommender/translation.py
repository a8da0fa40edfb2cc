"""The questions in another language, for whoever asks them in it. What an answer means is decided by its id alone."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recommender.content_file import CONTENT, ContentFile
from recommender.errors import Fault, InputError, did_you_mean
from recommender.questionnaire import Question, Questionnaire

TRANSLATIONS = CONTENT / "translations"


@dataclass(frozen=True, eq=False)
class Translation:
    """The words of the questions in one language. `reviewed_by` is blank as long as no clinician has read them all."""

    language: str
    name: str
    reviewed_by: str
    yes_no: tuple[str, str]
    questions: Mapping[str, Mapping[str, Any]]

    def text(self, question: Question) -> str:
        """A question in this language; blank where it is not translated."""
        return str(self.questions.get(question.id, {}).get("text", ""))

    def choice(self, question: Question, value: int) -> str:
        """One of its choices in this language; blank where it is not translated."""
        if question.kind == "yes_no":
            return self.yes_no[value]
        return str(self.questions.get(question.id, {}).get("choices", {}).get(question.choices[value].id, ""))


def languages() -> tuple[str, ...]:
    """The languages that there is a translation to."""
    return tuple(sorted(path.stem for path in TRANSLATIONS.glob("*.yaml")))


@functools.cache
def load_translation(language: str, questionnaire: Questionnaire) -> Translation:
    """The questions in a language. Raises InputError where there is none, ContentError for what is not asked at all."""
    if language not in languages():
        raise InputError(
            Fault("there is no translation to this language", given=language, allowed=", ".join(languages()))
        )
    file = ContentFile(TRANSLATIONS / f"{language}.yaml")
    questions = file.data["questions"]
    for name, entry in questions.items():
        check(file, name, entry, questionnaire)
    no, yes = file.data["yes_no"]
    return Translation(language, file.data["name"], file.data["reviewed_by"], (no, yes), questions)


def check(file: ContentFile, name: str, entry: Mapping[str, Any], questionnaire: Questionnaire) -> None:
    """Raises ContentError for a question or a choice that there is not."""
    question = questionnaire.questions.get(name)
    if question is None:
        hint = did_you_mean(name, questionnaire.questions)
        raise file.fail(f"there is no question `{name}`", ("questions", name), remedy=hint)
    for choice in entry.get("choices", {}):
        if choice not in question.names:
            allowed = ", ".join(question.names)
            raise file.fail(
                f"`{name}` has no choice `{choice}`", ("questions", name, "choices", choice), allowed=allowed
            )
