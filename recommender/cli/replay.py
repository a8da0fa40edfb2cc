"""`recommender replay`: a stored recommendation computed again."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.options import asked_model, model_option, policy_option, population_option
from recommender.cli.stored import Place, store_options


@click.command()
@click.argument("recommendation", metavar="ID")
@store_options
@policy_option
@population_option
@model_option
@click.option("--print", "shown", is_flag=True, help="Print the result of today as JSON.")
def replay(
    recommendation: str, place: Place, policy_file: Path | None, population: Path | None, model: str | None, shown: bool
) -> None:
    """Compute a stored recommendation again, byte for byte.

    It starts from the stored answers.

    Says which input is not what it was: the answers, the policy, the population, the model, or the program. To replay
    under an older policy, name its file; one that was made with a model needs that model. Exit code 0 if the result is
    the same, 19 if not.
    """
    store = place.open()
    from recommender.errors import Fault, Tampered
    from recommender.likely import load_population
    from recommender.likely.population import PACKAGED
    from recommender.policy_file import ADULT, load_policy
    from recommender.store import Engine
    from recommender.store.replay import replay as compute_again

    policy = load_policy(policy_file or ADULT)
    engine = Engine(policy, load_population(policy.questionnaire, population or PACKAGED), asked_model(model, policy))
    with store.reading() as work:
        found = compute_again(work, engine, recommendation)
    if shown:
        click.echo(found.text)
    if not found.same:
        raise Tampered([Fault(sentence) for sentence in found.changed])
    click.echo(f"The same, byte for byte: {recommendation}.", err=shown)
    for sentence in found.changed:
        click.echo(f"And yet: {sentence}", err=shown)
