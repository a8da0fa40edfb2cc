"""Phrases that the text and the HTML report share."""

from __future__ import annotations

from recommender.levels import Level


def hours(level: Level) -> str:
    """`, 9 to 19 hours a week`, or nothing where hours do not define the level."""
    low, high = level.hours_per_week.get("min"), level.hours_per_week.get("max")
    if not low:
        return ""
    return f", {low} to {high} hours a week" if high else f", {low} hours a week or more"


def how_often(times: float) -> str:
    """`3 x` a week, or how many weeks lie between."""
    if times >= 1:
        return f"{times:g} x"
    return f"every {round(1 / times)} weeks" if times else "as needed"
