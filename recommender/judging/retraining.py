"""The same model made again: without a site, for later periods from earlier ones, or from ever fewer people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import InputError
from recommender.evaluation.elsewhere import Elsewhere, in_later_periods, with_fewer_people, without_each_site
from recommender.evaluation.held_out import Witnessed
from recommender.glass_box.features import Codes
from recommender.glass_box.sets import prediction_sets
from recommender.glass_box.tables import GlassBox
from recommender.judging.judged import Judged, Split
from recommender.learning.boosting import Growth
from recommender.learning.training import People, Progress, Recipe, quick, train

# More people than this make every trial slower and its figures hardly surer.
MOST_PEOPLE = 50_000
FEWEST_PEOPLE = 250
SITES = 10
SIZES = 6
RETRAINED = "Model"


@dataclass(frozen=True)
class Trials:
    """Where the model was never: each row is a model of its own, tried on people that it did not see."""

    sites: tuple[Elsewhere, ...] = ()
    periods: tuple[Elsewhere, ...] = ()
    learning: tuple[Elsewhere, ...] = ()


def trials(
    model: GlassBox,
    split: Split,
    codes: Codes,
    *,
    hasty: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Trials:
    """The trials on everybody with a label, coded as (n, f). `hasty` makes each model in a fraction of the time."""
    recipe = replace(recipe_of(model.about["recipe"]), jobs=jobs)
    some = some_people(split.everybody.rows.count, recipe.seed)
    people = split.everybody.take(some)
    judged = np.flatnonzero(np.isin(some, split.places))
    sizes = sizes_up_to(people.rows.count - len(judged))
    periods = people.cohort.period_names
    every = SITES + max(len(periods) - 1, 0) + len(sizes)
    fit = Retrain(model, people, codes[some], quick(recipe) if hasty else recipe, every, progress)
    return Trials(
        without_each_site(people.rows, fit, sites=SITES, seed=recipe.seed),
        in_later_periods(people.rows, people.cohort.period, periods, fit, seed=recipe.seed),
        with_fewer_people(people.rows, fit, judged, sizes, seed=recipe.seed) if len(judged) else (),
    )


class Retrain:
    """Makes the model again from some rows and says what it says of others; None where they are too few."""

    def __init__(
        self, model: GlassBox, people: Judged, codes: Codes, recipe: Recipe, every: int, progress: Progress | None
    ) -> None:
        self.model, self.recipe = model, recipe
        cohort = people.cohort
        self.people = People(codes, people.rows.label.astype(np.int8), cohort.person, cohort.weight)
        self.every, self.done, self.progress = every, 0, progress

    def __call__(self, learned: NDArray[Any], tried: NDArray[Any]) -> Witnessed | None:
        """What a model made from the rows `learned` says of the rows `tried`."""
        self.done += 1
        if self.progress:
            self.progress(self.done, max(self.every, self.done))
        try:
            made = train(self.people.take(learned), self.model.features, self.model.groups, self.recipe)
        except InputError:
            # Told as a row without figures: too few people at some level.
            return None
        codes = self.people.codes[tried]
        chances = made.probabilities(codes)
        low, high = prediction_sets(made.sets, made.features, codes, chances)
        return Witnessed(RETRAINED, chances.argmax(axis=1).astype(np.int8), chances, low, high)


def recipe_of(told: Mapping[str, Any]) -> Recipe:
    """The recipe that a model's file tells."""
    return Recipe(**{**told, "growth": Growth(**told["growth"]), "by": tuple(told["by"])})


def some_people(count: int, seed: int) -> NDArray[np.intp]:
    """The positions of at most MOST_PEOPLE of `count` people, in their order."""
    if count <= MOST_PEOPLE:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).permutation(count)[:MOST_PEOPLE])


def sizes_up_to(most: int) -> tuple[int, ...]:
    """Numbers of people, each about as many times the one before, up to `most`."""
    if most < 2 * FEWEST_PEOPLE:
        return (most,) if most >= FEWEST_PEOPLE else ()
    return tuple(np.unique(np.geomspace(FEWEST_PEOPLE, most, SIZES).round().astype(int)).tolist())
