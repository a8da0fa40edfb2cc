"""How a policy does on the packaged cases, as text."""

from __future__ import annotations

from collections.abc import Iterator

from recommender.assurance.verdicts import run_cases
from recommender.cases import STORIES, Agreement, calibrate, load_calibration, load_cases
from recommender.policy import NOT_VALIDATED, Policy


def cases_text(policy: Policy) -> str:
    """Made-up cases that do not pass, the agreement on published vignettes, and each vignette that is off."""
    return "\n".join((*example_lines(policy), "", *agreement_lines(policy)))


def example_lines(policy: Policy) -> Iterator[str]:
    """How many made-up cases pass, and which do not."""
    run = run_cases(policy, load_cases(policy.questionnaire, STORIES))
    count, failed = len(run.verdicts), [verdict.case.id for verdict in run.failed]
    yield f"Made-up cases: {count - len(failed)} of {count} pass (`recommender policy test` says more)."
    if failed:
        yield f"  These do not: {', '.join(failed)}."


def agreement_lines(policy: Policy) -> Iterator[str]:
    """The agreement with published vignettes in figures, then the cases that are off."""
    agreement = calibrate(policy, load_calibration(policy.questionnaire))
    yield f"Published vignettes, coded blind, only what they state; {NOT_VALIDATED}"
    yield from figures(agreement)
    yield "Off (stated level; certain floor to ceiling; steps):"
    for p in agreement.placements:
        if p.distance:
            stated = " or ".join((p.case.expect, *p.case.also_acceptable))
            yield f"  {p.case.id:<8}{stated}; {p.at_least} to {p.at_most}; {p.distance:+d}"


def figures(agreement: Agreement) -> Iterator[str]:
    """Hit, within one step, under, over, within bounds."""
    count = len(agreement.placements)
    yield f"  cases                                      {count}"
    yield f"  floor is the stated or an accepted level   {agreement.share():.0%}"
    yield f"  floor within one step                      {agreement.share(at_most_off=1):.0%}"
    yield f"  floor too low, because the record is thin  {agreement.under()} ({agreement.under() / count:.0%})"
    yield f"  floor too high                             {agreement.over()} ({agreement.over() / count:.0%})"
    yield f"  stated level within the bounds             {agreement.within_bounds():.0%}"
