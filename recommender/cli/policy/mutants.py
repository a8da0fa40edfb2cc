"""`recommender policy mutants`: how well the cases and proofs guard a policy against slips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.options import FILE

if TYPE_CHECKING:
    from recommender.policy import Policy


def always(_policy: Policy) -> bool:
    """That nothing is asked of the proofs."""
    return True


def prover() -> Callable[[Policy], bool]:
    """Whether a policy keeps all its promises, proved as `recommender policy check` does."""
    from recommender.cli.extras import require

    require("z3", "prove", "proving a policy (without it: --cases-only)")
    from recommender.assurance.proof import Shown, prove
    from recommender.cli.policy.check import cache_folder

    shown = Shown(cache_folder() / "proved.txt")
    return lambda policy: not prove(policy, shown).refuted


@click.command()
@click.argument("file", metavar="[POLICY]", type=FILE, required=False)
@click.option("--count", type=click.IntRange(1), default=200, show_default=True, help="How many slips to try.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which slips; the same seed tries the same.")
@click.option("--cases-only", is_flag=True, help="Only run the cases; do not prove.")
@click.option("--cases", "case_files", type=FILE, multiple=True, metavar="FILE", help="Cases in place of the packaged.")
def mutants(file: Path | None, count: int, seed: int, cases_only: bool, case_files: tuple[Path, ...]) -> None:
    """Put small slips into a policy, one at a time, and see what notices them.

    A slip is a limit one off, `and` for `or`, a `not` left out, a level one off, or a rule gone. Those that nothing
    notices are listed: each is harmless, or shows where a case is missing. POLICY is a policy file; without it, the
    packaged adult policy is taken. Takes a second or less a slip, and longer where it comes to proofs.

    \b
      recommender policy mutants --count 50 --cases-only
    """  # noqa: D301  # click reads \b as "keep these lines"
    from recommender.assurance.mutants import fate
    from recommender.assurance.mutants import mutants as drawn
    from recommender.cases import CASE_FILES, load_cases
    from recommender.cli.policy.check import progress
    from recommender.policy_file import ADULT, load_policy

    path = file or ADULT
    policy = load_policy(path)
    cases = load_cases(policy.questionnaire, case_files or CASE_FILES)
    holds = always if cases_only else prover()
    fates = []
    with progress(quiet=False) as tell:
        for mutant in (chosen := drawn(path, policy, count, seed)):
            fates.append(fate(mutant, cases, holds))
            tell(len(fates), len(chosen))
    tally = Counter(entry.noticed_by for entry in fates)
    noticed = len(fates) - tally[""]
    told = ", ".join(f"{number} by {what}" for what, number in tally.items() if what)
    click.echo(f"{noticed} of {len(fates)} slips were noticed ({100 * noticed / len(fates):.1f} %): {told}.")
    for entry in fates:
        if not entry.noticed_by:
            click.echo(f"  not noticed: {entry.mutant.rule}: {entry.mutant.slip}")
