"""`recommender policy cases`: a policy beside published vignettes."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
def cases(file: Path | None) -> None:
    """Measure a policy on the packaged cases.

    Made-up cases are counted (`recommender policy test` says more of them). Published vignettes, coded without sight of
    the rules, are compared with the level that their source states, on the source's own ladder. FILE is a policy file;
    without it, the packaged adult policy is measured. This is a measurement of agreement, not a clinical validation.
    """
    from recommender.policy_file import ADULT, load_policy
    from recommender.report.cases import cases_text

    click.echo(cases_text(load_policy(file or ADULT)))
