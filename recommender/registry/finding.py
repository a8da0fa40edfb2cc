"""A model by its name, or by the path of a file: the bytes that were released, or an error."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from recommender.errors import Fault, InputError, did_you_mean
from recommender.registry.shelf import LOG, NAME, Shelf
from recommender.registry.version import MODEL

FOLDER = "models"
VARIABLE = "RECOMMENDER_MODELS"
AT = "@"
SUFFIX = ".json"


class Found(NamedTuple):
    """A model that was found: what to call it, the bytes of its `model.json`, and the file they stand in.

    `released` says whether they are those of a version in the registry.
    """

    label: str
    content: bytes
    path: Path
    released: bool


def models_folder(given: Path | None = None) -> Path:
    """The folder of the registry: the one given, or of the variable RECOMMENDER_MODELS, or `models` right here."""
    return given or Path(os.environ.get(VARIABLE) or FOLDER)


def find(name_or_path: str, models: Path | None = None) -> Found:
    """The model of that name in the registry, or in the file of that path.

    `NAME` is the version in force, `NAME@VERSION` any version; what ends in `.json` or holds a slash is a path. Raises
    InputError where there is none or none is in force, Tampered where anything of it is not as it was released.
    """
    if name_or_path.endswith(SUFFIX) or Path(name_or_path).name != name_or_path:
        return in_file(Path(name_or_path))
    folder = models_folder(models)
    name, _, number = name_or_path.partition(AT)
    if not NAME.fullmatch(name) or not (folder / name / LOG).is_file():
        known = names_in(folder)
        allowed = f"{', '.join(known) or 'nothing yet'} in {folder.name}, or the path of a {SUFFIX} file"
        raise InputError(Fault("there is no such model", given=name, allowed=allowed, remedy=did_you_mean(name, known)))
    shelf = Shelf(folder, name)
    version = shelf.version(number) if number else shelf.in_force()
    if version is None:
        remedy = f"Name one, such as {name}{AT}{shelf.versions()[-1]}, or promote it."
        raise InputError(Fault(f"no version of {name} is in force", remedy=remedy))
    return Found(version.label, version.content(MODEL), version.folder / MODEL, released=True)


def in_file(path: Path) -> Found:
    """The model in a file; one that stands in a registry must be as it was released there."""
    if path.is_dir():
        path = path / MODEL
    folder = path.absolute().parent
    if path.name == MODEL and (folder.parent / LOG).is_file():
        version = Shelf(folder.parent.parent, folder.parent.name).version(folder.name)
        return Found(version.label, version.content(MODEL), path, released=True)
    try:
        return Found(path.name, path.read_bytes(), path, released=False)
    except OSError as error:
        raise InputError(Fault(f"cannot be read: {error.strerror}", file=path.name)) from None


def names_in(folder: Path) -> tuple[str, ...]:
    """The names in a folder of models."""
    return tuple(sorted(log.parent.name for log in folder.glob(f"*/{LOG}"))) if folder.is_dir() else ()
