"""Why what happened differs from what was indicated: the coded reasons, each in words. Free text may stand beside."""

from __future__ import annotations

from collections.abc import Mapping

# Why the indicated, offered and accepted level differ from each other or from the recommendation. Payment and places
# are reasons why somebody gets something else; they are never a reason for what is indicated.
DIFFERENCE: Mapping[str, str] = {
    "patient_preference": "The person prefers another level",
    "level_not_available_in_area": "There is no such programme within reach",
    "waiting_list": "The programme has a waiting list",
    "transport": "The person cannot get there",
    "work_or_caring_duties": "Work, school or caring for others leaves no time",
    "uninsured": "The person has no insurance",
    "payer_denial": "The payer refuses to pay for it",
    "program_refused": "The programme does not take this person",
    "mandate_conflict": "A court or another authority demands something else",
    "clinician_disagrees": "The clinician judges the need differently",
    "patient_declines_all": "The person wants no treatment now",
    "left_before_placement": "The person left before a place was found",
    "unknown": "Not known",
}
# The only ones that may change what is indicated: need, and nothing else.
ABOUT_NEED = frozenset({"clinician_disagrees"})

# Why a clinician clears a red flag.
CLEARANCE: Mapping[str, str] = {
    "examined": "Examined: this danger is not there",
    "treated": "The danger was treated and has passed",
    "measures_taken": "Measures are in place that make this level safe",
    "other": "Another reason, in words",
}
NEEDS_WORDS = frozenset({"clinician_disagrees", "measures_taken", "other"})
