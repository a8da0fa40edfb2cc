"""The evidence on a model as one self-contained page: no script, nothing fetched, readable on paper."""

from __future__ import annotations

from html import escape

from recommender.evaluation.dossier import PREDICTS, QUICK, Dossier
from recommender.evaluation.elsewhere import FEWEST_PEOPLE
from recommender.evaluation.groups import GroupingFigures
from recommender.report.evaluation import more_pictures, pictures, tables
from recommender.report.evaluation.short import sentences, sets_sentence
from recommender.report.evaluation.words import HIDDEN, figure_words
from recommender.report.html import STYLE, items, section

MORE_STYLE = """
body { max-width: 66rem; }
h1 small { display: block; font-size: 1rem; font-weight: 400; color: var(--quiet); }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
figure { margin: .8rem 0; } figure img { width: 100%; height: auto; }
figcaption, .note { color: var(--quiet); font-size: .9rem; max-width: 52rem; }
.wide { overflow-x: auto; }
table { font-size: .88rem; } thead th { font-weight: 600; border-bottom: 2px solid var(--line); }
tbody th { font-weight: 400; } td b { font-weight: 600; }
td small, th small { display: block; color: var(--quiet); font-weight: 400; }
.figures td, .numbers td { white-space: nowrap; font-variant-numeric: tabular-nums; }
.numbers td, .numbers thead th { text-align: right; } .numbers thead th:first-child { text-align: left; }
dl.about { display: grid; grid-template-columns: 9rem 1fr; gap: .15rem 1rem; } dl.about dt { color: var(--quiet); }
dl.about dd { margin: 0; overflow-wrap: anywhere; }
.yes { color: #0b6e4f; } .no { color: var(--alert); font-weight: 600; } .open { color: #7a5200; }
nav ul { columns: 3; padding-left: 1.1rem; font-size: .9rem; }
@media (max-width: 40rem) { nav ul { columns: 1; } dl.about { grid-template-columns: 1fr; }
  tbody th { min-width: 9rem; } figure { overflow-x: auto; } figure img { min-width: 44rem; } }
@media print { html { font-size: 11.5px; } nav { display: none; } figure, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  thead { display: table-header-group; } .wide { overflow: visible; } a { color: inherit; text-decoration: none; } }
"""


def page(dossier: Dossier) -> str:
    """The whole page."""
    parts = [(heading, body) for heading, body in parts_of(dossier) if body]
    links = items(f'<a href="#{anchor(heading)}">{escape(heading)}</a>' for heading, _ in parts)
    body = "".join(
        section(heading, text).replace("<section>", f'<section id="{anchor(heading)}">', 1) for heading, text in parts
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(dossier.model)}: evidence</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}{MORE_STYLE}</style></head><body>\n{head(dossier)}<nav>{links}</nav><main>{body}</main>"
        f"<footer><p>{escape(dossier.statement)}</p></footer></body></html>\n"
    )


def anchor(heading: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in heading.lower())


def head(dossier: Dossier) -> str:
    about = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in dossier.about.items())
    return (
        f'<p class="statement">{escape(dossier.statement)}</p>'
        f"<h1>Model {escape(dossier.model)}<small>How good it is, for whom, and how sure that is</small></h1>"
        f'<p>{escape(PREDICTS)}</p><dl class="about">{about}</dl>'
    )


def parts_of(dossier: Dossier) -> list[tuple[str, str]]:
    """Heading and body of each part, in order; an empty body is left out."""
    return [
        ("In short", items(map(escape, sentences(dossier)))),
        ("All candidates, on the same people", candidates(dossier)),
        ("What being readable costs", price(dossier)),
        ("Telling levels apart", ranking(dossier)),
        ("Where people are placed", placement(dossier)),
        ("Whether probabilities mean what they say", calibration(dossier)),
        ("What acting on it is worth", pictures.decision_picture(dossier)),
        ("Prediction sets", sets(dossier)),
        ("By group of people", groups(dossier)),
        ("Whether race, sex, payer or place change anything", flips(dossier)),
        ("Where it was never", elsewhere(dossier)),
        ("What more people would bring", learning(dossier)),
        ("What is not known of people", unknown(dossier)),
        ("What each answer does", more_pictures.shapes_picture(dossier) if dossier.shapes else ""),
        ("What may be wrong with this evidence", risks(dossier)),
        ("What a publication has to tell", reporting(dossier)),
        ("How to read this", how_to_read(dossier)),
    ]


def candidates(dossier: Dossier) -> str:
    note = (
        "Level figures judge the level that each candidate names. Where a candidate gives no probability, its AUC is "
        "that of the level by itself. The label is where people were placed and did well, so whoever placed them has "
        "an advantage here that says nothing of skill."
    )
    return tables.candidates_table(dossier) + paragraph(note)


def price(dossier: Dossier) -> str:
    """The model less each freer or simpler one."""
    note = (
        "The figures of the model less those of the other, on the same people and the same resamples. Where ranking is "
        "no worse and log loss no higher, nothing is lost by being readable."
    )
    told = tables.price_table(dossier)
    return told and told + paragraph(note)


def ranking(dossier: Dossier) -> str:
    return pictures.roc_picture(dossier) + tables.tasks_table(dossier, dossier.findings.chief)


def placement(dossier: Dossier) -> str:
    told = dossier.findings.candidates[: pictures.CONFUSIONS_SHOWN]
    numbers = "".join(f"<h3>{escape(c.name)}, people</h3>{tables.confusion_table(dossier, c)}" for c in told)
    return pictures.confusion_picture(dossier) + numbers


