"""The policy reference as one HTML document: no script, nothing fetched, each page begins a sheet of paper."""

from __future__ import annotations

from html import escape

from recommender.report.html import STYLE, items
from recommender.report.reference.pages import Entry, Link, Page, Part, Reference, facts

MORE_STYLE = """
h1 { margin-top: 2rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
article { border-top: 1px solid var(--line); }
article p { margin: .3rem 0; }
dl { display: grid; grid-template-columns: 8.5rem 1fr; gap: .15rem .8rem; margin: .3rem 0; font-size: .95rem; }
dt { color: var(--quiet); } dd { margin: 0; }
code { background: #f6f8fa; padding: 0 .2rem; overflow-wrap: anywhere; }
nav { columns: 2; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } nav { columns: 1; } }
@media print { main > section { break-before: page; } article { break-inside: avoid; } nav { columns: 2; } }
"""


def html_reference(reference: Reference) -> str:
    """The whole document."""
    links = "".join(f'<li><a href="#{page.name}">{escape(page.title)}</a></li>' for page in reference.pages)
    pages = "".join(page_section(reference, page) for page in reference.pages)
    rows = "".join(
        f"<tr><td>{escape(source.id)}</td><td>{escape(source.title)}</td><td>{escape(source.note)}</td></tr>"
        for source in reference.sources
    )
    sources = f'<section id="sources"><h1>Sources</h1>{banner(reference)}<table>{rows}</table></section>'
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(reference.title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}{MORE_STYLE}</style></head><body>\n<h1>{escape(reference.title)}: every rule</h1>"
        f'{banner(reference)}<nav><ul>{links}<li><a href="#sources">Sources</a></li></ul></nav>'
        f"<main>{pages}{sources}</main></body></html>\n"
    )


def banner(reference: Reference) -> str:
    """What stands on each page."""
    return (
        f'<p class="statement">{escape(reference.statement)}</p>'
        f'<p class="quiet">{escape(reference.version)} {escape(reference.cohort)}</p>'
    )


def page_section(reference: Reference, page: Page) -> str:
    """One page as a section that begins a sheet of paper."""
    parts = "".join(part_block(page, part) for part in page.parts)
    return (
        f'<section id="{page.name}"><h1>{escape(page.title)}</h1>{banner(reference)}'
        f"<p>{escape(page.intro)}</p>{parts}</section>\n"
    )


def part_block(page: Page, part: Part) -> str:
    heading = f"<h2>{escape(part.heading)}</h2>" if part.heading else ""
    intro = f"<p>{escape(part.intro)}</p>" if part.intro else ""
    return heading + intro + items(map(escape, part.lines)) + "".join(article(page, entry) for entry in part.entries)


def article(page: Page, entry: Entry) -> str:
    """One rule: its sentence first, then what it says, where it comes from and who it is true for."""
    rows = "".join(f"<dt>{label}</dt><dd>{text}</dd>" for label, text in facts(entry, escape, code, linked))
    why = f"<p>{escape(entry.why)}</p>" if entry.why else ""
    return f'<article id="{page.name}-{entry.anchor}"><h3>{escape(entry.heading)}</h3>{why}<dl>{rows}</dl></article>\n'


def code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def linked(link: Link) -> str:
    target = f"{link.page}-{link.anchor}" if link.anchor else link.page
    return f'<a href="#{target}">{escape(link.words)}</a>'
