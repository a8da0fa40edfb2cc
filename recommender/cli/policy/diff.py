"""`recommender policy diff`: what was edited between two policies, and for whom anything comes out otherwise."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from recommender.cli.options import FILE


@click.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE, required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--words-only", is_flag=True, help="Only what was edited; do not prove for whom it matters.")
def diff(old: Path, new: Path | None, form: str, words_only: bool) -> None:
    """Compare two policies, rule by rule and for all possible intakes.

    OLD and NEW are policy files; without NEW, OLD is compared with the packaged adult policy. First what was edited, in
    words. Then a proof: every pair of outcomes that some intake gets under the two, each with one such intake. For how
    many people that would matter, see `recommender policy impact`.

    \b
      recommender policy diff old.yaml new.yaml
      recommender policy diff my_policy.yaml --format json

    The proof needs the extra `prove`; without it, only the edits are told.
    """  # noqa: D301  # click reads \b as "keep these lines"
    import json

    from recommender.edits import edits
    from recommender.policy_file import ADULT, load_policy
    from recommender.report.difference import difference_as_json, difference_text

    before, after = load_policy(old), load_policy(new or ADULT)
    difference = None
    if not words_only and importlib.util.find_spec("z3") is None:
        click.echo("For whom it matters is not proved: that needs `pip install 'recommender[prove]'`.", err=True)
    elif not words_only:
        from recommender.assurance.difference import compare

        difference = compare(before, after)
    told = (before, after, edits(before, after), difference)
    if form == "json":
        click.echo(json.dumps(difference_as_json(*told), indent=2, ensure_ascii=False))
    else:
        click.echo(difference_text(*told))
