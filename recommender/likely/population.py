"""A reference population: how common each answer is, and which answers go together. Small enough to read.

People belong to a few hidden classes. Inside a class the questions form a tree, and each question depends on the one
above it through one table. So the chance of any set of answers is a product of table entries, and what is unknown can
be drawn exactly, given all that is known (see `completing`).

A question has one state a choice; a count has one state a stretch of values, inside which all values are equally
likely. Where people were not asked, or left it open, there is one more state, the last: no answer.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import Fault, InputError
from recommender.questionnaire import Question, Questionnaire

Floats = NDArray[np.float64]
POPULATIONS = Path(__file__).resolve().parents[1] / "populations"
PACKAGED = POPULATIONS / "simulated.json"
FORMAT = 1
# Table entries are stored as whole numbers of this part of one, which is less than their chance error.
PARTS = 10_000
# What a stored 0 stands for: seldom, but not impossible, or an answer nobody expected would rule out everything else.
SELDOM = 0.1


@dataclass(frozen=True, eq=False)
class Variable:
    """One question in the tree.

    `starts` (s,) are the lowest values of its states and `ends` (s,) the highest, without the state "no answer", which
    is there if `blank`. `above` is the position of the question it depends on, or -1. `table` is (classes, states of
    the one above or 1, own states) and adds up to 1 along the last axis.
    """

    question: str
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    blank: bool
    above: int
    table: Floats

    @functools.cached_property
    def one_value_a_state(self) -> bool:
        """Whether no state is a stretch of several values."""
        return bool((self.starts == self.ends).all())

    @property
    def states(self) -> int:
        """How many states it has, "no answer" included."""
        return len(self.starts) + self.blank


@dataclass(frozen=True, eq=False)
class Population:
    """The whole model: `classes` (c,) are the shares of the hidden classes; a variable stands after the one above."""

    name: str
    date: str
    statement: str
    people: int
    seed: int | None
    classes: Floats
    variables: tuple[Variable, ...]
    hash: str = ""

    @functools.cached_property
    def position(self) -> dict[str, int]:
        """The place of each question among the variables."""
        return {variable.question: place for place, variable in enumerate(self.variables)}

    @functools.cached_property
    def cumulated(self) -> tuple[Floats, ...]:
        """By variable, (classes x states above, own states): the chances added up along each row."""
        return tuple(cumulated(v.table.reshape(-1, v.table.shape[2])) for v in self.variables)

    @property
    def origin(self) -> str:
        """The population in a few words, to stand beside every figure that comes from it."""
        return f"{self.name}, {self.date}"


def cumulated(chances: Floats) -> Floats:
    """Chances (rows, states) that need not add up to anything, added up along each row to 1; equal where all are 0."""
    sums = chances.cumsum(axis=1)
    total = sums[:, -1:]
    equal = np.arange(1, chances.shape[1] + 1) / chances.shape[1]
    shares: Floats = np.divide(sums, total, out=np.broadcast_to(equal, sums.shape).copy(), where=total > 0)
    return shares


def starts_and_ends(question: Question, starts: list[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and last value of each stretch that begins at one of `starts`."""
    low = np.array(starts, dtype=np.int64)
    return low, np.append(low[1:] - 1, question.maximum)


# --------------------------------------------------------------------------------------------------------------- files
def write_population(population: Population) -> str:
    """The population as JSON, one line a question."""
    head = {
        "format": FORMAT,
        "name": population.name,
        "date": population.date,
        "statement": population.statement,
        "people": population.people,
        "seed": population.seed,
        "classes": [round(float(share), 6) for share in population.classes],
    }
    lines = ",\n".join(json.dumps(variable_as_json(population, v), ensure_ascii=False) for v in population.variables)
    return json.dumps(head, indent=1, ensure_ascii=False).rstrip("\n}") + f',\n "variables": [\n{lines}\n]\n}}\n'


def variable_as_json(population: Population, variable: Variable) -> dict[str, Any]:
    above = population.variables[variable.above].question if variable.above >= 0 else None
    return {
        "question": variable.question,
        "above": above,
        "starts": variable.starts.tolist(),
        "blank": variable.blank,
        "table": in_parts(variable.table).tolist(),
    }


def in_parts(table: Floats) -> NDArray[np.int64]:
    """Chances as whole parts that add up to one exactly; what rounding leaves over goes to the largest."""
    parts = np.rint(table * PARTS).astype(np.int64)
    left = PARTS - parts.sum(axis=-1)
    np.put_along_axis(
        parts,
        parts.argmax(axis=-1)[..., None],
        np.take_along_axis(parts, parts.argmax(axis=-1)[..., None], axis=-1) + left[..., None],
        axis=-1,
    )
    return parts


def load_population(questionnaire: Questionnaire, path: Path = PACKAGED) -> Population:
    """The population of a file. Raises InputError where it does not fit the questionnaire."""
    try:
        text = path.read_bytes()
        data = json.loads(text)
        return read_population(questionnaire, data, hashlib.sha256(text).hexdigest())
    except OSError as error:
        raise InputError(Fault(f"cannot be read: {error.strerror}", file=path.name)) from None
    except (ValueError, KeyError, TypeError, IndexError) as error:
        what = f"is not a population: {error}" if isinstance(error, ValueError) else "is not a population"
        remedy = "Make one with `recommender likely fit`."
        raise InputError(Fault(what, file=path.name, remedy=remedy)) from None


def read_population(questionnaire: Questionnaire, data: Mapping[str, Any], digest: str) -> Population:
    """The population that a JSON document holds. Raises ValueError, KeyError or TypeError where it is none."""
    if data["format"] != FORMAT:
        raise ValueError(f"its format is {data['format']!r}; this program reads {FORMAT}")
    classes = np.array(data["classes"], dtype=np.float64)
    variables: list[Variable] = []
    places: dict[str, int] = {}
    for entry in data["variables"]:
        name = entry["question"]
        if name not in questionnaire.questions:
            raise ValueError(f"there is no question `{name}`")
        above = -1 if entry["above"] is None else places[entry["above"]]
        variable = read_variable(questionnaire.questions[name], entry, above)
        expected = (len(classes), variables[above].states if above >= 0 else 1, variable.states)
        if variable.table.shape != expected:
            raise ValueError(f"the table of `{name}` is {variable.table.shape} and not {expected}")
        places[name] = len(variables)
        variables.append(variable)
    return Population(
        name=data["name"],
        date=data["date"],
        statement=data["statement"],
        people=data["people"],
        seed=data["seed"],
        classes=classes / classes.sum(),
        variables=tuple(variables),
        hash=digest,
    )


def read_variable(question: Question, entry: Mapping[str, Any], above: int) -> Variable:
    starts, ends = starts_and_ends(question, entry["starts"])
    if starts[0] != question.minimum or (starts > ends).any() or ends[-1] < starts[-1]:
        raise ValueError(f"the states of `{question.id}` do not cover its answers")
    table = np.array(entry["table"], dtype=np.float64)
    if (table < 0).any() or (table.sum(axis=-1) == 0).any():
        raise ValueError(f"the table of `{question.id}` has chances that are none")
    table = np.where(table == 0, SELDOM, table)
    return Variable(question.id, starts, ends, bool(entry["blank"]), above, table / table.sum(axis=-1, keepdims=True))
