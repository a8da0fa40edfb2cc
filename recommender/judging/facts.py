"""The facts of a run: numbers and words from which the self check and the gates are answered.

A fact that is not known is left out, which makes its answer open and closes its gate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recommender import __version__
from recommender.evaluation.dossier import Flipped
from recommender.evaluation.estimate import NOTHING
from recommender.evaluation.findings import Findings
from recommender.evaluation.self_check import Fact
from recommender.glass_box.tables import GlassBox
from recommender.judging.judged import ELSEWHERE, Split
from recommender.judging.verdicts import MODEL_ALONE, PLACED
from recommender.learning.cohort import Cohort
from recommender.learning.features import may_read
from recommender.learning.origin import kind_of
from recommender.questionnaire import Questionnaire

SIMULATED = "simulated"
KINDS = {
    SIMULATED: "Simulated: nobody in these data exists.",
    "records": "Not marked as simulated: treat them as data about people.",
}


def facts_of(
    model: GlassBox, cohort: Cohort, split: Split, findings: Findings, flips: Sequence[Flipped]
) -> dict[str, Fact]:
    """All facts that are known."""
    return {
        **of_the_model(model, cohort.questionnaire),
        **of_the_data(model, cohort, split),
        **of_the_figures(findings),
        **of_the_groups(model, findings),
        "flips": sum(flipped.changed for flipped in flips),
        "flips_tried": sum(flipped.people for flipped in flips),
    }


def of_the_model(model: GlassBox, questionnaire: Questionnaire) -> dict[str, Fact]:
    """What the model's own file tells."""
    about = model.about
    questions = [questionnaire.questions[feature.question] for feature in model.features]
    cells = sum(feature.unknown + 1 for feature in model.features)
    learned = about.get("learned")
    found: dict[str, Fact] = {
        "model": str(about.get("name", "")),
        "model_hash": model.hash,
        "features": len(questions),
        "features_after_intake": sum(question.known_at != "intake" for question in questions),
        "audit_features": sum(not may_read(question) for question in questions),
        "seed": about.get("recipe", {}).get("seed"),
        "recommender": about.get("software", {}).get("recommender", __version__),
        "software": ", ".join(f"{name} {version}" for name, version in about.get("software", {}).items()),
    }
    if isinstance(learned, int):
        found |= {"train_people": learned, "people_per_cell": learned / cells}
        found |= {"people_per_cell_words": f"{learned / cells:.0f}"}
    return found


def of_the_data(model: GlassBox, cohort: Cohort, split: Split) -> dict[str, Fact]:
    """What is known of the people who are judged."""
    kind = kind_of(cohort)
    everybody, judged = split.everybody, split.judged.cohort
    files, again = model.about.get("data", {}).get("files", ()), split.how != ELSEWHERE
    found: dict[str, Fact] = {
        "data": cohort.file,
        "data_kind": KINDS[kind],
        "data_hash": ", ".join(file["sha256"] for file in files) if again else "",
        "rows_read": cohort.count + cohort.left_out,
        "label_share": everybody.rows.count / cohort.count,
        "label_share_percent": f"{100 * everybody.rows.count / cohort.count:.0f} %",
        "outcome": str(model.about.get("success", "")),
        "period_names": period_words(judged),
        "split": split.how,
        "purpose": "Development, with people kept for judging." if again else "Validation on another cohort.",
        "difference": f"Judged on {split.how}." if again else "Another cohort than the one it was made from.",
    }
    if split.seen is not None:
        found |= {"rows_seen_in_training": split.seen}
        found |= {"rows_seen_words": f"{split.seen:,} of them stood in the training data."}
    if kind == SIMULATED:
        found |= {"model_was_in_use": 0, "model_was_in_use_words": "no, they are made up"}
    return found


def period_words(cohort: Cohort) -> str:
    """The periods, `2022-Q1 to 2023-Q4`, or that none is recorded."""
    there = sorted({*cohort.period[cohort.period >= 0].tolist()})
    if not there:
        return "not recorded"
    first, last = cohort.period_names[there[0]], cohort.period_names[there[-1]]
    return first if first == last else f"{first} to {last}"


def of_the_figures(findings: Findings) -> dict[str, Fact]:
    """What was counted and found."""
    chief = findings.chief
    others = [c.name for c in findings.candidates[1:] if c.name not in (MODEL_ALONE, PLACED)]
    rarest = min((cell for cell in findings.labels.cells if cell is not None), default=0)
    hidden = any(cell is None for cell in findings.labels.cells)
    found: dict[str, Fact] = {
        "people": findings.people,
        "sites": findings.sites,
        "clustered_by": findings.clustered_by,
        "resamples": findings.resamples,
        "rarest_label": 0 if hidden else rarest,
        "rarest_label_words": "fewer than 11, or too few to tell," if hidden else f"about {rarest:,}",
        "challengers": len(others),
        "challenger_names": ", ".join(others),
    }
    if chief.sets is not None and chief.sets.coverage.value is not None and chief.sets.promised is not None:
        found["coverage_less_promise"] = chief.sets.coverage.value - chief.sets.promised
    floors = [task.calibration.noise_floor.value for task in chief.steps if task.calibration is not None]
    error = chief.measures.get("ece", NOTHING).value
    if error is not None and floors:
        found["ece_above_floor"] = error - sum(floor or 0.0 for floor in floors) / len(floors)
    return found


def of_the_groups(model: GlassBox, findings: Findings) -> dict[str, Fact]:
    """How much groups of people differ, those that are large enough to be told apart."""
    gaps = [(grouping.gaps["ece"].value, grouping.title) for grouping in findings.groupings if "ece" in grouping.gaps]
    told = [(value, title) for value, title in gaps if value is not None]
    found: dict[str, Fact] = {"group_titles": ", ".join(g.title.lower() for g in findings.groupings)}
    if told:
        value, title = max(told)
        found |= {"largest_ece_gap": value, "largest_ece_gap_words": f"{value:.3f}, by {title.lower()}"}
    coverages = list(group_coverages(findings))
    if coverages:
        found["worst_coverage_less_promise"] = min(coverages) - model.sets.coverage
    return found


def group_coverages(findings: Findings) -> Iterator[float]:
    """The coverage of each group that is large enough: the high end of its interval, so that chance closes no gate."""
    for grouping in findings.groupings:
        for group in grouping.groups:
            coverage = group.figures.get("coverage")
            if group.in_gap and coverage is not None and coverage.high is not None:
                yield coverage.high
