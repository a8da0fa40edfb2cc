"""Finds what may not be in the content: names and wording that belong to others. Its lists stand in docs/licences.md.

Protected wording may not be written down here either, not even to forbid it. So the page holds fingerprints: a salted
hash of each run of six words, without case and punctuation. To add a passage, give it on standard input

    python -m tests.licence_guard < passage.txt

and put the line that is printed into the table of guarded wording. Keep the passage out of the repository.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

PAGE = Path(__file__).parents[1] / "docs" / "licences.md"
NAMES_HEADING, WORDING_HEADING = "## Guarded names", "## Guarded wording"
SALT = "recommender licence guard 1"
WORDS_IN_A_RUN = 6
FINGERPRINT_LENGTH = 12
WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class GuardedName(NamedTuple):
    """A name, how it is found, and the fields of a content file that may hold it."""

    name: str
    pattern: re.Pattern[str]
    fields: frozenset[str]


def table(text: str, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, without its own head."""
    after = text.partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip().strip("|").split("|") for line in after.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def guarded_names(text: str) -> list[GuardedName]:
    """The names that the page lists. A row holds the spellings, `any` or `exact` case, and the fields."""
    found = []
    for spellings, case, fields in table(text, NAMES_HEADING):
        assert case in ("any", "exact"), case
        for name in re.findall(r"`([^`]+)`", spellings):
            flags = re.IGNORECASE if case == "any" else 0
            pattern = re.compile(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", flags)
            found.append(GuardedName(name, pattern, frozenset(re.findall(r"`([^`]+)`", fields))))
    return found


def names_in(text: str, guarded: Iterable[GuardedName]) -> list[str]:
    """The guarded names in the text of a YAML file, comments too, that stand outside the fields that may hold them."""
    node = yaml.compose(text, Loader=LOADER)
    kept: dict[frozenset[str], str] = {}
    found = []
    for name in guarded:
        if name.fields not in kept:
            kept[name.fields] = text_outside(text, node, name.fields)
        if name.pattern.search(kept[name.fields]):
            found.append(name.name)
    return found


def text_outside(text: str, node: yaml.Node | None, fields: frozenset[str]) -> str:
    """The text with all that stands under one of the fields made blank."""
    kept = list(text)
    for scalar in scalars_under(node, fields):
        for place in range(scalar.start_mark.index, scalar.end_mark.index):
            kept[place] = " "
    return "".join(kept)


def scalars_under(node: yaml.Node | None, fields: frozenset[str], inside: bool = False) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode) and inside:
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from scalars_under(item, fields, inside)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from scalars_under(key, fields, inside)
            yield from scalars_under(value, fields, inside or key.value in fields)


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """Every six words in a row, without case and punctuation; line ends do not matter."""
    words = WORD.findall(text.lower().replace("’", "'"))
    for start in range(len(words) - WORDS_IN_A_RUN + 1):
        yield tuple(words[start : start + WORDS_IN_A_RUN])


def fingerprint(run: tuple[str, ...]) -> str:
    """What stands for six words in the table."""
    return hashlib.sha256(f"{SALT}: {' '.join(run)}".encode()).hexdigest()[:FINGERPRINT_LENGTH]


def guarded_wording(text: str) -> dict[str, str]:
    """The fingerprints that the page lists, each with whose wording it is."""
    return {mark: owner for owner, marks in table(text, WORDING_HEADING) for mark in marks.split()}


def wording_in(text: str, guarded: Mapping[str, str]) -> list[str]:
    """The owners of guarded wording in a text."""
    marks = (fingerprint(run) for run in dict.fromkeys(runs(text)))
    return list(dict.fromkeys(guarded[mark] for mark in marks if mark in guarded))


def loinc_is_valid(code: str) -> bool:
    """The check digit after the dash is mod 10 (Luhn) of the digits before it."""
    if not re.fullmatch(r"\d{1,7}-\d", code):
        return False
    body, _, check = code.partition("-")
    doubled = [int(digit) * (2 if position % 2 == 0 else 1) for position, digit in enumerate(reversed(body))]
    return (10 - sum(number // 10 + number % 10 for number in doubled) % 10) % 10 == int(check)


def main() -> None:
    """Prints the fingerprints of the passage on standard input as a row for the table."""
    marks = dict.fromkeys(fingerprint(run) for line in sys.stdin for run in runs(line))
    if not marks:
        sys.exit(f"Give a passage of {WORDS_IN_A_RUN} words or more, one a line, on standard input.")
    sys.stdout.write(f"| whose wording | {' '.join(marks)} |\n")


if __name__ == "__main__":
    main()
