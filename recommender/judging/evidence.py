"""A model and a cohort made into one dossier: everything that the page, the JSON and the card tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.evaluation.dossier import NONE, QUICK, Dossier
from recommender.evaluation.findings import evaluate
from recommender.evaluation.held_out import Witnessed
from recommender.evaluation.resampling import RESAMPLES
from recommender.evaluation.self_check import Fact, self_check
from recommender.glass_box.features import Codes, code_answers
from recommender.glass_box.tables import GlassBox
from recommender.judging.challengers import challengers
from recommender.judging.facts import KINDS, facts_of
from recommender.judging.flips import FLIPS, flip_test
from recommender.judging.judged import Split, level_names, split_for
from recommender.judging.retraining import Trials, trials
from recommender.judging.shapes import shapes_of, unknown_of
from recommender.judging.verdicts import Verdicts, of_clinicians, verdicts
from recommender.learning.cohort import Cohort
from recommender.learning.origin import kind_of
from recommender.learning.training import Progress
from recommender.policy import Policy

NOT_VALIDATED = "Not clinically validated."


@dataclass(frozen=True)
class Effort:
    """How much is tried: resamples, flips, how the model is made again elsewhere, and on how many cores."""

    resamples: int = RESAMPLES
    flips: int = FLIPS
    trials: str = QUICK
    every_challenger: bool = False
    jobs: int = 1


def evidence_on(
    model: GlassBox,
    policy: Policy,
    cohort: Cohort,
    *,
    name: str,
    trained_on: Cohort | None = None,
    effort: Effort | None = None,
    progress: Progress | None = None,
) -> Dossier:
    """The evidence on a model from a cohort. Raises InputError where the cohort says too little."""
    effort = effort or Effort()
    split = split_for(model, cohort, trained_on)
    judged = split.judged
    said = verdicts(model, policy, judged.cohort)
    seed = int(model.about["recipe"]["seed"])
    codes = code_answers(cohort.questionnaire, model.features, split.everybody.cohort.answers)
    others = challengers(model, split, codes, every=effort.every_challenger, seed=seed)
    told = candidates(said, judged.cohort, others)
    findings = evaluate(judged.rows, told, seed=seed, resamples=effort.resamples)
    flips = flip_test(model, policy, judged.cohort, flips=effort.flips, seed=seed)
    unknown = unknown_of(model, said.codes, judged.rows.site)
    facts = facts_of(model, cohort, split, findings, flips)
    facts |= {
        "model": name,
        "trials": effort.trials,
        "unknown_percent": f"{100 * np.mean([entry.share for entry in unknown]):.0f} %",
    }
    elsewhere = retrained(model, split, codes, effort, progress)
    return Dossier(
        model=name,
        statement=f"{NOT_VALIDATED} {KINDS[kind_of(cohort)]}",
        about=about(model, policy, facts),
        facts=facts,
        level_names=level_names(model.groups, cohort.levels),
        findings=findings,
        check=self_check(facts),
        sites=elsewhere.sites,
        periods=elsewhere.periods,
        learning=elsewhere.learning,
        unknown=unknown,
        shapes=shapes_of(model, cohort.questionnaire),
        flips=flips,
    )


def candidates(said: Verdicts, cohort: Cohort, others: Sequence[Witnessed]) -> Sequence[Witnessed]:
    """Everybody who is judged on these people, the model as it is used first."""
    return (said.of_model(), said.of_rules(), said.of_model_alone(), *others, *of_clinicians(said.model, cohort))


def retrained(model: GlassBox, split: Split, codes: Codes, effort: Effort, progress: Progress | None) -> Trials:
    """The trials elsewhere, if they are wanted."""
    if effort.trials == NONE:
        return Trials()
    return trials(model, split, codes, hasty=effort.trials == QUICK, jobs=effort.jobs, progress=progress)


def about(model: GlassBox, policy: Policy, facts: Mapping[str, Fact]) -> dict[str, str]:
    """The lines for the head of a report."""
    data = model.about.get("data", {})
    files = ", ".join(file["file"] for file in data.get("files", ()))
    return {
        "Made from": f"{files}: {data.get('rows', 0):,} rows, {model.about.get('learned', 0):,} of them learned from",
        "Judged on": f"{facts['people']:,} people of {facts['data']}: {facts['split']}",
        "Label": f"the level placed, of people with `{facts['outcome']}`",
        "It tells apart": ", ".join(group.name.replace("_", " ").replace("..", " to ") for group in model.groups),
        "It reads": f"{len(model.features)} questions known at intake",
        "Seed": str(facts["seed"]),
        "Made with": str(facts["software"]),
        "Policy": f"{policy.id} {policy.version}, {policy.hash[:12]}",
        "Model": model.hash,
    }
