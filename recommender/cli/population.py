"""`recommender data fit-population`: a reference population learned from a table of answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.options import FILE, policy_option

if TYPE_CHECKING:
    from recommender.answers import Answers
    from recommender.policy import Policy

FEWEST = 200
STATEMENT = "Not clinically validated. It says what is usual among these people, never what holds for one person."


@click.command()
@click.argument("source", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="Where to write the population: a .json file.")
@click.option("--name", required=True, help="What to call the population; it stands beside every figure made with it.")
@click.option("--date", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The date of the data, 2026-11-25.")
@click.option("--classes", type=click.IntRange(1, 32), default=4, show_default=True, help="Hidden classes of people.")
@click.option("--seed", type=int, default=1, show_default=True, help="Any whole number; the same gives the same.")
@policy_option
def fit_population(
    source: Path, output: Path, name: str, date: object, classes: int, seed: int, policy_file: Path | None
) -> None:
    """Learn from a table what is likely where little is known.

    SOURCE is a table of answers as for `recommender batch`, of at least 200 people, best of people who were asked all
    questions. The population holds shares and no person: which answers are how common, and which go together. Give it
    to `assess`, `batch` or `interview` with --population.

    \b
      recommender data simulate --rows 20000 --seed 1 --unknown 0 -o build/people.parquet
      recommender data fit-population build/people.parquet -o build/population.json --name "Made up" --date 2026-11-25

    Rows with faults stop it; `recommender batch` says which they are.
    """  # noqa: D301  # click reads \b as "keep these lines"
    from recommender.likely.fitting import fit_population as fit
    from recommender.likely.population import write_population
    from recommender.policy_file import ADULT, load_policy
    from recommender.table_file import replacing, target_form

    target_form(output, (".json",))
    policy = load_policy(policy_file or ADULT)
    answers = all_answers(policy, source)
    population = fit(
        policy.questionnaire,
        answers,
        name=name,
        date=f"{date:%Y-%m-%d}",
        statement=STATEMENT,
        classes=classes,
        seed=seed,
    )
    with replacing(output) as partial:
        partial.write_text(write_population(population), encoding="utf-8")
    click.echo(f"{answers.count:,} people, {len(population.variables)} questions, in {output.name}.", err=True)
    click.echo(STATEMENT, err=True)


def all_answers(policy: Policy, source: Path) -> Answers:
    """The answers of a whole table. Raises InputError with the first faults, or where there are too few people."""
    from recommender.errors import Fault, InputError

    parts = list(read_parts(policy, source))
    people = sum(part.count for part in parts)
    if people < FEWEST:
        what = "holds too few people to say what is likely"
        raise InputError(Fault(what, file=source.name, given=str(people), allowed=f"{FEWEST} or more"))
    return joined(policy, parts)


def read_parts(policy: Policy, source: Path) -> Iterator[Answers]:
    """The answers of a table, chunk by chunk. Raises InputError where a row has a fault."""
    from recommender.batch.cohort import read_people
    from recommender.errors import Fault, InputError

    for people in read_people(source, policy.questionnaire):
        if people.faulty:
            remedy = "`recommender batch` says which rows they are, and why; correct them or take them out."
            raise InputError(Fault(f"has rows with faults ({people.faulty})", file=source.name, remedy=remedy))
        yield people.answers


def joined(policy: Policy, parts: list[Answers]) -> Answers:
    """Chunks one after another; a question that a chunk has no answer to is unanswered there."""
    import numpy as np

    from recommender.answers import Answers, Column
    from recommender.explain import blank

    names = dict.fromkeys(name for part in parts for name in part.columns)
    columns = {}
    for name in names:
        question = policy.questionnaire.questions[name]
        pieces = [part.columns.get(name) or blank(question, part.count) for part in parts]
        columns[name] = Column(
            *(np.concatenate([getattr(p, end) for p in pieces]) for end in ("lower", "upper", "state"))
        )
    return Answers(sum(part.count for part in parts), columns)
