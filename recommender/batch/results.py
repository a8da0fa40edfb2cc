"""The columns of the answer: an assessment of many people as an Arrow table, made column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.assessment import SETTLED, STATUSES, Assessment, packed
from recommender.batch.assessing import assess_and_check
from recommender.batch.beside import ALONE, HASH_SHOWN, Beside
from recommender.batch.columns import ID, Header, answered_count
from recommender.batch.few_texts import few, same_for_all
from recommender.batch.id_lists import joined_names
from recommender.batch.open_questions import Words
from recommender.policy import Policy, Rule
from recommender.rules.bounds import Bounds

LISTS = ("red_flags", "addons", "reasons", "alternatives", "safety_unanswered", "open_questions")
# How reasons are written: the ids of the rules, or their sentences.
CODES, SENTENCES = REASON_FORMS = ("codes", "text")


@dataclass(frozen=True, slots=True)
class Scored:
    """Some rows with their results, from which the columns are made. `ids` and `carried` are Arrow texts."""

    assessment: Assessment
    open_questions: Words
    answers: Answers
    ids: Any
    carried: Mapping[str, Any]
    reasons: str = CODES
    beside: Mapping[str, Any] = field(default_factory=dict)


def result_columns(scored: Scored) -> dict[str, Any]:
    """Every column of the answer, in order. A new column is added here and nowhere else."""
    assessment, policy, count = scored.assessment, scored.assessment.policy, scored.assessment.count
    return {
        ID: scored.ids,
        **level_columns(assessment),
        **rating_columns(assessment.ratings),
        **list_columns(assessment, scored.reasons),
        "open_questions": joined_names(policy.questions_used, scored.open_questions),
        **scored.beside,
        "questions_answered": pa.array(answered_count(policy.questionnaire, scored.answers), pa.int16()),
        "policy": same_for_all(f"{policy.id} {policy.version} ({policy.status})", count),
        "policy_hash": same_for_all(policy.hash[:HASH_SHOWN], count),
        **scored.carried,
    }


def result_schema(policy: Policy, header: Header, reasons: str = CODES, beside: Beside = ALONE) -> Any:
    """The names and types of the columns, with the policy's statement as a note to whoever opens the file."""
    nothing = pa.array([], pa.string())
    nobody = Answers(0, {})
    assessed = assess_and_check(policy, nobody, {})
    carried = dict.fromkeys(header.carried, nothing)
    said = beside.columns(assessed.assessment, nobody)
    scored = Scored(assessed.assessment, assessed.open_questions, nobody, nothing, carried, reasons, said)
    fields = [(name, column.type) for name, column in result_columns(scored).items()]
    return pa.schema(fields, metadata={"statement": policy.statement})


def result_table(scored: Scored, schema: Any) -> Any:
    """The results as an Arrow table with the columns of `schema`."""
    return pa.Table.from_arrays(list(result_columns(scored).values()), schema=schema)


def level_columns(assessment: Assessment) -> dict[str, Any]:
    """The status, both bounds, and the level where it is settled."""
    levels = assessment.policy.ladder.ids
    unsettled = assessment.status != SETTLED
    return {
        "status": few(STATUSES, assessment.status),
        "level_at_least": few(levels, assessment.level_at_least),
        "level_at_most": few(levels, assessment.level_at_most),
        "level": few(levels, assessment.level_at_least, unsettled),
    }


def rating_columns(ratings: Mapping[str, Bounds]) -> dict[str, Any]:
    columns = {}
    for name, bounds in ratings.items():
        columns[f"{name}_low"] = pa.array(bounds.lower, pa.int8())
        columns[f"{name}_high"] = pa.array(bounds.upper, pa.int8())
    return columns


def list_columns(assessment: Assessment, form_of_reasons: str = CODES) -> dict[str, Any]:
    """The lists of ids, as text with spaces; the reasons as sentences where they are asked for so."""
    policy = assessment.policy
    flags = {flag.id for flag in policy.red_flags}
    reasons = flags | set(level_reasons(policy))
    return {
        "red_flags": joined_names([rule if rule in flags else None for rule in policy.rules], assessment.fired),
        "addons": joined_truths(addon_truths(assessment), assessment.count),
        "reasons": joined_names(
            [told(rule, form_of_reasons) if rule.id in reasons else None for rule in policy.rules.values()],
            assessment.fired,
        ),
        "alternatives": joined_truths(alternative_truths(assessment), assessment.count),
        "safety_unanswered": joined_names(policy.safety_questions, assessment.unanswered),
    }


def told(rule: Rule, form: str) -> str:
    """A rule as a reason: its id, or its sentence with the id behind it."""
    return rule.id if form == CODES else f"{rule.why.rstrip('.')} [{rule.id}]."


def level_reasons(policy: Policy) -> Iterator[str]:
    """The rules that lead to a level: of the areas, the strands and the placement."""
    yield from (rule.id for area in policy.areas for rule in area.rules)
    yield from (rule.id for strand in policy.strands for rule in strand.rules)
    yield from (rule.id for rule in policy.placement)


def addon_truths(assessment: Assessment) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    for addon in assessment.policy.addons:
        yield addon.name, assessment.has_fired(addon.rule.id)


def alternative_truths(assessment: Assessment) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """The neighbouring levels that are acceptable too: only beside a settled level, and only from that level."""
    ranks = {level.id: level.rank for level in assessment.policy.ladder.levels}
    settled = assessment.status == SETTLED
    for entry in assessment.policy.alternatives:
        here = settled & (assessment.level_at_least == ranks[entry.level])
        yield entry.instead, here & assessment.has_fired(entry.rule.id)


def joined_truths(truths: Iterator[tuple[str, NDArray[np.bool_]]], count: int) -> Any:
    """The names that are true of each person; a name that stands twice is true where either is."""
    merged: dict[str, NDArray[np.bool_]] = {}
    for name, truth in truths:
        merged[name] = merged[name] | truth if name in merged else truth
    return joined_names(tuple(merged), packed(list(merged.values()), count))
