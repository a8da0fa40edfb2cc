"""`recommender model list`, `show` and `verify`: what is in the registry, and whether it is as it was released."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.cli.model.opening import models_option

if TYPE_CHECKING:
    from recommender.registry.log import Log, Period

form_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.command("list")
@form_option
@models_option
def list_models(form: str, models: Path | None) -> None:
    """List every model with its versions, and which of them is in force since when."""
    from recommender.registry import Shelf
    from recommender.registry.finding import models_folder, names_in

    folder = models_folder(models)
    found = {name: Shelf(folder, name) for name in names_in(folder)}
    if form == "json":
        told = {name: {"versions": shelf.versions(), "in_force": shelf.log.in_force()} for name, shelf in found.items()}
        click.echo(json.dumps(told, indent=1))
        return
    if not found:
        click.echo(f"There is no model in {folder}. Add one with `recommender model add`.")
    for name, shelf in found.items():
        click.echo(f"{name}: versions {', '.join(shelf.versions())}; {standing_words(shelf.log)}")


@click.command()
@click.argument("model", metavar="NAME[@VERSION]")
@form_option
@models_option
def show(model: str, form: str, models: Path | None) -> None:
    """Show a version and the history of its model: how it was made, how good it was, who put what in force when.

    Without a version it is the one in force, or else the newest.
    """
    from recommender.registry import Shelf
    from recommender.registry.finding import AT, models_folder

    name, _, number = model.partition(AT)
    shelf = Shelf(models_folder(models), name)
    log = shelf.log
    number = number or log.in_force() or (shelf.versions() or ("",))[-1]
    version = shelf.version(number)
    if form == "json":
        history = [period_told(period) for period in log.periods()]
        click.echo(json.dumps({**version.manifest, "in_force": history}, indent=1, ensure_ascii=False))
        return
    click.echo(f"{version.label}: {standing_words(log)}")
    for line in (*version_words(version.manifest), "", *history_words(log.periods())):
        click.echo(line)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@models_option
def verify(names: Sequence[str], models: Path | None) -> None:
    """Check that every byte of every version is as it was released.

    It prints the hash of the last line of each log. Whoever keeps it elsewhere can see whether the last lines were
    taken off, which nothing in the folder itself can show.

    Exit code 19: something was touched; everything that was is listed.
    """
    from recommender.errors import Fault, NotFound, Tampered
    from recommender.registry import Shelf
    from recommender.registry.finding import models_folder, names_in

    folder = models_folder(models)
    faults: list[Fault] = []
    known = names_in(folder)
    for name in names or known:
        if name not in known:
            allowed = ", ".join(known) or "there is none yet"
            raise NotFound(Fault("there is no such model", given=name, allowed=allowed))
        try:
            log = Shelf(folder, name).verify()
        except Tampered as error:
            faults += error.faults
            continue
        versions = sum(event.what == "added" for event in log.events)
        click.echo(
            f"{name}: {versions} version{'s' if versions != 1 else ''} as released. Last line of the log: {log.last}"
        )
    if faults:
        raise Tampered(faults)


def standing_words(log: Log) -> str:
    """Which version is in force since when and by whom."""
    periods = log.periods()
    if not periods:
        return "none in force"
    now = periods[-1]
    return f"{now.version} in force since {now.start}, by {now.event.by}"


def version_words(manifest: Mapping[str, Any]) -> Iterator[str]:
    """A manifest, line by line."""
    yield manifest["statement"]
    yield f"Made from {', '.join(file['file'] for file in manifest['data'].get('files', ()))}"
    yield f"  {manifest['learned_from']:,} people learned from, {manifest['judged_on']['people']:,} judged on"
    yield f"  label: the level placed, of people with `{manifest['outcome']}`"
    yield f"  levels: {', '.join(manifest['levels'])}"
    yield f"  {len(manifest['features'])} questions: {', '.join(manifest['features'])}"
    yield f"Policy {manifest['policy']['id']} {manifest['policy']['version']}, {manifest['policy']['hash'][:12]}"
    yield f"Flips: {manifest['flips']['changed']} of {manifest['flips']['tried']:,} changed anything"
    yield from figure_lines(manifest["metrics"])
    yield "Files, by SHA-256:"
    yield from (f"  {digest}  {file}" for file, digest in manifest["files"].items())


def figure_lines(metrics: Mapping[str, Any]) -> Iterator[str]:
    from recommender.evaluation.estimate import Figure
    from recommender.evaluation.measures import MEASURES
    from recommender.report.evaluation.words import figure_words

    for measure in MEASURES:
        if measure.id in metrics:
            yield f"  {measure.title}: {figure_words(Figure(**metrics[measure.id]), percent=measure.percent)}"


def history_words(periods: Sequence[Period]) -> Iterator[str]:
    """Who put what in force from when to when."""
    yield "In force:" if periods else "It was never in force."
    for period in periods:
        event = period.event
        yield f"  {period.version}  {period.start} to {period.end or 'now'}  {event.what} by {event.by}: {event.reason}"


def period_told(period: Period) -> dict[str, Any]:
    event = period.event
    span = {"version": period.version, "from": period.start, "to": period.end}
    return {**span, "what": event.what, "by": event.by, "reason": event.reason, "evidence": dict(event.evidence)}
