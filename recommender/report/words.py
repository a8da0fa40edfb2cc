"""Phrases that the text and the HTML report share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.change import Change, Changes
from recommender.levels import Ladder, Level
from recommender.likely import LikelyLevels
from recommender.rules.prose import plain

if TYPE_CHECKING:
    from recommender.second_opinion import SecondOpinion


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


# What a status adds to the level that would follow a change.
STATUS_AFTER = {
    "blocked": ", and an emergency comes first",
    "held": ", held for a clinician",
    "safety_unanswered": ", with safety questions to ask first",
    "provisional": " at least",
}


def change_words(change: Change, arrow: str) -> str:
    """`opioid days (30 days -> 3 days or fewer) and place to sleep (unstable -> stable)`."""
    return " and ".join(f"{plain(new.question)} ({new.before} {arrow} {new.after})" for new in change.answers)


def nothing_found(changes: Changes, direction: str) -> str:
    """What is said where no change of answers is listed."""
    if not changes.possible:
        return f"No answer that can change from now on would {direction} it."
    return f"No change of up to {changes.complete_to} answers would {direction} it; larger ones were not searched."


def certain_words(least: Level, most: Level) -> str:
    """What is certain, such as `Certain: at least Outpatient (OP), at most Day programme (PHP).`."""
    if least.rank == most.rank:
        return f"Certain: {least.name} ({least.code})."
    return f"Certain: at least {least.name} ({least.code}), at most {most.name} ({most.code})."


def likely_words(ladder: Ladder, likely: LikelyLevels, row: int) -> str:
    """`Most likely: Intensive outpatient (71 %).`, with the population that says so."""
    level = ladder.levels[int(likely.level[row])]
    chance = percent(float(likely.chance[row]))
    return f"Most likely: {level.name} ({chance}, going by: {likely.origin}). A guess; only the bounds are certain."


def percent(chance: float) -> str:
    """A chance in whole percent; never 0 or 100 % for what is only likely."""
    return "over 99 %" if chance > 0.99 else "under 1 %" if chance < 0.01 else f"{chance:.0%}".replace("%", " %")


def opinion_words(opinion: SecondOpinion) -> list[str]:
    """A model's opinion in sentences: what was usual, how sure it is, and whether a person must look at it."""
    usual = max(opinion.levels, key=lambda level: level.chance)
    inside = [level.name for level in opinion.levels if level.in_set]
    among = f"{inside[0]}, up to {inside[-1]}" if len(inside) > 1 else inside[0]
    lines = [
        f"Usual for similar people who did well: {usual.name} ({percent(usual.chance)}); intensive outpatient "
        f"{percent(opinion.iop)}. At or above the rules' floor: {opinion.suggestion}.",
        f"Its set of levels, which holds where {percent(opinion.coverage)} of such people did well: {among}.",
    ]
    if opinion.abstains:
        lines.append("It abstains: the set is too wide to say anything. A person has to look.")
    if opinion.disagrees:
        lines.append("It disagrees with the rules: no level of its set lies within their bounds. A person has to look.")
    return [*lines, f"{opinion.about} The model is {opinion.model} ({opinion.hash[:12]})."]
