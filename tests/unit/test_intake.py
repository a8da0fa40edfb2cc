"""One person's intake: what is read, what is refused and in which words, and answers that contradict each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recommender.answers import Answer, answers_of, read_json
from recommender.errors import Fault, InputError
from recommender.intake import (
    Intake,
    check_intake,
    contradictions,
    read_intake,
    read_intake_file,
    write_intake,
)
from recommender.questionnaire_file import load_questionnaire

QUESTIONNAIRE = load_questionnaire()
CIWA_ITEMS_AT_ZERO = {
    name: question.names[0] for name, question in QUESTIONNAIRE.questions.items() if name.startswith("ciwa_")
}
PERSONAL = "zebra"  # stands for anything personal


def read(**answers: Any) -> Intake:
    return read_intake(json.dumps({"id": "case-1", "answers": answers}), QUESTIONNAIRE, "case.json")


def faults_of(text: str | bytes) -> list[Fault]:
    with pytest.raises(InputError) as caught:
        read_intake(text, QUESTIONNAIRE, "case.json")
    assert PERSONAL not in str(caught.value)
    assert PERSONAL not in repr(caught.value)
    return list(caught.value.faults)


def faults_in(**answers: Any) -> list[Fault]:
    return faults_of(json.dumps({"id": "case-1", "answers": answers}))


class TestReading:
    def test_every_kind_of_answer_is_read(self) -> None:
        intake = read(
            alcohol_days=14,
            drinks_per_day={"from": 4, "to": 6},
            main_substance={"any_of": ["alcohol", "opioid"]},
            home_use="yes_how_often_not_stated",
            overdose_now=False,
            age=None,
            craving="declined",
        )
        assert intake.id == "case-1"
        assert intake.answers["drinks_per_day"] == Answer(4, 6)
        assert intake.answers["main_substance"] == Answer(0b11, 0b11)
        assert intake.answers["home_use"] == Answer(1, 2)
        assert [intake.answers[name].state for name in ("overdose_now", "age", "craving")] == [1, 2, 3]

    def test_what_was_written_is_read_back(self) -> None:
        answers = {"craving": "declined", "age": 40, "home_use": {"from": "none", "to": "sometimes"}}
        intake = Intake("Zoë-1", 'said "no"\nmade up', read(**answers).answers)
        assert read_intake(write_intake(QUESTIONNAIRE, intake), QUESTIONNAIRE, "case.json") == intake

    def test_a_byte_order_mark_is_no_fault(self, tmp_path: Path) -> None:
        path = tmp_path / "case.json"
        path.write_text('{"id": "a", "answers": {}}', encoding="utf-8-sig")
        assert read_intake_file(str(path), QUESTIONNAIRE) == Intake("a", "", {})

    def test_every_fault_is_told_at_once(self) -> None:
        found = faults_in(alcohol_days=31, craving="zebra", alcohol_dyas=3, overdose_now="perhaps")
        assert {fault.field for fault in found} == {"alcohol_days", "craving", "overdose_now", None}

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            (b"", "is empty"),
            (b'{"id": "a",\n "answers": \xff}', "line 2: is not UTF-8"),
            (b'{"id": "a",\n "answers": {,}}', "line 2, column 14: is not JSON"),
            (b'{"id": "a", "answers": {}} zebra', "is not JSON"),
            (b'[{"id": "zebra"}]', "is a list where an object is due"),
            (b'"zebra"', "is a single value where an object is due"),
            (b"[" * 100_000, "is nested too deeply"),
            (b'{"id": "a", "answers": ["zebra"]}', "`answers` is a list where an object is due"),
            (b'{"id": "a"}', "`answers` is missing"),
            (b'{"id": "a", "answers": {}, "anwers": 1}', "Did you mean `answers`?"),
            (b'{"id": "a", "answers": {}, "craving": 1}', "Put it under `answers`."),
            (b'{"answers": {}}', "field id: is missing or blank"),
            (b'{"id": 17, "answers": {}}', "field id: must be text"),
            (b'{"id": "a\\ud800", "answers": {}}', "field id: holds characters that cannot be shown"),
            (b'{"id": "a", "about": "\\ud800", "answers": {}}', "field about: holds half a character"),
            (b'{"id": "a", "answers": {"age": 30, "age": 31}}', "field age: this key stands twice"),
            (b'{"id": "a", "answers": {"zebra": 30, "zebra": 31}}', "this key stands twice"),
            (b'{"id": "a", "answers": {"alcohol_dyas": 3}}', "Did you mean `alcohol_days`"),
        ],
        ids=lambda value: value[:40] if isinstance(value, str) else "",
    )
    def test_a_file_that_is_no_intake(self, text: bytes, told: str) -> None:
        assert any(told in fault.sentence() for fault in faults_of(text))

    @pytest.mark.parametrize(
        ("question", "value", "told"),
        [
            ("alcohol_days", "31", "outside what is possible (given: '31'). Allowed: 0 to 30 days"),
            ("alcohol_days", "-1", "outside what is possible"),
            ("alcohol_days", "3.5", "not a whole number"),
            ("alcohol_days", "NaN", "not a whole number"),
            ("alcohol_days", "1e999", "not a whole number"),
            ("alcohol_days", "9" * 5000, "not a whole number"),
            ("alcohol_days", "true", "not a whole number"),
            ("alcohol_days", '"14"', "text where a number is due"),
            ("alcohol_days", '"many"', "not a whole number"),
            ("alcohol_days", "[14]", "not a whole number"),
            ("alcohol_days", '{"from": 9, "to": 2}', "from the higher to the lower end"),
            ("alcohol_days", '{"any_of": [1, 2]}', "a set of choices, but these have an order"),
            ("alcohol_days", '{"at_least": 2}', "an object of the wrong form"),
            ("home_use", '"sometime"', "Did you mean `sometimes`?"),
            ("home_use", "1", "not one of the choices"),
            ("main_substance", '{"from": "alcohol", "to": "opioid"}', "these choices have no order"),
            ("main_substance", '{"any_of": []}', "an object of the wrong form"),
            ("overdose_now", "0", "neither yes nor no"),
        ],
    )
    def test_an_answer_that_is_none(self, question: str, value: str, told: str) -> None:
        (fault,) = faults_of(f'{{"id": "a", "answers": {{"{question}": {value}}}}}')
        assert (fault.file, fault.field) == ("case.json", question)
        assert told in fault.sentence()


class TestContradictions:
    @pytest.mark.parametrize(
        ("answers", "field", "told"),
        [
            ({"alcohol_days": 0, "drinks_per_day": 6}, "drinks_per_day, alcohol_days", "asked only if"),
            ({"mandated": False, "mandate_source": "school"}, "mandate_source, mandated", "mandate_source = school"),
            ({"alcohol_days": 3, "alcohol_last_days": 90}, "alcohol_days, alcohol_last_days", "58 days"),
            ({"ciwa": 9, **CIWA_ITEMS_AT_ZERO}, "ciwa", "its parts give 0"),
        ],
        ids=["answered_though_not_asked", "asked_of_others", "last_use_before_the_days", "wrong_total"],
    )
    def test_what_cannot_stand_together_is_told_with_what_was_given(
        self, answers: dict[str, Any], field: str, told: str
    ) -> None:
        (fault,) = faults_in(**answers)
        assert fault.field == field
        assert told in fault.sentence() + (fault.given or "")
        assert fault.remedy

    @pytest.mark.parametrize(
        "answers",
        [
            {"alcohol_days": 0, "drinks_per_day": 0},
            {"alcohol_days": {"from": 0, "to": 3}, "drinks_per_day": 6},
            {"alcohol_days": None, "drinks_per_day": 6},
            {"alcohol_days": 0, "drinks_per_day": None},
            {"alcohol_days": 0, "drinks_per_day": {"from": 0, "to": 6}},
            {"alcohol_days": 3, "alcohol_last_days": {"from": 20, "to": 90}},
            {"opioid_days": 0, "opioid_route": "injected"},
            {"phq9": 9, "phq_1": "not_at_all"},
            {},
        ],
        ids=[
            *("the_value_when_not_asked", "gate_unsure", "gate_not_known", "answer_not_known", "answer_may_be_it"),
            *("range_that_may_fit", "counts_anyway", "parts_missing", "nothing"),
        ],
    )
    def test_what_may_stand_together_is_no_fault(self, answers: dict[str, Any]) -> None:
        assert check_intake(QUESTIONNAIRE, read(**answers).answers) == []

    def test_a_contradiction_that_hangs_on_a_fault_is_not_told(self) -> None:
        (fault,) = faults_in(alcohol_days=0, drinks_per_day=600)
        assert "outside what is possible" in fault.sentence()

    def test_many_people_are_told_apart(self) -> None:
        fine, wrong = {"alcohol_days": 3, "drinks_per_day": 6}, {"alcohol_days": 0, "drinks_per_day": 6}
        people = [fine, wrong, {}] * 7_000
        answers = answers_of(
            QUESTIONNAIRE,
            [{name: read_json(QUESTIONNAIRE.questions[name], value) for name, value in p.items()} for p in people],
        )
        assert [row for row, _ in contradictions(QUESTIONNAIRE, answers)] == list(range(1, 21_000, 3))
