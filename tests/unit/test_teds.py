"""What an import says about made-up TEDS rows: each code in each variant, and what must stay unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recommender.questionnaire_file import load_questionnaire
from recommender.teds import read_mapping
from recommender.teds.agreement import check_agreement
from tests.teds_rows import (
    ADMISSIONS,
    DISCHARGES_2006_2014,
    DISCHARGES_2015_2016,
    DISCHARGES_2017_ON,
    Row,
    answers_of,
    import_rows,
    record_of,
)

ALCOHOL, CANNABIS = 2, 4


class TestMapping:
    def test_every_answer_is_one_that_the_questionnaire_has(self) -> None:
        check_agreement(read_mapping(), load_questionnaire())

    def test_what_was_decided_or_seen_later_is_never_an_answer(self) -> None:
        columns = read_mapping().columns
        later = [name for name in columns if name.endswith("_D")]
        for name in (*later, "LOS", "REASON", "SERVICES", "SERVSETD", "METHUSE", "DAYWAIT", "HLTHINS"):
            assert columns[name].role != "answers"
            assert all(not reading.answers and not reading.parts for reading in columns[name].readings)

    def test_where_the_person_lives_is_never_an_answer(self) -> None:
        for name in ("STFIPS", "CBSA", "REGION", "DIVISION"):
            assert read_mapping().columns[name].role != "answers"

    def test_who_the_person_is_and_who_pays_is_an_answer_for_audit_alone(self) -> None:
        columns, for_audit = read_mapping().columns, load_questionnaire().for_audit
        for name in ("RACE", "ETHNIC", "PRIMPAY"):
            answered = {question for reading in columns[name].readings for question in reading.answers}
            assert answered
            assert answered <= set(for_audit)


class TestOneColumn:
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ({"AGE": 1}, {"age": "12..14"}),
            ({"AGE": 12}, {"age": "65.."}),
            ({"SEX": 1}, {"pregnancy": "not_pregnant", "sex": "male"}),
            ({"GENDER": 1}, {"pregnancy": "not_pregnant", "sex": "male"}),
            ({"SEX": 2}, {"sex": "female"}),
            ({"RACE": 2}, {"race": "american_indian_or_alaska_native"}),
            ({"RACE": 3}, {"race": "asian|native_hawaiian_or_pacific_islander"}),
            ({"RACE": 5}, {"race": "white|middle_eastern_or_north_african"}),
            ({"ETHNIC": 4}, {"ethnicity": "not_hispanic_or_latino"}),
            ({"PRIMPAY": 3}, {"payer": "medicare"}),
            ({"HLTHINS": 2, "AGE": -9}, {}),
            ({"PREG": 1}, {"pregnancy": "pregnant..high_risk"}),
            ({"PREG": 2}, {"pregnancy": "not_pregnant"}),
            ({"EMPLOY": 1}, {"work_status": "working_full_time", "work_hours_per_week": "35.."}),
            ({"EMPLOY": 2}, {"work_status": "working_part_time", "work_hours_per_week": "1..34"}),
            ({"EMPLOY": 3}, {"work_status": "looking_for_work|not_working"}),
            ({"VET": 1}, {"veteran": "yes"}),
            ({"VET": 2}, {"veteran": "no"}),
            ({"LIVARAG": 1}, {"place_to_sleep": "unstable..nowhere_safe"}),
            ({"LIVARAG": 2}, {}),
            ({"LIVARAG": 3}, {"place_to_sleep": "stable..unstable"}),
            ({"ARRESTS": 0}, {}),
            ({"ARRESTS": 2}, {"legal_problem": "yes"}),
            ({"PSOURCE": 1}, {}),
            ({"PSOURCE": 5}, {}),
            ({"PSOURCE": 7}, {"mandated": "yes", "mandate_source": "court_or_probation|child_welfare|other"}),
            ({"PSYPROB": 1}, {"psych_diagnosis": "stable_on_treatment..has_symptoms_now"}),
            ({"PSYPROB": 2}, {"psych_diagnosis": "none"}),
            ({"DSMCRIT": 3}, {}),
            ({"DSMCRIT": 13}, {"past_disorder": "yes"}),
            ({"DSMCRIT": 15}, {"psych_diagnosis": "stable_on_treatment..has_symptoms_now"}),
            ({"DSMCRIT": 19}, {}),
            ({"FREQ_ATND_SELF_HELP": 1}, {"mutual_help_now": "none"}),
            ({"FREQ_ATND_SELF_HELP": 3}, {"mutual_help_now": "weekly"}),
            ({"FREQ_ATND_SELF_HELP": 5}, {"mutual_help_now": "sometimes..weekly"}),
            ({"METHUSE": 1, "AGE": -9}, {}),
        ],
    )
    def test_a_code_says_no_more_than_its_words(self, tmp_path: Path, row: Row, expected: dict[str, str]) -> None:
        assert answers_of(tmp_path, row) == expected

    @pytest.mark.parametrize(
        ("variant", "row", "expected"),
        [
            (ADMISSIONS, {"PSOURCE": 7}, {"referral_source": "criminal_justice"}),
            (ADMISSIONS, {"LIVARAG": 2}, {"living_arrangement": "dependent"}),
            (ADMISSIONS, {"MARSTAT": 2, "EDUC": 3}, {"schooling": "grade_12", "marital_status": "married"}),
            (ADMISSIONS, {"PRIMINC": 5}, {"income_source": "no_income"}),
            (DISCHARGES_2006_2014, {"PRIMINC": 21}, {"income_source": "no_income"}),
            (ADMISSIONS, {"DSMCRIT": 19}, {"reported_diagnosis": "other_mental_health"}),
            (DISCHARGES_2006_2014, {"DSMCRIT": 20}, {"reported_diagnosis": "other_condition"}),
            (
                ADMISSIONS,
                {"SUB1": 5, "FREQ1": 3, "ROUTE1": 4, "FRSTUSE1": 7, "SUB2": 2, "FREQ2": 1, "ROUTE2": 1, "FRSTUSE2": 1},
                {
                    "reported_substance": "heroin",
                    "reported_frequency": "daily",
                    "reported_route": "injected",
                    "reported_first_use": "age_30_or_older",
                },
            ),
            (DISCHARGES_2006_2014, {"FREQ1": 4, "SUB1": -9}, {"reported_frequency": "some_days"}),
            (ADMISSIONS, {"SUB1": -7, "SUB2": 2}, {}),
        ],
    )
    def test_the_record_keeps_the_groups_of_the_report_and_of_the_first_substance_alone(
        self, tmp_path: Path, variant: Row, row: Row, expected: dict[str, str]
    ) -> None:
        assert record_of(tmp_path, row, variant) == expected

    @pytest.mark.parametrize(
        ("variant", "row", "expected"),
        [
            (DISCHARGES_2006_2014, {"RACE": 21}, {"race": "more_than_one"}),
            (DISCHARGES_2006_2014, {"ETHNIC": 4}, {"ethnicity": "hispanic_or_latino"}),
            (DISCHARGES_2015_2016, {"ETHNICITY": 5}, {"ethnicity": "hispanic_or_latino"}),
            (DISCHARGES_2006_2014, {"PRIMPAY": 3}, {"payer": "medicare|private_insurance"}),
        ],
    )
    def test_who_the_person_is_is_coded_by_year(
        self, tmp_path: Path, variant: Row, row: Row, expected: dict[str, str]
    ) -> None:
        assert answers_of(tmp_path, row, variant) == expected

    def test_a_diagnosis_of_psychosis_does_not_say_how_it_is_now(self, tmp_path: Path) -> None:
        assert answers_of(tmp_path, {"DSMCRIT": 16})["psychosis"] == "past_or_stable..present_no_danger"

    def test_never_treated_leaves_visits_to_a_doctor_open(self, tmp_path: Path) -> None:
        assert answers_of(tmp_path, {"NOPRIOR": 0}) == {
            "earlier_treatments_count": "0",
            "earlier_treatment": "none",
            "last_programme": "none..outpatient",
            "residential_returns": "0",
        }

    def test_treated_before_says_neither_when_nor_how(self, tmp_path: Path) -> None:
        answers = answers_of(tmp_path, {"NOPRIOR": 3})
        assert answers == {"earlier_treatments_count": "3", "past_disorder": "yes"}

    @pytest.mark.parametrize("cell", [-9, "", ".", "NA"])
    @pytest.mark.parametrize(
        "column", ["AGE", "SEX", "PREG", "EMPLOY", "LIVARAG", "NOPRIOR", "SUB1", "FREQ1", "IDU", "DSMCRIT", "PSYPROB"]
    )
    def test_missing_is_unknown(self, tmp_path: Path, column: str, cell: Any) -> None:
        assert answers_of(tmp_path, {column: cell}) == {}

    @pytest.mark.parametrize("row", [{"ARRESTS": -7}, {"SUB1": -7, "SUB2": -7, "FREQ1": -9}])
    def test_none_merged_with_missing_is_unknown(self, tmp_path: Path, row: Row) -> None:
        assert answers_of(tmp_path, row) == {}

    def test_codes_may_be_written_as_decimals(self, tmp_path: Path) -> None:
        assert answers_of(tmp_path, {"AGE": "4.0"}) == {"age": "21..24"}


class TestSeveralColumns:
    @pytest.mark.parametrize(
        ("row", "question", "expected"),
        [
            ({"EMPLOY": 4, "DETNLF": 2}, "work_status", "student"),
            ({"EMPLOY": -9, "DETNLF": 3}, "work_status", "retired_or_disabled"),
            ({"PSOURCE": 7, "DETCRIM": 3}, "mandate_source", "court_or_probation"),
            ({"PSOURCE": 7, "DETCRIM": 6}, "mandate_source", "court_or_probation|other"),
            ({"NOPRIOR": 0, "DSMCRIT": 5}, "past_disorder", "yes"),
        ],
    )
    def test_what_all_of_them_leave_is_the_answer(self, tmp_path: Path, row: Row, question: str, expected: str) -> None:
        assert answers_of(tmp_path, row)[question] == expected

    @pytest.mark.parametrize(
        ("row", "question"),
        [
            ({"SEX": 1, "PREG": 1}, "pregnancy"),
            ({"EMPLOY": 1, "DETNLF": 2}, "work_status"),
            ({"PSYPROB": 2, "DSMCRIT": 17}, "psych_diagnosis"),
            ({"AGE": 2, "SUB1": CANNABIS, "FRSTUSE1": 7}, "age_first_cannabis"),
        ],
    )
    def test_a_contradiction_is_unknown_and_counted(self, tmp_path: Path, row: Row, question: str) -> None:
        summary, (answers,) = import_rows(tmp_path, [{**ADMISSIONS, **row}])
        assert answers[question] == ""
        assert summary.contradicted == {question: 1}


class TestOtherYears:
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ({"AGE": 2}, {"age": "12..14"}),
            ({"AGE": 12}, {"age": "55.."}),
            ({"EMPLOY": 4, "DETNLF": 5}, {"work_status": "in_institution"}),
            ({"SUB1": 20}, {"main_substance": "sedative|other_or_not_named"}),
            ({"SUB1": ALCOHOL, "FREQ1": 2}, "1..3"),
            ({"SUB1": ALCOHOL, "FREQ1": 3}, "1..25"),
            ({"SUB1": ALCOHOL, "FREQ1": 4}, "3..29"),
            ({"SUB1": ALCOHOL, "FREQ1": 5}, "30"),
            ({"NOPRIOR": 4}, {"earlier_treatments_count": "4", "past_disorder": "yes"}),
            ({"IDU": -8}, {}),
            ({"DSMCRIT": 20}, {}),
        ],
    )
    def test_discharges_of_2006_to_2014(self, tmp_path: Path, row: Row, expected: Any) -> None:
        answers = answers_of(tmp_path, row, DISCHARGES_2006_2014)
        assert (answers["alcohol_days"] if isinstance(expected, str) else answers) == expected

    def test_twelve_ages_at_first_use(self, tmp_path: Path) -> None:
        row = {"SUB1": CANNABIS, "FRSTUSE1": 9, "ROUTE1": 20}
        assert answers_of(tmp_path, row, DISCHARGES_2006_2014)["age_first_cannabis"] == "40..44"

    @pytest.mark.parametrize("variant", [DISCHARGES_2015_2016, DISCHARGES_2017_ON])
    def test_from_2015_a_discharge_tells_only_whether_there_was_treatment(self, tmp_path: Path, variant: Row) -> None:
        assert answers_of(tmp_path, {"NOPRIOR": 1}, variant)["earlier_treatments_count"] == "1.."
        assert answers_of(tmp_path, {"NOPRIOR": 0}, variant)["earlier_treatments_count"] == "0"
