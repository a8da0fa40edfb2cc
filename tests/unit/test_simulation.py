"""Synthetic referrals: fixed by the seed, as common as declared, without contradictions, with the gaps asked for."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender.answers import DECLINED, NOT_KNOWN, Answers, read_text
from recommender.assessment import SAFETY_UNANSWERED, assess
from recommender.contradictions import contradictions
from recommender.errors import ContentError, InputError
from recommender.policy_file import load_policy
from recommender.rules.bounds import ANSWERED, MISSING
from recommender.rules.tree import AllOf, Nominal
from recommender.simulation import (
    load_simulation,
    simulate,
    simulate_answers,
    write_simulation,
)
from recommender.simulation.chance import Chance
from recommender.simulation.gaps import is_safety
from recommender.simulation.model import Bands, Case
from recommender.simulation.population import Population
from recommender.simulation.reading import SIMULATION
from recommender.table_file import TABLE_SUFFIXES

MODEL = load_simulation()
QUESTIONS = MODEL.questionnaire.questions
SEED = 20_261_123
PEOPLE = 60_000
# A figure may be this many standard errors off. With some 400 figures and a fixed seed, more would be a fault.
STANDARD_ERRORS = 4.5


@pytest.fixture(scope="module")
def population() -> Population:
    """Complete people, with their hidden facts."""
    return Population(MODEL, Chance(SEED, 0, PEOPLE))


@pytest.fixture(scope="module")
def complete() -> Answers:
    return simulate_answers(20_000, SEED, unknown_share=0)


class TestChance:
    def test_a_row_has_its_number_wherever_the_stretch_begins(self) -> None:
        whole = Chance(1, 0, 100)
        for start in (0, 1, 3, 4, 17, 63):
            part = Chance(1, start, 20)
            assert np.array_equal(part.uniform("a"), whole.uniform("a")[start : start + 20])
            assert np.array_equal(part.normal("a"), whole.normal("a")[start : start + 20])

    def test_names_and_seeds_have_streams_of_their_own(self) -> None:
        numbers = [Chance(seed, 0, 1000).uniform(name) for seed in (1, 2) for name in ("a", "b")]
        correlations = np.corrcoef(numbers)[np.triu_indices(4, 1)]
        assert np.abs(correlations).max() < 0.15

    def test_normal_numbers_follow_the_bell_curve(self) -> None:
        numbers = Chance(3, 0, 400_000).normal("x")
        assert abs(numbers.mean()) < 0.01
        assert abs(numbers.std() - 1) < 0.01
        for edge, above in ((1.0, 0.15866), (1.96, 0.025), (3.09, 0.001)):
            assert (numbers > edge).mean() == pytest.approx(above, rel=0.1)


class TestSeed:
    def test_the_same_seed_gives_the_same_people(self) -> None:
        first, second = simulate(300, 5), simulate(300, 5)
        assert first.keys() == second.keys()
        assert all(np.array_equal(first[name], second[name]) for name in first)

    def test_another_seed_gives_other_people(self) -> None:
        first, second = simulate(300, 5), simulate(300, 6)
        assert not np.array_equal(first["age"], second["age"])

    def test_more_people_change_nobody(self) -> None:
        few, many = simulate(50, 5), simulate(400, 5)
        assert all(np.array_equal(few[name], many[name][:50]) for name in few)

    @pytest.mark.parametrize("rows_at_a_time", [1, 37, 200, 1000])
    def test_a_file_is_the_same_whatever_is_held_at_once(self, tmp_path: Path, rows_at_a_time: int) -> None:
        whole, parts = tmp_path / "whole.csv", tmp_path / "parts.csv"
        write_simulation(whole, 200 if rows_at_a_time > 1 else 20, 5)
        write_simulation(parts, 200 if rows_at_a_time > 1 else 20, 5, rows_at_a_time=rows_at_a_time)
        assert parts.read_bytes() == whole.read_bytes()

    def test_gaps_do_not_change_what_is_known(self) -> None:
        without, with_gaps = simulate_answers(2000, 5, unknown_share=0), simulate_answers(2000, 5, unknown_share=0.3)
        for name, column in with_gaps.columns.items():
            known = column.state == ANSWERED
            true = without.columns[name]
            if isinstance(QUESTIONS[name].type, Nominal):
                assert np.array_equal(column.lower[known], true.lower[known])
            assert (column.lower[known] <= true.lower[known]).all()
            assert (column.upper[known] >= true.upper[known]).all()


def share_in(population: Population, name: str, bands: Bands, people: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The share of these people in each band."""
    value = population.value(name).lower[people]
    if isinstance(MODEL.entries[name].type, Nominal):
        value = np.log2(value.astype(float)).astype(int)
    ends = zip(bands.low, bands.low + bands.width, strict=True)
    return np.array([((value >= low) & (value < end)).mean() for low, end in ends])


