"""Cases: described people with the level that a source, or the policy's author, states for them.

`examples` are made up with the rules at hand and keep the policy from changing unnoticed. `calibration` retells
published vignettes, coded without looking at the rules: they measure the policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.answers import Answer, answers_of, read_json
from recommender.assessment import BLOCKED, assess
from recommender.content_file import CONTENT, ContentFile
from recommender.errors import ContentError, InputError, did_you_mean
from recommender.policy import Policy
from recommender.questionnaire import Questionnaire

EXAMPLES = CONTENT / "cases" / "examples.yaml"
CALIBRATION = CONTENT / "cases" / "calibration.yaml"
EMERGENCY = "emergency"


@dataclass(frozen=True)
class Case:
    """One described person: the facts in words, the answers, the level stated, and levels that are also acceptable."""

    id: str
    about: str
    answers: Mapping[str, Answer]
    expect: str
    also_acceptable: tuple[str, ...] = ()
    weight: str = ""


@dataclass(frozen=True)
class Calibration:
    """Cases on a ladder of their own, the step of it that each of our levels is, and steps that a level also meets."""

    cases: tuple[Case, ...]
    ladder: tuple[str, ...]
    steps: Mapping[str, str]
    also_counts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the policy puts one case.

    `distance` is how many steps the certain floor is from the nearest accepted step (0 is a hit, negative is
    under-placed); `within_bounds` says whether an accepted step lies within the bounds.
    """

    case: Case
    at_least: str
    at_most: str
    distance: int
    within_bounds: bool


@dataclass(frozen=True)
class Agreement:
    """How the certain levels compare with the stated ones."""

    placements: tuple[Placement, ...]

    def share(self, *, at_most_off: int = 0) -> float:
        """The share of cases within so many steps of an accepted one."""
        near = [p for p in self.placements if abs(p.distance) <= at_most_off]
        return len(near) / len(self.placements)

    def under(self) -> int:
        """How many are placed below every accepted step."""
        return sum(placement.distance < 0 for placement in self.placements)

    def over(self) -> int:
        """How many are placed above every accepted step."""
        return sum(placement.distance > 0 for placement in self.placements)

    def within_bounds(self) -> float:
        """The share of cases whose bounds hold an accepted step."""
        return sum(placement.within_bounds for placement in self.placements) / len(self.placements)


def load_examples(questionnaire: Questionnaire, path: Path = EXAMPLES) -> tuple[Case, ...]:
    """The made-up cases; each is the file's baseline with a few answers changed."""
    file = ContentFile(path)
    file.check_keys(file.data, ("about", "baseline", "cases"), ())
    baseline = file.data["baseline"]
    cases = []
    for index, entry in enumerate(file.data["cases"]):
        path_ = ("cases", index)
        file.check_keys(entry, ("id", "expect", "who", "answers"), path_)
        answers = read_answers(file, path_, {**baseline, **entry["answers"]}, questionnaire)
        cases.append(Case(entry["id"], entry["who"], answers, entry["expect"]))
    return tuple(cases)


def load_calibration(questionnaire: Questionnaire, path: Path = CALIBRATION) -> Calibration:
    """The published vignettes as answers; what they do not state is unknown."""
    file = ContentFile(path)
    file.require(file.data, ("ladder", "steps", "cases"), ())
    cases = []
    for index, entry in enumerate(file.data["cases"]):
        answers = read_answers(file, ("cases", index), entry["answers"], questionnaire)
        also = tuple(entry.get("also_acceptable") or ())
        cases.append(Case(entry["id"], str(entry["facts"]), answers, entry["expect"], also, entry.get("weight", "")))
    also_counts = {level: tuple(steps) for level, steps in file.data.get("also_counts", {}).items()}
    return Calibration(tuple(cases), tuple(file.data["ladder"]), file.data["steps"], also_counts)


def read_answers(
    file: ContentFile, path: tuple[str | int, ...], given: Mapping[str, Any], questionnaire: Questionnaire
) -> dict[str, Answer]:
    """The answers of one case. Raises ContentError with the place in the file."""
    answers = {}
    for name, value in given.items():
        place = (*path, "answers", name)
        if name not in questionnaire.questions:
            hint = did_you_mean(name, questionnaire.questions)
            raise file.fail(f"there is no question `{name}`", place, remedy=hint)
        try:
            answers[name] = read_json(questionnaire.questions[name], value)
        except InputError as error:
            raise ContentError(
                file.fault(f.what, place, given=f.given, allowed=f.allowed) for f in error.faults
            ) from None
    return answers


def calibrate(policy: Policy, calibration: Calibration) -> Agreement:
    """Scores every case as given and compares it with the level that its source states."""
    people = answers_of(policy.questionnaire, [case.answers for case in calibration.cases])
    result = assess(policy, people)
    ids = policy.ladder.ids
    placements = []
    for row, case in enumerate(calibration.cases):
        floor = ids[int(result.level_at_least[row])]
        low, high = calibration.steps[floor], calibration.steps[ids[int(result.level_at_most[row])]]
        if result.status[row] == BLOCKED:
            low = high = EMERGENCY
        placements.append(placed(case, low, high, calibration.also_counts.get(floor, ()), calibration.ladder))
    return Agreement(tuple(placements))


def placed(case: Case, low: str, high: str, also: Sequence[str], ladder: Sequence[str]) -> Placement:
    """One case's step beside the nearest accepted one; `also` are further steps that the floor meets."""
    accepted = [ladder.index(step) for step in (case.expect, *case.also_acceptable)]
    at = ladder.index(low)
    met = [at, *(ladder.index(step) for step in also)]
    distance = min((own - step for own in met for step in accepted), key=abs)
    inside = distance == 0 or any(at <= step <= ladder.index(high) for step in accepted)
    return Placement(case, low, high, distance, inside)
