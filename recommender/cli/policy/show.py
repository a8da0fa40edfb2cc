"""`recommender policy show`: the rules in force, in words."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Only this rule; may be given several times.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def show(file: Path | None, rules: tuple[str, ...], form: str) -> None:
    """Print a policy's rules in words, with why and source.

    FILE is a policy file; without it, the packaged adult policy is shown.

    \b
      recommender policy show
      recommender policy show --rule R5 --rule U2a
    """  # noqa: D301  # click reads \b as "keep these lines"
    import json

    from recommender.policy_file import ADULT, load_policy
    from recommender.report.policy import policy_as_json, policy_text

    loaded = load_policy(file or ADULT)
    known = {**loaded.rules, **loaded.plan_rules}
    for rule in rules:
        if rule not in known:
            from recommender.errors import Fault, InputError, did_you_mean

            hint = did_you_mean(rule.upper(), known) or "`recommender policy show` lists them."
            raise InputError(Fault("there is no such rule", given=rule, remedy=hint))
    if form == "json":
        click.echo(json.dumps(policy_as_json(loaded, rules), indent=2, ensure_ascii=False))
    else:
        click.echo_via_pager(policy_text(loaded, rules)) if not rules else click.echo(policy_text(loaded, rules))
