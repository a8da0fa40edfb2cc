"""From a lesson to a model: which questions it reads, and the glass box made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.glass_box.features import Codes, Feature, code_answers, reading_hash
from recommender.glass_box.tables import GlassBox
from recommender.learning.cohort import answers_at
from recommender.learning.features import find_features, most_telling
from recommender.learning.leak import refuse_leaks
from recommender.learning.lesson import Lesson
from recommender.learning.splits import fold_of
from recommender.learning.training import People, Progress, Recipe, quick, train

# More questions make a model slower to read and hardly better; the strongest are taken.
MOST_QUESTIONS = 40
# So many people are enough to see which questions those are.
PEOPLE_TRIED = 100_000
# One part of them is not learned from, and says which questions help.
PARTS = 3


@dataclass(frozen=True, eq=False)
class Class:
    """Everybody in a lesson as a model reads them: n rows of codes (n, f) of `features`."""

    lesson: Lesson
    features: tuple[Feature, ...]
    codes: Codes

    def people(self, rows: NDArray[Any]) -> People:
        """Some rows, to learn from."""
        cohort = self.lesson.cohort
        return People(self.codes[rows], self.lesson.labels[rows], cohort.person[rows], cohort.weight[rows])

    @property
    def hashes(self) -> tuple[str, str]:
        """What a model of these features depends on: the questions as they are read, and the ladder."""
        cohort = self.lesson.cohort
        return reading_hash(cohort.questionnaire, [f.question for f in self.features]), cohort.levels.hash


def classed(
    lesson: Lesson, names: Iterable[str] | None, recipe: Recipe, most: int = MOST_QUESTIONS, *, record: bool = False
) -> Class:
    """The lesson in codes: of the questions `names`, or of the strongest that are `readable`, at most `most`.

    Cells and questions are chosen on those who are learned from alone. Raises InputError for a name that no model may
    read, and where no answers differ.
    """
    questionnaire = lesson.cohort.questionnaire
    if names is not None:
        names = tuple(names)
        refuse_leaks(names, questionnaire)
    learned = np.flatnonzero(lesson.learned)
    answers = answers_at(lesson.cohort.answers, learned)
    features = find_features(questionnaire, answers, names, record=record)
    if names is None and len(features) > most:
        chosen = strongest_of(lesson, answers, learned, features, recipe, most)
        features = tuple(feature for feature in features if feature.question in chosen)
    return Class(lesson, features, code_answers(questionnaire, features, lesson.cohort.answers))


def strongest_of(
    lesson: Lesson,
    answers: Answers,
    learned: NDArray[np.intp],
    features: Sequence[Feature],
    recipe: Recipe,
    most: int,
) -> frozenset[str]:
    """The questions that help a quick model of some of the people most to tell others of them apart."""
    some = np.linspace(0, len(learned) - 1, min(len(learned), PEOPLE_TRIED)).astype(np.intp)
    codes = code_answers(lesson.cohort.questionnaire, features, answers_at(answers, some))
    rows = learned[some]
    cohort = lesson.cohort
    people = People(codes, lesson.labels[rows], cohort.person[rows], cohort.weight[rows])
    others = fold_of(people.person, PARTS, recipe.seed) == 0
    model = train(people.take(~others), features, lesson.groups, quick(recipe))
    return frozenset(most_telling(model, codes[others], people.labels[others], most))


def teach(
    taught: Class, recipe: Recipe, *, about: Mapping[str, Any] | None = None, progress: Progress | None = None
) -> GlassBox:
    """The glass box of those who are learned from. `about` goes into the file beside what the lesson itself tells."""
    lesson = taught.lesson
    told = {**(about or {}), **lesson_told(lesson)}
    people = taught.people(np.flatnonzero(lesson.learned))
    return train(people, taught.features, lesson.groups, recipe, hashes=taught.hashes, about=told, progress=progress)


def lesson_told(lesson: Lesson) -> dict[str, Any]:
    """What a model's file keeps of its lesson, so that it is judged on those, and only those, who were kept for it."""
    return {
        "success": lesson.success,
        "counts": dict(lesson.counts),
        "learned": int(np.count_nonzero(lesson.learned)),
        "judged": {"people": int(np.count_nonzero(lesson.judged)), "how": lesson.how, "mark": lesson.judged_mark},
    }
