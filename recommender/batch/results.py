"""The columns of the answer: an assessment of many people as an Arrow table, made column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.assessment import SETTLED, STATUSES, Assessment, packed
from recommender.batch.columns import ID, Header, answered_count
from recommender.batch.id_lists import joined_names
from recommender.likely import LikelyLevels
from recommender.policy import Policy
from recommender.rules.bounds import Bounds

LISTS = ("red_flags", "addons", "reasons", "alternatives", "safety_unanswered")
HASH_SHOWN = 12
# A column of few different texts: each is kept once, with its position for each row.
FEW = pa.dictionary(pa.int8(), pa.string())


def result_schema(policy: Policy, header: Header, *, likely: bool = False) -> Any:
    """The names and types of the columns, with the policy's statement as a note to whoever opens the file."""
    ratings = [f"{area.id}_{end}" for area in policy.areas for end in ("low", "high")]
    levels = ("status", "level_at_least", "level_at_most", "level")
    fields = [(ID, pa.string()), *((name, FEW) for name in levels), *((name, pa.int8()) for name in ratings)]
    fields += [(name, pa.string()) for name in LISTS]
    fields += [("level_likely", FEW), ("level_likely_chance", pa.float32()), ("population", FEW)] if likely else []
    fields += [("questions_answered", pa.int16()), ("policy", FEW), ("policy_hash", FEW)]
    fields += [(name, pa.string()) for name in header.carried]
    return pa.schema(fields, metadata={"statement": policy.statement})


def result_table(
    assessment: Assessment,
    answers: Answers,
    ids: Any,
    carried: Mapping[str, Any],
    schema: Any,
    likely: LikelyLevels | None = None,
) -> Any:
    """The result for everybody in a chunk, with the columns of `schema`."""
    policy, count = assessment.policy, assessment.count
    columns = {
        ID: ids,
        **level_columns(assessment),
        **rating_columns(assessment.ratings),
        **list_columns(assessment),
        **(likely_columns(policy, likely) if likely else {}),
        "questions_answered": answered_count(policy.questionnaire, answers),
        "policy": same_for_all(f"{policy.id} {policy.version} ({policy.status})", count),
        "policy_hash": same_for_all(policy.hash[:HASH_SHOWN], count),
        **carried,
    }
    arrays = [pa.array(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def likely_columns(policy: Policy, likely: LikelyLevels) -> dict[str, Any]:
    """The most likely level of everybody, its chance, and the population that says so."""
    return {
        "level_likely": few(policy.ladder.ids, likely.level),
        "level_likely_chance": likely.chance.astype(np.float32),
        "population": same_for_all(likely.origin, len(likely.level)),
    }


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


def few(names: Sequence[str], positions: NDArray[np.int8], left_out: NDArray[np.bool_] | None = None) -> Any:
    """The names at `positions`, and nothing where `left_out`."""
    indices = pa.array(positions, pa.int8(), mask=left_out)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))


def same_for_all(text: str, count: int) -> Any:
    return few([text], np.zeros(count, dtype=np.int8))


def rating_columns(ratings: Mapping[str, Bounds]) -> dict[str, Any]:
    columns = {}
    for name, bounds in ratings.items():
        columns[f"{name}_low"], columns[f"{name}_high"] = bounds.lower, bounds.upper
    return columns


def list_columns(assessment: Assessment) -> dict[str, Any]:
    """The lists of ids, as text with spaces."""
    policy = assessment.policy
    flags = {flag.id for flag in policy.red_flags}
    reasons = flags | set(level_reasons(policy))
    return {
        "red_flags": joined_names([rule if rule in flags else None for rule in policy.rules], assessment.fired),
        "addons": joined_truths(addon_truths(assessment), assessment.count),
        "reasons": joined_names([rule if rule in reasons else None for rule in policy.rules], assessment.fired),
        "alternatives": joined_truths(alternative_truths(assessment), assessment.count),
        "safety_unanswered": joined_names(policy.safety_questions, assessment.unanswered),
    }


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
