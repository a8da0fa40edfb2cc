"""How the cases of a policy went, as text and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from recommender.assurance.coverage import Coverage
from recommender.assurance.verdicts import CaseRun, Tally, Verdict, flags_by_group
from recommender.policy import NOT_VALIDATED

WIDTH = 100
# How many conditions that no case shows are named.
MISSING_SHOWN = 5


def verdicts_text(run: CaseRun) -> str:
    """The failing cases with what differs, then counts by level and red flag, and the rules that no case reaches."""
    return "\n".join((headline(run), *failing_lines(run), *summary_lines(run), "", NOT_VALIDATED))


def headline(run: CaseRun) -> str:
    """How many pass."""
    count, policy = len(run.verdicts), run.policy
    return (
        f"Cases of policy {policy.id} {policy.version} ({policy.hash[:12]}): {count - len(run.failed)} of {count} pass."
    )


def failing_lines(run: CaseRun) -> Iterator[str]:
    """Each failing case: who it is, what differs, and the rules behind the level that was found."""
    for verdict in run.failed:
        yield f"\n{verdict.case.id} fails."
        yield from wrapped(verdict.case.about or shown_for(verdict), "    ")
        for what, expected, found in verdict.differences:
            yield from wrapped(f"{what}: expected {expected}; found {found}", "  - ")
        if any(what == "level" for what, _, _ in verdict.differences):
            yield from ground_lines(run, verdict)
        if verdict.case.note:
            yield from wrapped(f"Note of the case: {verdict.case.note}", "    ")


def shown_for(verdict: Verdict) -> str:
    """What a generated case is there to show."""
    return ": ".join(filter(None, (verdict.case.rule, verdict.case.condition)))


def ground_lines(run: CaseRun, verdict: Verdict) -> Iterator[str]:
    """The rules that gave the level found, indented by what rests on what."""
    grounds = run.grounds(verdict)
    yield "    Rules behind the level found:" if grounds else "    No rule asks for more than the level found."
    for rule, why, depth in grounds:
        yield from wrapped(f"{rule}  {why}", " " * (6 + 2 * depth))


def wrapped(text: str, first: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * (len(first) + 2))


def summary_lines(run: CaseRun) -> Iterator[str]:
    """Counts by level, by group of red flags, and the rules reached."""
    yield "\nBy level expected"
    yield from tally_lines(run.by_level())
    if run.policy.flag_groups:
        yield "\nBy group of red flags (a case may stand in several)"
        titles = run.policy.flag_groups
        yield from tally_lines({titles[group]: counted for group, counted in run.by_flag_group().items()})
    without = [flag for flag, counted in run.by_flag().items() if not counted.cases]
    yield from wrapped(f"Red flags that no case expects: {', '.join(without) or 'none'}.", "  ")
    rules, reached = len(run.policy.rules), len(run.rules_reached)
    yield f"\nRules true in at least one case: {reached} of {rules} ({reached / rules:.0%})."
    if run.rules_not_reached:
        yield from wrapped(f"Never true: {', '.join(run.rules_not_reached)}.", "  ")
    yield from coverage_lines(run.coverage)


def coverage_lines(coverage: Coverage) -> Iterator[str]:
    """How far the conditions of the rules are shown to matter (MC/DC)."""
    shown = coverage.count - len(coverage.missing)
    yield f"Conditions shown to decide their rule (MC/DC): {shown} of {coverage.count} ({coverage.share:.1%}),"
    yield f"  {len(coverage.paired)} of them by two cases that differ in that condition alone."
    if coverage.missing:
        yield from wrapped(f"Not shown: {'; '.join(coverage.missing[:MISSING_SHOWN])}.", "  ")
        if len(coverage.missing) > MISSING_SHOWN:
            more = len(coverage.missing) - MISSING_SHOWN
            yield f"  … and {more} more: `recommender policy pairs` makes cases for them."


def tally_lines(tallies: Mapping[str, Tally]) -> Iterator[str]:
    """One line a kind: its name, how many cases, and how many of them fail where some do."""
    width = max(map(len, tallies), default=0)
    for name, (cases, passed) in tallies.items():
        failing = f"   {cases - passed} fail" if passed < cases else ""
        yield f"  {name:<{width}}  {cases:>4}{failing}"


def verdicts_as_json(run: CaseRun) -> dict[str, Any]:
    """The same as data, with what was found for every case."""
    return {
        "statement": NOT_VALIDATED,
        "policy": run.policy.id,
        "version": run.policy.version,
        "hash": run.policy.hash,
        "cases": len(run.verdicts),
        "passed": len(run.verdicts) - len(run.failed),
        "by_level": {level: counted._asdict() for level, counted in run.by_level().items()},
        "by_flag_group": {
            group: {"title": run.policy.flag_groups[group], "flags": sorted(flags), **counted._asdict()}
            for (group, counted), flags in zip(
                run.by_flag_group().items(), flags_by_group(run.policy).values(), strict=True
            )
        },
        "by_flag": {flag: counted._asdict() for flag, counted in run.by_flag().items()},
        "rules": {
            "count": len(run.policy.rules),
            "reached": len(run.rules_reached),
            "not_reached": list(run.rules_not_reached),
        },
        "conditions": {
            "count": run.coverage.count,
            "paired": len(run.coverage.paired),
            "shown_otherwise": len(run.coverage.shown),
            "missing": list(run.coverage.missing),
        },
        "verdicts": [verdict_as_json(run, verdict) for verdict in run.verdicts],
    }


def verdict_as_json(run: CaseRun, verdict: Verdict) -> dict[str, Any]:
    """One case: what was found, what differs, and for a failing one the rules behind the level."""
    case, found = verdict.case, verdict.found
    told = {
        "id": case.id,
        "who": case.about,
        "passes": verdict.passes,
        "found": {
            **found._asdict(),
            "rules": sorted(found.rules),
            "rules_open": sorted(found.rules_open),
            "ratings": {area: list(ends) for area, ends in found.ratings.items()},
        },
        "differences": [difference._asdict() for difference in verdict.differences],
        "note": case.note,
    }
    return told if verdict.passes else {**told, "grounds": [ground._asdict() for ground in run.grounds(verdict)]}
