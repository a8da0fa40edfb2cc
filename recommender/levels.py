"""Where a person can be placed: the ladder of levels of care, and what stands beside a level.

Declared in `content/levels.yaml`. A level's rank is its position on the ladder; 0 is `none`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from recommender.content_file import CONTENT, ContentFile, FaultList
from recommender.errors import did_you_mean
from recommender.shape import (
    ANYTHING,
    NUMBER,
    TEXT,
    WHOLE,
    Key,
    Shape,
    entry_of,
    list_of,
    mapping_of,
    name_from,
    or_empty,
)

LEVELS = CONTENT / "levels.yaml"

CROSSWALK: Shape = {
    "asam3": Key(ANYTHING, "What another system's older edition calls a comparable level."),
    "asam4": Key(ANYTHING, "What its newer edition calls it."),
    "teds_services": Key(list_of(WHOLE), "Codes of the TEDS column SERVICES."),
    "hcpcs": Key(list_of(TEXT), "Procedure codes."),
    "revenue_codes": Key(list_of(TEXT), "Revenue codes."),
    "place_of_service": Key(list_of(TEXT), "Codes of the place of service."),
    "folds_in": Key(ANYTHING, "Services that have no level of their own here."),
    "verification": Key(mapping_of(ANYTHING), "How well each is known."),
    "notes": Key(TEXT, "What a reader should know."),
}
HOURS: Shape = {
    "min": Key(or_empty(NUMBER), "The fewest hours of treatment a week; empty where hours do not define the level."),
    "max": Key(or_empty(NUMBER), "The most hours."),
    "note": Key(TEXT, "In words."),
}
LEVEL_ENTRY: Shape = {
    "id": Key(TEXT, "The name of the level in files and rules.", required=True),
    "name": Key(TEXT, "The level as people read it.", required=True),
    "code": Key(TEXT, "A short code for tables.", required=True),
    "summary": Key(TEXT, "What it is, for the person.", required=True),
    "hours_per_week": Key(entry_of(HOURS), "Hours of treatment a week."),
    "hours_source": Key(TEXT, "Where the hours come from."),
    "setting": Key(TEXT, "Where it takes place.", required=True),
    "crosswalk": Key(entry_of(CROSSWALK), "What others call a comparable level. Never logic.", required=True),
}
BESIDE: Shape = {
    "id": Key(TEXT, "Its name in files and rules.", required=True),
    "name": Key(TEXT, "Its name as people read it.", required=True),
    "summary": Key(TEXT, "What it is, for the person.", required=True),
}
SERVICE_CODE: Shape = {
    "label": Key(TEXT, "The label in the codebook.", required=True),
    "levels": Key(
        list_of(name_from("levels")), "The levels that it may stand for, the likeliest first.", required=True
    ),
}
LEVEL_FILE: Shape = {
    "levels": Key(list_of(entry_of(LEVEL_ENTRY)), "The ladder, from least to most intensive.", required=True),
    "beside": Key(list_of(entry_of(BESIDE)), "What can stand beside a level.", required=True),
    "teds_services": Key(mapping_of(entry_of(SERVICE_CODE)), "The codes of the TEDS column SERVICES.", required=True),
}


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
    """The ladder as declared. Raises ContentError with the place of everything that is wrong."""
    file = ContentFile(path)
    file.check(file.data, LEVEL_FILE, ())
    return _Reader(file).ladder()


class _Reader(FaultList):
    """Reads the file of levels; what is wrong is kept, so that all of it is told at once."""

    def __init__(self, file: ContentFile) -> None:
        super().__init__()
        self.file = file

    def ladder(self) -> Ladder:
        data = self.file.data
        levels = [level for rank, entry in enumerate(data["levels"]) if (level := self.level(rank, entry))]
        names = [level.id for level in levels]
        if len(set(names)) < len(names):
            self.faults.append(self.file.fault("two levels have the same id", ("levels",)))
        beside = [self.beside(number, entry) for number, entry in enumerate(data["beside"])]
        services = [self.service(code, entry, names) for code, entry in data["teds_services"].items()]
        self.close()
        return Ladder(
            tuple(levels),
            {entry.id: entry for entry in beside if entry},
            {entry.code: entry for entry in services if entry},
            self.file.hash,
        )

    def level(self, rank: int, entry: dict[str, Any]) -> Level | None:
        path = ("levels", rank)
        if not self.sound(self.file, entry, LEVEL_ENTRY, path):
            return None
        for key, shape in (("hours_per_week", HOURS), ("crosswalk", CROSSWALK)):
            self.sound(self.file, entry.get(key), shape, (*path, key))
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

    def beside(self, number: int, entry: dict[str, Any]) -> Beside | None:
        if not self.sound(self.file, entry, BESIDE, ("beside", number)):
            return None
        return Beside(entry["id"], entry["name"], entry["summary"])

    def service(self, code: Any, entry: dict[str, Any], levels: list[str]) -> TedsService | None:
        path = ("teds_services", code)
        if not self.sound(self.file, entry, SERVICE_CODE, path):
            return None
        for name in entry["levels"]:
            if name not in levels:
                hint = did_you_mean(name, levels)
                self.faults.append(self.file.fault(f"there is no level `{name}`", path, remedy=hint))
        return TedsService(int(code), entry["label"], tuple(entry["levels"]))
