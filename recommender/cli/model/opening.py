"""What the commands on models share: a model and a cohort that are named on the command line, opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from recommender.glass_box import GlassBox
    from recommender.policy import Policy
    from recommender.registry import Shelf

models_option = click.option(
    "--models",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="The registry; `models` here, or what RECOMMENDER_MODELS says, if not given.",
)

trials_option = click.option(
    "--trials",
    type=click.Choice(["quick", "full", "none"]),
    default="quick",
    show_default=True,
    help="Make the model again for other sites, periods and sizes: with fewer folds and trees, in full, or not.",
)

challengers_option = click.option(
    "--every-challenger",
    is_flag=True,
    help="Also an explainable boosting machine; takes minutes, needs `interpret-core`.",
)


class Opened(NamedTuple):
    """A model with what to call it."""

    label: str
    model: GlassBox
    content: bytes


def open_model(name_or_path: str, models: Path | None, policy: Policy | None = None) -> Opened:
    """The model of a name in the registry, `NAME` or `NAME@VERSION`, or of a path.

    It is read for the questions and levels of `policy`, or those of the package. Raises InputError where there is none,
    or it is not as it was released, or was made for other questions or levels.
    """
    from recommender.glass_box import read_model
    from recommender.levels import load_levels
    from recommender.questionnaire_file import load_questionnaire
    from recommender.registry import find

    found = find(name_or_path, models)
    questionnaire, ladder = (policy.questionnaire, policy.ladder) if policy else (load_questionnaire(), load_levels())
    model = read_model(found.content, questionnaire, ladder, found.label)
    return Opened(found.label, model, found.content)


def shelf_of(version: str, models: Path | None) -> tuple[Shelf, str]:
    """The shelf and the version that `NAME@VERSION` names. Raises InputError where it is written otherwise."""
    from recommender.errors import Fault, InputError
    from recommender.registry import Shelf
    from recommender.registry.finding import AT, models_folder

    name, at, number = version.partition(AT)
    if not at or not number:
        raise InputError(Fault("says no version", given=version, allowed=f"NAME{AT}VERSION, such as clinic{AT}2"))
    return Shelf(models_folder(models), name), number
