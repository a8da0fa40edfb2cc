"""A model as a JSON file, and back: read strictly, since a wrong number in it would be a wrong level.

Whoever changes the form: raise FORMAT, and let `read_model` refuse the older one in a sentence. Nothing here may ever
load code: a model is numbers and names. Python writes a float so that it reads back to the last bit.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, InputError
from recommender.glass_box.features import MOST_CELLS, Feature, reading_hash
from recommender.glass_box.sets import groups_in
from recommender.glass_box.tables import IOP, Floats, GlassBox, LevelGroup, SetRule
from recommender.levels import Ladder
from recommender.questionnaire import Questionnaire

FORMAT = 1
KIND = "glass box"
PREDICTS = "At which level similar people were placed and did well. Usual, never correct; it lowers no floor."
NOT_VALIDATED = "Not clinically validated. It supports a clinician's decision and never makes it."
REMEDY = "Train it again with `recommender model train`."
LARGEST_BYTES = 64 * 1024 * 1024


class _Wrong(Exception):
    """What is wrong with a model file, in words."""


def write_model(model: GlassBox, ladder: Ladder) -> str:
    """The model as JSON, one line a feature."""
    head = {
        "format": FORMAT,
        "kind": KIND,
        "predicts": PREDICTS,
        "statement": NOT_VALIDATED,
        "reading_hash": model.reading_hash,
        "ladder_hash": model.ladder_hash,
        "groups": [{"name": g.name, "levels": ladder.ids[g.lowest : g.highest + 1]} for g in model.groups],
        "intercepts": model.intercepts.tolist(),
        "sets": {
            "coverage": model.sets.coverage,
            "thresholds": model.sets.thresholds,
            "by": [model.features[place].question for place in model.sets.by],
            "widest": model.sets.widest,
        },
        "about": model.about,
    }
    parts = zip(model.features, model.tables, model.people, strict=True)
    lines = ",\n".join(json.dumps(_feature_as_json(*part), ensure_ascii=False, allow_nan=False) for part in parts)
    text = json.dumps(head, indent=1, ensure_ascii=False, allow_nan=False)
    return text.removesuffix("\n}") + f',\n "features": [\n{lines}\n]\n}}\n'


def _feature_as_json(feature: Feature, table: Floats, people: NDArray[np.int64]) -> dict[str, Any]:
    return {
        "question": feature.question,
        "ordered": feature.ordered,
        "cells": feature.cells,
        **({"ranges": feature.ranges} if feature.ranges else {}),
        "direction": feature.direction,
        "people": people.tolist(),
        "table": table.tolist(),
    }


def load_model(path: Path, questionnaire: Questionnaire, ladder: Ladder) -> GlassBox:
    """The model of a file. Raises InputError where it is damaged, or was made for other questions or levels."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise InputError(Fault(f"cannot be read: {error.strerror}", file=path.name)) from None
    return read_model(content, questionnaire, ladder, path.name)


def read_model(content: bytes, questionnaire: Questionnaire, ladder: Ladder, name: str = "the model") -> GlassBox:
    """The model that the bytes of a file hold; `name` stands in messages. Raises InputError like `load_model`."""
    try:
        if len(content) > LARGEST_BYTES:
            raise _Wrong("is larger than any model")
        data = json.loads(content, parse_constant=_no_constant)
        return _model(data, questionnaire, ladder, hashlib.sha256(content).hexdigest())
    except _Wrong as wrong:
        raise InputError(Fault(str(wrong), file=name, remedy=REMEDY)) from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError):
        raise InputError(Fault("is not a whole model file", file=name, remedy=REMEDY)) from None


def _no_constant(word: str) -> float:
    raise _Wrong(f"holds {word} where a number is due")


