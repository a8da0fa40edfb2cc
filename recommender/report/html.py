"""A recommendation as one self-contained HTML page: no script, nothing fetched, readable on paper."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from recommender.change import Change, Changes
from recommender.explain import Fact, OpenQuestion, Reason, Refutation
from recommender.plan import PlannedService, Week, in_week_order
from recommender.policy import DAYS, clock
from recommender.recommendation import (
    CHANGES_ARE_FACTS,
    HEADLINES,
    STATUS_WORDS,
    FlagNote,
    Note,
    RatingNote,
    Recommendation,
)
from recommender.report.words import STATUS_AFTER, change_words, hours, how_often, likely_words, nothing_found, percent
from recommender.rules.prose import plain

STYLE = """
:root { --ink: #1c2430; --quiet: #5b6675; --line: #d8dee6; --accent: #0b6e4f; --alert: #a3171e; --soft: #eef6f2; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; }
.statement { background: #fff6d6; border: 1px solid #e2c76a; padding: .5rem .8rem; border-radius: .3rem; }
.status, .quiet, .source, footer { color: var(--quiet); }
.ladder { display: flex; gap: 2px; margin: 1rem 0; padding: 0; list-style: none; }
.ladder li { flex: 1; text-align: center; font-size: .72rem; padding: .45rem 0; background: #f1f3f6; }
.ladder li.possible { background: #bfe3d3; color: var(--ink); }
.ladder li.end { background: var(--accent); color: #fff; font-weight: 700; }
.flag { border-left: .4rem solid var(--alert); background: #fdf0f0; padding: .6rem .8rem; margin: .6rem 0; }
.flag b { color: var(--alert); }
.flag.floor, .flag.route { border-color: #c98a12; background: #fdf7e8; }
.flag.floor b, .flag.route b { color: #7a5200; }
h1.alert { background: var(--alert); color: #fff; padding: .6rem .8rem; border-radius: .3rem; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
td, th { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
.meter { display: inline-grid; grid-template-columns: repeat(4, 1.1rem); gap: 2px; }
.meter i { height: .8rem; background: #e7ebf0; }
.meter i.low { background: var(--accent); }
.meter i.high { background: #bfe3d3; }
.value { white-space: nowrap; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
ul.tree { padding-left: 1.1rem; }
.week { display: grid; grid-template-columns: repeat(7, 1fr); gap: 4px; font-size: .8rem; }
.week div { background: #f6f8fa; min-height: 4rem; padding: .3rem; }
.week p { background: var(--soft); border-left: 3px solid var(--accent); margin: .25rem 0; padding: .2rem .3rem; }
@media (max-width: 40rem) { .week { grid-template-columns: 1fr; } .ladder { flex-wrap: wrap; } }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } .flag, tr { break-inside: avoid; } }
"""


def html_report(recommendation: Recommendation, *, for_clinician: bool = False) -> str:
    """The page. While the level may not be shown it holds no level, unless `for_clinician`."""
    r = recommendation
    body = report_body(r, shown=r.level_shown or for_clinician)
    title = f"Level of care {r.id}".strip()
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body>\n{body}</body></html>"
    )


def report_body(r: Recommendation, *, shown: bool) -> str:
    """What stands on the page, to be put on another; the level only where it may be `shown`."""
    parts = [head(r, shown), flags(r)]
    if r.status != "blocked":
        parts += [ask_first(r), not_cleared(r)]
    if shown:
        parts += [
            ratings(r.ratings),
            why(r),
            not_lower(r),
            not_higher(r),
            still_open(r),
            changes(r),
            second_opinion(r),
            beside(r),
            fit(r.iop_fit),
            plan(r),
        ]
    return "".join(part for part in parts if part) + foot(r)


def section(heading: str, body: str) -> str:
    """A part of the page, or nothing where there is nothing to say."""
    return f"<section><h2>{escape(heading)}</h2>{body}</section>\n" if body else ""


def items(lines: Iterable[str], kind: str = "ul") -> str:
    """A list of pieces that are HTML already."""
    inner = "".join(f"<li>{line}</li>" for line in lines)
    return f"<{kind}>{inner}</{kind}>" if inner else ""


def head(r: Recommendation, shown: bool) -> str:
    name = f'<p class="quiet">{escape(r.id)}</p>' if r.id else ""
    title = level_title(r) if shown else HEADLINES[r.status]
    kind = "" if shown else ' class="alert"'
    ladder = ladder_row(r) + likely(r) if shown else ""
    return (
        f'<p class="statement">{escape(r.statement)}</p>{name}<h1{kind}>{escape(title)}</h1>'
        f'<p class="status">{escape(STATUS_WORDS[r.status])}</p>{ladder}'
    )


def likely(r: Recommendation) -> str:
    """The most likely level and the chance of each other one, where the level is not certain."""
    if r.likely is None or r.settled:
        return ""
    ladder, chances = r.policy.ladder, r.likely.chances[0]
    possible = [level for level in ladder.levels if chances[level.rank] > 0]
    others = [f"{level.code} {percent(float(chances[level.rank]))}" for level in possible]
    return f'<p>{escape(likely_words(ladder, r.likely, 0))} <span class="quiet">{escape(", ".join(others))}</span></p>'


def second_opinion(r: Recommendation) -> str:
    """What a model says, if one was asked; whoever asks none need not load one."""
    if r.second_opinion is None:
        return ""
    from recommender.report.second_opinion import opinion_html

    return section("Second opinion of a model", opinion_html(r.second_opinion))


def level_title(r: Recommendation) -> str:
    least, most = r.level_at_least, r.level_at_most
    return f"{least.name}{hours(least)}" if r.settled else f"At least {least.name}, at most {most.name}"


def ladder_row(r: Recommendation) -> str:
    low, high = r.level_at_least.rank, r.level_at_most.rank
    cells = []
    for level in r.policy.ladder.levels:
        kind = "end" if level.rank in (low, high) else "possible" if low < level.rank < high else ""
        cells.append(f'<li class="{kind}" title="{escape(level.name)}">{escape(level.code)}</li>')
    return f'<ol class="ladder" aria-label="{escape(level_title(r))}">{"".join(cells)}</ol>'


def flags(r: Recommendation) -> str:
    return section("Red flags", "".join(flag(r, entry) for entry in r.red_flags if entry.certain))


def flag(r: Recommendation, entry: FlagNote) -> str:
    contacts = items(escape(contact) for contact in entry.contacts)
    return (
        f'<div class="flag {escape(entry.mode)}"><b>{escape(entry.mode.upper())}: {escape(entry.name)}</b> '
        f"{source(entry.id, entry.source)}"
        f"<p>{escape(entry.action)}</p>{contacts}<p>{facts(r, entry.facts)}</p></div>"
    )


def not_cleared(r: Recommendation) -> str:
    open_flags = [entry for entry in r.red_flags if entry.stops and not entry.certain]
    names = [f"{escape(entry.name)} [{escape(entry.id)}]" for entry in open_flags]
    return section("Red flags that the answers leave open", items(names))


def ask_first(r: Recommendation) -> str:
    lines = [f"{escape(text)} <span class='quiet'>({escape(name)})</span>" for name, text in r.safety_unanswered]
    return section("Ask these safety questions first", items(lines))


def ratings(entries: tuple[RatingNote, ...]) -> str:
    rows = "".join(
        f'<tr><td>{meter(entry)}</td><td class="value">{value(entry)}</td><td>{escape(entry.title)}</td>'
        f"<td>{escape(' … '.join(dict.fromkeys(entry.anchors)))}</td></tr>"
        for entry in entries
    )
    return section("Six areas of need, 0 to 4", f"<table>{rows}</table>")


def meter(entry: RatingNote) -> str:
    cells = ("low" if step <= entry.lowest else "high" if step <= entry.highest else "" for step in range(1, 5))
    return '<span class="meter" aria-hidden="true">' + "".join(f'<i class="{cell}"></i>' for cell in cells) + "</span>"


def value(entry: RatingNote) -> str:
    return str(entry.lowest) if entry.lowest == entry.highest else f"{entry.lowest} to {entry.highest}"


def why(r: Recommendation) -> str:
    reasons = [tree(r, reason) for reason in r.explanation.reasons]
    body = (
        f'<ul class="tree">{"".join(reasons)}</ul>' if reasons else "<p>No rule asks for any care on what is known.</p>"
    )
    return section("Why this level", body)


def tree(r: Recommendation, reason: Reason) -> str:
    beneath = "".join(tree(r, part) for part in reason.because)
    inner = f'<ul class="tree">{beneath}</ul>' if beneath else ""
    return f"<li>{escape(reason.why)} {facts(r, reason.facts)} {source(reason.rule, reason.source)}{inner}</li>"


def source(rule: str, title: str) -> str:
    return f'<span class="source">[{escape(rule)}; {escape(title)}]</span>'


def facts(r: Recommendation, entries: tuple[Fact, ...]) -> str:
    titles = {rating.id: rating.title.lower() for rating in r.ratings}
    pairs = [(titles.get(name, plain(name)), words) for fact in entries for name, words in fact.answers]
    told = dict.fromkeys(f"{name}: <b>{escape(words)}</b>" for name, words in pairs)
    return f"({'; '.join(told)})" if told else ""


def not_lower(r: Recommendation) -> str:
    lines = [refutation(r, entry) for entry in reversed(r.explanation.not_lower)]
    return section("Why not less", items(lines))


def refutation(r: Recommendation, entry: Refutation) -> str:
    leaf = entry.by
    while leaf.because:
        leaf = leaf.because[0]
    name = escape(r.policy.ladder.level(entry.level).name)
    return f"<b>{name}</b>: {escape(leaf.why)} {facts(r, leaf.facts)} {source(leaf.rule, leaf.source)}"


def not_higher(r: Recommendation) -> str:
    lines = []
    for entry in r.explanation.not_higher:
        state = "still possible" if entry.possible else "would need"
        name = escape(r.policy.ladder.level(entry.level).name)
        lines.append(f"<b>{name}</b> ({state}): {items(escape(need) for need in entry.needs)}")
    return section("Why not more, or what it would take", items(lines))


def still_open(r: Recommendation) -> str:
    lines = [open_line(r, question, "together with others") for question in r.open.can]
    lines += [open_line(r, question, "perhaps together with others") for question in r.open.undecided]
    cannot = ", ".join(map(plain, r.open.cannot))
    rest = f"<p class='quiet'>Open, but cannot change the level, whatever is answered: {escape(cannot)}.</p>"
    return section("What could still change it", items(lines) + rest * bool(cannot))


def open_line(r: Recommendation, question: OpenQuestion, joint: str) -> str:
    levels = r.policy.ladder.levels
    effect = [f"at least {levels[question.floor].name}"] * (question.floor > r.level_at_least.rank)
    effect += [f"at most {levels[question.ceiling].name}"] * (question.ceiling < r.level_at_most.rank)
    words = escape(" or ".join(effect)) or joint
    return f"{escape(question.text)} <span class='quiet'>({escape(question.id)}: {words})</span>"


def changes(r: Recommendation) -> str:
    """What would lower and what would raise the level, as facts about the rules."""
    lower = change_table(r, r.changes.lower, "lower")
    higher = change_table(r, r.changes.higher, "raise")
    facts_only = f"<p class='quiet'>{escape(CHANGES_ARE_FACTS)}</p>"
    return section("What would lower it", lower + facts_only) + section("What would raise it", higher)


def change_table(r: Recommendation, found: Changes, direction: str) -> str:
    rows = "".join(change_row(r, change) for change in found.sets)
    more = f"<p class='quiet'>… and {found.left_off} more</p>" * bool(found.left_off)
    return f"<table>{rows}</table>{more}" if rows else f"<p>{escape(nothing_found(found, direction))}</p>"


def change_row(r: Recommendation, change: Change) -> str:
    level = r.policy.ladder.level(change.level).name + STATUS_AFTER.get(change.status, "")
    return f"<tr><td><b>{escape(level)}</b></td><td>{escape(change_words(change, '→'))}</td></tr>"


def beside(r: Recommendation) -> str:
    certain = [
        f"<b>{escape(e.name)}</b>: {escape(e.sentence)} {facts(r, e.facts)} {source(e.id, e.source)}"
        for e in r.addons
        if e.holds
    ]
    other = [f"{escape(e.name)}, {escape(e.sentence)} {source(e.id, e.source)}" for e in r.alternatives]
    return section("Beside the level", items(certain)) + section("Also acceptable, if a person confirms", items(other))


def fit(tests: tuple[Note, ...]) -> str:
    words = {True: "yes", False: "no", None: "not known yet"}
    rows = "".join(
        f"<tr><td>{escape(test.name)}</td><td>{words[test.holds]}</td><td>{escape(test.sentence)}</td></tr>"
        for test in tests
    )
    return section("Does intensive outpatient fit?", f"<table>{rows}</table>" if rows else "")


def plan(r: Recommendation) -> str:
    lines = "".join(service_row(r, line) for line in (*r.plan.inside, *r.plan.beside))
    body = f"<table>{lines}</table>" if lines else ""
    asks = [
        f"{escape(entry.service.name)} <span class='quiet'>(ask: {escape(', '.join(map(plain, entry.ask)))})</span>"
        for entry in r.plan.still_open
    ]
    least = "" if r.settled else f"<p>For {escape(r.level_at_least.name)}, the least that is certain.</p>"
    return (
        section("Service plan (a proposal)", least + body if body else "")
        + section("A week", week(r.plan.week) if r.plan.week else no_week(r.plan.schedule_open))
        + section("May join the plan", items(asks))
    )


def service_row(r: Recommendation, line: PlannedService) -> str:
    dose = line.dose
    starts = f"; starts {escape(dose.starts)}" if dose.starts else ""
    note = f" <span class='quiet'>{escape(dose.note)}</span>" if dose.note else ""
    return (
        f"<tr><td><b>{escape(line.service.name)}</b><br>"
        f"{how_often(dose.times_per_week)} {dose.minutes} min{starts}</td>"
        f"<td>{escape(dose.rule.why)} {facts(r, line.facts)} "
        f"<span class='source'>[{escape(dose.rule.id)}]</span>{note}</td></tr>"
    )


def no_week(questions: tuple[str, ...]) -> str:
    names = ", ".join(plain(name) for name in questions)
    return f"<p>No timetable is certain yet. Ask: {escape(names)}.</p>" if names else ""


def week(entry: Week) -> str:
    days = dict.fromkeys(DAYS, "")
    for session in in_week_order(entry.sessions):
        video = " (video)" if session.by_video else ""
        rest = f" (every {session.every_weeks} weeks)" if session.every_weeks > 1 else ""
        days[session.day] += (
            f"<p>{clock(session.start)}–{clock(session.end)}<br>{escape(session.name)}{video}{rest}</p>"
        )
    cells = "".join(f"<div><b>{day}</b>{sessions}</div>" for day, sessions in days.items())
    why_words = escape(f"{entry.schedule.name}, {entry.hours:g} hours. {entry.schedule.rule.why}")
    turn = ", ".join(plain(name) for name in entry.in_turn)
    shared = f"<p class='quiet'>In turn with the groups: {escape(turn)}.</p>" if turn else ""
    return f'<p>{why_words}</p><div class="week">{cells}</div>{shared}'


def foot(r: Recommendation) -> str:
    facts_of = r.provenance
    text = (
        f"Policy {facts_of['policy']} {facts_of['policy_version']}, {facts_of['policy_status']}, "
        f"hash {facts_of['policy_hash']}, {facts_of['policy_proved']}; "
        f"recommender {facts_of['recommender']}; {r.answered} answers."
    )
    return f"<footer><p>{escape(text)} {escape(r.statement)}</p></footer>"
