"""`recommender template`: an empty form with the questions that a policy reads."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.options import policy_option

FORMS = ("csv", "json")
ABOUT = (
    "A template: give it an id and write answers between the quotes (numbers without quotes). An empty text was not "
    "asked yet; null was asked and is not known. `recommender dictionary` says what each may hold."
)


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True, help="The form."
)
@policy_option
@click.option("--all", "every", is_flag=True, help="Every question, also those that the policy does not read.")
@click.option("--audit", is_flag=True, help="Also the questions asked to check fairness by group; they decide nothing.")
@click.option(
    "--record", is_flag=True, help="Also the questions that the report of an admission asks; they decide nothing."
)
def template(form: str, policy_file: Path | None, every: bool, audit: bool, record: bool) -> None:
    """Print an empty form to fill in, as CSV or JSON.

    The CSV is a header: write one row a person below it and leave blank what was not asked. The JSON is one person's
    intake with every question not asked yet; fill in what was. Both can be given back as they are filled in, to
    `recommender batch` and `recommender assess`. `recommender dictionary` says what each may hold.
    """
    from recommender.intake import intake_text
    from recommender.policy_file import ADULT, load_policy

    policy = load_policy(policy_file or ADULT)
    asked = policy.questionnaire.questions if every else policy.questions_used
    questionnaire = policy.questionnaire
    more = (*(questionnaire.for_audit if audit else ()), *(questionnaire.for_record if record else ()))
    names = (*(name for name in asked if name not in questionnaire.beside), *more)
    if form == "csv":
        click.echo(",".join(("id", *names)))
    else:
        click.echo(intake_text("new", ABOUT, dict.fromkeys(names, "")), nl=False)
