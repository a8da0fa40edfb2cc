"""`recommender model compare`: two models on the same people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.model.opening import models_option
from recommender.cli.options import FILE, policy_option

if TYPE_CHECKING:
    from recommender.judging.comparison import Comparison


@click.command()
@click.argument("first")
@click.argument("second")
@click.argument("cohort", type=FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--leave-out-faulty", is_flag=True, help="Leave out rows with a fault instead of refusing the file.")
@policy_option
@models_option
def compare(
    first: str,
    second: str,
    cohort: Path,
    form: str,
    leave_out_faulty: bool,
    policy_file: Path | None,
    models: Path | None,
) -> None:
    """Set two models side by side on the same people.

    FIRST and SECOND are model files, or names in the registry. Each figure of both is shown with the difference and its
    95 % interval, on people of COHORT that neither was made from, as far as their files tell. Where they tell different
    levels apart, they are compared on the levels that both do.
    """
    import recommender.judging.comparison as comparison
    from recommender.cli.model.opening import open_model
    from recommender.learning.cohort_file import read_cohort
    from recommender.policy_file import ADULT, load_policy
    from recommender.report.evaluation.data import plain

    one, other = open_model(first, models), open_model(second, models)
    people = read_cohort(cohort, leave_out_faulty=leave_out_faulty)
    found = comparison.compare(one.model, other.model, load_policy(policy_file or ADULT), people)
    if form == "json":
        told = {"first": one.label, "second": other.label, "comparison": plain(found)}
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    for line in comparison_words(found, one.label, other.label):
        click.echo(line)


def comparison_words(found: Comparison, first: str, second: str) -> Iterator[str]:
    """A line a measure."""
    from recommender.evaluation.estimate import NOTHING
    from recommender.evaluation.measures import MEASURES
    from recommender.report.evaluation.words import figure_words, value_words

    yield "Not clinically validated. The label is where people were placed and did well: usual, never correct."
    yield f"{found.people:,} people: {found.how}. Levels: {', '.join(group.name for group in found.levels)}."
    yield f"{'':24}{shortened(first):>16}{shortened(second):>16}  difference"
    for measure in MEASURES:
        if measure.id in found.differences:
            values = (
                value_words(figures.get(measure.id, NOTHING), percent=measure.percent)
                for figures in (found.first, found.second)
            )
            told = figure_words(found.differences[measure.id], percent=measure.percent)
            yield f"{measure.title:24}{''.join(f'{value:>16}' for value in values)}  {told}"


def shortened(label: str) -> str:
    return label if len(label) < 16 else f"{label[:13]}…"
