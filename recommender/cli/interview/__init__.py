"""`recommender interview`: one person asked in the terminal, in as few questions as safety allows."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.options import FILE, asked_model, model_option, policy_option, population_option


@click.command()
@click.argument("file", type=FILE)
@click.option("--resume", is_flag=True, help="Go on with the interview that FILE holds.")
@click.option("--id", "name", metavar="ID", help="What to call the person; FILE's name if not given.")
@click.option("--plain", is_flag=True, help="One line after another, without colours or drawing: for a screen reader.")
@population_option
@model_option
@policy_option
def interview(
    file: Path,
    resume: bool,
    name: str | None,
    plain: bool,
    population: Path | None,
    model: str | None,
    policy_file: Path | None,
) -> None:
    """Ask one person, in as few questions as is safe.

    The safety questions come first, then what settles the level, then what the plan needs.

    FILE keeps the interview: it is written after every answer, and `recommender assess FILE` reads it. It holds
    personal data; keep it where such data may be (`private/` is never committed).

    \b
      recommender interview private/case-17.json
      recommender interview private/case-17.json --resume

    Every question says why it is asked now. `b` goes back, `t` goes to any topic, `?` and `d` skip, `q` leaves. Ctrl-C
    loses nothing. Not clinically validated; a person decides.
    """  # noqa: D301  # click reads \b as "keep these lines"
    import gc

    gc.disable()
    from recommender.cli.interview.prompting import desk_for
    from recommender.cli.interview.record import begin
    from recommender.cli.interview.session import Session
    from recommender.likely import load_population
    from recommender.likely.population import PACKAGED
    from recommender.policy_file import ADULT, load_policy

    policy = load_policy(policy_file or ADULT)
    reference = load_population(policy.questionnaire, population or PACKAGED)
    opinion = asked_model(model, policy)
    desk = desk_for(plain)
    intake = begin(file, policy.questionnaire, resume=resume, name=name or file.stem)
    gc.enable()
    session = Session(policy, reference, file, intake, desk, opinion)
    try:
        session.run()
    finally:
        click.echo(f"\nSaved in {file}. Go on with: recommender interview {file} --resume", err=True)
        click.echo(policy.statement, err=True)
