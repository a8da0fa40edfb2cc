"""Whole TEDS files: what is refused, what is passed on, and what the summary says."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recommender.errors import ContentError, InputError
from recommender.learning.cohort_file import read_cohort
from recommender.teds import import_teds, read_mapping
from recommender.teds.mapping import MAPPING
from tests.teds_rows import (
    DISCHARGES_2006_2014,
    DISCHARGES_2015_2016,
    DISCHARGES_2017_ON,
    Row,
    faults_of,
    import_rows,
    read_rows,
    write_rows,
)

ROOT = Path(__file__).resolve().parents[2]


class TestBadInput:
    def test_a_code_of_no_codebook_names_column_value_row_and_what_is_allowed(self, tmp_path: Path) -> None:
        rows = [{"AGE": 5, "PREG": 1}, {"AGE": 5, "PREG": 3}, {"AGE": 5, "PREG": 3}]
        (fault,) = faults_of(tmp_path, rows)
        assert (fault.field, fault.given, fault.row, fault.allowed) == ("PREG", "3", 2, "-9, 1, 2")
        assert "in 2 rows" in fault.what

    def test_all_of_them_are_listed(self, tmp_path: Path) -> None:
        faults = faults_of(tmp_path, [{"AGE": 99, "PREG": "yes", "SERVICES": 0, "SUB1": "2.5", "VET": "1" * 5000}])
        assert {(fault.field, fault.given) for fault in faults} == {
            ("AGE", "99"),
            ("PREG", "yes"),
            ("SERVICES", "0"),
            ("SUB1", "2.5"),
            ("VET", "1" * 5000),
        }

    def test_a_code_of_other_years_is_refused_where_the_columns_leave_one_coding(self, tmp_path: Path) -> None:
        (fault,) = faults_of(tmp_path, [{**DISCHARGES_2017_ON, "NOPRIOR": 3}])
        assert (fault.field, fault.given, fault.row, fault.allowed) == ("NOPRIOR", "3", 1, "-9, 0, 1")

    @pytest.mark.parametrize("column", ["AGE", "FREQ1", "NOPRIOR"])
    def test_the_mark_for_merged_codes_is_known_only_where_it_was_made(self, tmp_path: Path, column: str) -> None:
        (fault,) = faults_of(tmp_path, [{column: -7}])
        assert (fault.field, fault.given) == (column, "-7")

    def test_the_value_stays_out_of_the_text_of_the_error(self, tmp_path: Path) -> None:
        with pytest.raises(InputError) as raised:
            import_rows(tmp_path, [{"AGE": "Jane Doe"}])
        assert "Jane" not in str(raised.value)

    def test_an_odd_code_in_an_unused_column_is_counted(self, tmp_path: Path) -> None:
        summary, _ = import_rows(tmp_path, [{"AGE": 5, "HLTHINS": code} for code in (1, 7, 7)])
        assert summary.odd_codes == {"HLTHINS": 2}

    @pytest.mark.parametrize("case_number", ["", "12-A", "-5"])
    def test_a_case_number_must_be_one(self, tmp_path: Path, case_number: str) -> None:
        rows: list[Row] = [{"CASEID": 1, "AGE": 5}, {"CASEID": case_number, "AGE": 5}]
        (fault,) = faults_of(tmp_path, rows)
        assert (fault.field, fault.row) == ("CASEID", 2)

    @pytest.mark.parametrize(
        ("content", "what"),
        [
            (b"", "is empty"),
            (b"AGE,SEX\n5,1\n5\n", "the row has 1 cells and the header has 2"),
            (b"AGE,AGE\n5,5\n", "two columns have this name"),
            (b"AGE,age\n5,5\n", "two columns are the TEDS column AGE"),
            (b"SEX,GENDER\n1,2\n", "two columns are the TEDS column SEX"),
            (b"AGE,SEX\n5,\xff\n", "cannot be read as a table"),
            (b"age_group,sex_label\n21-24,Male\n", "no column of TEDS is in this table"),
        ],
    )
    def test_a_broken_table_is_refused(self, tmp_path: Path, content: bytes, what: str) -> None:
        source = tmp_path / "teds.csv"
        source.write_bytes(content)
        with pytest.raises(InputError) as raised:
            import_teds(source, tmp_path / "answers.csv")
        assert raised.value.faults[0].what == what

    def test_a_column_of_lists_is_refused(self, tmp_path: Path) -> None:
        pd.DataFrame({"AGE": [[5], [6]]}).to_parquet(tmp_path / "teds.parquet")
        with pytest.raises(InputError) as raised:
            import_teds(tmp_path / "teds.parquet", tmp_path / "answers.csv")
        assert raised.value.faults[0].field == "AGE"

    @pytest.mark.parametrize("name", ["teds.csv.gz", "teds.parquet"])
    def test_a_file_that_is_not_what_its_name_says_is_refused(self, tmp_path: Path, name: str) -> None:
        source = tmp_path / name
        source.write_bytes(b"AGE,SEX\n5,1\n")
        with pytest.raises(InputError):
            import_teds(source, tmp_path / "answers.csv")

    @pytest.mark.parametrize(
        ("source", "target"), [("none.csv", "a.csv"), ("teds.xlsx", "a.csv"), ("teds.csv", "a.txt")]
    )
    def test_names_that_lead_nowhere_are_refused(self, tmp_path: Path, source: str, target: str) -> None:
        write_rows(tmp_path / "teds.csv", [{"AGE": 5}])
        with pytest.raises(InputError):
            import_teds(tmp_path / source, tmp_path / target)

    def test_the_source_is_never_overwritten(self, tmp_path: Path) -> None:
        source = write_rows(tmp_path / "teds.csv", [{"AGE": 5}])
        with pytest.raises(InputError):
            import_teds(source, source)

    def test_the_folder_of_the_target_must_exist(self, tmp_path: Path) -> None:
        source = write_rows(tmp_path / "teds.csv", [{"AGE": 5}])
        with pytest.raises(InputError):
            import_teds(source, tmp_path / "none" / "answers.csv")

    def test_at_least_one_row_is_held_at_once(self, tmp_path: Path) -> None:
        assert faults_of(tmp_path, [{"AGE": 5}], chunk_rows=0)[0].given == "0"

    def test_a_refused_file_leaves_no_trace(self, tmp_path: Path) -> None:
        target = tmp_path / "answers.csv"
        target.write_text("what was there", encoding="utf-8")
        faults_of(tmp_path, [{"CASEID": "one", "AGE": 5}])
        assert target.read_text(encoding="utf-8") == "what was there"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.csv", "teds.csv"]


class TestOutput:
    def test_the_case_number_is_the_id(self, tmp_path: Path) -> None:
        _, answers = import_rows(tmp_path, [{"CASEID": "20171889514.0", "AGE": 5}, {"CASEID": 7, "AGE": 5}])
        assert [row["id"] for row in answers] == ["20171889514", "7"]

    def test_without_case_numbers_the_rows_are_numbered(self, tmp_path: Path) -> None:
        _, answers = import_rows(tmp_path, [{"AGE": 5}] * 5, chunk_rows=2)
        assert [row["id"] for row in answers] == ["1", "2", "3", "4", "5"]

    def test_what_happened_stands_beside_the_answers(self, tmp_path: Path) -> None:
        row = {"AGE": 5, "DISYR": 2019, "SERVICES": 6, "SERVICES_D": 7, "REASON": 2, "LOS": 37}
        _, (answers,) = import_rows(tmp_path, [row])
        assert {name: text for name, text in answers.items() if name.startswith("teds_")} == {
            "teds_services": "6",
            "teds_services_label": "intensive outpatient",
            "teds_services_recorded_at": "admission",
            "teds_reason": "2",
            "teds_reason_label": "dropped out",
            "teds_year": "2019",
        }
        assert {name: answers[name] for name in ("level_placed", "reason", "days_in_care", "period")} == {
            "level_placed": "intensive_outpatient",
            "reason": "dropped_out",
            "days_in_care": "366..",
            "period": "2019",
        }

    @pytest.mark.parametrize(
        ("code", "days", "retained_30", "retained_90"),
        [
            (29, "29", 0, 0),
            (30, "30", 1, 0),
            (32, "46..60", 1, 0),
            (33, "61..90", 1, -1),  # 90 days are among them
            (34, "91..120", 1, 1),
            (-9, "", -1, -1),
            (-8, "7..", -1, -1),
        ],
    )
    def test_a_length_of_stay_says_who_was_retained_where_its_code_decides_it(
        self, tmp_path: Path, code: int, days: str, retained_30: int, retained_90: int
    ) -> None:
        _, (answers,) = import_rows(tmp_path, [{"AGE": 5, "DISYR": 2019, "SERVICES": 6, "LOS": code}])
        assert answers["days_in_care"] == days
        outcomes = read_cohort(tmp_path / "answers.csv").outcomes
        assert (outcomes["retained_30"][0], outcomes["retained_90"][0]) == (retained_30, retained_90)

    def test_bare_codes_come_with_it_only_if_asked_for(self, tmp_path: Path) -> None:
        row = {"AGE": 5, "DISYR": 2019, "SERVICES": 6, "SERVICES_D": 7, "LOS": 37}
        _, (answers,) = import_rows(tmp_path, [row])
        assert not any(name.startswith("teds_code_") for name in answers)
        _, (answers,) = import_rows(tmp_path, [row], bare=["LOS", "SERVICES_D", "METHUSE"])
        assert {name: text for name, text in answers.items() if name.startswith("teds_code_")} == {
            "teds_code_los": "37",
            "teds_code_services_d": "7",
        }

    @pytest.mark.parametrize("columns", [DISCHARGES_2006_2014, DISCHARGES_2015_2016])
    def test_a_setting_from_the_discharge_says_so(self, tmp_path: Path, columns: Row) -> None:
        _, (answers,) = import_rows(tmp_path, [{"AGE": 5, **columns}])
        assert (answers["teds_services"], answers["teds_services_recorded_at"]) == ("7", "discharge")

    def test_a_missing_setting_is_blank(self, tmp_path: Path) -> None:
        _, (answers,) = import_rows(tmp_path, [{"AGE": 5, "SERVSETD": -9}])
        assert (answers["teds_services"], answers["teds_services_label"]) == ("", "")

    def test_the_columns_are_the_questions_of_the_mapping(self, tmp_path: Path) -> None:
        _, (answers,) = import_rows(tmp_path, [{"AGE": 5}])
        assert list(answers) == ["id", *read_mapping().questions()]

    @pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
    @pytest.mark.parametrize("chunk_rows", [1, 3, 100])
    def test_every_form_in_and_out_says_the_same(self, tmp_path: Path, suffix: str, chunk_rows: int) -> None:
        rows = [
            {"CASEID": number, "AGE": 1 + number % 12, "SUB1": 2 + number % 18, "FREQ1": 1 + number % 3}
            for number in range(40)
        ]
        _, expected = import_rows(tmp_path, rows)
        source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
        write_frame(source, pd.DataFrame(rows))
        summary = import_teds(source, target, chunk_rows=chunk_rows)
        assert (summary.rows_read, summary.rows_written) == (40, 40)
        assert read_frame(target) == expected

    @pytest.mark.parametrize("kind", ["float64", "Int16", "category", "str"])
    def test_parquet_columns_of_any_kind(self, tmp_path: Path, kind: str) -> None:
        codes = pd.Series([1, 12, -9], dtype="int64")
        frame = pd.DataFrame({"AGE": codes.astype(kind), "PREG": [1.0, np.nan, 2.0]})
        frame.to_parquet(tmp_path / "teds.parquet")
        import_teds(tmp_path / "teds.parquet", tmp_path / "answers.csv")
        answers = read_rows(tmp_path / "answers.csv")
        assert [row["age"] for row in answers] == ["12..14", "65..", ""]
        assert [row["pregnancy"] for row in answers] == ["pregnant..high_risk", "", "not_pregnant"]

    def test_column_names_may_be_in_small_letters(self, tmp_path: Path) -> None:
        _, (answers,) = import_rows(tmp_path, [{"age": 5, "admyr": 2019}])
        assert answers["age"] == "25..29"

    def test_a_table_without_rows_gives_one(self, tmp_path: Path) -> None:
        source = tmp_path / "teds.csv"
        source.write_text("AGE,SEX\n", encoding="utf-8")
        summary = import_teds(source, tmp_path / "answers.csv")
        assert (summary.rows_read, summary.rows_written, summary.known["age"]) == (0, 0, 0.0)
        assert read_rows(tmp_path / "answers.csv") == []


class TestSummary:
    def test_it_counts_what_is_known(self, tmp_path: Path) -> None:
        summary, _ = import_rows(tmp_path, [{"AGE": 5, "PREG": code} for code in (1, -9, 2, -9)])
        assert (summary.known["age"], summary.known["pregnancy"], summary.known["disorder"]) == (1.0, 0.5, 0.0)

    def test_it_gives_a_reason_for_every_column_left_alone(self, tmp_path: Path) -> None:
        row = {"AGE": 5, "METHUSE": 1, "LOS": 3, "SERVICES": 7, "SERVICES_D": 7, "RISK_SCORE": 4}
        summary, _ = import_rows(tmp_path, [row])
        assert summary.not_used == {
            "METHUSE": "a plan made with the placement, not known at intake",
            "SERVICES_D": "another column was used instead",
            "RISK_SCORE": "not a TEDS column",
        }

    def test_it_says_by_which_declaration_the_file_was_read(self, tmp_path: Path) -> None:
        summary, _ = import_rows(tmp_path, [{"AGE": 5}])
        assert (summary.mapping_version, len(summary.mapping_hash)) == (read_mapping().version, 64)


class TestDeclaration:
    @pytest.mark.parametrize(
        ("old", "new", "what"),
        [
            ("{1: pregnant..high_risk,", "{7: pregnant..high_risk,", "code 7 is not among the `codes`"),
            ("{1: pregnant..high_risk,", "{1: 'perhaps?',", "`perhaps?` is not an answer"),
            ("role: passed_on}", "role: passed}", "`passed` is not a role"),
            ("variants: [discharges_2006_2014]", "variants: [discharge_2006_2014]", "there is no variant"),
            ("    title: Age at admission, in bands\n", "", "`title` is missing"),
            ("  positions: 3\n", "", "`positions` is missing"),
        ],
    )
    def test_a_slip_is_found_at_load_with_its_line(self, tmp_path: Path, old: str, new: str, what: str) -> None:
        path = tmp_path / "teds.yaml"
        path.write_text(MAPPING.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ContentError, match=r"line \d+") as raised:
            read_mapping(path)
        assert what in raised.value.faults[0].what


def test_what_is_slow_to_import_waits_for_a_file() -> None:
    program = "import recommender.teds, sys; print([name for name in ('pandas', 'pyarrow') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
    else:
        frame.to_csv(path, index=False)


def read_frame(path: Path) -> Sequence[dict[str, Any]]:
    if path.suffix == ".parquet":
        return [
            {name: "" if text is None else text for name, text in row.items()}
            for row in pd.read_parquet(path).astype(object).where(lambda cell: cell.notna(), None).to_dict("records")
        ]
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return [{str(name): text for name, text in row.items()} for row in frame.to_dict("records")]
