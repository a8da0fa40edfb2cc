"""What a policy file may hold: the declarations that `policy_file.py` reads by."""

from __future__ import annotations

from recommender.policy import DAYS, HIGHEST_RATING, MODES
from recommender.shape import (
    DATE,
    EXPRESSION,
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE,
    WORD,
    Key,
    Shape,
    entry_of,
    list_of,
    mapping_of,
    name_from,
    one_of,
    or_empty,
)

BESIDE_THE_LEVEL = ("alternatives", "addons", "iop_fit", "services", "schedules")
LEVEL_NAME, LEVEL_NAMES = name_from("levels"), list_of(name_from("levels"))
WHY = "The sentence for the person in front of you."


def rule(*, why: bool = True, **more: Key) -> Shape:
    """The keys of a rule, with those of its section."""
    return {
        "id": Key(TEXT, "The name of the rule; it stands behind each sentence that the rule gives.", required=True),
        **more,
        "when": Key(EXPRESSION, "When the rule is true; `always` for always.", required=True),
        "why": Key(TEXT, WHY, required=why),
        "source": Key(name_from("sources"), "The key of a public source above.", required=True),
        "since": Key(WORD, "The version of the policy that it came with."),
    }


def rules(shape: Shape) -> Key:
    """A list of rules."""
    return Key(list_of(entry_of(shape)), "All are looked at; the highest that is true holds.", required=True)


SOURCE: Shape = {
    "title": Key(TEXT, "What it is called, so that a reader can find it.", required=True),
    "note": Key(TEXT, "What is taken from it, and how well that is verified."),
}
DERIVED: Shape = {
    "id": Key(TEXT, "A name for several rules to use.", required=True),
    "expression": Key(EXPRESSION, "What it is.", required=True),
    "text": Key(TEXT, "What it is, in words.", required=True),
    "unit": Key(TEXT, "What it counts."),
}
AREA_RULE = rule(rating=Key(one_of(*range(1, HIGHEST_RATING + 1)), "What the area is rated at least.", required=True))
AREA: Shape = {
    "id": Key(TEXT, "The name of the area in rules.", required=True),
    "title": Key(TEXT, "The area as people read it.", required=True),
    "anchors": Key(mapping_of(TEXT), "What each rating from 0 to 4 means."),
    "rules": rules(AREA_RULE),
}
STRAND_RULE = rule(floor=Key(name_from("steps"), "The step of the strand that is needed at least.", required=True))
STRAND: Shape = {
    "id": Key(TEXT, "The name of the strand in rules.", required=True),
    "title": Key(TEXT, "The strand as people read it.", required=True),
    "steps": Key(list_of(name_from("steps")), "Its steps; the first holds where no rule is true.", required=True),
    "rules": rules(STRAND_RULE),
}
PLACEMENT = rule(level=Key(LEVEL_NAME, "The level that is needed at least.", required=True))
RED_FLAG = rule(
    name=Key(TEXT, "What the flag is called.", required=True),
    group=Key(name_from("flag_groups"), "The kind of danger; needed where the policy declares groups."),
    mode=Key(one_of(*MODES), "block: no level; hold: hidden; floor: never below; route: arrange.", required=True),
    level=Key(LEVEL_NAME, "The level of a floor."),
    action=Key(TEXT, "What to do now. It is shown as it stands.", required=True),
    contacts=Key(list_of(name_from("contacts")), "Whom to call."),
)
ALTERNATIVE = rule(
    why=False,
    **{"from": Key(LEVEL_NAME, "The level that the rules find.", required=True)},
    to=Key(LEVEL_NAME, "The level that is also acceptable.", required=True),
    condition=Key(TEXT, "What a person must confirm.", required=True),
)
ADDON = rule(
    addon=Key(name_from("beside"), "What stands beside the level.", required=True),
    name=Key(TEXT, "What it is called."),
)
FIT_TEST = rule(
    name=Key(TEXT, "What is tested.", required=True),
    otherwise=Key(TEXT, "The sentence where it does not hold.", required=True),
)
DOSE = rule(
    times_per_week=Key(NUMBER, "How often; 0.5 is every two weeks."),
    minutes=Key(WHOLE, "How long each time."),
    starts=Key(TEXT, "When it begins."),
    note=Key(TEXT, "What staff should know."),
)
SERVICE: Shape = {
    "id": Key(TEXT, "The name of the service.", required=True),
    "name": Key(TEXT, "The service as people read it.", required=True),
    "part_of": Key(LEVEL_NAMES, "The levels that hold it.", required=True),
    "inside": Key(TRUTH, "Whether it counts within the programme's hours."),
    "does": Key(TEXT, "What happens there.", required=True),
    "rules": Key(list_of(entry_of(DOSE)), "The last that is true gives the dose.", required=True),
}
SLOT: Shape = {
    "day": Key(one_of(*DAYS), "The day of the week.", required=True),
    "from": Key(TEXT, 'When it begins, such as "18:00", in quotes.', required=True),
    "to": Key(TEXT, 'When it ends, such as "21:00", in quotes.', required=True),
    "by_video": Key(TRUTH, "Whether it is held by video."),
}
SCHEDULE = rule(
    name=Key(TEXT, "What the timetable is called.", required=True),
    levels=Key(LEVEL_NAMES, "The levels that it is for.", required=True),
    hours=Key(NUMBER, "The sum of its slots.", required=True),
    slots=Key(list_of(entry_of(SLOT)), "Its sessions.", required=True),
)
PHASE: Shape = {name: Key(WORD, f"The {name} of the phase.") for name in ("phase", "weeks", "hours", "focus")}
REVIEW: Shape = {
    "at": Key(TEXT, "When to look again.", required=True),
    "check": Key(TEXT, "What to look at.", required=True),
}
REDUNDANT: Shape = {
    "rule": Key(TEXT, "A rule that changes nothing for anybody.", required=True),
    "why": Key(TEXT, "Why it stands there all the same.", required=True),
}
NOT_TO_MATTER: Shape = {
    "question": Key(name_from("questions"), "A question that may not change the level.", required=True),
    "why": Key(TEXT, "Why it may not.", required=True),
}
EXCEPTION: Shape = {
    "question": Key(name_from("questions"), "A question that has no worse direction."),
    "rule": Key(TEXT, "A rule that a worse answer may end."),
    "section": Key(one_of(*BESIDE_THE_LEVEL), "A part of the policy that stands beside the level."),
    "why": Key(TEXT, "Why the promise does not reach it.", required=True),
}


