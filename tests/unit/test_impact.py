"""The impact of a change of policy: exact counts before anything is hidden, groups, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recommender.answers import Answers, answers_of, read_text
from recommender.assessment import assess
from recommender.impact import GROUPINGS, Counts, DifferentQuestions, TooFew, count_changes, findings_of
from recommender.impact.counting import DIRECTIONS, HIGHER, LOWER, SAME, SHOWN, STANDINGS, levels_of
from recommender.impact.groups import members
from recommender.impact.shares import wilson
from recommender.levels import load_levels
from recommender.policy import Policy
from recommender.policy_file import ADULT, load_policy
from recommender.questionnaire_file import QUESTIONS, load_questionnaire
from recommender.simulation import simulate_answers

PEOPLE = 4000
R5 = "(aggravators >= 3 or (aggravators >= 2 and d6_environment >= 3))"
Edited = Callable[[str, str], Policy]


@pytest.fixture(scope="module")
def cohort() -> Answers:
    return simulate_answers(PEOPLE, 7)


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """The adult policy with one edit."""

    def edit(old: str, new: str) -> Policy:
        text = ADULT.read_text(encoding="utf-8")
        assert text.count(old) == 1
        (tmp_path / "edited.yaml").write_text(text.replace(old, new), encoding="utf-8")
        return load_policy(tmp_path / "edited.yaml")

    return edit


def changed(counts: Counts) -> int:
    """How many people do not stay at their level."""
    return counts.people - int(np.trace(counts.moves))


class TestCounts:
    def test_the_same_policy_changes_nobody(self, policy: Policy, cohort: Answers) -> None:
        counts = count_changes(policy, load_policy(), cohort)
        assert changed(counts) == 0
        assert counts.upper_ends[SAME, SAME] == counts.people == PEOPLE
        assert np.trace(counts.standings) == PEOPLE

    def test_every_table_counts_everybody_once(self, policy: Policy, cohort: Answers, edited: Edited) -> None:
        counts = count_changes(policy, edited(R5, "(aggravators >= 2)"), cohort)
        by_direction = counts.upper_ends.sum(axis=1)
        assert by_direction[HIGHER] > 0
        assert by_direction.sum() == counts.moves.sum() == counts.standings.sum() == PEOPLE
        assert by_direction.tolist() == [np.tril(counts.moves, -1).sum(), np.trace(counts.moves), changed(counts)]
        for grouping in GROUPINGS:
            assert counts.groups[grouping.question].sum(axis=1).tolist() == by_direction.tolist()

    def test_they_are_those_of_the_assessments(self, policy: Policy, cohort: Answers, edited: Edited) -> None:
        new = edited(R5, "(aggravators >= 2)")
        before, after = assess(policy, cohort), assess(new, cohort)
        counts = count_changes(policy, new, cohort)
        pairs = zip(before.level_at_least.tolist(), after.level_at_least.tolist(), strict=True)
        expected = np.zeros_like(counts.moves)
        for pair in pairs:
            expected[pair] += 1
        assert np.array_equal(counts.moves, expected)
        assert counts.upper_ends[:, HIGHER].sum() == (after.level_at_most > before.level_at_most).sum()
        level, status = levels_of(new, cohort)
        assert np.array_equal(level.lower, after.level_at_least)
        assert np.array_equal(level.upper, after.level_at_most)
        assert np.array_equal(status, after.status)

    def test_back_is_the_mirror_of_there(self, policy: Policy, cohort: Answers, edited: Edited) -> None:
        new = edited(R5, "(aggravators >= 2)")
        there, back = count_changes(policy, new, cohort), count_changes(new, policy, cohort)
        assert np.array_equal(there.moves, back.moves.T)
        assert np.array_equal(there.standings, back.standings.T)
        assert back.upper_ends.sum(axis=1)[LOWER] == changed(there) > 0

    def test_parts_add_up_and_whoever_is_left_out_is_not_counted(self, policy: Policy, cohort: Answers) -> None:
        whole = count_changes(policy, policy, cohort)
        parts = count_changes(policy, policy, cohort.rows(0, 900)) + count_changes(
            policy, policy, cohort.rows(900, PEOPLE)
        )
        assert np.array_equal(whole.moves, parts.moves)
        counted = np.arange(PEOPLE) < 900
        assert np.array_equal(
            count_changes(policy, policy, cohort, counted).moves,
            count_changes(policy, policy, cohort.rows(0, 900)).moves,
        )

    def test_a_new_hold_keeps_people_back(self, policy: Policy, cohort: Answers, edited: Edited) -> None:
        hold = (
            "  - {id: RF99, name: Many, mode: hold, group: overdose, when: alcohol_days >= 20, why: W., action: A.,\n"
            "     source: PJ}\n"
        )
        new = edited("\nred_flags:\n", f"\nred_flags:\n{hold}")
        counts = count_changes(policy, new, cohort)
        assert changed(counts) == 0
        assert counts.standings[SHOWN, STANDINGS.index("held")] > 100
        assert counts.standings[STANDINGS.index("held"), SHOWN] == 0


class TestGroups:
    @pytest.mark.parametrize(
        ("question", "cell", "group"),
        [
            ("age", "17", "under 18"),
            ("age", "30..34", "25 to 34"),
            ("age", "65..", "65 and over"),
            ("age", "55..", "55 and over, no more is known"),
            ("age", "20..40", "not recorded, or not so exactly"),
            ("age", "declined", "not recorded, or not so exactly"),
            ("sex", "another", "another entry"),
            ("race", "white", "White"),
            ("race", "white|middle_eastern_or_north_african", "White, or Middle Eastern or North African"),
            ("race", "white|black", "not recorded, or not so exactly"),
            ("place_to_sleep", "homeless_not_further_stated", "homeless, no more is known"),
            ("place_to_sleep", "nowhere_safe", "street, car, or only an unsafe place"),
        ],
    )
    def test_a_person_is_in_the_first_group_that_holds_the_answer(
        self, policy: Policy, question: str, cell: str, group: str
    ) -> None:
        (grouping,) = (each for each in GROUPINGS if each.question == question)
        answer = read_text(policy.questionnaire.questions[question], cell)
        answers = answers_of(policy.questionnaire, [{question: answer}])
        assert grouping.names[members(grouping, policy.questionnaire, answers)[0]] == group

    def test_every_single_answer_has_a_group(self, policy: Policy) -> None:
        for grouping in GROUPINGS:
            question = policy.questionnaire.questions[grouping.question]
            cells = [question.name_of(value) for value in range(question.minimum, question.maximum + 1)]
            answers = answers_of(policy.questionnaire, [{question.id: read_text(question, cell)} for cell in cells])
            assert (members(grouping, policy.questionnaire, answers) < len(grouping.groups)).all()


class TestRefused:
    def test_policies_that_ask_other_questions(self, policy: Policy, cohort: Answers, tmp_path: Path) -> None:
        for path in QUESTIONS.glob("*.yaml"):
            text = path.read_text(encoding="utf-8").replace("How old is the person", "What age is the person")
            (tmp_path / path.name).write_text(text, encoding="utf-8")
        other = load_policy(questionnaire=load_questionnaire(tmp_path))
        with pytest.raises(DifferentQuestions) as caught:
            count_changes(policy, other, cohort)
        assert "do not ask the same questions" in caught.value.faults[0].sentence()

    def test_policies_that_know_other_levels(self, policy: Policy, cohort: Answers) -> None:
        other = load_policy(ladder=load_levels()._replace(hash="another"))
        with pytest.raises(DifferentQuestions):
            count_changes(policy, other, cohort)

    def test_a_cohort_of_ten(self, policy: Policy, cohort: Answers) -> None:
        counts = count_changes(policy, policy, cohort.rows(0, 10))
        with pytest.raises(TooFew):
            findings_of(policy, policy, counts, cohort="people.csv", kind_of_cohort="Made up.")


# Newcombe 1998, Statistics in Medicine 17:857, table I, method 3 (score, without continuity correction).
@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(part: int, whole: int, low: float, high: float) -> None:
    assert wilson(part, whole) == pytest.approx((low, high), abs=5e-5)


def test_directions_are_named_in_their_order() -> None:
    assert (DIRECTIONS[LOWER], DIRECTIONS[SAME], DIRECTIONS[HIGHER]) == ("lower", "same", "higher")
