"""How far learning is: a line on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from recommender.cli.progress import CLEAR_LINE


@contextmanager
def progress_line(what: str, quiet: bool = False) -> Iterator[Callable[[int, int], None] | None]:
    """What to tell how many of how many are done; nothing where nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    yield lambda done, all_of_them: click.echo(f"{CLEAR_LINE}{done} of {all_of_them} {what}", nl=False, err=True)
    click.echo(CLEAR_LINE, nl=False, err=True)
