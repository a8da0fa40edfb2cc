"""The glass box: compiled exactly, added up exactly, monotone, with honest sets, and read back strictly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from recommender.answers import Answers, Column
from recommender.errors import InputError
from recommender.glass_box import GlassBox, opinion, opinion_of_answers, read_model, write_model
from recommender.glass_box.features import Codes, Feature, code_answers, reading_hash
from recommender.glass_box.sets import mass_before
from recommender.glass_box.tables import LevelGroup
from recommender.learning.boosting import Growth, as_numbers, boosting, compiled, staged_log_odds
from recommender.learning.features import find_features
from recommender.learning.training import People, Recipe, train
from recommender.levels import load_levels
from recommender.questionnaire_file import load_questionnaire
from recommender.rules.bounds import ANSWERED
from recommender.simulation import simulate_answers

QUESTIONNAIRE, LADDER = load_questionnaire(), load_levels()
# A direction upwards, one downwards, none, and choices without order.
NAMES = ("opioid_days", "cows", "ruler_readiness", "age", "main_substance", "work_status", "place_to_sleep", "phq9")
GROUPS = (
    LevelGroup("lighter", 0, 4),
    LevelGroup("intensive_outpatient", 5, 5),
    LevelGroup("day programmes", 6, 7),
    LevelGroup("beds", 8, 12),
)
LEARNED, JUDGED = 12_000, 20_000


class World(NamedTuple):
    """Synthetic people, where they were placed by a known rule of chance, and the model that learned from some."""

    answers: Answers
    features: tuple[Feature, ...]
    codes: Codes
    labels: np.ndarray[Any, np.dtype[np.int8]]
    model: GlassBox


@pytest.fixture(scope="module")
def world() -> World:
    answers = simulate_answers(LEARNED + JUDGED, 7, unknown_share=0.15)
    features = find_features(QUESTIONNAIRE, answers, NAMES)
    codes = code_answers(QUESTIONNAIRE, features, answers)
    chance = np.random.default_rng(3)
    need = sum((f.direction or 0.5) * (codes[:, j] / f.unknown) for j, f in enumerate(features))
    need = (need - need.mean()) / need.std() * 1.5
    labels = (need[:, None] + chance.logistic(size=(len(codes), 1)) > np.array([-1.0, 0.3, 1.0])).sum(axis=1)
    people = People(codes, labels.astype(np.int8), np.arange(len(codes)))
    hashes = (reading_hash(QUESTIONNAIRE, [f.question for f in features]), LADDER.hash)
    recipe = Recipe(Growth(iterations=150, stages=5), folds=2, by=("main_substance",))
    model = train(people.take(np.arange(LEARNED)), features, GROUPS, recipe, hashes=hashes)
    return World(answers, features, codes, people.labels, model)


def test_tables_say_what_scikit_learn_says(world: World) -> None:
    model = boosting(world.features, Growth(), 1)
    model.fit(as_numbers(world.features, world.codes[:LEARNED]), world.labels[:LEARNED] > 1)
    told = staged_log_odds(world.features, compiled(model, world.features, [400]), world.codes)[0]
    asked = model.decision_function(as_numbers(world.features, world.codes))
    np.testing.assert_allclose(told, asked, rtol=0, atol=1e-9)


def test_contributions_add_up_to_the_log_odds(world: World) -> None:
    codes = world.codes[:5000]
    total = world.model.intercepts + world.model.contributions(codes).sum(axis=1)
    np.testing.assert_allclose(world.model.log_odds(codes), total, rtol=0, atol=1e-9)


def test_a_contribution_is_relative_to_the_average_person(world: World) -> None:
    for table, people in zip(world.model.tables, world.model.people, strict=True):
        np.testing.assert_allclose(people @ table / people.sum(), 0, atol=1e-9)


def test_chances_are_chances(world: World) -> None:
    found = opinion(world.model, world.codes, *anything_possible(len(world.codes)))
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-12)
    assert (found.probabilities >= 0).all()
    assert (np.diff(found.at_least, axis=1) <= 0).all()
    np.testing.assert_array_equal(found.iop, found.probabilities[:, 1])


def anything_possible(count: int) -> tuple[Any, Any]:
    return np.zeros(count, np.int8), np.full(count, len(LADDER.ids) - 1, np.int8)


def test_a_worse_answer_never_lowers_the_chance_of_a_higher_level(world: World) -> None:
    before = world.model.at_least(world.codes)
    for place, feature in enumerate(world.features):
        worse = world.codes.copy()
        known = worse[:, place] < len(feature.cells)
        worse[known, place] = np.clip(worse[known, place].astype(int) + feature.direction, 0, len(feature.cells) - 1)
        assert (world.model.at_least(worse) >= before - 1e-12).all(), feature.question


def test_unknown_is_a_cell_of_its_own_and_a_range_is_read_where_it_fits(world: World) -> None:
    question = QUESTIONNAIRE.questions["opioid_days"]
    feature = Feature("opioid_days", True, (0, 1, 30), 1)
    ends = [(0, 30), (1, 29), (2, 2), (29, 30), (30, 30), (0, 0)]
    low, high = (np.array(end, np.int8) for end in zip(*ends, strict=True))
    answers = Answers(6, {"opioid_days": Column(low, high, np.full(6, ANSWERED, np.uint8))})
    codes = code_answers(QUESTIONNAIRE, [feature], answers)[:, 0].tolist()
    assert codes == [3, 1, 1, 3, 2, 0]
    assert [feature.words(question, code) for code in (0, 1, 2, 3)] == [
        "0 days", "1 days to 29 days", "30 days", "not known",
    ]  # fmt: skip


def test_a_range_over_several_cells_is_read_as_the_narrowest_that_holds_it() -> None:
    question = QUESTIONNAIRE.questions["opioid_days"]
    feature = Feature("opioid_days", True, (0, 1, 10, 30), 1, ranges=((0, 3), (1, 2)))
    ends = [(1, 29), (5, 12), (0, 12), (10, 30), (10, 29), (0, 0)]
    low, high = (np.array(end, np.int8) for end in zip(*ends, strict=True))
    answers = Answers(6, {"opioid_days": Column(low, high, np.full(6, ANSWERED, np.uint8))})
    codes = code_answers(QUESTIONNAIRE, [feature], answers)[:, 0].tolist()
    assert codes == [5, 5, 4, 4, 2, 0]
    assert [feature.words(question, code) for code in (5, 6)] == ["1 days to 29 days", "not known"]
    assert feature.places.tolist() == [0, 1, 2, 3, 1.5, 1.5]


def test_sets_grow_from_the_likeliest_level_without_gaps() -> None:
    chances = np.random.default_rng(0).dirichlet(np.full(5, 0.7), size=300)
    for row, before in zip(chances, mass_before(chances), strict=True):
        low = high = int(row.argmax())
        expected = np.zeros(5)
        while high - low < 4:
            gathered = row[low : high + 1].sum()
            up = low == 0 or (high < 4 and row[high + 1] >= row[low - 1])
            low, high = (low, high + 1) if up else (low - 1, high)
            expected[high if up else low] = gathered
        np.testing.assert_allclose(before, expected, atol=1e-12)


def test_sets_hold_nine_in_ten_of_new_people_in_each_group(world: World) -> None:
    new = slice(LEARNED, None)
    found = opinion(world.model, world.codes[new], *anything_possible(JUDGED))
    held = (found.set_low <= world.labels[new]) & (world.labels[new] <= found.set_high)
    # 2,400 calibration people and 20,000 judged: three standard errors of both together.
    assert held.mean() == pytest.approx(0.9, abs=0.02)
    substance = world.codes[new, NAMES.index("main_substance")]
    large = [code for code in np.unique(substance) if (world.codes[:LEARNED, 4] == code).sum() > 2000]
    assert large
    assert all(abs(held[substance == code].mean() - 0.9) < 0.05 for code in large)
    likeliest = found.probabilities.argmax(axis=1)
    assert ((found.set_low <= likeliest) & (likeliest <= found.set_high)).all()
    assert (found.abstains == (found.set_high - found.set_low + 1 > world.model.sets.widest)).all()


def test_no_suggestion_lies_below_the_floor(world: World) -> None:
    floor = (np.arange(len(world.codes)) % len(LADDER.ids)).astype(np.int8)
    found = opinion(world.model, world.codes, floor, np.full_like(floor, 12))
    highest = np.array([group.highest for group in GROUPS])
    assert (highest[found.suggestion] >= floor).all()
    free = opinion(world.model, world.codes, *anything_possible(len(floor)))
    unbound = highest[free.probabilities.argmax(axis=1)] >= floor
    assert (found.suggestion == free.suggestion)[unbound].all()
    assert (found.disagrees == (highest[found.set_high] < floor)).all()
    assert found.for_a_person[found.disagrees].all()


def test_what_is_asked_for_audit_changes_nothing(world: World) -> None:
    """Flip test: other sex, race, ethnicity and payer, for 100,000 people; state and site are no questions at all."""
    answers = simulate_answers(100_000, 11)
    bounds = anything_possible(answers.count)
    before = opinion_of_answers(world.model, QUESTIONNAIRE, answers, *bounds)
    flipped = dict(answers.columns)
    for name in QUESTIONNAIRE.for_audit:
        everything = len(QUESTIONNAIRE.questions[name].choices)
        given = answers.columns.get(name)
        old = np.zeros(answers.count, np.int64) if given is None else np.frexp(given.lower.astype(float))[1] - 1
        new = (1 << ((old + 1) % everything)).astype(np.int32 if given is None else given.lower.dtype)
        flipped[name] = Column(new, new, np.full(answers.count, ANSWERED, np.uint8))
    after = opinion_of_answers(world.model, QUESTIONNAIRE, Answers(answers.count, flipped), *bounds)
    assert set(QUESTIONNAIRE.for_audit) == {"sex", "race", "ethnicity", "payer"}
    changed = (before.suggestion != after.suggestion) | (before.set_low != after.set_low)
    assert np.count_nonzero(changed | (before.set_high != after.set_high)) == 0
    np.testing.assert_array_equal(before.probabilities, after.probabilities)


def test_no_model_may_read_what_is_asked_for_audit(world: World) -> None:
    with pytest.raises(InputError) as caught:
        find_features(QUESTIONNAIRE, world.answers, ["age", "race", "payer", "opiod_days"])
    assert [fault.message() for fault in caught.value.faults] == [
        "no model may read `race`: it is asked for audit alone. Leave it out.",
        "no model may read `payer`: it is asked for audit alone. Leave it out.",
        "there is no question of this name (given: 'opiod_days'). Did you mean `opioid_days` or `opioid_kind` or "
        "`dry_days`?",
    ]


def test_a_model_is_the_same_after_a_file(world: World) -> None:
    text = write_model(world.model, LADDER)
    again = read_model(text.encode(), QUESTIONNAIRE, LADDER)
    np.testing.assert_array_equal(again.at_least(world.codes), world.model.at_least(world.codes))
    assert (again.sets, again.groups, again.features) == (world.model.sets, GROUPS, world.features)
    assert write_model(again, LADDER) == text


def entry(*keys: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = value

    return change


BROKEN = {
    "was made for another version of the questionnaire": entry("reading_hash", value="0" * 64),
    "was made for another version of the questionnaire: it reads a question that is not there": entry(
        "features", 0, "question", value="opioid_dayz"
    ),
    "was made for another version of the levels of care": entry("ladder_hash", value="0" * 64),
    "reads `race`, which no model may read": entry("features", 0, "question", value="race"),
    "holds NaN where a number is due": entry("intercepts", 0, value=float("nan")),
    "holds -Infinity where a number is due": entry("features", 1, "table", 0, 0, value=float("-inf")),
    "has the wrong size: the table of `cows` is (1, 3) and not": entry("features", 1, "table", value=[[0, 0, 0]]),
    "has the wrong size: the list of intercepts is (2,) and not (3,)": entry("intercepts", value=[0, 0]),
    "has the wrong size: the list of thresholds": entry("sets", "thresholds", value=[0.5]),
    "has prediction sets that cannot be": entry("sets", "widest", value=0),
    "has cells for `cows` that do not cover its answers": entry("features", 1, "cells", 0, value=3),
    "has groups of levels that do not cover the ladder once": entry("groups", 0, "levels", value=["outpatient"]),
    "has no group that is the intensive outpatient level alone": entry("groups", 1, "name", value="IOP"),
    "is of a form that this program does not read; it reads form 1": entry("format", value=2),
    "is not a whole model file": entry("features", 0, "table", value="many"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_model_is_refused_in_a_sentence(world: World, what: str) -> None:
    data = json.loads(write_model(world.model, LADDER))
    BROKEN[what](data)
    with pytest.raises(InputError) as caught:
        read_model(json.dumps(data).encode(), QUESTIONNAIRE, LADDER)
    assert what in caught.value.faults[0].message()


def test_a_truncated_model_and_a_number_beyond_all_bounds_are_refused(world: World) -> None:
    text = write_model(world.model, LADDER)
    for broken in (text[: len(text) // 2], text.replace('"intercepts": [', '"intercepts": [1e999, ', 1), "[]", ""):
        with pytest.raises(InputError):
            read_model(broken.encode(), QUESTIONNAIRE, LADDER)


def test_a_change_of_words_asks_for_no_new_model_and_a_change_of_choices_does() -> None:
    def changed(**what: Any) -> str:
        questions = {**QUESTIONNAIRE.questions, "cows": replace(QUESTIONNAIRE.questions["cows"], **what)}
        return reading_hash(replace(QUESTIONNAIRE, questions=questions), ["age", "cows"])

    assert changed(text="Other words") == reading_hash(QUESTIONNAIRE, ["age", "cows"])
    assert changed(maximum=40) != reading_hash(QUESTIONNAIRE, ["age", "cows"])
