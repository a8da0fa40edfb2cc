"""Simulated cohorts: the file says what the simulation knows, the truth is the truth, and its figures are met."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recommender.errors import InputError
from recommender.learning.cohort import Cohort
from recommender.learning.cohort_file import read_cohort
from recommender.learning.simulated import cohort_of, simulated_cohort, truth_of
from recommender.simulation.cohort import simulate_cohort, write_cohort
from recommender.simulation.responses import load_responses
from recommender.simulation.truth import Truth

ROWS = 30_000


@pytest.fixture(scope="module")
def known() -> tuple[Cohort, Truth]:
    return simulated_cohort(ROWS, 3)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_written_is_read_back_and_so_is_the_truth(tmp_path: Path, form: str) -> None:
    target = tmp_path / f"cohort.{form}"
    write_cohort(target, 300, 5, rows_at_a_time=160)
    simulated, read = simulate_cohort(300, 5), read_cohort(target)
    made = cohort_of(simulated)
    for name in ("ids", "level_placed", "days_at_least", "days_at_most", "weight"):
        assert (getattr(read, name) == getattr(made, name)).all(), name
    assert all((read.outcomes[name] == values).all() for name, values in made.outcomes.items())
    assert [read.site_names[place] for place in read.site] == [made.site_names[place] for place in made.site]
    assert np.allclose(truth_of(read).placement, simulated.truth.placement)
    assert np.allclose(truth_of(read).outcome("retained_90"), simulated.truth.outcome("retained_90"))


def test_a_row_is_the_same_whatever_is_made_around_it() -> None:
    whole, part = simulate_cohort(200, 8), simulate_cohort(50, 8, start=120)
    for name in ("level", "days", "reason"):
        assert (getattr(whole, name)[120:170] == getattr(part, name)).all()
    assert np.allclose(whole.truth.placement[120:170], part.truth.placement)


def test_the_figures_of_the_declaration_are_met(known: tuple[Cohort, Truth]) -> None:
    cohort, truth = known
    declared = load_responses()
    assert truth.placement.mean(axis=0) == pytest.approx(declared.percent, abs=0.005)
    placed = np.array([(cohort.level_placed == rank).mean() for rank in declared.ranks])
    assert placed == pytest.approx(declared.percent, abs=0.01)
    assert truth.mean_outcome("retained_30") == pytest.approx(0.465, abs=0.01)  # TEDS-D 2019
    assert truth.mean_outcome("retained_90") == pytest.approx(0.265, abs=0.01)


@pytest.mark.parametrize("outcome", ["retained_30", "retained_90", "completed", "completed_or_transferred"])
def test_what_happens_is_what_the_truth_says(known: tuple[Cohort, Truth], outcome: str) -> None:
    cohort, truth = known
    chance = truth.outcome(outcome)[np.arange(ROWS), np.searchsorted(truth.declared.ranks, cohort.level_placed)]
    order = np.argsort(chance)
    for tenth in np.array_split(order, 10):
        assert cohort.outcomes[outcome][tenth].mean() == pytest.approx(chance[tenth].mean(), abs=0.035)


def test_no_way_of_placing_is_worth_more_than_the_best(known: tuple[Cohort, Truth]) -> None:
    _, truth = known
    best = truth.value("retained_30", truth.best("retained_30"))
    for rank in truth.declared.ranks:
        assert truth.value("retained_30", np.full(ROWS, rank)) < best
    assert truth.mean_outcome("retained_30") < best
    with pytest.raises(ValueError, match="only ever placed"):
        truth.value("retained_30", np.full(ROWS, 6))


def test_only_a_simulated_cohort_has_a_truth(tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text("id,age,site,period\na,30,north,2023\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        truth_of(read_cohort(path))
    assert "the truth about this cohort is not known" in caught.value.faults[0].sentence()


def test_the_best_that_can_be_said_of_successes_counts_everybodys_circumstances(known: tuple[Cohort, Truth]) -> None:
    whole, outcome, few = known[1], "completed_or_transferred", 8
    told = whole.placement_of_successes(outcome)[:few]
    for person in range(few):
        # One and the same person, at everybody's place and time and with everybody's payer.
        moved = replace(whole, terms=np.broadcast_to(whole.terms[person], whole.terms.shape))
        there = (moved.placement * moved.outcome(outcome)).sum(axis=0)
        np.testing.assert_allclose(told[person], there / there.sum(), rtol=1e-9)
