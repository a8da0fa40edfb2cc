"""What a file of questions may hold: the declarations that `questionnaire.py` reads by."""

from __future__ import annotations

from recommender.shape import (
    ANYTHING,
    EXPRESSION,
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

TYPES = ("yes_no", "choice", "scale", "count")
AREAS = (
    "safety",
    "d1_withdrawal",
    "d2_medical",
    "d3_psych",
    "d4_readiness",
    "d5_use_risk",
    "d6_environment",
    "context",
)
MOST_CHOICES = 32
CODE_LIST = mapping_of(ANYTHING)

CHOICE: Shape = {
    "id": Key(TEXT, "The name of the choice in files and rules.", required=True),
    "text": Key(WORD, "The choice as people read it."),
    "score": Key(WHOLE, "Its points in an instrument."),
}
QUESTION: Shape = {
    "id": Key(TEXT, "The name of the question in files and rules: letters, digits and _.", required=True),
    "text": Key(TEXT, "The question as it is asked, in own wording.", required=True),
    "help": Key(TEXT, "How to code the answer."),
    "type": Key(one_of(*TYPES), "What kind of answer it takes.", required=True),
    "choices": Key(list_of(entry_of(CHOICE)), "The choices of a scale, best first, or of a choice without order."),
    "min": Key(WHOLE, "The smallest count; 0 if not given."),
    "max": Key(WHOLE, "The largest count."),
    "unit": Key(TEXT, "What is counted."),
    "worse": Key(one_of("up", "down", "none"), "Which direction is clinically worse."),
    "area": Key(one_of(*AREAS), "The area of need that it is about."),
    "safety": Key(TRUTH, "Whether it is always asked, and first."),
    "asked_by": Key(one_of("coordinator", "nurse"), "Who asks it."),
    "ask_if": Key(EXPRESSION, "When it is asked; always if not given."),
    "when_not_asked": Key(ANYTHING, "The answer that holds when it is not asked; needed with `ask_if`."),
    "answered_anyway": Key(one_of("contradiction", "counts"), "What an answer means where it was not to be asked."),
    "computed": Key(EXPRESSION, "How it is worked out from finer questions when it was not answered."),
    "must_agree": Key(TRUTH, "Whether an answer has to agree with what is computed."),
    "spans": Key(mapping_of(list_of(ANYTHING)), "Words of a chart, each with the two ends of what it may mean."),
    "known_at": Key(one_of("intake", "discharge"), "When it is known; only `intake` may be used."),
    "use": Key(one_of("assessment", "record", "audit"), "What it is asked for; only an assessment decides anything."),
    "changes": Key(
        one_of("by_action", "by_time", "only_worse", "fixed"), "Whether its answer can become another from now on."
    ),
    "improves_to": Key(list_of(ANYTHING), "The better answers that it can become, where not all of them."),
    "codes": Key(CODE_LIST, "LOINC and TEDS codes."),
    "source": Key(TEXT, "The public source of the question.", required=True),
    "licence": Key(TEXT, "The terms of an instrument's item."),
}
BAND: Shape = {
    "min": Key(WHOLE, "The lowest total of the band."),
    "max": Key(WHOLE, "The highest total of the band."),
    "label": Key(TEXT, "What the band is called.", required=True),
}
INSTRUMENT: Shape = {
    "id": Key(TEXT, "The name of the instrument in files.", required=True),
    "name": Key(TEXT, "Its published name.", required=True),
    "questions": Key(list_of(name_from("questions")), "Its items; may be empty where only a total is entered."),
    "score": Key(name_from("questions"), "The question that holds its total.", required=True),
    "gate": Key(EXPRESSION, "When the rest of it is asked."),
    "bands": Key(list_of(entry_of(BAND)), "What its totals are called."),
    "positive": Key(EXPRESSION, "When it is positive."),
    "codes": Key(CODE_LIST, "LOINC codes of the panel and the total."),
    "source": Key(TEXT, "Where it was published.", required=True),
    "licence": Key(TEXT, "Its terms.", required=True),
    "item_text": Key(one_of("shipped", "own_paraphrase", "not_shipped"), "Whose wording the items are."),
    "whole": Key(TRUTH, "Whether an interview must not break it off half-way; true if not given."),
}
CONTRADICTION: Shape = {
    "id": Key(TEXT, "The name of the contradiction.", required=True),
    "when": Key(EXPRESSION, "When the answers cannot stand together.", required=True),
    "why": Key(TEXT, "What to tell whoever entered them.", required=True),
    "questions": Key(list_of(name_from("questions")), "The answers to look at again.", required=True),
}
QUESTION_FILE: Shape = {
    "topic": Key(TEXT, "The name of the topic in files.", required=True),
    "title": Key(TEXT, "The topic as people read it.", required=True),
    "questions": Key(list_of(entry_of(QUESTION)), "The questions in the order asked.", required=True),
    "instruments": Key(or_empty(list_of(entry_of(INSTRUMENT))), "Published sets of questions with a total."),
    "contradictions": Key(or_empty(list_of(entry_of(CONTRADICTION))), "Answers that cannot stand together."),
}
