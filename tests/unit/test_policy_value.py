"""The value of a way of placing: right if either half of it is, and honest about what it does not know."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.learning.simulated import simulated_cohort
from recommender.policy_value.answer import at_equal_beds, value_of
from recommender.policy_value.nuisance import Nuisance
from recommender.policy_value.overlap import overlap_of, refusal
from recommender.policy_value.policies import one_each, with_the_usual_beds, without_beds
from recommender.policy_value.sensitivity import e_value, e_values
from recommender.policy_value.study import Study, study_of
from recommender.policy_value.value import (
    Estimated,
    bed_scores,
    error_of,
    estimated,
    robust,
    scores,
    share_for_equal_beds,
)
from recommender.policy_value.words import answer_text
from recommender.simulation.truth import Truth

OUTCOME = "retained_90"
PEOPLE = 60_000


class World:
    """Two levels; who is worse off goes to the second more often, and does worse at both."""

    def __init__(self) -> None:
        chance = np.random.default_rng(1)
        need = chance.normal(size=PEOPLE)
        second = 1 / (1 + np.exp(-need))
        self.chance = np.stack([1 - second, second], axis=1)
        logit = -0.8 * need
        self.expected = 1 / (1 + np.exp(-np.stack([logit, logit + 0.5], axis=1)))
        self.placed = (chance.random(PEOPLE) < second).astype(np.int8)
        picked = np.take_along_axis(self.expected, self.placed[:, None].astype(int), axis=1)[:, 0]
        self.outcome = (chance.random(PEOPLE) < picked).astype(float)
        self.way = np.tile([0.0, 1.0], (PEOPLE, 1))
        self.truth = float(self.expected[:, 1].mean())


WORLD = World()
FLAT = np.full((PEOPLE, 2), 0.5)


@pytest.mark.parametrize(
    ("chance", "expected", "right"),
    [
        (WORLD.chance, WORLD.expected, True),
        (WORLD.chance, FLAT, True),
        (FLAT, WORLD.expected, True),
        (FLAT, FLAT, False),
    ],
    ids=["both right", "chances right", "expectations right", "both wrong"],
)
def test_one_right_half_is_enough(chance: np.ndarray, expected: np.ndarray, right: bool) -> None:
    parts = robust(WORLD.way, WORLD.placed, chance, expected, WORLD.outcome)
    found = estimated(parts, np.arange(PEOPLE))
    assert (found.low <= WORLD.truth <= found.high) is right


def test_people_of_one_site_are_not_so_many_witnesses() -> None:
    chance = np.random.default_rng(0)
    site = np.repeat(np.arange(40), 50)
    apart = chance.normal(size=40)[site] + chance.normal(size=2000)
    assert error_of(apart, site) > 4 * error_of(apart, np.arange(2000))


def test_the_share_that_fills_as_many_beds() -> None:
    assert share_for_equal_beds(20, 0, 10) == pytest.approx(0.5)
    assert share_for_equal_beds(4, 16, 10) == pytest.approx(0.5)
    assert share_for_equal_beds(20, 15, 10) is None, "even the other uses more"


def test_e_values_are_those_of_the_publication() -> None:
    # VanderWeele and Ding 2017: a risk ratio of 3.9 has the E-value 7.26.
    assert e_value(3.9) == pytest.approx(7.26, abs=0.01)
    assert e_value(1.0) == 1.0
    assert e_values(Estimated(0.1, -0.1, 0.3), 0.4)[1] == 1.0


def test_a_way_that_nobody_ever_took_is_refused() -> None:
    chance = np.tile([0.999, 0.001], (1000, 1))
    fault = refusal("beds for all", overlap_of(np.tile([0.0, 1.0], (1000, 1)), chance, np.zeros(1000, np.int8)))
    assert fault is not None
    assert "hardly ever placed" in fault.sentence()
    fine = overlap_of(np.tile([1.0, 0.0], (1000, 1)), chance, np.zeros(1000, np.int8))
    assert refusal("nobody", fine) is None
    assert fine.effective == pytest.approx(1000)


@pytest.fixture(scope="module")
def known() -> tuple[Study, Truth, Nuisance]:
    """Simulated people with the true chances and expectations in place of learned ones."""
    cohort, truth = simulated_cohort(12_000, 9)
    study = study_of(cohort, OUTCOME)
    groups = {group.name: tuple(range(group.lowest, group.highest + 1)) for group in study.groups}
    group = np.searchsorted([g.highest for g in study.groups], truth.declared.ranks)
    chance = np.stack([truth.placement[:, group == k].sum(axis=1) for k in range(len(study.groups))], axis=1)
    nights = np.stack([np.full(len(study), 30.0 * (k > 1)) for k in range(len(study.groups))], axis=1)
    return study, truth, Nuisance(chance, truth.within(OUTCOME, groups), nights)


def test_the_truth_lies_in_the_intervals_and_the_naive_difference_is_off(
    known: tuple[Study, Truth, Nuisance],
) -> None:
    study, truth, nuisance = known
    usual = nuisance.chance.argmax(axis=1)
    ways = {"usual": one_each(study, usual.astype(np.int8)), "lighter": one_each(study, np.maximum(usual - 1, 0))}
    answer = value_of(study, ways, nuisance)
    practice = truth.mean_outcome(OUTCOME)
    for way in answer.ways:
        right = float((ways[way.name] * nuisance.expected).sum(axis=1).mean())
        assert way.value.low <= right <= way.value.high
        assert way.difference.low <= right - practice <= way.difference.high
        assert way.naive is not None
        assert abs(way.naive - (right - practice)) > 0.02


def test_with_equal_beds_as_many_are_used_as_now(known: tuple[Study, Truth, Nuisance]) -> None:
    study, _, nuisance = known
    everybody, now = np.full(len(study), True), np.nan_to_num(study.bed_days).mean()
    lighter, usual = without_beds, lambda study, way: with_the_usual_beds(study, way, nuisance.chance)
    for level, rest in ((4, lighter), (0, usual)):
        way = np.eye(len(study.groups))[np.full(len(study), level)]
        found, share, _ = at_equal_beds(way, study, nuisance, everybody)
        assert found is not None
        assert share is not None
        assert 0 < share < 1, "this way by itself needs more beds, or fewer"
        mixed = share * way + (1 - share) * rest(study, way)
        np.testing.assert_allclose(mixed.sum(axis=1), 1)
        assert bed_scores(mixed, study, nuisance).mean() == pytest.approx(now)
        assert found.value == pytest.approx((scores(mixed, study, nuisance) - study.outcome).mean())


def test_the_text_says_how_to_read_it_and_what_was_refused(known: tuple[Study, Truth, Nuisance]) -> None:
    study, _, nuisance = known
    never = one_each(study, nuisance.chance.argmin(axis=1).astype(np.int8))
    text = answer_text(value_of(study, {"as now": nuisance.chance, "turned round": never}, nuisance))
    for words in ("current practice", "E-value", "Naive", "nothing here says what any level is worth", "equal beds"):
        assert words in text
    assert "no answer for `turned round`" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 110


def test_the_same_way_as_practice_is_worth_the_same(known: tuple[Study, Truth, Nuisance]) -> None:
    study, _, nuisance = known
    told = value_of(study, {"as now": nuisance.chance}, nuisance).ways[0]
    assert told.difference.low <= 0 <= told.difference.high
    assert told.difference.high - told.difference.low < 0.03
