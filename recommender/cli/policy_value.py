"""`recommender policy-value`: what ways of placing people are worth, or why past records cannot say."""

from __future__ import annotations

import json
from pathlib import Path

import click

from recommender.cli.options import FILE, asked_model, model_option, policy_option


@click.command()
@click.argument("cohort", type=FILE)
@click.option(
    "--outcome", default="retained_90", show_default=True, help="An outcome at a fixed day: retained_30, retained_90."
)
@policy_option
@model_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--picture", type=FILE, metavar="FILE", help="Also draw it: .svg or .png. Needs the extra `report`.")
@click.option("--leave-out-faulty", is_flag=True, help="Leave out rows with a fault instead of refusing the file.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same gives the same answer.")
@click.option("--jobs", type=click.IntRange(1), help="Cores to use; all if not given.")
def policy_value(
    cohort: Path,
    outcome: str,
    policy_file: Path | None,
    model: str | None,
    form: str,
    picture: Path | None,
    leave_out_faulty: bool,
    seed: int,
    jobs: int | None,
) -> None:
    """Tell what ways of placing people are worth.

    COHORT is a table of past intakes with `level_placed` and an outcome (docs/learning-data.md). Compared with what was
    done are the rules and, with --model, the model alone and the model above the rules' floor: how many of 100 would be
    retained if everybody were placed so. Where people like these were hardly ever placed so, nothing is told.

    \b
      recommender data simulate --rows 20000 --seed 1 --outcomes -o build/cohort.parquet
      recommender policy-value build/cohort.parquet --picture build/value.svg

    Exit code 25: none of the ways can be told of.
    """  # noqa: D301  # click reads \b as "keep these lines"
    import os

    from recommender.learning.cohort_file import read_cohort
    from recommender.policy_file import ADULT, load_policy
    from recommender.policy_value import policy_value as value
    from recommender.policy_value.words import answer_as_json, answer_text
    from recommender.report.picture_file import check_picture

    if picture is not None:
        check_picture(picture)
    policy = load_policy(policy_file or ADULT)
    asked = asked_model(model, policy)
    people = read_cohort(cohort, questionnaire=policy.questionnaire, leave_out_faulty=leave_out_faulty)
    answer = value(people, policy, outcome, model=asked, seed=seed, jobs=jobs or os.cpu_count() or 1)
    if picture is not None:
        from recommender.policy_value.picture import draw_answer

        draw_answer(answer, picture)
    if form == "json":
        click.echo(json.dumps(answer_as_json(answer), indent=2, ensure_ascii=False))
    else:
        click.echo(answer_text(answer))
