"""`recommender model evaluate`: the evidence on a model, as a page, as data and as a card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.model.opening import challengers_option, models_option, trials_option
from recommender.cli.options import FILE, policy_option

if TYPE_CHECKING:
    from recommender.evaluation.dossier import Dossier

REPORT, FIGURES, CARD = "report.html", "figures.json", "card.md"


@click.command()
@click.argument("model")
@click.argument("cohort", type=FILE)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help=f"Where to write {REPORT}, {FIGURES} and {CARD}; only the summary if not given.",
)
@click.option(
    "--trained-on", type=FILE, metavar="COHORT", help="The cohort that it was made from, to count who stands in both."
)
@trials_option
@challengers_option
@click.option("--leave-out-faulty", is_flag=True, help="Leave out rows with a fault instead of refusing the file.")
@click.option("--jobs", type=click.IntRange(1), help="Cores to use; all if not given.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@policy_option
@models_option
def evaluate(
    model: str,
    cohort: Path,
    output: Path | None,
    trained_on: Path | None,
    trials: str,
    every_challenger: bool,
    leave_out_faulty: bool,
    jobs: int | None,
    quiet: bool,
    policy_file: Path | None,
    models: Path | None,
) -> None:
    """Judge a model on people that it was not made from.

    MODEL is a model file, or NAME or NAME@VERSION of the registry. COHORT is the cohort that it was made from, of which
    just the people kept for judging are looked at, or another one, of which everybody is.

    Told are, each with a 95 % interval: how well it ranks, places and is calibrated, beside the rules alone and what
    clinicians did; what acting on it is worth; its prediction sets; all of it by group of people; whether race, sex,
    payer or place ever change what is said; the same model made again without a site, for later periods and from fewer
    people; what each answer does; and what a critical reader would ask.

    \b
      recommender model evaluate build/model.json build/cohort.parquet -o build/evidence
    """  # noqa: D301  # click reads \b as "keep these lines"
    import os

    from recommender.cli.extras import require
    from recommender.cli.model.opening import open_model
    from recommender.cli.model.progress import progress_line
    from recommender.judging.evidence import Effort, evidence_on
    from recommender.learning.cohort_file import read_cohort
    from recommender.policy_file import ADULT, load_policy
    from recommender.report.evaluation.short import sentences

    if output is not None:
        require("matplotlib", "report", "The report on a model")
    if every_challenger:
        require("interpret", "dev", "An explainable boosting machine")
    opened = open_model(model, models)
    effort = Effort(trials=trials, every_challenger=every_challenger, jobs=jobs or os.cpu_count() or 1)
    people = read_cohort(cohort, leave_out_faulty=leave_out_faulty)
    before = None if trained_on is None else read_cohort(trained_on, leave_out_faulty=leave_out_faulty)
    policy = load_policy(policy_file or ADULT)
    with progress_line("models made again", quiet) as progress:
        found = evidence_on(
            opened.model, policy, people, name=opened.label, trained_on=before, effort=effort, progress=progress
        )
    if output is not None:
        write_evidence(found, output)
    click.echo(found.statement)
    click.echo(f"{opened.label}, judged on {found.about['Judged on']}:")
    for sentence in sentences(found):
        click.echo(f"- {sentence}")


def write_evidence(found: Dossier, folder: Path) -> None:
    """Writes the page, the data and the card; each is there whole or not at all."""
    from recommender.errors import Fault, InputError
    from recommender.table_file import replacing

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(Fault(f"the folder cannot be made: {error.strerror}", file=folder.name)) from None
    for name, content in evidence_files(found).items():
        with replacing(folder / name) as partial:
            partial.write_bytes(content)
        click.echo(f"Written: {folder / name}", err=True)


def evidence_files(found: Dossier) -> dict[str, bytes]:
    """The page, the data and the card, by the names of their files."""
    from recommender.report.evaluation.card import card
    from recommender.report.evaluation.data import as_json
    from recommender.report.evaluation.page import page

    data = json.dumps(as_json(found), indent=1, ensure_ascii=False, allow_nan=False)
    return {REPORT: page(found).encode(), FIGURES: f"{data}\n".encode(), CARD: card(found).encode()}
