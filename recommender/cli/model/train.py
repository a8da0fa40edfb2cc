"""`recommender model train`: a glass box learned from a cohort."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.options import FILE

if TYPE_CHECKING:
    from recommender.glass_box import GlassBox
    from recommender.learning.lesson import Lesson

LOST = {
    "left_out": "left out, because something is wrong with the row",
    "without_placement": "without a known placement",
    "outcome_unknown": "placed, but it is not known whether they did well",
    "did_not_do_well": "placed, and did not do well",
}


@click.command()
@click.argument("cohort", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="Where to write the model: a .json file.")
@click.option(
    "--success",
    metavar="OUTCOME",
    default="completed_or_transferred",
    show_default=True,
    help="What counts as having done well.",
)
@click.option("--question", "questions", multiple=True, metavar="NAME", help="Read this question; may be repeated.")
@click.option(
    "--record", is_flag=True, help="Read the questions for the record too; see `recommender template --record`."
)
@click.option(
    "--together", multiple=True, metavar="LOW..HIGH", help="Take levels as one, such as residential_low..hospital."
)
@click.option("--by", multiple=True, metavar="NAME", help="Prediction sets of their own for groups by it.")
@click.option(
    "--coverage", type=click.FloatRange(0.5, 0.99), default=0.9, show_default=True, help="Of prediction sets."
)
@click.option(
    "--widest", type=click.IntRange(1), help="Abstain where a set has more levels; more than half of them if not given."
)
@click.option("--quick", is_flag=True, help="Fewer folds and trees: a first look, in a quarter of the time.")
@click.option("--leave-out-faulty", is_flag=True, help="Leave out rows with a fault instead of refusing the file.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same gives the same model.")
@click.option("--jobs", type=click.IntRange(1), help="Cores to use; all if not given.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def train(
    cohort: Path,
    output: Path,
    success: str,
    questions: tuple[str, ...],
    record: bool,
    together: tuple[str, ...],
    by: tuple[str, ...],
    coverage: float,
    widest: int | None,
    quick: bool,
    leave_out_faulty: bool,
    seed: int,
    jobs: int | None,
    quiet: bool,
) -> None:
    """Learn a model from past placements and outcomes.

    COHORT is a table of past intakes with `level_placed` and an outcome (docs/learning-data.md). The model learns at
    which level the people were placed who then did well: what was usual, never what was right. It is a file of small
    tables that can be read; nothing that is known only later, and nothing that says who somebody is, may go into it.
    Who sent somebody, school years, marriage and income go into it with --record alone: they are no needs, and a model
    that reads them may repeat what was done to people because of them.

    Some people are kept for judging it: the last period, or some sites, or some people; never random rows. Which ones
    stands in the file, and `recommender model evaluate` judges on just those.

    \b
      recommender data simulate --rows 20000 --seed 1 --outcomes -o build/cohort.parquet
      recommender model train build/cohort.parquet -o build/model.json --quick
    """  # noqa: D301  # click reads \b as "keep these lines"
    import os

    from recommender.cli.model.progress import progress_line
    from recommender.evaluation.elsewhere import FEWEST_PEOPLE
    from recommender.glass_box import write_model
    from recommender.learning.cohort_file import read_cohort
    from recommender.learning.lesson import lesson_of
    from recommender.learning.origin import data_told, software_told
    from recommender.learning.teaching import classed, teach
    from recommender.learning.training import Recipe
    from recommender.learning.training import quick as quicker
    from recommender.table_file import replacing, target_form

    target_form(output, (".json",))
    people = read_cohort(cohort, leave_out_faulty=leave_out_faulty)
    lesson = lesson_of(people, success, together=together, seed=seed)
    for line in (*lesson_in_words(lesson), *small_sites_in_words(lesson, FEWEST_PEOPLE)):
        click.echo(line, err=True)
    recipe = Recipe(coverage=coverage, widest=widest, by=by, seed=seed, jobs=jobs or os.cpu_count() or 1)
    recipe = quicker(recipe) if quick else recipe
    taught = classed(lesson, questions or None, recipe, record=record)
    about = {"name": output.stem, "data": data_told(cohort, people), "software": software_told()}
    with progress_line("steps and folds", quiet) as progress:
        model = teach(taught, recipe, about=about, progress=progress)
    with replacing(output) as partial:
        partial.write_text(write_model(model, people.levels), encoding="utf-8")
    for line in model_in_words(model, output.name):
        click.echo(line, err=True)


def lesson_in_words(lesson: Lesson) -> Iterator[str]:
    """What became of every row, line by line."""
    counts = lesson.counts
    yield f"{counts['rows']:,} rows read; {counts['did_well']:,} were placed and did well (`{lesson.success}`)."
    yield from (f"  {counts[name]:,} {words}" for name, words in LOST.items() if counts[name])
    learned, judged = lesson.learned.sum(), lesson.judged.sum()
    yield f"{learned:,} are learned from; {judged:,} are kept for judging: {lesson.how}."
    again = counts["did_well"] - learned - judged
    if again:
        yield f"{again:,} are in neither, because the same people stand among those kept for judging."


def small_sites_in_words(lesson: Lesson, fewest: int) -> Iterator[str]:
    """Which sites have so few people that nothing can be said of them."""
    small = lesson.sites_below(fewest)
    if small:
        name = min(small, key=lambda site: small[site])
        some = f"Fewer than {fewest} of them at {len(small)} of {len(lesson.cohort.site_names)} sites"
        yield f"{some} (fewest at {name}: {small[name]}), which are never judged by themselves."


def model_in_words(model: GlassBox, name: str) -> Iterator[str]:
    """What was made, line by line."""
    yield f"{name}: {len(model.features)} questions, {len(model.groups)} levels or groups of levels:"
    yield from (f"  {group.name}" for group in model.groups)
    yield "Not clinically validated. It says what was usual among people who did well; it lowers no floor."
