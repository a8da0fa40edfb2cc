"""`recommender template`: an empty form with the questions that a policy reads."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.options import policy_option

FORMS = ("csv", "json")
ABOUT = (
    "A template: give it an id, write each answer in place of null, and delete the lines of what was not asked. "
    "null means that the question was asked and the answer is not known."
)


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True, help="The form."
)
@policy_option
@click.option("--all", "every", is_flag=True, help="Every question, also those that the policy does not read.")
def template(form: str, policy_file: Path | None, every: bool) -> None:
    """Print an empty form to fill in, as CSV or JSON.

    The CSV is a header: write one row a person below it and leave blank what was not asked. The JSON is one person's
    intake with every answer not known; delete the lines of what was not asked. Both can be given back as they are
    filled in, to `recommender batch` and `recommender assess`. `recommender dictionary` says what each may hold.
    """
    from recommender.intake import intake_text
    from recommender.policy_file import ADULT, load_policy

    policy = load_policy(policy_file or ADULT)
    names = tuple(policy.questionnaire.questions) if every else policy.questions_used
    if form == "csv":
        click.echo(",".join(("id", *names)))
    else:
        click.echo(intake_text("new", ABOUT, dict.fromkeys(names)), nl=False)
