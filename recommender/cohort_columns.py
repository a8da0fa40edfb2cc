"""The columns of a cohort beside its answers, declared once in `content/cohort.yaml` for all who read or write one."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.content_file import CONTENT, ContentFile, FaultList
from recommender.errors import did_you_mean
from recommender.shape import ANYTHING, DATE, TEXT, WHOLE, WORD, Key, Shape, entry_of, list_of, mapping_of, one_of

COHORT = CONTENT / "cohort.yaml"
ROLES = ("id", "group", "period", "level", "date", "reason", "days", "weight")

COLUMN: Shape = {
    "role": Key(one_of(*ROLES), "What the column holds.", required=True),
    "about": Key(TEXT, "What it says.", required=True),
}
OUTCOME: Shape = {
    "about": Key(TEXT, "What it says.", required=True),
    "days_at_least": Key(WHOLE, "Yes from so many days in care on."),
    "reasons": Key(list_of(TEXT), "Yes for these reasons, no for every other one that is known."),
}
COHORT_FILE: Shape = {
    "cohort": Key(TEXT, "The name of the declaration.", required=True),
    "title": Key(TEXT, "What it is.", required=True),
    "version": Key(WORD, "Its version.", required=True),
    "date": Key(DATE, "Its day.", required=True),
    "columns": Key(mapping_of(entry_of(COLUMN)), "The columns beside answers and outcomes.", required=True),
    "reasons": Key(mapping_of(ANYTHING), "Why care can end, each in words.", required=True),
    "outcomes": Key(mapping_of(entry_of(OUTCOME)), "What can come of it, each a column of yes and no.", required=True),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that may come of care: yes, no or unknown. `days_at_least` is 0 where days do not decide it."""

    name: str
    about: str
    days_at_least: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class CohortColumns:
    """The declared columns: `roles` by name, `about` by name, the reasons in order, and the outcomes."""

    version: str
    hash: str
    roles: Mapping[str, str]
    about: Mapping[str, str]
    reasons: tuple[str, ...]
    outcomes: Mapping[str, Outcome]

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """Every column but the id, in the order declared, outcomes last."""
        return (*(name for name, role in self.roles.items() if role != "id"), *self.outcomes)


@functools.cache
def load_cohort_columns(path: Path = COHORT) -> CohortColumns:
    """The columns as declared. Raises ContentError with the place of everything that is wrong."""
    file = ContentFile(path)
    file.check(file.data, COHORT_FILE, ())
    return _Reader(file).columns()


class _Reader(FaultList):
    def __init__(self, file: ContentFile) -> None:
        super().__init__()
        self.file = file

    def columns(self) -> CohortColumns:
        data = self.file.data
        for name, entry in data["columns"].items():
            self.sound(self.file, entry, COLUMN, ("columns", name))
        outcomes = {name: self.attempt(self.outcome, name, entry) for name, entry in data["outcomes"].items()}
        self.close()
        return CohortColumns(
            version=str(data["version"]),
            hash=self.file.hash,
            roles={name: entry["role"] for name, entry in data["columns"].items()},
            about={name: entry["about"] for name, entry in (data["columns"] | data["outcomes"]).items()},
            reasons=tuple(data["reasons"]),
            outcomes={name: outcome for name, outcome in outcomes.items() if outcome},
        )

    def outcome(self, name: str, entry: dict[str, Any]) -> Outcome | None:
        path = ("outcomes", name)
        if not self.sound(self.file, entry, OUTCOME, path):
            return None
        reasons = tuple(entry.get("reasons", ()))
        for reason in reasons:
            if reason not in self.file.data["reasons"]:
                hint = did_you_mean(reason, self.file.data["reasons"])
                raise self.file.fail(f"there is no reason `{reason}`", (*path, "reasons"), remedy=hint)
        return Outcome(name, entry["about"], entry.get("days_at_least", 0), reasons)
