"""What a model must never see is refused by name, by declaration and by what it is made from, with the reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from recommender.errors import InputError
from recommender.learning.leak import allowed_features, load_leaks, refuse_leaks, why_refused
from recommender.questionnaire_file import QUESTIONS, load_questionnaire
from recommender.teds import read_mapping

AT_DISCHARGE = sorted(name for name in read_mapping().columns if name.endswith("_D"))
NAMED = sorted(column for group in load_leaks() for column in group.columns if not column.startswith("*"))
DISCHARGED_QUESTION = """topic: later
title: Asked at the end
questions:
  - {id: nights_in_bed, text: How many nights?, type: count, max: 90, unit: nights, known_at: discharge, source: test}
  - {id: long_in_bed, text: More than a week?, type: yes_no, computed: nights_in_bed >= 7, source: test}
  - {id: asked_today, text: Asked today?, type: yes_no, source: test}
  - {id: stay_weeks, text: Weeks?, type: count, max: 9, unit: weeks, source: test, codes: {teds: LOS}}
"""


@pytest.mark.parametrize("column", [*AT_DISCHARGE, *NAMED])
def test_every_column_is_refused_under_any_name_made_from_it(column: str) -> None:
    questionnaire = load_questionnaire()
    for name in (column, column.lower(), f"teds_code_{column.lower()}", f"{column}_squared", f"log-{column}"):
        with pytest.raises(InputError) as caught:
            refuse_leaks(["age", name], questionnaire)
        (fault,) = caught.value.faults
        assert fault.field == name
        assert fault.what.startswith(f"`{name}` is refused as a feature, because it ")
        assert fault.remedy


@pytest.mark.parametrize("question", load_questionnaire().for_audit)
def test_a_question_for_audit_is_refused_by_its_use(question: str) -> None:
    assert "`use: audit`" in (why_refused(question, load_questionnaire()) or "")


def test_a_question_known_at_discharge_is_refused_and_so_is_what_is_made_from_it(tmp_path: Path) -> None:
    folder = tmp_path / "questions"
    shutil.copytree(QUESTIONS, folder)
    (folder / "99_later.yaml").write_text(DISCHARGED_QUESTION, encoding="utf-8")
    questionnaire = load_questionnaire(folder)
    assert "known only at discharge (`known_at: discharge`)" in (why_refused("nights_in_bed", questionnaire) or "")
    assert "it is made from `nights_in_bed`" in (why_refused("long_in_bed", questionnaire) or "")
    assert "known only at discharge" in (why_refused("stay_weeks", questionnaire) or ""), "by the column behind it"
    assert why_refused("asked_today", questionnaire) is None


def test_every_other_question_of_the_intake_is_allowed() -> None:
    questionnaire = load_questionnaire()
    assert {*questionnaire.questions} - {*allowed_features(questionnaire)} == {*questionnaire.for_audit}


def test_a_misspelt_question_gets_a_hint() -> None:
    assert "did you mean `alcohol_days`" in (why_refused("alcohol_day", load_questionnaire()) or "")
