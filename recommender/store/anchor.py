"""Where the head of the audit chain is kept a second time: a file outside the database, one line a commit.

The chain by itself cannot know that its end was cut off. A line is added after the commit that it tells of, so a crash
in between leaves the file one commit behind and never ahead.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from recommender.errors import Fault, InputError
from recommender.store.keys import only_for_the_owner

LINE = re.compile(r"(\d+):([0-9a-f]{64})")


class Head(NamedTuple):
    """The number and mark of the last entry at some time. As text: `NUMBER:MARK`."""

    number: int
    mark: str

    def __str__(self) -> str:
        return f"{self.number}:{self.mark}"


def head_in(text: str, fault: Fault) -> Head:
    """The head that a text says. Raises InputError with `fault`."""
    match = LINE.fullmatch(text.strip())
    if not match:
        raise InputError(fault)
    return Head(int(match[1]), match[2])


def write_head(file: Path, head: Head) -> None:
    """Adds a head to the file. One short write, so lines of several processes never mix."""
    with open(file, "a", encoding="ascii", opener=only_for_the_owner) as stream:
        stream.write(f"{head}\n")


def read_heads(file: Path) -> list[Head]:
    """All heads of the file. A last line that a crash cut short is left out. Raises InputError for any other line."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="ascii", errors="replace").split("\n")
    whole = enumerate(lines[:-1], start=1)
    return [head_in(line, Fault("is not the head of a chain", file=file.name, line=place)) for place, line in whole]


def fold(file: Path) -> None:
    """Keeps the last head alone, which says all that those before it say once the chain was found whole."""
    heads = read_heads(file)
    if heads:
        beside = file.with_name(f"{file.name}.new")
        beside.unlink(missing_ok=True)
        write_head(beside, max(heads))
        os.replace(beside, file)
