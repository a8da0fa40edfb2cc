"""Flip tests: whether race, sex, ethnicity, payer or place ever change what is said of a person.

Neither the rules nor a model may read them, and both are refused if they do. This tries it all the same, on people:
each is given another answer, all is computed anew from the start, and whoever is then told anything else counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers, Column
from recommender.evaluation.dossier import Flipped
from recommender.glass_box.tables import GlassBox
from recommender.judging.verdicts import Verdicts, verdicts
from recommender.learning.cohort import Cohort
from recommender.policy import Policy
from recommender.questionnaire import Question
from recommender.rules.bounds import ANSWERED, dtype_of

# Questions that are asked for audit alone, and the columns of a cohort that say where somebody is.
QUESTIONS = ("race", "sex", "ethnicity", "payer")
PLACES = ("state", "site")
FLIPS = 100_000


def flip_test(
    model: GlassBox, policy: Policy, cohort: Cohort, *, flips: int = FLIPS, seed: int = 0
) -> tuple[Flipped, ...]:
    """One row for each thing that was flipped; together at least `flips`, from people of the cohort, in turn."""
    each = -(-flips // (len(QUESTIONS) + len(PLACES)))
    people = cohort.take(np.arange(each) % cohort.count)
    before = verdicts(model, policy, people)
    return tuple(
        Flipped(what, each, int(told_otherwise(before, verdicts(model, policy, flipped)).sum()))
        for what, flipped in flipped_cohorts(people, np.random.default_rng(seed))
    )


def flipped_cohorts(people: Cohort, chance: np.random.Generator) -> Iterator[tuple[str, Cohort]]:
    """The same people, each with another answer, one question or place at a time."""
    for name in QUESTIONS:
        question = people.questionnaire.questions[name]
        column = another_answer(question, people.answers.columns.get(name), people.count, chance)
        yield name, replace(people, answers=Answers(people.count, {**people.answers.columns, name: column}))
    for name in PLACES:
        names = getattr(people, f"{name}_names")
        # One place more than there is: a place that nobody was ever at.
        moved = (getattr(people, name) + 1 + chance.integers(0, len(names) + 1, people.count)) % (len(names) + 1)
        yield name, replace(people, **{name: moved.astype(np.int32)})


def another_answer(question: Question, column: Column | None, count: int, chance: np.random.Generator) -> Column:
    """An answer that is not the one given, plain, for everybody; also for those who gave none."""
    choices = len(question.choices)
    drawn = chance.integers(0, choices, count)
    kind = dtype_of(question.type)
    if column is not None:
        same = column.lower == (1 << drawn).astype(kind)
        drawn = np.where(same, (drawn + 1) % choices, drawn)
    bits = (1 << drawn).astype(kind)
    return Column(bits, bits, np.full(count, ANSWERED, np.uint8))


def told_otherwise(before: Verdicts, after: Verdicts) -> NDArray[np.bool_]:
    """Who is told anything else (n,): by the rules, or in the chances, the set or the suggestion of the model."""
    pairs = [
        (getattr(before.assessment, name), getattr(after.assessment, name))
        for name in ("level_at_least", "level_at_most", "status")
    ]
    pairs += [
        (getattr(before.opinion, name), getattr(after.opinion, name))
        for name in ("set_low", "set_high", "abstains", "suggestion", "disagrees")
    ]
    changed: NDArray[np.bool_] = (before.opinion.probabilities != after.opinion.probabilities).any(axis=1)
    for one, other in pairs:
        changed |= one != other
    return changed
