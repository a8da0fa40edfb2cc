"""The interview's promises: a certified level is the full form's, safety is always asked, and bounds only narrow.

On synthetic people; the order of the answers changes nothing.
"""

from __future__ import annotations

import numpy as np
import pytest

from recommender.answers import NOT_KNOWN, Answer, Answers, unknown
from recommender.assessment import assess
from recommender.interview import EVERYBODY, LEVEL_PHASE, SAFETY, Interview, LookAhead, pending_for, steps, still_due
from recommender.interview.findings import open_answer
from recommender.interview.replay import replay
from recommender.likely import load_population
from recommender.matters import level_of, level_questions, trace, what_matters
from recommender.policy import Policy
from recommender.rules.bounds import ANSWERED, Bounds, Given
from recommender.simulation import simulate_answers

PEOPLE, REPLAYED = 200, 120


@pytest.fixture(scope="module")
def people() -> Answers:
    return simulate_answers(PEOPLE, 31, unknown_share=0)


@pytest.fixture(scope="module")
def look_ahead(policy: Policy) -> LookAhead:
    return LookAhead(policy, load_population(policy.questionnaire))


def person(people: Answers, row: int) -> dict[str, Answer]:
    columns = people.columns.items()
    return {n: Answer(int(c.lower[row]), int(c.upper[row])) for n, c in columns if c.state[row] == ANSWERED}


def interviewed(policy: Policy, look_ahead: LookAhead, truth: dict[str, Answer]) -> tuple[Interview, list[str]]:
    """An interview with somebody who answers everything, until the level is certified; and what was asked, in order."""
    interview, asked = Interview(policy, {}), []
    low, high = interview.bounds
    while not interview.certified:
        found = steps(interview, look_ahead, by=EVERYBODY)
        assert found[0].phase in (SAFETY, LEVEL_PHASE)
        for step in found:
            for name in still_due(interview, step):
                before = len(interview.may_still_matter)
                interview = interview.with_answer(name, truth[name])
                asked.append(name)
                assert interview.faults() == []
                assert low <= interview.bounds[0] <= interview.bounds[1] <= high, "bounds only narrow"
                assert len(interview.may_still_matter) < before, "fewer questions are left after each answer"
                low, high = interview.bounds
            if interview.certified:
                break
    return interview, asked


@pytest.mark.parametrize("row", [3, 8, 21])
def test_a_certified_level_is_the_full_form_s_and_safety_was_asked(
    policy: Policy, look_ahead: LookAhead, people: Answers, row: int
) -> None:
    truth = person(people, row)
    interview, asked = interviewed(policy, look_ahead, truth)
    full = assess(policy, people)
    assert interview.bounds == (full.level_at_least[row], full.level_at_least[row])
    asked_for_safety = [name for name in policy.safety_questions if name in truth]
    assert set(asked_for_safety) <= set(asked)
    assert len(asked) < len(truth)
    first_for_level = min((n for n, name in enumerate(asked) if name == "expected_use"), default=len(asked))
    assert all(asked.index(name) < first_for_level for name in asked_for_safety)


def test_of_many_interviews_every_certified_level_is_the_full_form_s(
    policy: Policy, look_ahead: LookAhead, people: Answers
) -> None:
    """Those of thousands are in benchmarks/interview.py."""
    level = assess(policy, people).level_at_least
    ended = list(replay(policy, look_ahead, (person(people, row) for row in range(REPLAYED))))
    assert len(ended) == REPLAYED
    for one in ended:
        assert one.interview.certified
        assert one.interview.bounds == (level[one.row], level[one.row])
        asked_for_safety = [name for name in policy.safety_questions if name in one.truth]
        assert set(asked_for_safety) <= set(one.asked)


