"""Cases: described people with what a source, a clinical reader or the policy's author states for them.

`examples` are made up with the rules at hand, `vignettes` from a story read first, `pairs` by a solver; all keep the
policy from changing unnoticed (`assurance/verdicts.py`). `calibration` retells published vignettes, coded without
looking at the rules: they measure the policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from recommender.answers import Answer, answers_of, read_json
from recommender.assessment import BLOCKED, STATUSES, assess
from recommender.content_file import CONTENT, ContentFile
from recommender.contradictions import contradictions
from recommender.errors import SHOWN_AT_MOST, ContentError, Fault, InputError, did_you_mean
from recommender.policy import Policy
from recommender.questionnaire import Questionnaire
from recommender.shape import (
    ANYTHING,
    TEXT,
    TRUTH,
    WHOLE,
    WORD,
    Key,
    Kind,
    Shape,
    entry_of,
    list_of,
    mapping_of,
    name_from,
    one_of,
    or_empty,
)

EXAMPLES = CONTENT / "cases" / "examples.yaml"
VIGNETTES = CONTENT / "cases" / "vignettes.yaml"
PAIRS = CONTENT / "cases" / "pairs.yaml"
CALIBRATION = CONTENT / "cases" / "calibration.yaml"
# What `recommender policy test` runs, unless it is given other files.
STORIES = (EXAMPLES, VIGNETTES)
CASE_FILES = (*STORIES, PAIRS)
EMERGENCY = "emergency"
SETTLED = "settled"


ANSWERS = Kind("a mapping", (dict,), among="answers")
STEP, STEPS = name_from("case_steps"), list_of(name_from("case_steps"))
EXAMPLE: Shape = {
    "id": Key(WORD, "The name of the case.", required=True),
    "who": Key(WORD, "The person in words. Nobody here exists."),
    "answers": Key(ANSWERS, "The answers that differ from the baseline."),
    "expect": Key(name_from("levels"), "The level, or the lowest one still possible.", required=True),
    "at_most": Key(name_from("levels"), "The highest level still possible, for a person with open answers."),
    "status": Key(one_of(*STATUSES), "Whether the level may be shown; settled if not given."),
    "red_flags": Key(list_of(name_from("red_flags")), "All red flags that must be there; [] for none."),
    "addons": Key(list_of(name_from("beside")), "All add-ons that must be there; [] for none."),
    "ratings": Key(mapping_of(WHOLE), "Ratings by area, as far as they are to be compared."),
    "note": Key(WORD, "What a reader should know."),
    "rule": Key(WORD, "The rule that a generated case is there to show."),
    "condition": Key(WORD, "The condition of it."),
    "holds": Key(TRUTH, "Whether that rule is true of this person."),
}
EXAMPLES_FILE: Shape = {
    "about": Key(ANYTHING, "What the cases are and are not."),
    "baseline": Key(ANSWERS, "The answers of everybody whose case does not name the question."),
    "cases": Key(list_of(entry_of(EXAMPLE)), "The made-up people.", required=True),
}
VIGNETTE: Shape = {
    "id": Key(TEXT, "The name of the case.", required=True),
    "kind": Key(TEXT, "Where it comes from."),
    "weight": Key(TEXT, "How much it counts."),
    "facts": Key(WORD, "What the source states, retold in own words.", required=True),
    "expect": Key(STEP, "The step that the source states.", required=True),
    "also_acceptable": Key(or_empty(STEPS), "Steps that the source also accepts."),
    "answers": Key(ANSWERS, "What the facts state, as precisely as they state it.", required=True),
    "coding_notes": Key(ANYTHING, "What was left open, and why."),
}
CALIBRATION_FILE: Shape = {
    "about": Key(ANYTHING, "What the cases are, and how they were coded.", required=True),
    "ladder": Key(STEPS, "The ladder of the sources, least first.", required=True),
    "steps": Key(mapping_of(STEP), "The step that each of our levels is.", required=True),
    "statuses": Key(mapping_of(STEP), "The step that a status is."),
    "also_counts": Key(mapping_of(STEPS), "Further steps that a level meets."),
    "also_counts_reason": Key(TEXT, "Why."),
    "cases": Key(list_of(entry_of(VIGNETTE)), "The vignettes.", required=True),
}


@dataclass(frozen=True)
class Case:
    """One described person: the facts in words, the answers, and what is stated for them.

    `expect` is the level; for a person with open answers the lowest one possible, and `at_most` the highest.
    `red_flags` (ids) and `addons` (names) are all that must be there. None says nothing about them, and a rating that
    is not named is not compared. A generated case says which `rule` `holds` or not, and for which `condition`.
    `also_acceptable` and `weight` belong to published vignettes.
    """

    id: str
    about: str
    answers: Mapping[str, Answer]
    expect: str
    also_acceptable: tuple[str, ...] = ()
    weight: str = ""
    at_most: str = ""
    status: str = SETTLED
    red_flags: tuple[str, ...] | None = None
    addons: tuple[str, ...] | None = None
    ratings: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    rule: str = ""
    condition: str = ""
    holds: bool | None = None


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


def load_cases(questionnaire: Questionnaire, paths: Iterable[Path] = CASE_FILES) -> tuple[Case, ...]:
    """The cases of several files one after another. Raises ContentError where two have the same id."""
    found: dict[str, Case] = {}
    for path in paths:
        cases = load_examples(questionnaire, path)
        for case in cases:
            if case.id in found:
                raise ContentError(Fault(f"the id `{case.id}` is taken by another case", file=path.name))
        found.update((case.id, case) for case in cases)
    return tuple(found.values())


def load_examples(questionnaire: Questionnaire, path: Path = EXAMPLES) -> tuple[Case, ...]:
    """The made-up cases of a file: each is a baseline with a few answers changed, and a person who can be.

    A file without a baseline of its own stands over that of the examples. Raises ContentError with the place in the
    file, also for answers that contradict each other.
    """
    file = ContentFile(path)
    file.check(file.data, EXAMPLES_FILE, ())
    baseline = read_baseline(questionnaire, file if "baseline" in file.data else ContentFile(EXAMPLES))
    cases = []
    taken: set[str] = set()
    for index, entry in enumerate(file.data["cases"]):
        cases.append(read_case(file, ("cases", index), entry, baseline, questionnaire))
        if cases[-1].id in taken:
            raise file.fail(f"the id `{cases[-1].id}` is taken", ("cases", index, "id"), remedy="Choose another one.")
        taken.add(cases[-1].id)
    check_possible(file, cases, questionnaire)
    return tuple(cases)


def read_baseline(questionnaire: Questionnaire, file: ContentFile) -> dict[str, Answer]:
    """The answers that hold for every case of a file unless it gives its own."""
    return read_answers(file, ("baseline",), file.data["baseline"], questionnaire)


def read_case(
    file: ContentFile,
    path: tuple[str | int, ...],
    entry: Mapping[str, Any],
    baseline: Mapping[str, Answer],
    questionnaire: Questionnaire,
) -> Case:
    """One case over the baseline."""
    file.check(entry, EXAMPLE, path)
    own = read_answers(file, (*path, "answers"), entry.get("answers", {}), questionnaire)
    return Case(
        id=str(entry["id"]),
        about=str(entry.get("who", "")),
        answers={**baseline, **own},
        expect=entry["expect"],
        at_most=entry.get("at_most", ""),
        status=entry.get("status", SETTLED),
        red_flags=names_listed(file, path, entry, "red_flags"),
        addons=names_listed(file, path, entry, "addons"),
        ratings=ratings_stated(file, path, entry),
        note=str(entry.get("note", "")),
        rule=str(entry.get("rule", "")),
        condition=str(entry.get("condition", "")),
        holds=entry.get("holds"),
    )


def names_listed(
    file: ContentFile, path: tuple[str | int, ...], entry: Mapping[str, Any], key: str
) -> tuple[str, ...] | None:
    """A list of names, or None where the case says nothing."""
    if key not in entry:
        return None
    names = entry[key]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise file.fail(f"`{key}` must be a list of names", (*path, key), allowed="[] for none")
    return tuple(names)


def ratings_stated(file: ContentFile, path: tuple[str | int, ...], entry: Mapping[str, Any]) -> Mapping[str, int]:
    """The ratings that a case states, by area."""
    ratings = entry.get("ratings", {})
    if not isinstance(ratings, dict) or not all(isinstance(value, int) for value in ratings.values()):
        raise file.fail("`ratings` must give a number for each area named", (*path, "ratings"), allowed="0 to 4")
    return ratings


def check_possible(file: ContentFile, cases: Sequence[Case], questionnaire: Questionnaire) -> None:
    """Raises ContentError for cases whose answers contradict each other: such an intake would be sent back."""
    found = contradictions(questionnaire, answers_of(questionnaire, [case.answers for case in cases]))
    if found:
        lines = {row: file.locate(("cases", row))[0] for row, _ in found[:SHOWN_AT_MOST]}
        raise ContentError(
            replace(fault, file=file.name, line=lines.get(row), field=f"case {cases[row].id}, {fault.field}")
            for row, fault in found
        )


def load_calibration(questionnaire: Questionnaire, path: Path = CALIBRATION) -> Calibration:
    """The published vignettes as answers; what they do not state is unknown."""
    file = ContentFile(path)
    file.check(file.data, CALIBRATION_FILE, ())
    cases = []
    for index, entry in enumerate(file.data["cases"]):
        file.check(entry, VIGNETTE, ("cases", index))
        answers = read_answers(file, ("cases", index, "answers"), entry["answers"], questionnaire)
        also = tuple(entry.get("also_acceptable") or ())
        cases.append(Case(entry["id"], str(entry["facts"]), answers, entry["expect"], also, entry.get("weight", "")))
    also_counts = {level: tuple(steps) for level, steps in file.data.get("also_counts", {}).items()}
    return Calibration(tuple(cases), tuple(file.data["ladder"]), file.data["steps"], also_counts)


def packaged_cases(questionnaire: Questionnaire) -> tuple[Case, ...]:
    """Every case that is packaged, of whatever kind."""
    return (*load_cases(questionnaire, STORIES), *load_calibration(questionnaire).cases)


def read_answers(
    file: ContentFile, path: tuple[str | int, ...], given: Mapping[str, Any], questionnaire: Questionnaire
) -> dict[str, Answer]:
    """The answers under `path`. Raises ContentError with the place in the file."""
    answers = {}
    for name, value in given.items():
        place = (*path, name)
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


def accepts(calibration: Calibration, case: Case, level: str) -> bool:
    """Whether a level is, on the ladder of the source, the stated one or one that it accepts."""
    steps = {calibration.steps[level], *calibration.also_counts.get(level, ())}
    return bool(steps & {case.expect, *case.also_acceptable})


def placed(case: Case, low: str, high: str, also: Sequence[str], ladder: Sequence[str]) -> Placement:
    """One case's step beside the nearest accepted one; `also` are further steps that the floor meets."""
    accepted = [ladder.index(step) for step in (case.expect, *case.also_acceptable)]
    at = ladder.index(low)
    met = [at, *(ladder.index(step) for step in also)]
    distance = min((own - step for own in met for step in accepted), key=abs)
    inside = distance == 0 or any(at <= step <= ladder.index(high) for step in accepted)
    return Placement(case, low, high, distance, inside)


# Tells an editor what the file may hold.
SCHEMA_LINE = "# yaml-language-server: $schema=../../../docs/schemas/cases.json"


def written_cases(entries: Iterable[Mapping[str, Any]]) -> str:
    """A file of generated cases, a line each, that `load_examples` reads."""
    about = "Made by `recommender policy pairs` for the rules as they are; nobody here exists. Do not edit by hand."
    lines = [f"  - {json.dumps(entry, ensure_ascii=False)}" for entry in entries]
    return "\n".join((SCHEMA_LINE, f"about: {json.dumps(about)}", "cases:", *lines, ""))
