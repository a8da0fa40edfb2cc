"""Whether new people are still like those that a model was made from, and whether it still keeps what it promised."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommender.content_file import CONTENT, ContentFile
from recommender.errors import Fault, InputError
from recommender.evaluation.estimate import Figure
from recommender.evaluation.held_out import FEWEST_ROWS
from recommender.evaluation.measures import measures_of, step_bins
from recommender.evaluation.resampling import RESAMPLES, resample
from recommender.glass_box.features import code_answers
from recommender.glass_box.tables import GlassBox
from recommender.judging.judged import Judged, success_of, with_labels
from recommender.judging.verdicts import verdicts
from recommender.learning.cohort import Cohort
from recommender.policy import Policy
from recommender.shape import DATE, NUMBER, TEXT, WORD, Key, Shape, entry_of

DRIFT = CONTENT / "drift.yaml"
LIMITS: Shape = {
    "question_worth_a_look": Key(NUMBER, "The PSI from which a question is worth a look.", required=True),
    "question_drifted": Key(NUMBER, "The PSI from which it has drifted.", required=True),
    "coverage_below_promise": Key(NUMBER, "How far coverage may surely lie below its promise.", required=True),
    "calibration_above_floor": Key(NUMBER, "How far the error may lie above its noise floor.", required=True),
}
FILE: Shape = {
    "drift": Key(TEXT, "The name of the declaration.", required=True),
    "version": Key(WORD, "Its version.", required=True),
    "date": Key(DATE, "Its day.", required=True),
    "limits": Key(entry_of(LIMITS), "The limits.", required=True),
}
STABLE, LOOK, DRIFTED = "stable", "worth a look", "drifted"
# A cell that nobody is in counts as if so small a part of one person were, or its share would have no logarithm.
PART_OF_A_PERSON = 0.5
DRAWS = 400


@dataclass(frozen=True, slots=True)
class Limits:
    """When a change counts, as declared."""

    question_worth_a_look: float
    question_drifted: float
    coverage_below_promise: float
    calibration_above_floor: float


@dataclass(frozen=True, slots=True)
class Shift:
    """How far the answers to one question have moved; `by_chance` is what the PSI stays below in 95 of 100 cases."""

    question: str
    psi: float
    by_chance: float
    verdict: str


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that a model promised, on new labels: what was found, what was promised, and the verdict."""

    what: str
    found: Figure
    promised: float
    verdict: str


@dataclass(frozen=True)
class Watch:
    """Everything found. `people` were looked at; `silent` says why nothing is told of the promises, if it is not.

    `like_with_like` says whether, as in training, only people with a label were looked at.
    """

    people: int
    like_with_like: bool
    shifts: tuple[Shift, ...]
    promises: tuple[Promise, ...]
    silent: str

    @property
    def verdict(self) -> str:
        """The worst verdict of all."""
        found = {entry.verdict for entry in self.shifts} | {entry.verdict for entry in self.promises}
        return DRIFTED if DRIFTED in found else LOOK if LOOK in found else STABLE


@functools.cache
def load_limits(path: Path = DRIFT) -> Limits:
    """The limits as declared. Raises ContentError with the place of everything that is wrong."""
    file = ContentFile(path)
    file.check(file.data, FILE, ())
    file.check(file.data["limits"], LIMITS, ("limits",))
    return Limits(**file.data["limits"])


def watch(model: GlassBox, policy: Policy, new: Cohort, *, limits: Limits | None = None, seed: int = 0) -> Watch:
    """New people beside those that a model was made from. Raises InputError where they are too few to say anything."""
    limits = limits or load_limits()
    if new.count < FEWEST_ROWS:
        what = "too few people to see whether anything has changed"
        raise InputError(Fault(what, file=new.file, given=str(new.count), allowed=f"at least {FEWEST_ROWS}"))
    labelled, silent = labelled_people(model, new)
    # A model is made from people who did well, who are not like all who come.
    looked_at = new if labelled is None else labelled.cohort
    codes = code_answers(looked_at.questionnaire, model.features, looked_at.answers)
    chance = np.random.default_rng(seed)
    shifts = [
        shift(feature.question, before, np.bincount(codes[:, j], minlength=len(before)), limits, chance)
        for j, (feature, before) in enumerate(zip(model.features, model.people, strict=True))
    ]
    promises = () if labelled is None else promises_of(model, policy, labelled, limits, seed)
    return Watch(
        looked_at.count,
        labelled is not None,
        tuple(sorted(shifts, key=lambda entry: -entry.psi)),
        promises,
        silent,
    )


def labelled_people(model: GlassBox, new: Cohort) -> tuple[Judged | None, str]:
    """Those with a label, or in words why nothing can be told by labels."""
    try:
        return with_labels(new, model.groups, success_of(model)), ""
    except InputError as error:
        return None, error.faults[0].message()


def shift(
    question: str, before: NDArray[np.int64], now: NDArray[np.int64], limits: Limits, chance: np.random.Generator
) -> Shift:
    """How far one question has moved from the counts `before` to the counts `now`, cell by cell."""
    found = float(stability_index(before, now))
    pooled = (before + now + PART_OF_A_PERSON) / (before + now + PART_OF_A_PERSON).sum()
    drawn = stability_index(
        chance.multinomial(before.sum(), pooled, DRAWS), chance.multinomial(now.sum(), pooled, DRAWS)
    )
    by_chance = float(np.quantile(drawn, 0.95))
    kinds = ((limits.question_drifted, DRIFTED), (limits.question_worth_a_look, LOOK))
    verdict = next((kind for limit, kind in kinds if found > max(limit, by_chance)), STABLE)
    return Shift(question, found, by_chance, verdict)


def stability_index(before: NDArray[np.int64], now: NDArray[np.int64]) -> NDArray[np.float64]:
    """The population stability index of counts (…, cells)."""
    old, new = (counts + PART_OF_A_PERSON for counts in (before, now))
    old, new = old / old.sum(axis=-1, keepdims=True), new / new.sum(axis=-1, keepdims=True)
    index: NDArray[np.float64] = ((new - old) * np.log(new / old)).sum(axis=-1)
    return index


def promises_of(model: GlassBox, policy: Policy, judged: Judged, limits: Limits, seed: int) -> tuple[Promise, ...]:
    """Coverage and calibration on new labels."""
    rows, said = judged.rows, verdicts(model, policy, judged.cohort).of_model()
    drawn = resample(rows.site, rows.person, seed=seed, resamples=RESAMPLES)
    figures = measures_of(drawn, rows, said)
    coverage, error = figures["coverage"].figure(), figures["ece"].figure()
    floor = float(np.mean([binned.expected_floor() for binned in step_bins(drawn, rows, said)]))
    promised = model.sets.coverage
    least, most = promised - limits.coverage_below_promise, floor + limits.calibration_above_floor
    return (
        Promise("coverage of the prediction sets", coverage, promised, kept(coverage.value, coverage.high, least, 1)),
        Promise("calibration error, mean of steps", error, floor, kept(error.value, error.low, most, -1)),
    )


def kept(value: float | None, kinder_end: float | None, limit: float, sign: int) -> str:
    """Drifted where even the kinder end of the interval breaks the limit, worth a look where the value does."""
    if kinder_end is not None and sign * kinder_end < sign * limit:
        return DRIFTED
    return LOOK if value is None or sign * value < sign * limit else STABLE
