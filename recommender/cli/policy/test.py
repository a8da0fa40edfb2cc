"""`recommender policy test`: the cases of a policy, each beside what the policy finds."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.options import FILE


@click.command()
@click.argument("file", metavar="[POLICY]", type=FILE, required=False)
@click.option(
    "--cases",
    "case_files",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Cases to run instead of the packaged ones; may be given several times.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def test(file: Path | None, case_files: tuple[Path, ...], form: str) -> None:
    """Run the cases of a policy and say what differs.

    Each case is a described person with the level, red flags, add-ons and status that must be found. POLICY is a policy
    file; without it, the packaged adult policy is tested.

    \b
      recommender policy test
      recommender policy test my_policy.yaml --cases my_cases.yaml

    Exit code 13: a case fails.
    """  # noqa: D301  # click reads \b as "keep these lines"
    import json

    from recommender.assurance.verdicts import run_cases
    from recommender.cases import CASE_FILES, load_cases
    from recommender.policy_file import ADULT, load_policy
    from recommender.report.verdicts import verdicts_as_json, verdicts_text

    policy = load_policy(file or ADULT)
    run = run_cases(policy, load_cases(policy.questionnaire, case_files or CASE_FILES))
    if form == "json":
        click.echo(json.dumps(verdicts_as_json(run), indent=2, ensure_ascii=False))
    else:
        click.echo(verdicts_text(run))
    if run.failed:
        from recommender.errors import CasesFailed, Fault

        failing = ", ".join(verdict.case.id for verdict in run.failed)
        what = f"{len(run.failed)} of {len(run.verdicts)} cases fail: {failing}"
        remedy = "Correct the rule; or, where the case is wrong, the case."
        raise CasesFailed(Fault(what, file=(file or ADULT).name, remedy=remedy))
