"""Where a person can be placed: the ladder of levels of care, and what stands beside a level.

Declared in `content/levels.yaml`. A level's rank is its position on the ladder; 0 is `none`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from recommender.content_file import CONTENT, ContentFile
from recommender.errors import did_you_mean

LEVELS = CONTENT / "levels.yaml"
LEVEL_KEYS = ("id", "name", "code", "summary", "hours_per_week", "hours_source", "setting", "crosswalk")


class Level(NamedTuple):
    """One level of care. `hours_per_week` has `min`, `max` (null where hours do not define it) and a `note`."""

    id: str
    name: str
    code: str
    summary: str
    setting: str
    rank: int
    hours_per_week: Mapping[str, Any]
    hours_source: str
    crosswalk: Mapping[str, Any]


class Beside(NamedTuple):
    """Something given beside a level, such as a recovery residence."""

    id: str
    name: str
    summary: str


class TedsService(NamedTuple):
    """One code of the TEDS column SERVICES: its label, and our levels that it may stand for."""

    code: int
    label: str
    levels: tuple[str, ...]


class Ladder(NamedTuple):
    """All levels, from least to most intensive."""

    levels: tuple[Level, ...]
    beside: Mapping[str, Beside]
    teds_services: Mapping[int, TedsService]
    hash: str

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of the levels in order of rank."""
        return tuple(level.id for level in self.levels)

    def level(self, name: str) -> Level:
        """The level of that name; KeyError for a name that is not on the ladder."""
        for level in self.levels:
            if level.id == name:
                return level
        raise KeyError(name)


def load_levels(path: Path = LEVELS) -> Ladder:
    """The ladder as declared. Raises ContentError with the place of what is wrong."""
    file = ContentFile(path)
    file.check_keys(file.data, ("levels", "beside", "teds_services"), ())
    file.require(file.data, ("levels", "beside", "teds_services"), ())
    levels = tuple(read_level(file, rank, entry) for rank, entry in enumerate(file.data["levels"]))
    names = [level.id for level in levels]
    if len(set(names)) < len(names):
        raise file.fail("two levels have the same id", ("levels",))
    beside = {entry["id"]: Beside(entry["id"], entry["name"], entry["summary"]) for entry in file.data["beside"]}
    return Ladder(levels, beside, read_services(file, names), file.hash)


def read_level(file: ContentFile, rank: int, entry: dict[str, Any]) -> Level:
    path = ("levels", rank)
    file.check_keys(entry, LEVEL_KEYS, path)
    file.require(entry, ("id", "name", "code", "summary", "setting", "crosswalk"), path)
    return Level(
        id=entry["id"],
        name=entry["name"],
        code=entry["code"],
        summary=entry["summary"],
        setting=entry["setting"],
        rank=rank,
        hours_per_week=entry.get("hours_per_week") or {},
        hours_source=entry.get("hours_source") or "",
        crosswalk=entry["crosswalk"],
    )


def read_services(file: ContentFile, names: list[str]) -> dict[int, TedsService]:
    found = {}
    for code, entry in file.data["teds_services"].items():
        for name in entry["levels"]:
            if name not in names:
                raise file.fail(
                    f"there is no level `{name}`", ("teds_services", code), remedy=did_you_mean(name, names)
                )
        found[int(code)] = TedsService(int(code), entry["label"], tuple(entry["levels"]))
    return found
