"""The evidence on a model as plain values, for programs: the same figures as the page, none left out."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from typing import Any

from recommender.evaluation.dossier import PREDICTS, Dossier
from recommender.evaluation.estimate import Figure

DIGITS = 6


def as_json(dossier: Dossier) -> dict[str, Any]:
    """The dossier as JSON takes it. A figure is `{"value", "low", "high"}`; null where it is hidden or undefined."""
    told = plain(dossier)
    assert isinstance(told, dict)
    return {"statement": dossier.statement, "predicts": PREDICTS, **told}


def plain(value: Any) -> Any:
    """Dataclasses, named tuples and mappings as objects, numbers rounded, NaN as null."""
    if isinstance(value, Figure):
        return {name: plain(end) for name, end in value._asdict().items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(name): plain(part) for name, part in value.items()}
    if hasattr(value, "_asdict"):
        return {name: plain(part) for name, part in value._asdict().items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, float):
        return round(value, DIGITS) if math.isfinite(value) else None
    return value
