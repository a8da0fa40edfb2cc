"""Assessment, contradictions and open questions of a chunk, all read off one evaluation of its answers."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.answers import Answers
from recommender.assessment import PEOPLE_AT_A_TIME, Assessment, assessment_of, joined
from recommender.batch.open_questions import Words, open_bits
from recommender.contradictions import broken_checks, conditions
from recommender.errors import Fault
from recommender.policy import Policy
from recommender.rules.program import Program, compile_program


class Assessed(NamedTuple):
    """Of n people: the assessment; contradictions, by position; a bit for each open question that the policy uses."""

    assessment: Assessment
    contradictions: list[tuple[int, Fault]]
    open_questions: Words


def assess_and_check(policy: Policy, answers: Answers, unread: Mapping[str, NDArray[np.bool_]]) -> Assessed:
    """What `assess` and `contradictions` find, for half the work; `unread` is as for `contradictions`."""
    assessments, found, open_ = [], [], []
    for start in range(0, max(answers.count, 1), PEOPLE_AT_A_TIME):
        part = answers.rows(start, start + PEOPLE_AT_A_TIME)
        doubt = {name: rows[start : start + PEOPLE_AT_A_TIME] for name, rows in unread.items()}
        values = whole_program(policy).run(part.inputs())
        broken = broken_checks(policy.questionnaire, part, values, doubt)
        found += [(start + row, fault) for row, fault in broken if row < part.count]
        assessments.append(assessment_of(policy, values, part.count))
        open_.append(open_bits(assessments[-1], values))
    return Assessed(joined(policy, assessments), found, np.concatenate(open_))


@functools.lru_cache(maxsize=4)
def whole_program(policy: Policy) -> Program:
    """The policy, the checks and every question that the policy uses, compiled as one: what they share is done once."""
    checks = conditions(policy.questionnaire)
    names = dict.fromkeys((*policy.assessed, *policy.questions_used, *checks))
    return compile_program({**policy.definitions, **checks}, names)
