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


@tokens_group.command(name="list")
@store_options
def show_all(place: Place) -> None:
    """List the tokens, those that ended among them; no text of any."""
    store = place.open()
    from recommender.store import tokens

    with store.reading() as work:
        for token in tokens.everyone(work):
            standing = "revoked" if token.revoked_at else "holds" if token.holds(work.now) else "ended"
            day = token.ends_at.strftime("%Y-%m-%d")
            click.echo(f"{token.id}  {standing:<7}  until {day}  {token.site}: {token.label} ({token.scopes})")


@tokens_group.command()
@click.argument("token_id", metavar="TOKEN")
@store_options
def revoke(token_id: str, place: Place) -> None:
    """End a token from now on, by the id that `list` shows."""
    store = place.open()
    from recommender.store import tokens

    with store.writing() as work:
        tokens.revoke(work, token_id, event=by_command_line())
    click.echo(f"Token {token_id} holds no more.")
