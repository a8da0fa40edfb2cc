"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from recommender.glass_box import GlassBox
    from recommender.policy import Policy

FILE = click.Path(path_type=Path, dir_okay=False)

policy_option = click.option(
    "--policy",
    "policy_file",
    type=FILE,
    metavar="FILE",
    help="The policy to use; the packaged policy for adults if not given.",
)

population_option = click.option(
    "--population",
    type=FILE,
    metavar="FILE",
    help="The population that says what is likely; the packaged synthetic one if not given.",
)

model_option = click.option(
    "--model",
    metavar="MODEL",
    help="Ask a trained model for a second opinion: a name in the registry, NAME@VERSION, or a .json file.",
)


def asked_model(name: str | None, policy: Policy, models: Path | None = None) -> GlassBox | None:
    """The model of that name in a registry, or of that path; none where none is asked for.

    Then nothing of it is loaded. Raises InputError where there is none, it was touched, or it was made for other
    questions or levels.
    """
    if name is None:
        return None
    from recommender.cli.model.opening import open_model

    return open_model(name, models, policy).model