def calibration(dossier: Dossier) -> str:
    chief = dossier.findings.chief
    if not any(task.calibration for task in chief.steps):
        return ""
    note = (
        "ECE is the mean distance between what was said and what came true. A perfect model, too, is above 0 because "
        "people are few: the noise floor is what it would have, in 95 of 100 cases at most the number below. A slope "
        "below 1 says that probabilities are too extreme, an intercept above 0 that it happens more often than said."
    )
    return pictures.calibration_picture(dossier) + tables.calibration_table(dossier, chief) + paragraph(note)


def sets(dossier: Dossier) -> str:
    chief = dossier.findings.chief
    if chief.sets is None:
        return ""
    single, abstains = (figure_words(figure, percent=True) for figure in (chief.sets.single, chief.sets.abstains))
    words = (
        f"{sets_sentence(chief.sets)} One level alone: {single}. It abstains for {abstains}. By size: "
        f"{tables.sizes_words(chief.sets.sizes)}."
    )
    return f"<p>{escape(words)}</p>{tables.sets_table(dossier, chief)}"


def groups(dossier: Dossier) -> str:
    found = dossier.findings.groupings
    if not found:
        return ""
    note = (
        f"Dashed: all people. Orange: the calibration error that a perfect model would have in a group of that size. "
        f"{HIDDEN}: 1 to 10 people, or too few to be told apart. Sizes are rounded to tens. A gap is the largest less "
        "the smallest among groups of at least 200 people; chance alone makes it larger than 0."
    )
    return paragraph(note) + "".join(group_block(dossier, grouping) for grouping in found)


def group_block(dossier: Dossier, grouping: GroupingFigures) -> str:
    drawn = more_pictures.group_picture(dossier, grouping)
    return f"<h3>{escape(grouping.title)}</h3>{drawn}{tables.group_table(grouping)}"


def flips(dossier: Dossier) -> str:
    if not dossier.flips:
        return ""
    note = (
        "Each person was given another answer, or moved to another place, and everything was computed again from the "
        "start. Told otherwise: another level, status, probability, set or suggestion."
    )
    rows = [[escape(f.what.capitalize()), f"{f.people:,}", f"{f.changed:,}"] for f in dossier.flips]
    every = sum(f.people for f in dossier.flips), sum(f.changed for f in dossier.flips)
    rows.append(["<i>all</i>", *(f"{count:,}" for count in every)])
    return tables.table(["What was changed", "People", "Told otherwise"], rows, "numbers") + paragraph(note)


def elsewhere(dossier: Dossier) -> str:
    body = ""
    if dossier.sites:
        body += "<h3>Sites left out, one at a time</h3>" + more_pictures.elsewhere_picture(
            dossier.sites, "Sites left out"
        )
        body += tables.elsewhere_table(dossier.sites, "Site")
    if dossier.periods:
        body += "<h3>Later periods, trained on the earlier ones</h3>"
        body += tables.elsewhere_table(dossier.periods, "Period")
    how = "with fewer folds and trees" if dossier.facts.get("trials") == QUICK else "in the same way"
    note = f"Each row is a model of its own, trained {how}, without those people. Intervals are by person. "
    note += (
        f"A site or period with fewer than {FEWEST_PEOPLE} labelled people is judged with everybody, never by itself."
    )
    bare = [escape(entry.name) for entry in (*dossier.sites, *dossier.periods) if not entry.figures]
    if bare:
        note += f" No figures where too few other people are left to train on: {', '.join(bare)}."
    return body and body + paragraph(note)


def learning(dossier: Dossier) -> str:
    if not dossier.learning:
        return ""
    return more_pictures.learning_picture(dossier.learning) + tables.elsewhere_table(dossier.learning, "People")


def unknown(dossier: Dossier) -> str:
    return more_pictures.unknown_picture(dossier) if dossier.unknown else ""


def risks(dossier: Dossier) -> str:
    rows = [
        [
            f"{escape(risk.question)}<small>{escape(risk.domain)}, {escape(risk.id)}</small>",
            f'<span class="{risk.verdict}">{risk.verdict}</span>',
            escape(risk.answer),
        ]
        for risk in dossier.check.risks
    ]
    note = "A self check after the domains of PROBAST, answered from the run. Open: only a person can say."
    return paragraph(note) + tables.table(["", "Verdict", "From the run"], rows)


def reporting(dossier: Dossier) -> str:
    check = dossier.check
    rows = [
        [f"{escape(item.item)} {escape(item.section)}<small>{escape(item.asks)}</small>", escape(item.answer or "—")]
        for item in check.reporting
    ]
    note = (
        f"After TRIPOD+AI, in our words: {check.answered} of {len(check.reporting)} items are answered from the run; a "
        "dash is left to whoever publishes."
    )
    return paragraph(note) + tables.table(["", "From the run"], rows)


def how_to_read(dossier: Dossier) -> str:
    found = dossier.findings
    lines = (
        f"Intervals are 95 %, from {found.resamples:,} bootstrap resamples of {found.clusters:,} clusters, each "
        f"{'a site' if found.clustered_by == 'site' else 'a person, put together into hands since sites are too few'}; "
        f"seed {found.seed}.",
        "They say how far another draw of such people could differ. They do not say whether a level is right.",
        "An AUC of 0.5 is chance, 1 is perfect. AUPRC by chance is the share of people.",
        f"{HIDDEN} hides 1 to 10 people, and with them as many others as are needed so that they cannot be worked out.",
    )
    return items(map(escape, lines))


def paragraph(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'