def met_by_design(name: str, case: Case) -> bool:
    """Whether a figure has to be met but for chance: it stands for everybody who is asked, and everybody is."""
    entry, question = MODEL.entries[name], QUESTIONS.get(name)
    everybody = len(entry.cases) == 1 and (question is None or question.ask_if is None)
    return isinstance(case.draw, Bands) and (everybody or case.source.startswith("teds"))


FIGURES = [
    pytest.param(name, place, id=f"{name}-{place}")
    for name, entry in MODEL.entries.items()
    for place, case in enumerate(entry.cases)
    if met_by_design(name, case)
]


class TestFigures:
    @pytest.mark.parametrize(("name", "place"), FIGURES)
    def test_a_figure_is_met_within_sampling_error(self, population: Population, name: str, place: int) -> None:
        entry = MODEL.entries[name]
        people = ~np.any([population.holds(case.when) for case in entry.cases[:place]] or [[False]], axis=0)
        people = people & population.holds(entry.cases[place].when)
        bands = entry.cases[place].draw
        assert isinstance(bands, Bands)
        found = share_in(population, name, bands, people)
        error = np.sqrt(bands.shares * (1 - bands.shares) / people.sum())
        assert (np.abs(found - bands.shares) <= STANDARD_ERRORS * error + 1e-12).all()

    @pytest.mark.parametrize("total", MODEL.totals, ids=lambda total: f"{total.source} {total.percent}")
    def test_a_total_is_met(self, population: Population, total: Any) -> None:
        people = population.holds(total.of)
        found = 100 * population.holds(total.when)[people].mean()
        chance = 100 * math.sqrt(total.percent / 100 * (1 - total.percent / 100) / people.sum())
        assert abs(found - total.percent) <= total.within + 3 * chance

    def test_answers_go_together(self, population: Population) -> None:
        def together(first: str, second: str) -> float:
            return float(np.corrcoef(*(population.value(name).lower.astype(float) for name in (first, second)))[0, 1])

        assert together("phq_1", "psych_function") > 0.4
        assert together("criteria_count", "expected_use") > 0.2
        assert together("place_to_sleep", "supportive_people") > 0.2
        assert together("barc10", "supportive_people") < -0.2
        assert abs(together("veteran", "phq_1")) < 0.03

    def test_every_level_of_the_ladder_occurs(self, complete: Answers) -> None:
        policy = load_policy()
        reached = set(assess(policy, complete).level_at_least.tolist())
        assert reached == set(range(len(policy.ladder.levels)))


class TestConsistency:
    @pytest.mark.parametrize("unknown_share", [0, None, 0.5])
    def test_nothing_contradicts_itself(self, unknown_share: float | None) -> None:
        answers = simulate_answers(20_000, SEED, unknown_share=unknown_share)
        assert contradictions(MODEL.questionnaire, answers) == []

    def test_a_complete_person_has_one_level_and_no_open_safety_question(self, complete: Answers) -> None:
        assessment = assess(load_policy(), complete)
        assert np.array_equal(assessment.level_at_least, assessment.level_at_most)
        assert not (assessment.status == SAFETY_UNANSWERED).any()

    def test_answers_lie_in_their_domain(self, complete: Answers) -> None:
        for name, column in complete.columns.items():
            question = QUESTIONS[name]
            if not isinstance(question.type, Nominal):
                assert column.lower.min() >= question.minimum
                assert column.upper.max() <= question.maximum

    def test_totals_are_left_to_their_items(self, complete: Answers) -> None:
        answered = {name for name, question in QUESTIONS.items() if question.computed is None}
        assert set(complete.columns) == answered

    def test_what_is_not_answered_allows_everything(self) -> None:
        answers = simulate_answers(3000, SEED, unknown_share=0.4)
        for name, column in answers.columns.items():
            open_ = column.state != ANSWERED
            question = QUESTIONS[name]
            if not isinstance(question.type, Nominal):
                assert (column.lower[open_] == question.minimum).all()
                assert (column.upper[open_] == question.maximum).all()


