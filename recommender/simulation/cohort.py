"""Synthetic cohorts: simulated people with a simulated placement, stay and end, and the truth behind them.

The same seed gives the same row whatever rows are made around it, as for simulated people without outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.simulation.chance import Chance, Floats
from recommender.simulation.reading import load_simulation
from recommender.simulation.responses import Responses, load_responses
from recommender.simulation.truth import Around, Truth, payer_of, terms_of
from recommender.simulation.writing import (
    ROWS_AT_A_TIME,
    answered_among,
    checked_share,
    ids,
    simulate_answers,
    table_of,
)
from recommender.table_file import text_table_writer

# The longest stay that is made up.
LONGEST_DAYS = 365
COLUMNS = ("site", "state", "period", "level_placed", "reason", "days_in_care")


@dataclass(frozen=True)
class SimulatedCohort:
    """n simulated people with what came of them, and the truth about them.

    `level` (n,) is a position among the levels of the truth, `reason` (n,) one among `reasons`, `days` (n,) the days
    in care.
    """

    answers: Answers
    ids: NDArray[Any]
    truth: Truth
    level: NDArray[np.int8]
    days: NDArray[np.int32]
    reason: NDArray[np.int8]
    reasons: tuple[str, ...]


def simulate_cohort(
    rows: int, seed: int, *, start: int = 0, unknown_share: float | None = None, declared: Responses | None = None
) -> SimulatedCohort:
    """Simulated people with placements and outcomes; `start` leaves out the rows before it.

    Raises InputError for a number of rows or a share that makes no sense.
    """
    declared = declared or load_responses()
    answers = simulate_answers(rows, seed, start=start, unknown_share=unknown_share)
    chance = Chance(seed, start, rows)
    truth = Truth(declared, terms_of(declared, answers), around_of(declared, chance, answers))
    level = drawn(truth.placement, chance.uniform("placed"))
    days, reason, reasons = course_of(truth, chance, level)
    return SimulatedCohort(answers, ids(start, rows), truth, level, days, reason, reasons)


def around_of(declared: Responses, chance: Chance, answers: Answers) -> Around:
    """Where and when each person came, and who pays as far as the record says so."""
    circumstances = declared.circumstances
    site = (chance.uniform("site") * len(circumstances.sites)).astype(np.int32)
    period = (chance.uniform("period") * len(circumstances.periods)).astype(np.int32)
    return Around(site, period, payer_of(circumstances, answers))


def drawn(chances: Floats, place: Floats) -> NDArray[np.int8]:
    """For each person (n,) one of k things, by their chances (n, k) and a uniform number."""
    edges = np.cumsum(chances, axis=1)[:, :-1]
    picked: NDArray[np.int8] = (place[:, None] >= edges).sum(axis=1).astype(np.int8)
    return picked


def course_of(
    truth: Truth, chance: Chance, level: NDArray[np.int8]
) -> tuple[NDArray[np.int32], NDArray[np.int8], tuple[str, ...]]:
    """How long each person stayed, and why it ended: days (n,), reason (n,), and the reasons that these point into."""
    declared = truth.declared

    def at_level(outcome: str) -> Floats:
        return np.take_along_axis(truth.outcome(outcome), level[:, None].astype(np.intp), axis=1)[:, 0]

    staying = chance.uniform("staying")
    kept_30, kept_90 = staying < at_level("retained_30"), staying < at_level("retained_90")
    first = np.where(kept_90, 90, np.where(kept_30, 30, 1))
    last = np.where(kept_90, LONGEST_DAYS, np.where(kept_30, 89, 29))
    days = first + (chance.uniform("days") ** 2 * (last - first + 1)).astype(np.int32)
    ending = np.where(chance.uniform("one chance for both") < declared.shared_chance, staying, chance.uniform("ending"))
    completed, moved_on = at_level("completed"), at_level("completed_or_transferred")
    others = drawn(
        np.broadcast_to(list(declared.other_ends.values()), (len(level), len(declared.other_ends))),
        chance.uniform("other end"),
    )
    reason = np.where(ending < completed, 0, np.where(ending < moved_on, 1, 2 + others)).astype(np.int8)
    return days.astype(np.int32), reason, ("completed", "transferred", *declared.other_ends)


def write_cohort(
    target: Path,
    rows: int,
    seed: int,
    *,
    unknown_share: float | None = None,
    questions: Iterable[str] | None = None,
    rows_at_a_time: int = ROWS_AT_A_TIME,
) -> tuple[str, ...]:
    """Writes a synthetic cohort as CSV, CSV.gz or Parquet by suffix, and gives the columns written.

    The truth is not in the file: it follows from the answers, `site`, `period` and `payer` again. Raises InputError if
    the file cannot be written.
    """
    checked_share(load_simulation(), rows, unknown_share)
    answered = ("id", *answered_among(questions))
    columns = (*answered, *COLUMNS)
    with text_table_writer(target, columns) as writer:
        for start in range(0, rows, rows_at_a_time):
            few = simulate_cohort(min(rows_at_a_time, rows - start), seed, start=start, unknown_share=unknown_share)
            table = table_of(few.answers, start, answered)
            for name, texts in texts_of(few).items():
                table = table.append_column(name, [texts])
            writer.write_table(table)
    return columns


def texts_of(cohort: SimulatedCohort) -> Mapping[str, Any]:
    """The columns beside the answers as Arrow arrays of text."""
    import pyarrow as pa

    circumstances, around = cohort.truth.declared.circumstances, cohort.truth.around
    state = around.site // circumstances.sites_a_state
    named = {
        "site": (circumstances.sites, around.site),
        "state": (circumstances.states, state),
        "period": (circumstances.periods, around.period),
        "level_placed": (cohort.truth.declared.levels, cohort.level),
        "reason": (cohort.reasons, cohort.reason),
    }
    texts = {name: pa.array(list(words), pa.string()).take(pa.array(places)) for name, (words, places) in named.items()}
    return {**texts, "days_in_care": pa.array(cohort.days).cast(pa.string())}
