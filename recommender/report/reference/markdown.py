"""The policy reference as Markdown files."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from recommender.report.reference.pages import INDEX, Entry, Link, Page, Part, Reference, facts

SPECIAL = re.compile(r"([\\`*_\[\]<>|])")
WIDTH = 120
MADE = "<!-- Made from the policy by `make docs`; do not edit by hand. -->"


def markdown_files(reference: Reference) -> dict[str, str]:
    """The text of each file, by its name."""
    pages = {f"{page.name}.md": "\n".join(page_lines(reference, page)) + "\n" for page in reference.pages}
    return {f"{INDEX}.md": "\n".join(index_lines(reference)) + "\n", **pages}


def index_lines(reference: Reference) -> Iterator[str]:
    """The page that leads to the others, with the sources."""
    yield from (MADE, f"# {plain_text(reference.title)}: every rule", "")
    yield from wrapped(f"**{reference.statement}** {reference.version} {reference.cohort}")
    yield from ("", "| page | entries |", "| --- | --- |")
    for page in reference.pages:
        yield f"| [{plain_text(page.title)}]({page.name}.md) | {page.rules or ''} |"
    yield from ("", "## Sources", "", "| key | source | note |", "| --- | --- | --- |")
    for source in reference.sources:
        yield f"| {source.id} | {plain_text(source.title)} | {plain_text(source.note)} |"


def page_lines(reference: Reference, page: Page) -> Iterator[str]:
    """One page."""
    yield from (MADE, f"# {plain_text(page.title)}", "")
    yield from wrapped(f"**{reference.statement}** {reference.version} {reference.cohort} [All pages]({INDEX}.md)")
    yield ""
    yield from wrapped(plain_text(page.intro))
    for part in page.parts:
        yield from part_lines(part)


def part_lines(part: Part) -> Iterator[str]:
    if part.heading:
        yield from ("", f"## {plain_text(part.heading)}")
    if part.intro:
        yield from ("", *wrapped(plain_text(part.intro)))
    if part.lines:
        yield ""
    for line in part.lines:
        yield from wrapped(plain_text(line), "- ", "  ")
    for entry in part.entries:
        yield from entry_lines(entry)


def entry_lines(entry: Entry) -> Iterator[str]:
    """One rule: its sentence first, then what it says, where it comes from and who it is true for."""
    yield from ("", f'<a id="{entry.anchor}"></a>', "", f"### {plain_text(entry.heading)}", "")
    if entry.why:
        yield from (*wrapped(plain_text(entry.why)), "")
    for label, text in facts(entry, plain_text, code, linked):
        yield from wrapped(f"**{label}:** {text}", "- ", "  ")


def code(text: str) -> str:
    return f"`{text}`"


def linked(link: Link) -> str:
    anchor = f"#{link.anchor}" if link.anchor else ""
    return f"[{plain_text(link.words)}]({link.page}.md{anchor})"


def plain_text(text: str) -> str:
    """Text without anything that Markdown would read as more."""
    return SPECIAL.sub(r"\\\1", text)


def wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    """A paragraph in lines that a difference can be read in; links and code stay whole."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
