"""The declaration of `content/outcomes.yaml`: how simulated people are placed, and what each level does for them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recommender.cohort_columns import load_cohort_columns
from recommender.content_file import CONTENT, ContentFile, FaultList, Path_
from recommender.errors import did_you_mean
from recommender.levels import load_levels
from recommender.questionnaire_file import load_questionnaire, read_expression
from recommender.rules.tree import Node
from recommender.shape import (
    ANYTHING,
    DATE,
    NUMBER,
    TEXT,
    WHOLE,
    WORD,
    Key,
    Shape,
    entry_of,
    list_of,
    mapping_of,
    one_of,
)
from recommender.simulation.model import Floats

OUTCOMES = CONTENT / "outcomes.yaml"
KINDS = ("visits", "intensive", "bed")
# What each response is called, and what it is said of.
RESPONSES = ("retained_30", "retained_90", "completed", "transferred")

NUMBERS = mapping_of(NUMBER)
TERM: Shape = {
    "is": Key(TEXT, "An expression of the rules language.", required=True),
    "per": Key(NUMBER, "What its value is divided by; 1 if not given."),
}
CIRCUMSTANCES: Shape = {
    "source": Key(TEXT, "Where the figures come from.", required=True),
    "drawn_with_seed": Key(WHOLE, "The seed of all effects.", required=True),
    "states": Key(list_of(TEXT), "The states, all of one size.", required=True),
    "sites_a_state": Key(WHOLE, "How many sites each has.", required=True),
    "periods": Key(list_of(TEXT), "The periods in order, all of one size.", required=True),
    "beds_full": Key(NUMBERS, "How often beds are full, and what that does to a bed's utility.", required=True),
    "state": Key(NUMBERS, "Spread of the effects of a state.", required=True),
    "site": Key(NUMBERS, "Spread of the effects of a site.", required=True),
    "payer": Key(mapping_of(ANYTHING), "Effects of a payer; none for those not named.", required=True),
}
PLACED: Shape = {
    "percent": Key(NUMBER, "How many of 100 are placed at the level.", required=True),
    "source": Key(TEXT, "Where that comes from.", required=True),
    "kind": Key(one_of(*KINDS), "Which circumstances touch it.", required=True),
    "intercept": Key(NUMBER, "Fitted to the percent.", required=True),
    "weights": Key(NUMBERS, "By term."),
}
ANSWERED: Shape = {
    "percent": Key(NUMBER, "How many of 100 of those placed there have the outcome.", required=True),
    "intercept": Key(NUMBER, "Fitted to the percent.", required=True),
    "weights": Key(NUMBERS, "By term."),
}
RESPONSE: Shape = {
    "source": Key(TEXT, "Where the percents come from.", required=True),
    "note": Key(TEXT, "What it is said of."),
    "levels": Key(mapping_of(entry_of(ANSWERED)), "The response at each level.", required=True),
}
OUTCOME_FILE: Shape = {
    "outcomes": Key(TEXT, "The name of the declaration.", required=True),
    "version": Key(WORD, "Its version.", required=True),
    "date": Key(DATE, "Its day.", required=True),
    "statement": Key(TEXT, "What it is good for.", required=True),
    "sources": Key(mapping_of(TEXT), "Where figures come from.", required=True),
    "terms": Key(mapping_of(entry_of(TERM)), "Numbers about a person.", required=True),
    "circumstances": Key(entry_of(CIRCUMSTANCES), "State, site, period and payer.", required=True),
    "placement": Key(mapping_of(ANYTHING), "How people are placed.", required=True),
    "responses": Key(mapping_of(entry_of(RESPONSE)), "What comes of it.", required=True),
    "other_ends": Key(NUMBERS, "Why care ended for the rest, in percent.", required=True),
    "completing_like_staying": Key(NUMBER, "For how many of 100 both hang on one chance.", required=True),
}


@dataclass(frozen=True, slots=True)
class Linear:
    """For each of k levels an intercept (k,) and weights (terms, k) of a logistic formula."""

    intercept: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class Circumstances:
    """States, sites and periods by name, and how far they pull: by kind of effect (`beds`, `intensive`, `result`).

    The spreads are of normal numbers drawn with `seed`; `payer` gives effects by payer and kind. In `full_share` of the
    periods of a site its beds are full, which adds `full_utility` to each level with a bed.
    """

    states: tuple[str, ...]
    sites: tuple[str, ...]
    periods: tuple[str, ...]
    sites_a_state: int
    seed: int
    spread_state: Mapping[str, float]
    spread_site: Mapping[str, float]
    payer: Mapping[str, Mapping[str, float]]
    full_share: float
    full_utility: float


@dataclass(frozen=True)
class Responses:
    """The whole declaration; `levels` are the k levels at which people are placed, in order of rank."""

    version: str
    hash: str
    statement: str
    levels: tuple[str, ...]
    ranks: tuple[int, ...]
    kinds: tuple[str, ...]
    percent: Floats
    terms: Mapping[str, tuple[Node, float]]
    circumstances: Circumstances
    at_random: float
    placement: Linear
    responses: Mapping[str, Linear]
    response_percent: Mapping[str, Floats]
    other_ends: Mapping[str, float]
    shared_chance: float


@functools.cache
def load_responses(path: Path = OUTCOMES) -> Responses:
    """The declaration of a YAML file. Raises ContentError with the place of everything that is wrong."""
    file = ContentFile(path)
    file.check(file.data, OUTCOME_FILE, ())
    return _Reader(file).responses()


class _Reader(FaultList):
    def __init__(self, file: ContentFile) -> None:
        super().__init__()
        self.file, self.data = file, file.data

    def responses(self) -> Responses:
        data, placement = self.data, self.data["placement"]
        self.sound(self.file, data["circumstances"], CIRCUMSTANCES, ("circumstances",))
        ladder, entries = load_levels(), placement["levels"]
        self.check_levels(ladder.ids, entries, ("placement", "levels"))
        for name in entries:
            self.sound(self.file, entries[name], PLACED, ("placement", "levels", name))
        terms = {name: self.term(name, entry) for name, entry in data["terms"].items()}
        for name in (*RESPONSES, *data["responses"]):
            self.check_response(name, entries)
        self.check_ends()
        self.close()
        levels = tuple(sorted(entries, key=ladder.ids.index))
        return Responses(
            version=str(data["version"]),
            hash=self.file.hash,
            statement=data["statement"],
            levels=levels,
            ranks=tuple(ladder.ids.index(name) for name in levels),
            kinds=tuple(entries[name]["kind"] for name in levels),
            percent=np.array([entries[name]["percent"] for name in levels]) / 100,
            terms=terms,
            circumstances=circumstances(data["circumstances"]),
            at_random=placement["at_random"] / 100,
            placement=linear(entries, levels, tuple(terms)),
            responses={name: linear(data["responses"][name]["levels"], levels, tuple(terms)) for name in RESPONSES},
            response_percent={
                name: np.array([data["responses"][name]["levels"][level]["percent"] for level in levels]) / 100
                for name in RESPONSES
            },
            other_ends={name: share / 100 for name, share in data["other_ends"].items()},
            shared_chance=data["completing_like_staying"] / 100,
        )

    def term(self, name: str, entry: dict[str, Any]) -> tuple[Node, float]:
        path: Path_ = ("terms", name)
        self.file.check(entry, TERM, path)
        node = read_expression(self.file, (*path, "is"), entry["is"], load_questionnaire().scope, None)
        return node, float(entry.get("per", 1))

    def check_levels(self, known: tuple[str, ...], entries: Mapping[str, Any], path: Path_) -> None:
        for name in entries:
            if name not in known:
                self.faults.append(
                    self.file.fault(f"there is no level `{name}`", (*path, name), allowed=", ".join(known))
                )

    def check_response(self, name: str, placed: Mapping[str, Any]) -> None:
        path: Path_ = ("responses", name)
        entry = self.data["responses"].get(name)
        if entry is None or name not in RESPONSES:
            self.faults.append(self.file.fault(f"the response `{name}` is missing or unknown", path))
            return
        self.sound(self.file, entry, RESPONSE, path)
        if set(entry["levels"]) != set(placed):
            what = "a response needs exactly the levels that people are placed at"
            self.faults.append(self.file.fault(what, path, allowed=", ".join(placed)))
        for level, formula in entry["levels"].items():
            self.sound(self.file, formula, ANSWERED, (*path, "levels", level))
            self.check_terms(formula.get("weights", {}), (*path, "levels", level, "weights"))

    def check_terms(self, weights: Mapping[str, float], path: Path_) -> None:
        for term in weights:
            if term not in self.data["terms"]:
                hint = did_you_mean(term, self.data["terms"])
                self.faults.append(self.file.fault(f"there is no term `{term}`", path, remedy=hint))

    def check_ends(self) -> None:
        reasons = load_cohort_columns().reasons
        for name in self.data["other_ends"]:
            if name not in reasons:
                hint = did_you_mean(name, reasons)
                self.faults.append(self.file.fault(f"there is no reason `{name}`", ("other_ends", name), remedy=hint))


def circumstances(entry: Mapping[str, Any]) -> Circumstances:
    many = entry["sites_a_state"]
    return Circumstances(
        states=tuple(entry["states"]),
        sites=tuple(f"{state}-{number + 1}" for state in entry["states"] for number in range(many)),
        periods=tuple(entry["periods"]),
        sites_a_state=many,
        seed=entry["drawn_with_seed"],
        spread_state=entry["state"],
        spread_site=entry["site"],
        payer=entry["payer"],
        full_share=entry["beds_full"]["percent"] / 100,
        full_utility=entry["beds_full"]["utility"],
    )


def linear(entries: Mapping[str, Any], levels: tuple[str, ...], terms: tuple[str, ...]) -> Linear:
    weights = [[entries[level].get("weights", {}).get(term, 0.0) for level in levels] for term in terms]
    return Linear(
        np.array([float(entries[level]["intercept"]) for level in levels]), np.array(weights, dtype=np.float64)
    )
