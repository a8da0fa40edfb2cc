"""Published vignettes, coded without sight of the rules, beside the level that their source states.

The certain floor is a floor: where a vignette does not say enough it stays low, and the bounds must still hold the
stated level.
"""

from __future__ import annotations

import pytest

from recommender.cases import Agreement, calibrate, load_calibration
from recommender.policy import Policy


@pytest.fixture(scope="module")
def agreement(policy: Policy) -> Agreement:
    return calibrate(policy, load_calibration(policy.questionnaire))


def test_all_cases_are_there(agreement: Agreement) -> None:
    assert len(agreement.placements) == 44


def test_the_stated_level_lies_within_the_bounds_of_every_case(agreement: Agreement) -> None:
    assert [p.case.id for p in agreement.placements if not p.within_bounds] == []


def test_a_certain_floor_is_never_above_what_the_source_accepts(agreement: Agreement) -> None:
    assert [p.case.id for p in agreement.placements if p.distance > 0] == []


def test_agreement_does_not_fall_unnoticed(agreement: Agreement) -> None:
    assert agreement.share() >= 0.65
    assert agreement.share(at_most_off=1) >= 0.67
