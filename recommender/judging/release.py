"""What the manifest of a released version tells beside hashes: how it was made, and how good it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recommender.evaluation.dossier import Dossier
from recommender.glass_box.tables import GlassBox
from recommender.policy import Policy


def manifest_of(model: GlassBox, policy: Policy, found: Dossier, command: Sequence[str]) -> dict[str, Any]:
    """Statement, model, data, features, levels, seeds, versions, policy and measures, as JSON takes them."""
    about: Mapping[str, Any] = model.about
    measures = found.findings.chief.measures
    return {
        "statement": found.statement,
        "model": {"sha256": model.hash, "reading": model.reading_hash, "ladder": model.ladder_hash},
        "data": about.get("data", {}),
        "outcome": about.get("success"),
        "learned_from": about.get("learned"),
        "judged_on": {"people": found.findings.people, "how": found.facts["split"]},
        "levels": [group.name for group in model.groups],
        "features": [feature.question for feature in model.features],
        "recipe": about.get("recipe", {}),
        "software": about.get("software", {}),
        "policy": {"id": policy.id, "version": policy.version, "hash": policy.hash},
        "metrics": {name: figure._asdict() for name, figure in measures.items()},
        "flips": {"tried": found.facts["flips_tried"], "changed": found.facts["flips"]},
        "command": list(command),
    }
