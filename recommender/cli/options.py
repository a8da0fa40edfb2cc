"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

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
