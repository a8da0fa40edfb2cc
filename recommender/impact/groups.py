"""How a cohort is split into groups: by age, sex, race and where people live. One table; nothing else names a group."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers, read_text
from recommender.questionnaire import Questionnaire
from recommender.rules.bounds import ANSWERED
from recommender.rules.tree import Nominal


class Group(NamedTuple):
    """Some people of a cohort: its name, and the answer that they gave, written as in a CSV cell.

    Whoever gave a narrower answer belongs to it too; of several groups, the first holds.
    """

    name: str
    answer: str


class Grouping(NamedTuple):
    """A cohort split by the answers to one question. Whoever fits into no group stands under NOT_RECORDED."""

    question: str
    title: str
    groups: tuple[Group, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all groups, NOT_RECORDED the last."""
        return (*(group.name for group in self.groups), NOT_RECORDED)


NOT_RECORDED = "not recorded, or not so exactly"
GROUPINGS = (
    Grouping(
        "age",
        "Age",
        (
            Group("under 18", "..17"),
            Group("18 to 24", "18..24"),
            Group("25 to 34", "25..34"),
            Group("35 to 44", "35..44"),
            Group("45 to 54", "45..54"),
            Group("55 to 64", "55..64"),
            Group("65 and over", "65.."),
            Group("55 and over, no more is known", "55.."),
        ),
    ),
    Grouping("sex", "Sex", (Group("female", "female"), Group("male", "male"), Group("another entry", "another"))),
    Grouping(
        "race",
        "Race",
        (
            Group("American Indian or Alaska Native", "american_indian_or_alaska_native"),
            Group("Asian", "asian"),
            Group("Black or African American", "black"),
            Group("Native Hawaiian or other Pacific Islander", "native_hawaiian_or_pacific_islander"),
            Group("Asian or Pacific Islander, no more is known", "asian|native_hawaiian_or_pacific_islander"),
            Group("White", "white"),
            Group("Middle Eastern or North African", "middle_eastern_or_north_african"),
            Group("White, or Middle Eastern or North African", "white|middle_eastern_or_north_african"),
            Group("more than one race", "more_than_one"),
            Group("another race", "another_race"),
        ),
    ),
    Grouping(
        "place_to_sleep",
        "Living situation",
        (
            Group("stable home", "stable"),
            Group("stable home that may be lost", "stable_but_may_be_lost"),
            Group("own place, no more is known", "own_place_not_further_stated"),
            Group("here and there, or temporary shelter", "unstable"),
            Group("street, car, or only an unsafe place", "nowhere_safe"),
            Group("homeless, no more is known", "homeless_not_further_stated"),
            Group("with others, no more is known", "with_others_not_further_stated"),
        ),
    ),
)


def members(grouping: Grouping, questionnaire: Questionnaire, answers: Answers) -> NDArray[np.intp]:
    """The position of each person's group (n,) in `grouping.names`."""
    last = len(grouping.groups)
    found = np.full(answers.count, last, dtype=np.intp)
    column = answers.columns.get(grouping.question)
    if column is None:
        return found
    question = questionnaire.questions[grouping.question]
    for place in reversed(range(last)):
        wanted = read_text(question, grouping.groups[place].answer)
        if isinstance(question.type, Nominal):
            inside = column.lower & ~column.lower.dtype.type(wanted.lower) == 0
        else:
            inside = (column.lower >= wanted.lower) & (column.upper <= wanted.upper)
        found[inside & (column.state == ANSWERED)] = place
    return found
