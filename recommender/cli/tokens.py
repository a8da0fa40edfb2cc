"""`recommender tokens`: what lets another program use the desk's API."""

from __future__ import annotations

import click

from recommender.cli.late import CONTEXT
from recommender.cli.stored import Place, by_command_line, store_options


@click.group(name="tokens", context_settings=CONTEXT)
def tokens_group() -> None:
    """Let other programs use the desk's API."""


@tokens_group.command(name="new")
@click.option("--label", required=True, help="What the token is for.")
@click.option("--scope", "scopes", multiple=True, required=True, help="assess, interview or batch; may be repeated.")
@click.option("--site", required=True, help="The site whose program it is.")
@click.option("--days", type=click.IntRange(1), default=90, show_default=True, help="How long it holds.")
@store_options
def new(label: str, scopes: tuple[str, ...], site: str, days: int, place: Place) -> None:
    """Make a token. Its text is printed once, here; the store has only its hash.

    \b
      recommender tokens new --label intake-form --scope assess --site main --database sqlite:///private/desk.db \\
          --keys private/keys --heads private/heads
    """  # noqa: D301  # click reads \b as "keep these lines"
    store = place.open()
    from recommender.store import tokens

    with store.writing() as work:
        text, token = tokens.make(work, label, scopes, site, days=days, event=by_command_line())
    click.echo(text)
    click.echo(f"Token {token.id} holds for {days} days. It is not shown again.", err=True)