class TestGaps:
    @pytest.mark.parametrize("share", [0.02, 0.1, 0.4, 1.0])
    def test_the_share_is_as_asked(self, share: float) -> None:
        ordinary, safety = unknown_shares(15_000, share)
        assert ordinary == pytest.approx(share, abs=0.005)
        assert safety == pytest.approx(share * MODEL.gaps.safety, abs=0.002)

    def test_the_declared_share_is_used_if_none_is_asked_for(self) -> None:
        ordinary, _ = unknown_shares(15_000, None)
        assert ordinary == pytest.approx(MODEL.gaps.share, abs=0.005)

    def test_no_gaps_if_none_are_wanted(self, complete: Answers) -> None:
        for column in complete.columns.values():
            assert not np.isin(column.state, (NOT_KNOWN, DECLINED)).any()
            answered = column.state == ANSWERED
            assert np.array_equal(column.lower[answered], column.upper[answered])

    def test_every_kind_of_gap_occurs(self) -> None:
        answers = simulate_answers(2000, SEED, unknown_share=0.2)
        days = answers.columns["alcohol_days"]
        assert set(days.state.tolist()) == {MISSING, ANSWERED, NOT_KNOWN, DECLINED}
        assert ((days.lower < days.upper) & (days.state == ANSWERED)).any()

    def test_whole_topics_are_missing_at_times(self) -> None:
        answers = simulate_answers(4000, SEED, unknown_share=0.2)
        items = [answers.columns[f"barc_{number}"].state == MISSING for number in range(1, 11)]
        share = np.all(items, axis=0).mean()
        assert share == pytest.approx(0.2 * MODEL.gaps.whole_topics, abs=0.015)


def unknown_shares(people: int, share: float | None) -> tuple[float, float]:
    """Which share of the answers to ordinary and to safety questions is unknown or only roughly known."""
    without = simulate_answers(people, SEED, unknown_share=0)
    with_gaps = simulate_answers(people, SEED, unknown_share=share)
    counted = {False: [0, 0], True: [0, 0]}
    for name, column in without.columns.items():
        asked, after = column.state == ANSWERED, with_gaps.columns[name]
        known = (after.state == ANSWERED) & (after.lower == after.upper)
        tally = counted[is_safety(QUESTIONS[name])]
        tally[0] += int((asked & ~known).sum())
        tally[1] += int(asked.sum())
    return counted[False][0] / counted[False][1], counted[True][0] / counted[True][1]


class TestText:
    def test_every_text_is_read_back_to_the_same_answer(self) -> None:
        texts, answers = simulate(1500, SEED, unknown_share=0.3), simulate_answers(1500, SEED, unknown_share=0.3)
        for name, column in answers.columns.items():
            stored = zip(column.lower.tolist(), column.upper.tolist(), column.state.tolist(), strict=True)
            for text, expected in dict(zip(texts[name], stored, strict=True)).items():
                assert tuple(read_text(QUESTIONS[name], text)) == tuple(map(int, expected)), (name, text)

    def test_ids_say_that_nobody_is_real(self) -> None:
        assert simulate(3, 1)["id"].tolist() == ["SYN-000001", "SYN-000002", "SYN-000003"]

    def test_columns_are_in_the_order_asked(self) -> None:
        assert list(simulate(1, 1)) == ["id", *MODEL.questions]


