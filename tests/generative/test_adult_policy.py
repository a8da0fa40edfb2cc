"""The whole adult policy over random people: bounds against the reference, and worse answers against the level."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.answers import NOT_KNOWN, Answer, answers_of, unknown
from recommender.assessment import BLOCKED, Assessment, assess
from recommender.policy import LEVEL, Policy
from recommender.questionnaire import Question
from recommender.rules.bounds import ANSWERED
from recommender.rules.definitions import questions_behind
from recommender.rules.reference import Person
from recommender.rules.tree import Nominal

SEEDS = st.integers(min_value=0, max_value=2**32)
PEOPLE = 12


def complete_person(policy: Policy, chance: random.Random) -> dict[str, int]:
    """A plain answer to every question that is not computed, and to some that are; low counts are as likely as high."""
    person = {}
    for question in policy.questionnaire.questions.values():
        if question.computed is not None and chance.random() < 0.6:
            continue
        top = question.maximum if chance.random() < 0.5 else min(question.maximum, question.minimum + 3)
        person[question.id] = chance.randint(question.minimum, top)
    return person


def plain(question: Question, value: int) -> Answer:
    bits = 1 << value if isinstance(question.type, Nominal) else value
    return Answer(bits, bits)


def hidden(question: Question, value: int, chance: random.Random, only_if_taken: frozenset[str]) -> Answer | None:
    """The same answer, or less than it: a range or set around it, not known, or not asked yet.

    A measurement that counts only where it was taken is never "not asked yet" here: left out, it was not taken.
    """
    way = chance.random()
    if way < 0.5:
        return plain(question, value)
    if way < 0.75 or question.computed is not None or question.id in only_if_taken:
        return wider(question, value, chance)
    # A gated question that is not asked has a value of its own, so only "asked and not known" hides its answer.
    return unknown(question, NOT_KNOWN) if way < 0.9 or question.ask_if is not None else None


def wider(question: Question, value: int, chance: random.Random) -> Answer:
    if isinstance(question.type, Nominal):
        bits = 1 << value | chance.randrange(1 << len(question.type.choices))
        return Answer(bits, bits)
    return Answer(chance.randint(question.minimum, value), chance.randint(value, question.maximum), ANSWERED)


def check_inside(policy: Policy, result: Assessment, row: int, truth: Person) -> None:
    level = truth.value(LEVEL)
    assert result.level_at_least[row] <= level <= result.level_at_most[row]
    for name, bounds in (*result.ratings.items(), *result.strands.items()):
        assert bounds.lower[row] <= truth.value(name) <= bounds.upper[row], name
    fired, undecided = set(result.rules_fired(row)), set(result.rules_undecided(row))
    for rule in policy.rules:
        assert rule in fired or rule in undecided or not truth.value(rule), rule
        assert rule not in fired or truth.value(rule), rule


@given(seed=SEEDS)
def test_bounds_contain_the_level_ratings_and_rules_of_every_completion(policy: Policy, seed: int) -> None:
    chance = random.Random(seed)
    questions = policy.questionnaire.questions
    people = [complete_person(policy, chance) for _ in range(PEOPLE)]
    partial = [
        {n: a for n, v in person.items() if (a := hidden(questions[n], v, chance, policy.read_if_answered)) is not None}
        for person in people
    ]
    result = assess(policy, answers_of(policy.questionnaire, partial))
    for row, person in enumerate(people):
        check_inside(policy, result, row, Person(policy.definitions, person))


@given(seed=SEEDS)
def test_complete_people_are_exact(policy: Policy, seed: int) -> None:
    chance = random.Random(seed)
    questions = policy.questionnaire.questions
    people = [complete_person(policy, chance) for _ in range(PEOPLE)]
    given_answers = [{name: plain(questions[name], value) for name, value in person.items()} for person in people]
    result = assess(policy, answers_of(policy.questionnaire, given_answers))
    levels = [Person(policy.definitions, person).value(LEVEL) for person in people]
    assert result.level_at_least.tolist() == result.level_at_most.tolist() == levels
    assert not np.any(result.possible & ~result.fired)


@given(seed=SEEDS)
def test_a_worse_answer_never_lowers_the_level_or_clears_a_flag(policy: Policy, seed: int) -> None:
    chance = random.Random(seed)
    questions = policy.questionnaire.questions
    person = complete_person(policy, chance)
    worse = [person]
    for name, value in person.items():
        question = questions[name]
        step = {"up": 1, "down": -1, "none": 0}[question.worse]
        moved = value + step * chance.choice((1, 1, 2, 10))
        if step and question.minimum <= moved <= question.maximum:
            worse.append({**person, name: moved})
    answers = [{name: plain(questions[name], value) for name, value in one.items()} for one in worse]
    result = assess(policy, answers_of(policy.questionnaire, answers))
    # A block counts as above every level.
    ranks = np.where(result.status == BLOCKED, len(policy.ladder.ids), result.level_at_least)
    assert (ranks >= ranks[0]).all()


def test_nothing_behind_the_level_is_about_who_somebody_is_or_who_pays(policy: Policy) -> None:
    read = questions_behind(policy.definitions, LEVEL)
    assert read.isdisjoint({"language", "interpreter_needed", "reading_help_needed", "veteran"})
    forbidden = ("payer", "insur", "race", "ethnic", "sex", "price", "capacity", "bed_available")
    about = {name for name in policy.questionnaire.questions if any(word in name for word in forbidden)}
    assert about <= set(policy.questionnaire.for_audit)
    assert about.isdisjoint({*read, *policy.questions_used})
