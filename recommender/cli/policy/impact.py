"""`recommender policy impact`: what a change of policy would do to a cohort, before it is made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.options import FILE

if TYPE_CHECKING:
    from recommender.impact import Findings
    from recommender.policy import Policy

SYNTHETIC_COHORT = "Synthetic: every id is one of a simulation, so these are no people."
REAL_COHORT = "Not marked as synthetic: treat it as data about people."


@click.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.argument("cohort", type=FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--picture", type=FILE, metavar="FILE", help="Also draw it: .svg or .png. Needs the extra `report`.")
def impact(old: Path, new: Path, cohort: Path, form: str, picture: Path | None) -> None:
    """Count who would change level under a new policy.

    OLD and NEW are policy files, COHORT a table of answers as `recommender batch` takes it. Shown are how many people
    would go from where to where, by age, sex, race and living situation, with 95 % intervals; who would newly be kept
    back or no longer be; and how the highest possible level of incomplete records changes.

    No number from 1 to 10 is shown or can be worked out, and all others are rounded to tens. That holds for one report:
    two reports on almost the same people, laid side by side, may tell more.

    \b
      recommender data simulate --rows 10000 --seed 1 -o build/people.parquet
      recommender policy impact old.yaml new.yaml build/people.parquet --picture build/impact.svg
    """  # noqa: D301  # click reads \b as "keep these lines"
    import json

    from recommender.policy_file import load_policy
    from recommender.report.impact import impact_as_json, impact_text
    from recommender.report.impact_picture import draw_impact
    from recommender.report.picture_file import check_picture

    if picture is not None:
        check_picture(picture)
    before, after = load_policy(old), load_policy(new)
    findings = look_at(before, after, cohort)
    codes = {level.id: level.code for level in before.ladder.levels}
    if picture is not None:
        draw_impact(findings, codes, picture)
    if form == "json":
        click.echo(json.dumps(impact_as_json(findings), indent=2, ensure_ascii=False))
    else:
        click.echo(impact_text(findings, codes))


def look_at(old: Policy, new: Policy, cohort: Path) -> Findings:
    """What may be told of the change for the people in a file."""
    from recommender.batch.cohort import read_people
    from recommender.impact import count_changes, findings_of
    from recommender.impact.counting import check_comparable, nobody

    check_comparable(old, new)
    counts, faulty, synthetic = nobody(old), 0, True
    for people in read_people(cohort, old.questionnaire):
        counts += count_changes(old, new, people.answers, people.fine)
        faulty += people.faulty
        synthetic &= people.synthetic
    if faulty:
        click.echo(f"{faulty:,} rows of {cohort.name} have faults and are left out; `batch` says which.", err=True)
    kind = SYNTHETIC_COHORT if synthetic else REAL_COHORT
    return findings_of(old, new, counts, cohort=cohort.name, kind_of_cohort=kind, rows_with_faults=faulty)
