"""`recommender model add`: a model put into the registry with the evidence on it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from recommender.cli.model.opening import challengers_option, models_option, trials_option
from recommender.cli.options import FILE, policy_option


@click.command()
@click.argument("name")
@click.argument("model", type=FILE)
@click.argument("cohort", type=FILE)
@click.option("--by", required=True, metavar="NAME", help="Who adds it.")
@click.option("--number", default="", metavar="VERSION", help="Its version; one more than there are if not given.")
@trials_option
@challengers_option
@click.option("--leave-out-faulty", is_flag=True, help="Leave out rows with a fault instead of refusing the file.")
@click.option("--jobs", type=click.IntRange(1), help="Cores to use; all if not given.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@policy_option
@models_option
def add(
    name: str,
    model: Path,
    cohort: Path,
    by: str,
    number: str,
    trials: str,
    every_challenger: bool,
    leave_out_faulty: bool,
    jobs: int | None,
    quiet: bool,
    policy_file: Path | None,
    models: Path | None,
) -> None:
    """Put a model into the registry as a new version.

    MODEL is a file of `recommender model train`, COHORT what it is judged on, as for `recommender model evaluate`. The
    version is a folder `models/NAME/VERSION` with the model, its card, the report and a manifest, and is never changed.
    It is used by nobody until it is promoted, or asked for as NAME@VERSION.

    \b
      recommender model add clinic build/model.json build/cohort.parquet --by "A. Analyst"
    """  # noqa: D301  # click reads \b as "keep these lines"
    import os

    from recommender.cli.extras import require
    from recommender.cli.model.evaluate import evidence_files
    from recommender.cli.model.opening import open_model
    from recommender.cli.model.progress import progress_line
    from recommender.judging.evidence import Effort, evidence_on
    from recommender.judging.release import manifest_of
    from recommender.learning.cohort_file import read_cohort
    from recommender.policy_file import ADULT, load_policy
    from recommender.registry import Shelf
    from recommender.registry.finding import models_folder

    require("matplotlib", "report", "The report on a model")
    shelf = Shelf(models_folder(models), name)
    shelf.check_new(number)
    if every_challenger:
        require("interpret", "dev", "An explainable boosting machine")
    opened = open_model(str(model), models)
    policy = load_policy(policy_file or ADULT)
    people = read_cohort(cohort, leave_out_faulty=leave_out_faulty)
    label = f"{name}@{number or shelf.next_number()}"
    with progress_line("models made again", quiet) as progress:
        effort = Effort(trials=trials, every_challenger=every_challenger, jobs=jobs or os.cpu_count() or 1)
        found = evidence_on(opened.model, policy, people, name=label, effort=effort, progress=progress)
    written = evidence_files(found)
    files = {"model.json": opened.content, "card.md": written["card.md"], "report.html": written["report.html"]}
    about = manifest_of(opened.model, policy, found, ["recommender", *sys.argv[1:]])
    version = shelf.add(files, about, by=by, number=number)
    click.echo(f"{version.label} is in {version.folder}. {found.statement}")
    click.echo(f"It is used by nobody yet. To put it in force: recommender model promote {version.label} {cohort} …")
