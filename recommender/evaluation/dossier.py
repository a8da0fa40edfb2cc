"""All that a report on a model holds, in one object: the page, the JSON and the card are three views of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recommender.evaluation.elsewhere import Elsewhere
from recommender.evaluation.findings import Findings
from recommender.evaluation.profile import Shape, Unknown
from recommender.evaluation.self_check import Fact, SelfCheck

PREDICTS = (
    "It says at which level similar people were placed and did well. That is what was usual, not what is right. It "
    "never lowers what the rules require, and a person decides."
)
# How a model is made again elsewhere: in full, with fewer folds and trees, or not at all. Kept as the fact `trials`.
FULL, QUICK, NONE = TRIALS = ("full", "quick", "none")


@dataclass(frozen=True, slots=True)
class Flipped:
    """One thing that must not matter: how many people were given another one, and how many were then told otherwise."""

    what: str
    people: int
    changed: int


@dataclass(frozen=True)
class Dossier:
    """The evidence on one model. `level_names` gives the short and the full name of each level of the findings.

    `statement` says first what a reader must know (not clinically validated; what kind of people these are). `about`
    are lines for the head: label and text. `facts` are what the self check was answered from.
    """

    model: str
    statement: str
    about: Mapping[str, str]
    facts: Mapping[str, Fact]
    level_names: Mapping[str, tuple[str, str]]
    findings: Findings
    check: SelfCheck
    sites: tuple[Elsewhere, ...] = ()
    periods: tuple[Elsewhere, ...] = ()
    learning: tuple[Elsewhere, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    shapes: tuple[Shape, ...] = ()
    flips: tuple[Flipped, ...] = ()

    def short(self, level: str) -> str:
        """The short name of a level."""
        return self.level_names.get(level, (level, level))[0]

    def full(self, level: str) -> str:
        """The full name of a level."""
        return self.level_names.get(level, (level, level))[1]
