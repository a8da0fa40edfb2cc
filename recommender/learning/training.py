"""The glass box trained on plain arrays: every step in every fold, averaged, calibrated, with prediction sets.

Nothing is judged on the people it was made from. Folds never split a group of rows that belong together (the same
person). The tables of the folds are averaged; the people left out of each fold choose the number of trees and give the
calibration; people left out of all folds give the prediction sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, InputError
from recommender.glass_box.features import Codes, Feature
from recommender.glass_box.sets import group_of, groups_in, mass_before
from recommender.glass_box.tables import GlassBox, LevelGroup, SetRule, level_chances, logistic
from recommender.learning.boosting import Growth, Staged, fit_step, offsets, staged_log_odds
from recommender.learning.splits import fold_of

Floats = NDArray[np.float64]
Ranks = NDArray[np.int8]
Progress = Callable[[int, int], None]
# People of each fold that choose the number of trees: enough to tell one number from the next.
JUDGES = 20_000
# With fewer calibration people than this, a group takes the threshold of everybody.
SMALLEST_SET_GROUP = 300
# Below this many people none is set aside for the sets; those left out of each fold give them too.
FEW_PEOPLE = 5_000
SURE = 2.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is made. `by` names the questions whose groups get prediction sets of their own.

    A set of more than `widest` levels says too little, and the model abstains; if None, of more than half of them.
    """

    growth: Growth = field(default_factory=Growth)
    folds: int = 4
    set_share: float = 0.2
    coverage: float = 0.9
    widest: int | None = None
    by: tuple[str, ...] = ()
    seed: int = 1
    jobs: int = 1

    @property
    def told(self) -> dict[str, Any]:
        """What a model file says of it: all that decides the model, so not how many cores there were."""
        return {name: value for name, value in asdict(self).items() if name != "jobs"}

    def widest_of(self, levels: int) -> int:
        """The most levels that a set may have and still say something."""
        return min(self.widest or max(2, levels // 2), levels)


def quick(recipe: Recipe) -> Recipe:
    """A recipe for a first look: fewer folds and trees."""
    return replace(recipe, growth=replace(recipe.growth, iterations=100, learning_rate=0.4, stages=5), folds=2)


@dataclass(frozen=True, eq=False)
class People:
    """Who is learned from: codes (n, f), the group of levels where each was placed (n,), and who is who (n,).

    Rows with the same number in `person` stay together. `weights` (n,) say how much each row counts.
    """

    codes: Codes
    labels: Ranks
    person: NDArray[np.int64]
    weights: Floats | None = None

    def take(self, rows: NDArray[Any]) -> People:
        """Some of the people, by position or truth."""
        weights = None if self.weights is None else self.weights[rows]
        return People(self.codes[rows], self.labels[rows], self.person[rows], weights)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Steps:
    """The averaged tables of all steps before calibration, and what each row's own fold did not see.

    `table` is (cells, steps), `intercept` (steps,), `left_out` (n, steps): log odds by the fold that left a row out;
    `trees` says how many trees each step has.
    """

    table: Floats
    intercept: Floats
    left_out: Floats
    trees: tuple[int, ...]


def train(
    people: People,
    features: Sequence[Feature],
    groups: Sequence[LevelGroup],
    recipe: Recipe,
    *,
    hashes: tuple[str, str] = ("", ""),
    about: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> GlassBox:
    """The glass box of some people.

    `hashes` are those of the questions as read and of the ladder, and `about` tells whoever opens the file where it
    came from. Raises InputError where a level has too few people to learn from.
    """
    check(people, groups, recipe)
    few = len(people) < FEW_PEOPLE
    aside = (
        np.zeros(len(people), bool) if few else fold_of(people.person, round(1 / recipe.set_share), recipe.seed) == 0
    )
    learned = people.take(~aside)
    steps = learn_steps(learned, features, len(groups), recipe, progress)
    slope, offset = calibration(steps.left_out, learned)
    tables = [part * slope for part in np.split(steps.table, offsets(features)[1:-1])]
    counts = [cells_counted(learned.codes[:, j], feature) for j, feature in enumerate(features)]
    tables = [never_seen(f, t, c) for f, t, c in zip(features, tables, counts, strict=True)]
    tables, intercepts = centred(tables, counts, steps.intercept * slope + offset)
    by = tuple(place for place, feature in enumerate(features) if feature.question in recipe.by)
    model = GlassBox(
        groups=tuple(groups),
        features=tuple(features),
        tables=tuple(tables),
        people=tuple(counts),
        intercepts=intercepts,
        sets=SetRule(recipe.coverage, (SURE,) * groups_in(features, by), recipe.widest_of(len(groups)), by),
        reading_hash=hashes[0],
        ladder_hash=hashes[1],
        about={**(about or {}), "recipe": recipe.told, "trees": steps.trees, **calibration_told(slope, offset)},
    )
    if few:
        chances = level_chances(np.sort(logistic(steps.left_out * slope + offset), axis=1)[:, ::-1])
        return with_sets(model, learned, chances)
    judged = people.take(aside)
    return with_sets(model, judged, model.probabilities(judged.codes))


def calibration_told(slope: Floats, offset: Floats) -> dict[str, Any]:
    return {"calibration": {"slope": slope.tolist(), "offset": offset.tolist(), "note": "already in the tables"}}


def check(people: People, groups: Sequence[LevelGroup], recipe: Recipe) -> None:
    """Raises InputError where there is nothing to tell apart, or too few people at a level for every fold."""
    counts = np.bincount(people.labels, minlength=len(groups))
    if np.count_nonzero(counts) < 2:
        what = "everybody was placed at one level, so there is nothing to learn"
        raise InputError(Fault(what, remedy="Give a cohort with several levels."))
    needed = 5 * recipe.folds
    thin = [group.name for group, count in zip(groups, counts, strict=True) if count < needed]
    if thin:
        what = f"too few people who did well were placed at: {', '.join(thin)}"
        remedy = "Merge levels with --groups, or give more people."
        raise InputError(Fault(what, allowed=f"at least {needed} people at each level", remedy=remedy))


def learn_steps(
    people: People, features: Sequence[Feature], levels: int, recipe: Recipe, progress: Progress | None = None
) -> Steps:
    """Every step in every fold: tables averaged over the folds, and log odds for the rows that each fold left out."""
    folds = fold_of(people.person, recipe.folds, recipe.seed)
    found: dict[tuple[int, int], Staged] = {}
    for (step, fold), staged in fitted(people, features, levels, folds, recipe):
        found[step, fold] = staged
        if progress:
            progress(len(found), (levels - 1) * recipe.folds)
    cells = int(offsets(features)[-1])
    table, intercept = np.zeros((cells, levels - 1)), np.zeros(levels - 1)
    left_out = np.empty((len(people), levels - 1))
    trees = []
    for step in range(levels - 1):
        of_step = [found[step, fold] for fold in range(recipe.folds)]
        stage = best_stage(people, features, of_step, folds, step)
        trees.append(recipe.growth.kept[stage])
        table[:, step] = np.mean([staged.table[stage] for staged in of_step], axis=0)
        intercept[step] = np.mean([staged.intercept[stage] for staged in of_step])
        for fold, staged in enumerate(of_step):
            rows = np.flatnonzero(folds == fold)
            chosen = Staged(staged.table[stage : stage + 1], staged.intercept[stage : stage + 1])
            left_out[rows, step] = staged_log_odds(features, chosen, people.codes[rows])[0]
    return Steps(table, intercept, left_out, tuple(trees))


def fitted(
    people: People, features: Sequence[Feature], levels: int, folds: NDArray[np.intp], recipe: Recipe
) -> Iterator[tuple[tuple[int, int], Staged]]:
    """The tables of each step and fold as they are finished, on as many cores as `recipe.jobs`."""
    from joblib import Parallel, delayed

    tasks = [(step, fold) for fold in range(recipe.folds) for step in range(levels - 1)]
    run = Parallel(n_jobs=recipe.jobs, return_as="generator")
    made = run(delayed(_fit)(people, features, folds, task, recipe) for task in tasks)
    yield from zip(tasks, made, strict=True)


def _fit(
    people: People, features: Sequence[Feature], folds: NDArray[np.intp], task: tuple[int, int], recipe: Recipe
) -> Staged:
    from threadpoolctl import threadpool_limits

    step, fold = task
    seen = people.take(folds != fold)
    # Tasks share the cores, one each: threads inside them would wait for one another on a busy machine.
    with threadpool_limits(1):
        growth = recipe.growth.for_people(len(seen))
        return fit_step(features, seen.codes, seen.labels > step, seen.weights, growth, recipe.seed)


def best_stage(
    people: People, features: Sequence[Feature], of_step: Sequence[Staged], folds: NDArray[np.intp], step: int
) -> int:
    """The stage with the least log loss on the people that each fold left out."""
    loss: Floats = np.zeros(len(of_step[0].intercept))
    for fold, staged in enumerate(of_step):
        judges = np.flatnonzero(folds == fold)[:JUDGES]
        log_odds = staged_log_odds(features, staged, people.codes[judges])
        signs = np.where(people.labels[judges] > step, -1.0, 1.0)
        weights = np.ones(len(judges)) if people.weights is None else people.weights[judges]
        loss += (np.logaddexp(0, signs * log_odds) * weights).sum(axis=1)
    return int(loss.argmin())


def calibration(left_out: Floats, people: People) -> tuple[Floats, Floats]:
    """By step, the slope and offset that make the log odds of people who were left out right (Platt's map)."""
    from sklearn.linear_model import LogisticRegression

    steps = left_out.shape[1]
    slope, offset = np.zeros(steps), np.zeros(steps)
    for step in range(steps):
        fit = LogisticRegression(C=1e6, max_iter=200)
        fit.fit(left_out[:, step : step + 1], people.labels > step, sample_weight=people.weights)
        # Below 0 it would turn the directions round; that happens only where nothing was learned.
        slope[step] = max(0.0, float(fit.coef_[0, 0]))
        offset[step] = float(fit.intercept_[0])
    return slope, offset


def cells_counted(codes: NDArray[np.uint8], feature: Feature) -> NDArray[np.int64]:
    return np.bincount(codes, minlength=feature.unknown + 1).astype(np.int64)


def never_seen(feature: Feature, table: Floats, people: NDArray[np.int64]) -> Floats:
    """The table with the cells that nobody was in, who was learned from, counting as unknown.

    Trees would put them with their neighbours: if all who answered said yes, a no would count as a yes. The direction
    of the question still holds.
    """
    told = table.copy()
    for cell in np.flatnonzero(people[:-1] == 0):
        told[cell] = table[-1]
        if feature.direction and people[:-1].any():
            first = int(np.flatnonzero(people[:-1])[0])
            bound = np.minimum if (feature.direction > 0) == (cell < first) else np.maximum
            told[cell] = bound(told[cell], table[first])
    return told


def centred(
    tables: Sequence[Floats], counts: Sequence[NDArray[np.int64]], intercepts: Floats
) -> tuple[list[Floats], Floats]:
    """Tables relative to the average person; what nobody left unknown says nothing where it is unknown later."""
    result, total = [], intercepts.copy()
    for table, count in zip(tables, counts, strict=True):
        mean = count @ table / count.sum()
        moved = table - mean
        if not count[-1]:
            moved[-1] = 0
        result.append(moved)
        total += mean
    return result, total


def with_sets(model: GlassBox, people: People, chances: Floats) -> GlassBox:
    """The model with the thresholds that give its prediction sets their coverage on these people, group by group."""
    rule = model.sets
    scores = mass_before(chances)[np.arange(len(people)), people.labels]
    group = group_of(model.features, rule.by, people.codes)
    everybody = threshold(scores, rule.coverage)
    thresholds = [everybody] * len(rule.thresholds)
    for place in np.unique(group):
        own = scores[group == place]
        if len(own) >= SMALLEST_SET_GROUP:
            thresholds[place] = threshold(own, rule.coverage)
    return replace(model, sets=replace(rule, thresholds=tuple(thresholds)))


def threshold(scores: Floats, coverage: float) -> float:
    """Just above the score that a new person stays below with the chance `coverage` (split conformal)."""
    place = int(np.ceil((len(scores) + 1) * coverage))
    return SURE if place > len(scores) else float(np.nextafter(np.partition(scores, place - 1)[place - 1], SURE))
