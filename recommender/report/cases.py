"""How a policy does on the packaged cases, as text."""

from __future__ import annotations

from collections.abc import Iterator

from recommender.answers import answers_of
from recommender.assurance.verdicts import run_cases
from recommender.cases import STORIES, Agreement, Calibration, accepts, calibrate, load_calibration, load_cases
from recommender.likely import Population, load_population
from recommender.likely.levels import likely_level_of
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
    calibration = load_calibration(policy.questionnaire)
    agreement = calibrate(policy, calibration)
    yield f"Published vignettes, coded blind, only what they state; {NOT_VALIDATED}"
    yield from figures(agreement)
    yield from likely_lines(policy, calibration)
    yield "Off (stated level; certain floor to ceiling; steps):"
    for p in agreement.placements:
        if p.distance:
            stated = " or ".join((p.case.expect, *p.case.also_acceptable))
            yield f"  {p.case.id:<8}{stated}; {p.at_least} to {p.at_most}; {p.distance:+d}"


def likely_lines(policy: Policy, calibration: Calibration) -> Iterator[str]:
    """How often the most likely level is right, and for whom it is counted as likely."""
    population = load_population(policy.questionnaire)
    hits, count = likely_hits(policy, population, calibration), len(calibration.cases)
    yield f"  most likely level is one of these          {hits / count:.0%} ({hits} of {count})"
    yield f"    of {population.origin}: made-up people, who are not those of the vignettes"


def likely_hits(policy: Policy, population: Population, calibration: Calibration) -> int:
    """For how many vignettes the most likely level is the stated one or one that its source accepts."""
    answers = answers_of(policy.questionnaire, [case.answers for case in calibration.cases])
    likely = likely_level_of(policy, population, answers)
    ids = policy.ladder.ids
    return sum(accepts(calibration, c, ids[r]) for c, r in zip(calibration.cases, likely.level, strict=True))


def figures(agreement: Agreement) -> Iterator[str]:
    """Hit, within one step, under, over, within bounds."""
    count = len(agreement.placements)
    yield f"  cases                                      {count}"
    yield f"  floor is the stated or an accepted level   {agreement.share():.0%}"
    yield f"  floor within one step                      {agreement.share(at_most_off=1):.0%}"
    yield f"  floor too low, because the record is thin  {agreement.under()} ({agreement.under() / count:.0%})"
    yield f"  floor too high                             {agreement.over()} ({agreement.over() / count:.0%})"
    yield f"  stated level within the bounds             {agreement.within_bounds():.0%}"
