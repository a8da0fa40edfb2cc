"""People whose true chances are known, so that what an evaluation says of them can be checked."""

from __future__ import annotations

import numpy as np

from recommender.evaluation.dossier import Dossier
from recommender.evaluation.findings import evaluate
from recommender.evaluation.held_out import Grouped, HeldOut, Witnessed
from recommender.evaluation.profile import Shape, unknown_profile
from recommender.evaluation.self_check import self_check

LEVELS = ("outpatient", "intensive_outpatient", "residential_high", "medical_residential")
CUTS = np.array([-0.4, 0.8, 2.0])
RARE = 5


def people(count: int = 6000, *, seed: int = 1, sites: int = 30, site_spread: float = 0.5) -> tuple[HeldOut, Witnessed]:
    """Rows with a label drawn from known probabilities, and the candidate that knows those probabilities."""
    chance = np.random.default_rng(seed)
    site = chance.integers(0, sites, count)
    score = chance.normal(size=count) + site_spread * chance.normal(size=sites)[site]
    above = 1 / (1 + np.exp(1.5 * (CUTS - score[:, None])))
    edges = np.hstack([np.ones((count, 1)), above, np.zeros((count, 1))])
    probabilities = edges[:, :-1] - edges[:, 1:]
    # One number a person for all steps, so the label has exactly these probabilities.
    label = (chance.random(count)[:, None] < above).sum(axis=1).astype(np.int8)
    race = chance.choice(2, count)
    race[:RARE] = 2
    groups = {
        "sex": Grouped("Sex", chance.choice(2, count), ("female", "male")),
        "race": Grouped("Race", race, ("White", "Black", "a rare group")),
    }
    rows = HeldOut(
        LEVELS, label, site, np.arange(count), groups, tuple(f"site {number}" for number in range(sites)), iop=1
    )
    summed = probabilities.cumsum(axis=1)
    low, high = (summed < 0.05).sum(axis=1), np.minimum((summed < 0.95).sum(axis=1), len(LEVELS) - 1)
    chosen = probabilities.argmax(axis=1).astype(np.int8)
    return rows, Witnessed("truth", chosen, probabilities, low, high, high - low > 2, 0.9)


def dossier(count: int = 3000) -> Dossier:
    """The evidence on the candidate that knows the truth, beside one that always says the same."""
    rows, truth = people(count)
    always = Witnessed("always outpatient", np.zeros(rows.count, dtype=np.int8))
    findings = evaluate(rows, [truth, always], resamples=200)
    facts = {"sites": findings.sites, "clustered_by": findings.clustered_by, "resamples": findings.resamples}
    chance = np.random.default_rng(0)
    days = Shape(
        "days", "days of use", ("0", "1 to 9", "10 or more", "unknown"), (900, 900, 900, 300), ((-1.0, 0, 1, 0),) * 3
    )
    return Dossier(
        model="example 1",
        statement="Made-up people. Not clinically validated.",
        about={"Made from": "a test"},
        facts=facts,
        level_names={"intensive_outpatient": ("IOP", "Intensive outpatient")},
        findings=findings,
        check=self_check(facts),
        unknown=unknown_profile({"days": chance.random(count) < 0.1}, rows.site),
        shapes=(days,),
    )