def _model(data: Mapping[str, Any], questionnaire: Questionnaire, ladder: Ladder, digest: str) -> GlassBox:
    if data["kind"] != KIND or data["format"] != FORMAT:
        raise _Wrong(f"is of a form that this program does not read; it reads form {FORMAT}")
    if data["ladder_hash"] != ladder.hash:
        raise _Wrong("was made for another version of the levels of care")
    features = tuple(_feature(entry, questionnaire) for entry in data["features"])
    names = [feature.question for feature in features]
    if len(set(names)) < len(names):
        raise _Wrong("reads a question twice")
    if data["reading_hash"] != reading_hash(questionnaire, names):
        raise _Wrong("was made for another version of the questionnaire")
    groups = _groups(data["groups"], ladder)
    steps = len(groups) - 1
    return GlassBox(
        groups=groups,
        features=features,
        tables=tuple(
            _table(entry["table"], (feature.unknown + 1, steps), f"the table of `{feature.question}`")
            for entry, feature in zip(data["features"], features, strict=True)
        ),
        people=tuple(
            _table(entry["people"], (feature.unknown + 1,), f"the counts of `{feature.question}`").astype(np.int64)
            for entry, feature in zip(data["features"], features, strict=True)
        ),
        intercepts=_table(data["intercepts"], (steps,), "the list of intercepts"),
        sets=_sets(data["sets"], features, names, len(groups)),
        reading_hash=data["reading_hash"],
        ladder_hash=data["ladder_hash"],
        about=dict(data["about"]),
        hash=digest,
    )


def _feature(entry: Mapping[str, Any], questionnaire: Questionnaire) -> Feature:
    question = questionnaire.questions.get(entry["question"])
    if question is None:
        raise _Wrong("was made for another version of the questionnaire: it reads a question that is not there")
    if question.use == "audit" or question.known_at != "intake":
        raise _Wrong(f"reads `{question.id}`, which no model may read")
    cells, ranges = tuple(map(int, entry["cells"])), tuple((int(a), int(b)) for a, b in entry.get("ranges", ()))
    feature = Feature(question.id, bool(entry["ordered"]), cells, int(entry["direction"]), ranges)
    rising = all(a < b for a, b in zip(feature.cells, feature.cells[1:], strict=False))
    inside = feature.cells and feature.cells[0] == question.minimum and feature.cells[-1] <= question.maximum
    if len(feature.cells) < 2 or feature.unknown > MOST_CELLS or (feature.ordered and not (rising and inside)):
        raise _Wrong(f"has cells for `{question.id}` that do not cover its answers")
    if ranges and not (feature.ordered and all(0 <= first < last < len(cells) for first, last in ranges)):
        raise _Wrong(f"has ranges for `{question.id}` that are none of its cells")
    return feature


def _groups(entries: Any, ladder: Ladder) -> tuple[LevelGroup, ...]:
    groups = []
    for entry in entries:
        ranks = [ladder.ids.index(name) for name in entry["levels"]]
        groups.append(LevelGroup(entry["name"], ranks[0], ranks[-1]))
    covered = [rank for group in groups for rank in range(group.lowest, group.highest + 1)]
    if len(groups) < 2 or covered != list(range(len(ladder.ids))):
        raise _Wrong("has groups of levels that do not cover the ladder once")
    if not any(group.name == IOP and ladder.ids[group.lowest : group.highest + 1] == (IOP,) for group in groups):
        raise _Wrong("has no group that is the intensive outpatient level alone")
    return tuple(groups)


def _table(entry: Any, shape: tuple[int, ...], what: str) -> Floats:
    table = np.array(entry, dtype=np.float64)
    if table.shape != shape:
        raise _Wrong(f"has the wrong size: {what} is {table.shape} and not {shape}")
    if not np.isfinite(table).all():
        raise _Wrong(f"holds a number that is none (NaN or infinite): {what}")
    return table


def _sets(entry: Mapping[str, Any], features: tuple[Feature, ...], names: list[str], levels: int) -> SetRule:
    by = tuple(names.index(name) for name in entry["by"])
    thresholds = tuple(_table(entry["thresholds"], (groups_in(features, by),), "the list of thresholds").tolist())
    coverage, widest = float(entry["coverage"]), int(entry["widest"])
    if not 0 < coverage < 1 or not 1 <= widest <= levels or min(thresholds) <= 0 or not math.isfinite(coverage):
        raise _Wrong("has prediction sets that cannot be")
    return SetRule(coverage, thresholds, widest, by)
