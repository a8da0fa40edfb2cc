"""`recommender policy reference`: every rule in words, as pages to read and print."""

from __future__ import annotations

from pathlib import Path

import click

from recommender.cli.options import FILE, policy_option

FORMS = ("markdown", "html")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@policy_option
@click.option("--cohort", type=FILE, metavar="TABLE", help="Count who each rule is true for in a table of referrals.")
@click.option("--about", default="", metavar="TEXT", help="A sentence on the table, to stand on each page.")
@click.option("--format", "forms", type=click.Choice(FORMS), multiple=True, help="One form only; both if not given.")
def reference(folder: Path, policy_file: Path | None, cohort: Path | None, about: str, forms: tuple[str, ...]) -> None:
    """Write a policy as pages: every rule in words, with why, source and the cases that pin it.

    FOLDER gets a Markdown file for each part of the policy and index.md, and one HTML document, policy.html, that
    prints well. Files of these names are written over.

    \b
      recommender policy reference build/policy --cohort data/referrals.csv --about "320 synthetic referrals."
    """  # noqa: D301  # click reads \b as "keep these lines"
    from recommender.anatomy import cases_by_rule
    from recommender.cases import packaged_cases
    from recommender.policy_file import ADULT, load_policy
    from recommender.report.reference.html import html_reference
    from recommender.report.reference.markdown import markdown_files
    from recommender.report.reference.pages import reference_of

    policy = load_policy(policy_file or ADULT)
    counts = None
    if cohort is not None:
        from recommender.anatomy import count_rules
        from recommender.batch.cohort import read_people

        people = read_people(cohort, policy.questionnaire)
        counts = count_rules(policy, ((some.answers, some.fine) for some in people))
    pinned = cases_by_rule(policy, packaged_cases(policy.questionnaire))
    made = reference_of(policy, pinned, counts, about)
    files = markdown_files(made) if "markdown" in forms or not forms else {}
    if "html" in forms or not forms:
        files["policy.html"] = html_reference(made)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    click.echo(f"{len(files)} files in {folder}")
