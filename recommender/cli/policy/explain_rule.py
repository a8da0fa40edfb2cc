"""`recommender policy explain-rule`: one rule in full."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.options import FILE


@click.command("explain-rule")
@click.argument("rule")
@click.argument("file", type=FILE, required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain_rule(rule: str, file: Path | None, form: str) -> None:
    """Print one rule in full, before changing it.

    What it sets and why; every value that it reads, down to the questions; which rules its outcome leads to, up to the
    level; and which packaged cases make it true. FILE is a policy file; without it, the packaged adult policy.

    \b
      recommender policy explain-rule R5
      recommender policy explain-rule W3a my_policy.yaml --format json
    """  # noqa: D301  # click reads \b as "keep these lines"
    import json

    from recommender.anatomy import anatomy_of, cases_by_rule
    from recommender.cases import packaged_cases
    from recommender.errors import Fault, InputError, did_you_mean
    from recommender.policy_file import ADULT, load_policy
    from recommender.report.rule import rule_as_json, rule_text

    policy = load_policy(file or ADULT)
    known = {**policy.rules, **policy.plan_rules}
    if rule not in known:
        hint = did_you_mean(rule, known) or did_you_mean(rule.upper(), known) or "`recommender policy show` lists them."
        raise InputError(Fault("there is no such rule", given=rule, remedy=hint))
    pinned = cases_by_rule(policy, packaged_cases(policy.questionnaire))[rule]
    anatomy = anatomy_of(policy, known[rule], pinned)
    if form == "json":
        click.echo(json.dumps(rule_as_json(policy, anatomy), indent=2, ensure_ascii=False))
    else:
        click.echo(rule_text(policy, anatomy))
