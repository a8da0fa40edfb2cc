"""`recommender assess`: one person's answers in, an explained recommendation out."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.extras import installed
from recommender.cli.faults import report
from recommender.cli.options import asked_model, model_option, population_option

if TYPE_CHECKING:
    from recommender.explain import Explainer
    from recommender.intake import FaultyIntake
    from recommender.open_questions import OpenQuestions
    from recommender.policy import Policy

# What the exit code says about the person, so that a script cannot mistake a hold for a level.
EXIT_CODES = {"blocked": 20, "held": 21, "safety_unanswered": 22}
COLOURS = {
    "level": {"bold": True, "fg": "green"},
    "warning": {"bold": True, "fg": "red"},
    "heading": {"bold": True},
    "quiet": {"dim": True},
}
SCREEN = 100


def coloured(text: str, role: str) -> str:
    """Text in the colour of its role."""
    return click.style(text, **COLOURS[role])  # type: ignore[arg-type]  # click takes these by name


def tell_emergency(policy: Policy, error: FaultyIntake) -> None:
    """Prints the emergency card, then the faults, and ends with the code of an emergency, if there is one."""
    from recommender.recommendation import recommend
    from recommender.report.text import text_report

    recommendation = recommend(policy, error.answers)
    if recommendation.status == "blocked":
        click.echo(text_report(recommendation, width=SCREEN, style=coloured))
        click.echo("The intake is faulty besides; this is what could be read of it:", err=True)
        report(error)
        sys.exit(EXIT_CODES["blocked"])


def by_solver(explainer: Explainer, found: OpenQuestions) -> OpenQuestions:
    """What the solver says of the open questions that the search left undecided; the same where there is no solver."""
    if not installed("z3"):
        return found
    from recommender.assurance.undecided import decide

    return decide(explainer, found)


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="Text for a screen, JSON for programs, HTML for a browser or the printer.",
)
@click.option("--full", is_flag=True, help="Show every reason, test and service (text only; the others always do).")
@click.option(
    "--for-clinician",
    is_flag=True,
    help="Show the bounds and reasons although a red flag or an unanswered safety question keeps the level back.",
)
@click.option("--policy", type=click.Path(path_type=Path), help="A policy file other than the packaged adult policy.")
@population_option
@model_option
def assess(
    file: str,
    form: str,
    full: bool,
    for_clinician: bool,
    policy: Path | None,
    population: Path | None,
    model: str | None,
) -> None:
    """Recommend a level of care for one person.

    FILE holds the answers as JSON (see `recommender template --format json`); `-` reads them from standard input.

    \b
      recommender assess answers.json
      recommender assess answers.json --full
      recommender assess - --format json < answers.json

    Exit codes: 0 a level is given (settled or provisional), 10 the input is faulty, 20 blocked: emergency, 21 held for
    a clinician, 22 safety questions are unanswered. With the extra `prove` installed, every open question is told as
    one that can or that cannot change the level; without it a few may be told as undecided. Not clinically validated;
    a person decides.
    """  # noqa: D301  # click reads \b as "keep these lines"
    import gc

    # All that is loaded here lives until the program ends a moment later; looking for rubbish in it is a third of the
    # time that loading takes.
    gc.disable()
    from recommender.intake import FaultyIntake, read_intake_file
    from recommender.likely import load_population
    from recommender.likely.population import PACKAGED
    from recommender.policy_file import ADULT, load_policy
    from recommender.recommendation import recommend

    loaded = load_policy(policy or ADULT)
    try:
        intake = read_intake_file(file, loaded.questionnaire)
    except FaultyIntake as error:
        tell_emergency(loaded, error)
        raise
    reference = load_population(loaded.questionnaire, population or PACKAGED)
    recommendation = recommend(
        loaded,
        intake.answers,
        id=intake.id,
        about=intake.about,
        population=reference,
        model=asked_model(model, loaded),
        decide=by_solver,
    )
    if form == "json":
        from recommender.recommendation import as_json

        told = as_json(recommendation, for_clinician=for_clinician)
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    elif form == "html":
        from recommender.report.html import html_report

        click.echo(html_report(recommendation, for_clinician=for_clinician))
    else:
        from recommender.report.text import text_report

        width = min(shutil.get_terminal_size((SCREEN, 24)).columns, SCREEN)
        # click takes the colours out again where the output is not a terminal.
        click.echo(text_report(recommendation, width=width, full=full, for_clinician=for_clinician, style=coloured))
    sys.exit(EXIT_CODES.get(recommendation.status, 0))