@pytest.mark.parametrize("seed", range(3))
def test_bounds_narrow_to_the_full_form_s_level_in_any_order(policy: Policy, people: Answers, seed: int) -> None:
    """Everybody at once, the questions in a random order, a few at a time; what drops out never comes back."""
    level = assess(policy, people).level_at_least
    names = np.random.default_rng(seed).permutation(list(people.columns))
    inputs = {name: open_answer(policy.questionnaire.questions[name]) for name in policy.read_if_answered}
    low, high = np.zeros(PEOPLE, dtype=int), np.full(PEOPLE, len(policy.ladder.levels) - 1)
    mattered = {name: np.ones(PEOPLE, dtype=bool) for name in level_questions(policy)}
    for part in np.array_split(names, 12):
        for name in part:
            column = people.columns[name]
            inputs[name] = Given(Bounds(column.lower, column.upper), column.state)
        traced = trace(policy, inputs, PEOPLE)
        bounds = level_of(traced)
        assert (low <= bounds.lower).all()
        assert (bounds.upper <= high).all()
        assert ((bounds.lower <= level) & (level <= bounds.upper)).all()
        for name, matters in what_matters(traced).questions.items():
            now = np.broadcast_to(matters, (PEOPLE,))
            assert (mattered[name] | ~now).all(), name
            mattered[name] = now
        low, high = bounds.lower, bounds.upper
    assert (low == high).all()
    assert not any(matters.any() for matters in mattered.values())


@pytest.mark.parametrize(("row", "seed"), [(2, 1), (11, 2), (40, 3), (77, 4)])
def test_what_does_not_matter_can_not_change_the_level(policy: Policy, people: Answers, row: int, seed: int) -> None:
    """Half the answers are known; the questions that then do not matter get the answers of all other people."""
    truth = person(people, row)
    random = np.random.default_rng(seed)
    half = {name: answer for name, answer in truth.items() if random.random() < 0.5}
    interview = Interview(policy, half)
    left = [name for name in people.columns if name not in half and interview.may_be_asked(name)]
    free = [name for name in left if name not in interview.matter]
    assert free
    inputs = dict(interview.findings.inputs)
    for name in free:
        if name not in policy.read_if_answered:
            column = people.columns[name]
            inputs[name] = Given(Bounds(column.lower, column.upper), column.state)
    bounds = level_of(trace(policy, inputs, PEOPLE))
    assert (bounds.lower >= interview.bounds[0]).all()
    assert set(bounds.lower.tolist()) == {interview.bounds[0]}
    assert set(bounds.upper.tolist()) == {interview.bounds[1]}


def test_a_skipped_question_keeps_the_level_open_and_is_not_asked_again(policy: Policy, people: Answers) -> None:
    truth = person(people, 0)
    for name in ("psych_contact", "expected_use", "daily_nursing_task"):
        truth[name] = unknown(policy.questionnaire.questions[name], NOT_KNOWN)
    interview = Interview(policy, truth)
    assert not interview.certified
    assert not interview.is_open("psych_contact")
    assert "psych_contact" not in interview.may_still_matter


def test_measurements_wait_for_the_nurse_and_keep_the_level_open(policy: Policy, people: Answers) -> None:
    truth = person(people, 1)
    without = {
        name: answer for name, answer in truth.items() if policy.questionnaire.questions[name].asked_by != "nurse"
    }
    interview = Interview(policy, without)
    assert set(policy.read_if_answered) <= set(pending_for(interview, "nurse"))
    assert not interview.certified
    assert interview.bounds[1] == policy.ladder.level("hospital").rank
    for name in pending_for(interview, "nurse"):
        interview = interview.with_answer(name, truth[name])
    assert not set(policy.read_if_answered) & set(pending_for(interview, "nurse"))


def test_an_instrument_stays_whole_and_a_closed_gate_takes_answers_out(policy: Policy, look_ahead: LookAhead) -> None:
    interview = Interview(policy, {"phq_1": Answer(1, 1)})
    blocks = [step.block for step in steps(interview, look_ahead)]
    assert ("phq_2",) in blocks
    positive = interview.with_answer("phq_2", Answer(3, 3))
    assert next(step.block for step in steps(positive, look_ahead) if "phq_9" in step.block) == tuple(
        f"phq_{number}" for number in range(3, 10)
    )
    drinker = (
        Interview(policy, {}).with_answer("alcohol_days", Answer(9, 9)).with_answer("drinks_per_day", Answer(4, 4))
    )
    assert "drinks_per_day" not in drinker.with_answer("alcohol_days", Answer(0, 0)).answers
