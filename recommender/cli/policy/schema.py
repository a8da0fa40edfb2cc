"""`recommender policy schema`: what an editor completes and checks content files by."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.options import FILE

KINDS = ("policy", "questions", "levels", "cases")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=FILE, required=False)
def schema(kind: str, file: Path | None) -> None:
    """Print the JSON Schema of a kind of content file.

    An editor that knows JSON Schema then completes keys and names and marks slips while you type. Point it there with
    a comment in the first line of the YAML file:

    \b
      recommender policy schema policy > policy.json
      # yaml-language-server: $schema=policy.json

    FILE is a policy whose sources, contacts and steps are offered; without it, those of the packaged adult policy. The
    schemas of the packaged files are in docs/schemas/.
    """  # noqa: D301  # click reads \b as "keep these lines"
    from recommender.policy_file import ADULT, load_policy
    from recommender.schema import schema_of, schema_text

    click.echo(schema_text(schema_of(kind, load_policy(file or ADULT))), nl=False)
