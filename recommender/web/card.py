"""The Markdown of a model's card as HTML: headings, paragraphs, lists, tables, bold, code. All else stays text.

A card comes from a file, so nothing in it is trusted: it is escaped before anything is looked for, and there are no
links, pictures or raw HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from markupsafe import Markup, escape

HEADING, ITEM, CELL = re.compile(r"(#{1,4}) +(.+)"), "- ", "|"
RULE = re.compile(r"\|[\s:|-]+\|?")
# A bar that was escaped stands for itself.
BETWEEN_CELLS = re.compile(r"(?<!\\)\|")
# A hash is code too: it may then be broken anywhere, and no line gets wider than a small screen.
MARKS = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\b([0-9a-f]{40,})\b"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
)


def card_html(text: str, label: str) -> Markup:
    """The card as HTML; `label` is what its tables are called to those who cannot see them."""
    lines = [line.strip() for line in text.splitlines()]
    blocks = (part for kind, few in groupby(lines, kind_of) for part in block_html(kind, list(few), label))
    return Markup("\n").join(blocks)


def kind_of(line: str) -> str:
    """What a line is a part of; lines of one kind that stand together are one block."""
    if not line:
        return "nothing"
    if HEADING.fullmatch(line):
        return "heading"
    return "list" if line.startswith(ITEM) else "table" if line.startswith(CELL) else "text"


def block_html(kind: str, lines: Sequence[str], label: str) -> Iterator[Markup]:
    """One block."""
    if kind == "heading":
        yield from map(heading_html, lines)
    elif kind == "list":
        yield wrapped("ul", [wrapped("li", [inline(line.removeprefix(ITEM))]) for line in lines])
    elif kind == "table":
        yield table_html(lines, label)
    elif kind == "text":
        yield wrapped("p", [inline(" ".join(lines))])


def heading_html(line: str) -> Markup:
    found = HEADING.fullmatch(line)
    assert found
    return wrapped(f"h{len(found[1])}", [inline(found[2])])


def table_html(lines: Sequence[str], label: str) -> Markup:
    """A table; its first line and its first column are headings."""
    head, *rows = [cells_of(line) for line in lines if not RULE.fullmatch(line)] or [[]]
    top = wrapped("tr", [column_html(cell) for cell in head])
    body = [wrapped("tr", [ROW.format(row[0]), *(wrapped("td", [cell]) for cell in row[1:])]) for row in rows if row]
    table = TABLE.format(wrapped("thead", [top]) + wrapped("tbody", body))
    return SCROLLED.format(label, table)


TABLE, ROW = Markup('<table class="list">{}</table>'), Markup('<th scope="row">{}</th>')
SCROLLED = Markup('<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>')


def column_html(cell: Markup) -> Markup:
    """A heading of a column; a blank corner is no heading of anything."""
    return Markup('<th scope="col">{}</th>').format(cell) if cell else Markup("<td></td>")


def cells_of(line: str) -> list[Markup]:
    inside = line.removeprefix(CELL).removesuffix(CELL)
    return [inline(cell.strip().replace("\\|", CELL)) for cell in BETWEEN_CELLS.split(inside)]


def inline(text: str) -> Markup:
    """Text with its bold words and code; escaped first, so that only our own marks are HTML."""
    found = str(escape(text))
    for pattern, replacement in MARKS:
        found = pattern.sub(replacement, found)
    return Markup(found)  # noqa: S704  # escaped above


def wrapped(name: str, inside: Sequence[Markup]) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(Markup(name), Markup().join(inside))  # noqa: S704  # our own names
