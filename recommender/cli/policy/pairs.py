"""`recommender policy pairs`: two cases for each condition of each rule, made by a solver."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.options import FILE


@click.command()
@click.argument("file", metavar="[POLICY]", type=FILE, required=False)
@click.option("-o", "--output", type=FILE, required=True, metavar="FILE", help="The file of cases to write.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def pairs(file: Path | None, output: Path, quiet: bool) -> None:
    """Make pairs of cases that differ in one condition of one rule.

    For each condition of each rule, two made-up people: the rule is true for the one and not for the other, and they
    differ, where that can be, in that condition alone. They say what the policy does, so that no change of it passes
    unseen. POLICY is a policy file; without it, the packaged adult policy is taken.

    \b
      recommender policy pairs -o my_pairs.yaml
      recommender policy test --cases my_pairs.yaml

    Needs the extra `prove`.
    """  # noqa: D301  # click reads \b as "keep these lines"
    from recommender.cli.extras import require

    require("z3", "prove", "making pairs of cases")
    from recommender.assurance.intakes import calm_person
    from recommender.assurance.pairs import as_cases, make_pairs
    from recommender.cases import written_cases
    from recommender.cli.policy.check import progress
    from recommender.policy_file import ADULT, load_policy
    from recommender.table_file import replacing

    policy = load_policy(file or ADULT)
    calm = calm_person(policy.questionnaire)
    with progress(quiet) as tell:
        found = make_pairs(policy, calm, tell)
    with replacing(output) as partial:
        partial.write_text(written_cases(as_cases(policy, found.pairs, calm)), encoding="utf-8")
    click.echo(f"{len(found.pairs)} pairs: {output}")
    for name in found.never:
        click.echo(f"Can never decide its rule: {name}")
