"""Simulated cohorts as cohorts, and the truth behind a cohort that was simulated and written to a file."""

from __future__ import annotations

import numpy as np

from recommender.cohort_columns import load_cohort_columns
from recommender.errors import Fault, InputError
from recommender.learning.cohort import UNKNOWN, Cohort
from recommender.learning.outcome import known_outcomes
from recommender.levels import load_levels
from recommender.questionnaire_file import load_questionnaire
from recommender.simulation.cohort import SimulatedCohort, simulate_cohort
from recommender.simulation.responses import load_responses
from recommender.simulation.truth import Around, Truth, payer_of, terms_of

SYNTHETIC = "SYN-"


def cohort_of(simulated: SimulatedCohort) -> Cohort:
    """The same people as `read_cohort` reads them from the file that they are written to."""
    count, declared = simulated.answers.count, simulated.truth.declared
    columns, around, circumstances = load_cohort_columns(), simulated.truth.around, declared.circumstances
    reasons = np.array([columns.reasons.index(name) for name in simulated.reasons])[simulated.reason]
    cells = {"reason": reasons, "days_in_care": simulated.days, "days_in_care, at most": simulated.days}
    known = known_outcomes(columns, cells, count)
    nobody = np.full(count, UNKNOWN, np.int8)
    return Cohort(
        questionnaire=load_questionnaire(),
        levels=load_levels(),
        answers=simulated.answers,
        ids=simulated.ids.astype(str),
        person=np.arange(count, dtype=np.int64),
        site=around.site,
        site_names=circumstances.sites,
        period=around.period,
        period_names=circumstances.periods,
        state=(around.site // circumstances.sites_a_state).astype(np.int32),
        state_names=circumstances.states,
        level_indicated=nobody,
        level_offered=nobody,
        level_placed=np.array(declared.ranks, np.int8)[simulated.level],
        outcomes=known.outcomes,
        days_at_least=known.days_at_least,
        days_at_most=known.days_at_most,
        weight=np.ones(count),
        file="simulated",
    )


def simulated_cohort(rows: int, seed: int, *, unknown_share: float | None = None) -> tuple[Cohort, Truth]:
    """A simulated cohort and the truth about it."""
    simulated = simulate_cohort(rows, seed, unknown_share=unknown_share)
    return cohort_of(simulated), simulated.truth


def truth_of(cohort: Cohort) -> Truth:
    """The truth about a cohort that `recommender data simulate --outcomes` wrote.

    Raises InputError where anybody in it is not one of the simulation's people, or the place or period is not.
    """
    declared = load_responses()
    known_places = {*cohort.site_names} <= {*declared.circumstances.sites} and (cohort.site >= 0).all()
    known_periods = {*cohort.period_names} <= {*declared.circumstances.periods} and (cohort.period >= 0).all()
    if not (np.char.startswith(cohort.ids, SYNTHETIC).all() and known_places and known_periods):
        remedy = "Only what `recommender data simulate --outcomes` made has one."
        raise InputError(Fault("the truth about this cohort is not known", file=cohort.file, remedy=remedy))
    site = np.array([declared.circumstances.sites.index(name) for name in cohort.site_names], np.int32)
    period = np.array([declared.circumstances.periods.index(name) for name in cohort.period_names], np.int32)
    around = Around(site[cohort.site], period[cohort.period], payer_of(declared.circumstances, cohort.answers))
    return Truth(declared, terms_of(declared, cohort.answers), around)
