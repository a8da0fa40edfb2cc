"""Which years' coding is taken for a TEDS file and why, and what a code says where that cannot be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.teds_rows import (
    ADMISSIONS,
    DISCHARGES_2006_2014,
    DISCHARGES_2015_2016,
    DISCHARGES_2017_ON,
    Row,
    faults_of,
    import_rows,
)


class TestVariant:
    @pytest.mark.parametrize(
        ("columns", "variant"),
        [
            (ADMISSIONS, "admissions"),
            (DISCHARGES_2006_2014, "discharges_2006_2014"),
            (DISCHARGES_2015_2016, "discharges_2015_2016"),
            (DISCHARGES_2017_ON, "discharges_2017_on"),
            ({"SERVSETD": 7}, "discharges_2006_2014"),
            ({"SERVICES": 7, "REASON": 1}, "discharges_2017_on"),
            ({"SERVICES_D": 7, "ETHNICITY": 4}, "discharges_2015_2016"),
            ({"SERVICES": 7, "NOPRIOR": 4}, "admissions"),
            ({"SUB1": 20}, "discharges_2006_2014"),
            ({"RACE": 21, "FREQ1": 1}, "discharges_2006_2014"),
            ({"DISYR": 2015, "NOPRIOR": 1}, "discharges_2015_2016"),
        ],
    )
    def test_columns_years_and_codes_tell(self, tmp_path: Path, columns: Row, variant: str) -> None:
        summary, _ = import_rows(tmp_path, [{"AGE": 5, **columns}])
        assert summary.variant == variant

    def test_the_reason_names_what_ruled_the_others_out(self, tmp_path: Path) -> None:
        summary, _ = import_rows(tmp_path, [{"AGE": 5, "SERVICES": 7, "NOPRIOR": code} for code in (0, 1, 5)])
        assert "not discharges_2006_2014: it has no column SERVICES" in summary.variant_reason
        assert "not discharges_2017_on: NOPRIOR holds code 5" in summary.variant_reason

    def test_what_cannot_be_told_is_read_as_what_both_readings_share(self, tmp_path: Path) -> None:
        summary, answers = import_rows(tmp_path, [{"SERVICES": 7, "NOPRIOR": code} for code in (0, 1)])
        assert summary.variant == "admissions or discharges_2017_on"
        assert [row["earlier_treatments_count"] for row in answers] == ["0", "1.."]

    def test_with_every_coding_possible_only_the_widest_reading_is_left(self, tmp_path: Path) -> None:
        _, (answers,) = import_rows(tmp_path, [{"AGE": 5, "SUB1": 2, "FREQ1": 3, "ROUTE1": 1, "IDU": 1}])
        assert answers["age"] == "21..29"
        assert answers["alcohol_days"] == "1..30"

    def test_a_code_that_is_an_institution_in_one_coding_is_taken_as_one(self, tmp_path: Path) -> None:
        _, (answers,) = import_rows(tmp_path, [{"SUB1": 2, "FREQ1": 1, "DETNLF": 5}])
        assert answers["alcohol_days"] == ""
        assert answers["work_status"] == "not_working|in_institution"

    def test_a_coding_may_be_forced(self, tmp_path: Path) -> None:
        rows = [{"SERVICES": 7, "NOPRIOR": 1}]
        summary, (answers,) = import_rows(tmp_path, rows, variant="discharges_2017_on")
        assert (summary.variant, summary.variant_reason) == ("discharges_2017_on", "as asked for")
        assert answers["earlier_treatments_count"] == "1.."

    def test_a_forced_coding_must_have_the_codes(self, tmp_path: Path) -> None:
        (fault,) = faults_of(tmp_path, [{"NOPRIOR": 4}], variant="discharges_2017_on")
        assert (fault.field, fault.given, fault.allowed) == ("NOPRIOR", "4", "-9, 0, 1")

    def test_an_unknown_coding_is_refused_with_those_there_are(self, tmp_path: Path) -> None:
        (fault,) = faults_of(tmp_path, [{"NOPRIOR": 4}], variant="admission")
        assert fault.remedy is not None
        assert "`admissions`" in fault.remedy

    def test_years_of_two_codings_in_one_file_are_refused(self, tmp_path: Path) -> None:
        (fault,) = faults_of(tmp_path, [{"AGE": 5, "DISYR": 2010}, {"AGE": 5, "DISYR": 2019}])
        assert "fits no one coding" in fault.what

    def test_a_year_that_no_codebook_was_seen_for_is_refused(self, tmp_path: Path) -> None:
        (fault,) = faults_of(tmp_path, [{"AGE": 5, "ADMYR": 2031}])
        assert "ADMYR holds 2031" in fault.what
