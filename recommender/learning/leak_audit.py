"""A diagnostic: how well a model *would* seem to do if it could see what it must not. It makes no model to use.

Each group of forbidden columns is added to what may be seen, and then all that came before it: a staircase. A step up
does not say that a column helps at intake; it says how far whoever lets it in would deceive themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.batch.places import find_tables
from recommender.errors import Fault, InputError
from recommender.glass_box.features import code_answers
from recommender.glass_box.tables import IOP, LevelGroup
from recommender.learning.boosting import as_numbers
from recommender.learning.cohort import Cohort
from recommender.learning.features import find_features
from recommender.learning.leak import LeakGroup, group_of, load_leaks
from recommender.learning.level_groups import labels_of, level_groups
from recommender.learning.splits import fold_of
from recommender.table_file import PARQUET

Floats = NDArray[np.float64]
FOLDS = 5
FEWEST_OF_A_LEVEL = 25
# The placement itself is no step: with it, everything is known.
LEFT_OUT = ("placement",)
# A column with more different values tells who somebody is, and boosting takes no more categories.
MOST_VALUES = 200


@dataclass(frozen=True)
class LeakStep:
    """One step: what was added, the AUC of each level against the others, their mean, and that of IOP."""

    group: str
    title: str
    why: str
    columns: tuple[str, ...]
    macro: float
    iop: float
    alone_macro: float
    alone_iop: float


@dataclass(frozen=True)
class LeakAudit:
    """The staircase of a cohort; the first step is what may be seen. `missing` names groups that the table has not."""

    people: int
    levels: tuple[str, ...]
    steps: tuple[LeakStep, ...]
    missing: tuple[str, ...]


def audit_leaks(
    source: Path, cohort: Cohort, *, seed: int = 1, progress: Callable[[int], None] | None = None
) -> LeakAudit:
    """The audit of a cohort that was read from `source`, whose forbidden columns are read here and nowhere else.

    Raises InputError where too few people have a known placement, or no forbidden column is there at all.
    """
    rows = np.flatnonzero(cohort.level_placed >= 0)
    if len(rows) < 10 * FOLDS:
        what = "too few people have a known placement"
        raise InputError(Fault(what, file=cohort.file, given=f"{len(rows)}", allowed=f"at least {10 * FOLDS}"))
    people = cohort.take(rows)
    groups = level_groups(people.levels, people.level_placed, fewest=FEWEST_OF_A_LEVEL)
    labels = labels_of(groups, people.level_placed)
    found = forbidden_columns(source, people)
    tried = [group for group in load_leaks() if group.name not in LEFT_OUT]
    by_group = {group.name: {n: c for n, c in found.items() if belongs(n, group)} for group in tried}
    there = [group for group in tried if by_group[group.name]]
    if not there:
        what = "the table has none of the columns that no model may see, so there is nothing to audit"
        raise InputError(Fault(what, file=cohort.file, remedy="For TEDS: import it with --for-leak-audit."))
    trial = Trial(people, labels, groups, seed)
    steps = tuple(staircase(trial, there, by_group, progress))
    missing = tuple(group.title for group in tried if group not in there)
    return LeakAudit(len(people.ids), tuple(group.name for group in groups), steps, missing)


def staircase(
    trial: Trial,
    groups: Sequence[LeakGroup],
    columns: Mapping[str, Mapping[str, NDArray[np.int64]]],
    progress: Callable[[int], None] | None,
) -> Iterator[LeakStep]:
    """What may be seen; then group after group added to it, and each by itself."""
    macro, iop = trial.auc([])
    yield LeakStep("allowed", "what is known at intake", "", (), macro, iop, macro, iop)
    added: list[NDArray[np.int64]] = []
    for number, group in enumerate(groups):
        own = list(columns[group.name].values())
        added += own
        together, alone = trial.auc(added), trial.auc(own)
        yield LeakStep(group.name, group.title, group.why, tuple(columns[group.name]), *together, *alone)
        if progress:
            progress(number + 1)


class Trial:
    """Boosting without any restriction, tried on people who were left out; rows of a person stay together."""

    def __init__(self, people: Cohort, labels: NDArray[np.int8], groups: Sequence[LevelGroup], seed: int) -> None:
        features = find_features(people.questionnaire, people.answers)
        codes = code_answers(people.questionnaire, features, people.answers)
        self.allowed = as_numbers(features, codes).astype(np.float64)
        self.labels, self.groups, self.seed = labels, groups, seed
        self.fold = fold_of(people.person, FOLDS, seed)

    def auc(self, added: Sequence[NDArray[np.int64]]) -> tuple[float, float]:
        """The mean AUC over levels, and that of intensive outpatient, with some columns added."""
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.metrics import roc_auc_score

        columns = np.column_stack([self.allowed, *(np.where(c < 0, np.nan, c) for c in added)])
        categorical = [False] * self.allowed.shape[1] + [True] * len(added)
        chances = np.zeros((len(self.labels), len(self.groups)))
        for number in range(FOLDS):
            learned, judged = self.fold != number, self.fold == number
            model = HistGradientBoostingClassifier(
                max_iter=60, categorical_features=categorical, early_stopping=False, random_state=self.seed
            )
            model.fit(columns[learned], self.labels[learned])
            chances[np.ix_(judged, model.classes_.astype(int))] = model.predict_proba(columns[judged])
        scores = [roc_auc_score(self.labels == level, chances[:, level]) for level in range(len(self.groups))]
        iop = next(place for place, group in enumerate(self.groups) if group.name == IOP)
        return float(np.mean(scores)), float(scores[iop])


def belongs(name: str, group: LeakGroup) -> bool:
    found = group_of(name)
    return found is not None and found.name == group.name


def forbidden_columns(source: Path, people: Cohort) -> dict[str, NDArray[np.int64]]:
    """The forbidden columns of the table (n,) by name, as numbers of their different values; -1 is blank."""
    table = text_columns(source)
    ids = table.pop("id", None)
    place = {text: row for row, text in enumerate(ids)} if ids is not None else {}
    rows = [place[text] for text in people.ids.tolist()] if place else list(range(len(people.ids)))
    found = {}
    for name, texts in table.items():
        values, codes = np.unique(np.array([texts[row] or "" for row in rows], dtype=str), return_inverse=True)
        if 1 < len(values) <= MOST_VALUES:
            found[name] = np.where(values[codes.reshape(-1)] == "", -1, codes.reshape(-1))
        elif len(values) > MOST_VALUES:
            found[name] = binned(texts, rows)
    return found


def binned(texts: Sequence[Any], rows: Sequence[int]) -> NDArray[np.int64]:
    """A column of many numbers in tenths; -1 where it is none."""
    numbers = np.array([number_of(texts[row]) for row in rows])
    known = np.isfinite(numbers)
    if not known.any():
        return np.full(len(rows), -1, np.int64)
    ends = np.unique(np.quantile(numbers[known], np.linspace(0, 1, 11)[1:-1]))
    return np.where(known, np.searchsorted(ends, numbers, side="right"), -1).astype(np.int64)


def number_of(text: Any) -> float:
    """The number of a text, the lower of a range; NaN for another text."""
    try:
        return float(str(text).split("..")[0])
    except ValueError:
        return float("nan")


def text_columns(source: Path) -> dict[str, list[Any]]:
    """The id and the forbidden columns of a table as texts."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    parts: dict[str, list[Any]] = {}
    for place in find_tables(str(source)):
        form = "parquet" if place.suffix == PARQUET else "csv"
        dataset = ds.dataset(place.url, format=form)
        wanted = [name for name in dataset.schema.names if name == "id" or group_of(name) is not None]
        table = dataset.to_table(columns=wanted)
        for name in wanted:
            parts.setdefault(name, []).extend(table.column(name).cast(pa.string()).to_pylist())
    return parts
