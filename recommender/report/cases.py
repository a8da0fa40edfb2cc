"""How a policy does on the packaged cases, as text."""

from __future__ import annotations

from collections.abc import Iterator

from recommender.cases import Agreement, calibrate, load_calibration, load_examples
from recommender.policy import NOT_VALIDATED, Policy
from recommender.recommendation import recommend


def cases_text(policy: Policy) -> str:
    """Examples that miss their level, the agreement on published vignettes, and each vignette that is off."""
    return "\n".join((*example_lines(policy), "", *agreement_lines(policy)))


def example_lines(policy: Policy) -> Iterator[str]:
    """How many made-up examples get exactly their level, and which do not."""
    examples = load_examples(policy.questionnaire)
    missed = []
    for case in examples:
        found = recommend(policy, case.answers)
        if not (found.level_at_least.id == found.level_at_most.id == case.expect):
            missed.append(f"  {case.id}: {found.level_at_least.id} to {found.level_at_most.id}, expected {case.expect}")
    yield f"Made-up examples: {len(examples) - len(missed)} of {len(examples)} get exactly their level."
    yield from missed


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
