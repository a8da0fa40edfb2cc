"""What a model makes of each answer, and how often there is none: read off its tables and the codes of people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.profile import Shape, Unknown, unknown_profile
from recommender.glass_box.features import Codes
from recommender.glass_box.tables import GlassBox
from recommender.questionnaire import Questionnaire


def shapes_of(model: GlassBox, questionnaire: Questionnaire) -> tuple[Shape, ...]:
    """The shape of every question that the model reads, the one that moves people furthest first."""
    found = []
    for feature, table, people in zip(model.features, model.tables, model.people, strict=True):
        question = questionnaire.questions[feature.question]
        # A range stands where it lies on the scale, and unknown behind everything.
        order = [*np.argsort(feature.places, kind="stable").tolist(), feature.unknown]
        words = tuple(feature.words(question, code) for code in order)
        effects = tuple(tuple(row) for row in table[order].T.tolist())
        title = feature.question.replace("_", " ")
        found.append(Shape(feature.question, title, words, tuple(people[order].tolist()), effects, feature.ordered))
    return tuple(sorted(found, key=lambda shape: -shape.reach))


def unknown_of(model: GlassBox, codes: Codes, site: NDArray[np.int64]) -> tuple[Unknown, ...]:
    """How often each question has no answer among people with codes (n, f)."""
    columns = {feature.question: codes[:, j] == feature.unknown for j, feature in enumerate(model.features)}
    return unknown_profile(columns, site)
