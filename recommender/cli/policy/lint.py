"""`recommender policy lint`: what an author should look at again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.cli.options import FILE

if TYPE_CHECKING:
    from recommender.lint import Finding


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--questions", is_flag=True, help="Look through the packaged questions and levels too.")
@click.option("--strict", is_flag=True, help="Exit code 11 for warnings too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def lint(context: click.Context, file: Path | None, questions: bool, strict: bool, form: str) -> None:
    """Tell all that is wrong or odd in a policy file at once.

    A fault keeps the policy from being used; a warning is allowed but hardly meant; a notice is for information. Each
    line begins with file, line and column, as editors read it. FILE is a policy file; without it, the packaged adult
    policy is looked at. Quick, because nothing is proved.

    \b
      recommender policy lint my_policy.yaml
      recommender policy lint --questions --strict

    Exit codes: 0 no fault, 11 faults (with --strict: or warnings).
    """  # noqa: D301  # click reads \b as "keep these lines"
    import json

    from recommender.errors import ContentError
    from recommender.lint import FAULT, WARNING, lint_policy, lint_questions
    from recommender.policy_file import ADULT

    found = lint_questions() if questions else []
    # A policy is read with the questions, so it has to wait until those can be.
    if not any(finding.severity == FAULT for finding in found):
        found += lint_policy(file or ADULT)
    click.echo(json.dumps([as_data(entry) for entry in found], indent=2) if form == "json" else as_text(found))
    severities = {finding.severity for finding in found}
    if FAULT in severities or (strict and WARNING in severities):
        context.exit(ContentError.exit_code)


def as_text(found: list[Finding]) -> str:
    """A line for each finding and one that counts them."""
    return "\n".join((*(line(finding) for finding in found), counted(found)))


def line(finding: Finding) -> str:
    """`mine.yaml:12:5: warning: what. [code]`, the form that editors make links of."""
    fault = finding.fault
    place = ":".join(str(part) for part in (fault.file, fault.line, fault.column) if part is not None)
    return f"{place}: {finding.severity}: {fault.message()} [{finding.code}]"


def counted(found: list[Finding]) -> str:
    """How many there are of each severity."""
    counts = {name: sum(entry.severity == name for entry in found) for name in ("fault", "warning", "notice")}
    return ", ".join(f"{count} {name}{'s' if count != 1 else ''}" for name, count in counts.items())


def as_data(finding: Finding) -> dict[str, object]:
    """One finding for programs."""
    fault = finding.fault
    return {
        "severity": finding.severity,
        "code": finding.code,
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "what": fault.what,
        "allowed": fault.allowed,
        "suggestion": fault.remedy,
    }
