"""What is likely: sampled exactly, keeping what is known, never completing safety, always inside the bounds."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from recommender.answers import Answer, Answers, answers_of, read_json
from recommender.assessment import assess
from recommender.errors import InputError
from recommender.likely import Population, likely_levels, load_population
from recommender.likely.completing import complete
from recommender.likely.fitting import fit_population
from recommender.likely.levels import completed_questions
from recommender.likely.population import Variable, read_population, write_population
from recommender.policy import Policy
from recommender.rules.tree import names_read
from recommender.simulation import simulate_answers

# Three questions in a chain, two hidden classes; `home_use` and `craving` have three choices, `coping` too.
NAMES = ("home_use", "craving", "coping")


@pytest.fixture(scope="module")
def population(policy: Policy) -> Population:
    return load_population(policy.questionnaire)


@pytest.fixture(scope="module")
def small() -> Population:
    random = np.random.default_rng(3)
    states, variables = np.arange(3), []
    for place, name in enumerate(NAMES):
        table = random.dirichlet(np.ones(3), (2, 3 if place else 1))
        variables.append(Variable(name, states, states, False, place - 1, table))
    return Population("small", "2026-11-25", "made up", 0, 1, np.array([0.3, 0.7]), tuple(variables))


def chances_by_hand(population: Population, allowed: dict[str, set[int]]) -> dict[tuple[int, ...], float]:
    """The chance of every combination that is allowed, from the tables, one product at a time."""
    found = {}
    for states in itertools.product(range(3), repeat=3):
        fits = all(state in allowed.get(name, {0, 1, 2}) for name, state in zip(NAMES, states, strict=True))
        chance = 0.0
        for kind, share in enumerate(population.classes):
            product = float(share)
            for place, variable in enumerate(population.variables):
                product *= variable.table[kind, states[place - 1] if place else 0, states[place]]
            chance += product
        found[states] = chance if fits else 0.0
    total = sum(found.values())
    return {states: chance / total for states, chance in found.items()}


@pytest.mark.parametrize(
    ("known", "allowed"),
    [
        ({}, {}),
        ({"coping": "none"}, {"coping": {2}}),
        (
            {"craving": {"from": "some_days", "to": "most_days_strong"}, "home_use": "none"},
            {"craving": {1, 2}, "home_use": {0}},
        ),
    ],
)
def test_completions_have_the_chances_of_the_model(
    policy: Policy, small: Population, known: dict[str, object], allowed: dict[str, set[int]]
) -> None:
    questions = policy.questionnaire.questions
    person = {name: read_json(questions[name], value) for name, value in known.items()}
    answers = answers_of(policy.questionnaire, [person])
    made = complete(policy.questionnaire, small, answers, times=40_000, seed=8, wanted=NAMES)
    drawn = np.stack([made.columns[name].lower for name in NAMES], axis=1)
    for states, chance in chances_by_hand(small, allowed).items():
        assert (drawn == states).all(axis=1).mean() == pytest.approx(chance, abs=0.01)


def test_what_was_answered_stays_and_a_range_is_narrowed_inside(policy: Policy, population: Population) -> None:
    questions = policy.questionnaire.questions
    person = {
        "opioid_days": Answer(7, 7),
        "stimulant_days": Answer(4, 11),
        "coping": read_json(questions["coping"], None),
    }
    answers = answers_of(policy.questionnaire, [person])
    made = complete(policy.questionnaire, population, answers, times=50, seed=1, wanted=completed_questions(policy))
    assert set(made.columns["opioid_days"].lower.tolist()) == {7}
    assert 4 <= made.columns["stimulant_days"].lower.min() <= made.columns["stimulant_days"].upper.max() <= 11
    assert len(set(made.columns["coping"].lower.tolist())) > 1


def test_safety_questions_and_totals_are_never_completed(policy: Policy) -> None:
    completed = completed_questions(policy)
    assert not completed & set(policy.safety_questions)
    assert not any(policy.questionnaire.questions[name].computed for name in completed)
    assert "expected_use" in completed


def test_the_packaged_population_knows_every_question_that_is_completed(policy: Policy, population: Population) -> None:
    unknown_to_it = completed_questions(policy) - population.position.keys()
    # Questions that nobody in the simulation is asked have no figures; they stay unknown.
    assert unknown_to_it == set()
    assert population.origin.startswith("Synthetic")


def test_only_possible_levels_have_a_chance_and_a_settled_one_is_certain(
    policy: Policy, population: Population
) -> None:
    answers = simulate_answers(40, 5, unknown_share=0.1)
    bounds = assess(policy, answers)
    likely = likely_levels(policy, population, bounds, answers, times=40)
    assert likely.chances.sum(axis=1) == pytest.approx(1)
    ranks = np.arange(likely.chances.shape[1])
    outside = (ranks < bounds.level_at_least[:, None]) | (ranks > bounds.level_at_most[:, None])
    assert likely.chances[outside].max() == 0
    settled = bounds.level_at_least == bounds.level_at_most
    assert settled.any()
    assert (likely.chance[settled] == 1).all()
    again = likely_levels(policy, population, bounds, answers, times=40)
    assert (again.chances == likely.chances).all()


def test_a_fitted_population_is_written_and_read_and_says_what_is_common(policy: Policy) -> None:
    answers = simulate_answers(400, 11, unknown_share=0)
    few = ("sex", "main_substance", "opioid_days", "alcohol_days", "drinks_per_day", "age")
    part = Answers(answers.count, {name: answers.columns[name] for name in few})
    fitted = fit_population(policy.questionnaire, part, name="few", date="2026-11-25", statement="", classes=2, seed=1)
    text = write_population(fitted)
    read = read_population(policy.questionnaire, json.loads(text), "")
    assert [variable.question for variable in read.variables] == [variable.question for variable in fitted.variables]
    assert "sex" not in read.position, "questions for audit tell nothing of a person"
    person = {"main_substance": read_json(policy.questionnaire.questions["main_substance"], "opioid")}
    given = answers_of(policy.questionnaire, [person])
    made = complete(policy.questionnaire, read, given, times=400, seed=1, wanted=few[1:])
    opioid = answers.columns["main_substance"].lower == 1 << 1
    assert made.columns["opioid_days"].lower.mean() == pytest.approx(
        part.columns["opioid_days"].lower[opioid].mean(), abs=3
    )


@pytest.mark.parametrize(
    "text",
    ["{}", "not json", '{"format": 9}', '{"format": 1, "classes": [1], "variables": [{"question": "no_such"}]}'],
)
def test_a_file_that_is_no_population_is_refused_without_a_traceback(policy: Policy, tmp_path: Path, text: str) -> None:
    file = tmp_path / "population.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_population(policy.questionnaire, file)
    assert "is not a population" in caught.value.faults[0].sentence()


def test_chances_are_calibrated_and_the_likely_level_is_right_more_often_than_the_floor(
    policy: Policy, population: Population
) -> None:
    """On made-up people of the kind the population was fitted to; the figures for many are in benchmarks/likely.py."""
    whole, part = (simulate_answers(1500, 77, unknown_share=share) for share in (0, 0.4))
    asked = set(policy.safety_questions)
    for name in policy.safety_questions:
        gate = policy.questionnaire.questions[name].ask_if
        asked |= names_read(gate) if gate else set()
    thin = Answers(part.count, {**part.columns, **{name: whole.columns[name] for name in asked & whole.columns.keys()}})
    truth, bounds = assess(policy, whole).level_at_least, assess(policy, thin)
    likely = likely_levels(policy, population, bounds, thin)
    hit = likely.level == truth
    assert hit.mean() > (bounds.level_at_least == truth).mean() + 0.1
    bins = np.minimum(likely.chance * 10, 9).astype(int)
    off = [
        (bins == b).mean() * abs(likely.chance[bins == b].mean() - hit[bins == b].mean())
        for b in range(10)
        if (bins == b).any()
    ]
    assert sum(off) < 0.04, "chance alone gives 0.02 with so few people"