class TestFiles:
    @pytest.mark.parametrize("suffix", TABLE_SUFFIXES)
    def test_every_form_holds_the_same(self, tmp_path: Path, suffix: str) -> None:
        import pandas

        target = tmp_path / f"people{suffix}"
        assert write_simulation(target, 120, 3) == ("id", *MODEL.questions)
        read = pandas.read_parquet if suffix == ".parquet" else lambda path: pandas.read_csv(path, dtype=str)
        found = read(target).astype(object).where(lambda frame: frame.notna(), "")
        assert {name: found[name].tolist() for name in found} == {
            name: column.tolist() for name, column in simulate(120, 3).items()
        }

    def test_only_the_questions_asked_for_are_written(self, tmp_path: Path) -> None:
        columns = write_simulation(tmp_path / "people.csv", 5, 3, questions=["phq9", "age", "overdose_now"])
        assert columns == ("id", "overdose_now", "age")

    @pytest.mark.parametrize(
        ("name", "rows", "share"),
        [("people.xlsx", 5, None), ("no_such_folder/people.csv", 5, None), ("a.csv", 0, None), ("a.csv", 5, 1.5)],
    )
    def test_what_makes_no_sense_is_refused(self, tmp_path: Path, name: str, rows: int, share: float | None) -> None:
        with pytest.raises(InputError):
            write_simulation(tmp_path / name, rows, 3, unknown_share=share)
        assert list(tmp_path.iterdir()) == []


Damage = Callable[[str], str]


def replaced(old: str, new: str) -> Damage:
    def damage(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return damage


class TestDeclaration:
    @pytest.mark.parametrize(
        ("damage", "says"),
        [
            (replaced("  veteran: {percent_yes: 2.75, source: teds VET}\n", ""), "`veteran` has no entry"),
            (replaced("  veteran:", "  veterans:"), "no question `veterans`"),
            (replaced("  veteran:", "  phq9: {percent_yes: 1, source: invented}\n  veteran:"), "worked out from other"),
            (replaced("percent_yes: 2.75, source: teds VET", "percent_yes: 2.75"), "needs its source"),
            (replaced("percent_yes: 2.75, source", "source"), "exactly one way"),
            (replaced("percent_yes: 2.75, source", "bands: {0: 100}, source"), "does not fit"),
            (replaced("english: 93", "english: 83"), "add up to 100"),
            (replaced("spanish: 5", "spanisch: 5"), "no choice `spanisch`"),
            (replaced("12..14: 0.51", "2..14: 0.51"), "not possible here"),
            (replaced("{severity: 0.55}", "{severity: 1.55}"), "less than nothing to chance"),
            (replaced("leans_on: {distress: 0.15}", "leans_on: {luck: 0.15}"), "no score `luck`"),
            (replaced("id: female", "id: age"), "`age` is taken"),
            (replaced("blank: 45", "blank: 55"), "add up to 100"),
            (replaced("alcohol_days >= 12 or sedative_days", "alcohol_day >= 12 or sedative_days"), "alcohol_day"),
            (replaced("      - {when: always, percent_yes: 0.05}\n", ""), "everybody else"),
        ],
    )
    def test_a_fault_is_placed(self, tmp_path: Path, damage: Damage, says: str) -> None:
        path = tmp_path / "simulation.yaml"
        path.write_text(damage(SIMULATION.read_text(encoding="utf-8")), encoding="utf-8")
        with pytest.raises(ContentError) as caught:
            load_simulation(path)
        fault = caught.value.faults[0]
        assert says in fault.sentence()
        assert fault.line is not None

    def test_every_figure_has_a_known_source(self) -> None:
        sources = {case.source.split()[0] for entry in MODEL.entries.values() for case in entry.cases}
        assert sources == set(MODEL.sources)

    def test_what_is_random_is_never_called_logic(self) -> None:
        for entry in MODEL.entries.values():
            for case in entry.cases:
                if case.source == "logic" and isinstance(case.draw, Bands):
                    assert np.isin(case.draw.shares, (0, 1)).all(), entry.name

    def test_a_case_that_nobody_else_is_left_for_stands_last(self) -> None:
        for entry in MODEL.entries.values():
            assert all(case.when != AllOf(()) for case in entry.cases[:-1]), entry.name
