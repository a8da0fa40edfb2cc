"""`recommender policy check`: a policy proved over all possible intakes, or an intake that shows where it fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.options import FILE

if TYPE_CHECKING:
    from recommender.assurance.proof import Proof, Shown

Progress = Callable[[int, int], None]

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("file", metavar="[POLICY]", type=FILE, required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--certificate", type=FILE, metavar="FILE", help="Write a certificate there if every property holds.")
@click.option(
    "--counterexamples",
    type=FOLDER,
    metavar="FOLDER",
    help="Write the intakes that show what does not hold, as `assess` reads them.",
)
@click.option("--fresh", is_flag=True, help="Prove everything anew, also what was proved before and did not change.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def check(
    file: Path | None, form: str, certificate: Path | None, counterexamples: Path | None, fresh: bool, quiet: bool
) -> None:
    """Prove a policy over all possible intakes.

    Shown, or refuted with an intake: every intake gets exactly one level and no completion leaves the bounds; a worse
    answer never lowers anything; red flags always win; every rule is alive and needed; every level can be reached; no
    alternative undercuts a red flag; what must not matter does not. POLICY is a policy file; without it, the packaged
    adult policy is proved. This says nothing of whether the rules are clinically right.

    \b
      recommender policy check
      recommender policy check my_policy.yaml --counterexamples build/against

    Exit codes: 0 everything holds, 11 the policy cannot be read, 14 a property does not hold, 15 the extra `prove` is
    not installed. What was proved is remembered in a cache folder, so that only what an edit touches is proved again.
    """  # noqa: D301  # click reads \b as "keep these lines"
    import json

    from recommender.cli.extras import require

    require("z3", "prove", "proving a policy")
    from recommender.assurance.proof import Shown, prove
    from recommender.policy_file import ADULT, load_policy
    from recommender.report.proof import proof_as_json, proof_text

    policy = load_policy(file or ADULT)
    shown = Shown(None if fresh else cache_folder() / "proved.txt")
    with progress(quiet) as tell:
        proof = prove(policy, shown, tell)
    keep(shown)
    click.echo(json.dumps(proof_as_json(proof), indent=2, ensure_ascii=False) if form == "json" else proof_text(proof))
    if counterexamples is not None:
        write_counterexamples(proof, counterexamples)
    conclude(proof, file or ADULT, certificate)


def cache_folder() -> Path:
    """Where programs keep what they can make again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "recommender"


def keep(shown: Shown) -> None:
    """Remembers what was proved; a home folder that cannot be written to is no reason to fail."""
    try:
        shown.keep()
    except OSError as error:
        click.echo(f"What was proved could not be remembered for the next time: {error.strerror}.", err=True)


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """A bar on the terminal, property by property; nothing in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    with click.progressbar(length=1, label="Proving", file=sys.stderr) as bar:

        def tell(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield tell


def write_counterexamples(proof: Proof, folder: Path) -> None:
    """One intake file each, and where they are."""
    from recommender.intake import Intake, write_intake
    from recommender.report.proof import intake_of
    from recommender.table_file import replacing

    folder.mkdir(parents=True, exist_ok=True)
    for finding in proof.refuted:
        for place, example in enumerate(finding.examples):
            intake = Intake(*intake_of(example, finding, place))
            with replacing(folder / f"{intake.id}.json") as partial:
                partial.write_text(write_intake(proof.policy.questionnaire, intake), encoding="utf-8")
            click.echo(f"Written: {folder / intake.id}.json", err=True)


def conclude(proof: Proof, file: Path, certificate: Path | None) -> None:
    """The certificate, or NotProved with what does not hold."""
    if proof.refuted:
        from recommender.errors import Fault, NotProved

        subjects = ", ".join(dict.fromkeys(finding.subject for finding in proof.refuted))
        what = f"{len(proof.refuted)} of {len(proof.findings)} properties do not hold: {subjects}"
        remedy = "Correct the rule; or list the exception with its reason, where the policy allows one."
        raise NotProved(Fault(what, file=file.name, remedy=remedy))
    if certificate is not None:
        write_certificate(proof, certificate)


def write_certificate(proof: Proof, file: Path) -> None:
    """The certificate of a policy that holds; one that says the same already keeps its date."""
    import datetime

    from recommender.assurance.proof import certify
    from recommender.certificate import read_certificate
    from recommender.table_file import replacing

    certificate = certify(proof, datetime.date.today())
    if file.is_file() and read_certificate(file).says_as_much_as(certificate):
        click.echo(f"The certificate still holds: {file}", err=True)
        return
    with replacing(file) as partial:
        partial.write_text(certificate.as_text(), encoding="utf-8")
    click.echo(f"Certificate: {file}", err=True)