def section(shape: Shape, about: str, *, required: bool = False) -> Key:
    """A part of the policy: a list of entries."""
    return Key(or_empty(list_of(entry_of(shape))), about, required)


def texts(about: str) -> Key:
    """A part of the policy that is a list of sentences."""
    return Key(or_empty(list_of(TEXT)), about)


POLICY_FILE: Shape = {
    "policy": Key(TEXT, "The name of the policy.", required=True),
    "title": Key(TEXT, "What it is called.", required=True),
    "version": Key(WORD, "Raised with every change of a rule.", required=True),
    "date": Key(DATE, "The day of this version.", required=True),
    "status": Key(TEXT, "Whether it is validated, and by whom.", required=True),
    "statement": Key(TEXT, "What stands beside every result."),
    "since": Key(WORD, "The version that rules without a `since` came with.", required=True),
    "sources": Key(mapping_of(entry_of(SOURCE)), "Public sources that rules cite, by key.", required=True),
    "contacts": Key(or_empty(mapping_of(TEXT)), "Whom to call, by key."),
    "derived": section(DERIVED, "Values with a name of their own, used by several rules."),
    "areas": section(AREA, "The six areas of need, each rated 0 to 4.", required=True),
    "strands": section(STRAND, "The kinds of need, each with its steps.", required=True),
    "placement": section(PLACEMENT, "From the strands to the level.", required=True),
    "flag_groups": Key(or_empty(mapping_of(TEXT)), "The kinds of danger that red flags are sorted by, by key."),
    "red_flags": section(RED_FLAG, "What stands before any level.", required=True),
    "alternatives": section(ALTERNATIVE, "Levels that are also acceptable, with a condition."),
    "addons": section(ADDON, "What stands beside the level."),
    "iop_fit": section(FIT_TEST, "The tests of whether intensive outpatient fits."),
    "services": section(SERVICE, "What a level holds for a person."),
    "schedules": section(SCHEDULE, "Timetables."),
    "phases": section(PHASE, "The phases of a programme."),
    "reviews": section(REVIEW, "When to look again."),
    "step_up": texts("Reasons for a heavier level."),
    "step_down": texts("Reasons for a lighter level."),
    "monotone_exceptions": section(EXCEPTION, "Where the promise of monotony does not reach, with the reason."),
    "redundant_on_purpose": section(REDUNDANT, "Rules that change nothing and stand there for a reason."),
    "must_not_matter": section(NOT_TO_MATTER, "Questions that may not change the level, a rating or a red flag."),
    "open_questions": texts("For the signing clinician."),
}
