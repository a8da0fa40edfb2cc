"""Imports of real TEDS records that lie beside the repository: answers against the labels that others gave them.

Public-use records of SAMHSA, public domain; nothing of them is copied into the repository. The shares below were
counted on these very files, so a change of any of them is a change of meaning and needs an entry in the decisions.
"""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from recommender.answers import read_text, write_text
from recommender.errors import InputError
from recommender.questionnaire import Question
from recommender.questionnaire_file import load_questionnaire
from recommender.teds import ImportSummary, import_teds, read_mapping
from tests.teds_rows import read_rows

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
ADMISSIONS_2023 = DATA / "teds_a_2023_sample" / "tedsa_2023_sample1000_coded.parquet"
LABELS_A_2023 = DATA / "teds_a_2023_sample" / "tedsa_2023_sample1000_original_labels.csv.gz"
DISCHARGES_2023 = DATA / "teds_d_2023_sample" / "tedsd_2023_sample_dev_coded.csv.gz"
LABELS_D_2023 = DATA / "teds_d_2023_sample" / "tedsd_2023_sample_dev_original_labels.csv.gz"
ADMISSIONS_2017 = DATA / "teds_a_2017_partial416" / "tedsa_2017_416rows.parquet"
CASE_MIX_2020 = DATA / "teds_a_2020_casemix" / "tedsa_2020_casemix_174664.parquet"
LABELS_2016_2020 = DATA / "teds_d_2016_2020_metzlere" / "cleaned_data_sample_v2_832df1a.csv.gz"
CODEBOOKS = {
    "codebooks/teds_a_codebook_2000_2019.json": "admissions",
    "codebooks/teds_a_codebook_2017.json": "admissions",
    "codebooks/teds_a_codebook_2020.json": "admissions",
    "codebooks/teds_a_codebook_2021.json": "admissions",
    "codebooks/teds_d_codebook_2006_2014.json": "discharges_2006_2014",
    "codebooks/teds_d_codebook_2015.json": "discharges_2015_2016",
    "codebooks/teds_d_codebook_2016.json": "discharges_2015_2016",
    "codebooks/teds_d_codebook_2017.json": "discharges_2017_on",
    "codebooks/teds_d_codebook_2018.json": "discharges_2017_on",
    "teds_codebook_2019.json": "discharges_2017_on",
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real TEDS records do not lie beside this repository")

CLASS_OF_LABEL = {
    "Alcohol": "alcohol",
    "Heroin": "opioid",
    "Other opiates/synthetics": "opioid",
    "Marijuana/hashish": "cannabis",
    "Cocaine/crack": "stimulant",
    "Methamphetamine/speed": "stimulant",
    "Benzodiazepines": "sedative",
}


def imported(source: Path, folder: Path, **options: Any) -> tuple[ImportSummary, list[dict[str, str]]]:
    if not source.is_file():
        pytest.skip(f"{source.parent.name}/{source.name} is not there")
    target = folder / "answers.csv"
    return import_teds(source, target, **options), read_rows(target)


@pytest.mark.parametrize(
    "source", [ADMISSIONS_2023, DISCHARGES_2023, ADMISSIONS_2017], ids=lambda path: path.parent.name
)
def test_every_answer_can_be_read_back_and_says_something(tmp_path: Path, source: Path) -> None:
    questions = load_questionnaire().questions
    _, rows = imported(source, tmp_path)
    for name, text in {cell for row in rows for cell in row.items() if cell[0] in questions and cell[1]}:
        answer = read_text(questions[name], text)
        assert write_text(questions[name], answer) not in ("", whole_domain(questions[name]))


def whole_domain(question: Question) -> str:
    """The answer that leaves everything open."""
    if question.kind == "choice":
        return "|".join(question.names)
    return f"{question.name_of(question.minimum)}..{question.name_of(question.maximum)}"


def labels(path: Path) -> dict[str, dict[str, str]]:
    """The same records with words instead of codes, by case number."""
    with gzip.open(path, "rt", newline="", encoding="utf-8") as stream:
        return {row["patient_id"]: row for row in csv.DictReader(stream)}


class TestAdmissions2023:
    def test_it_is_told_from_discharges_by_the_number_of_earlier_treatments(self, tmp_path: Path) -> None:
        summary, answers = imported(ADMISSIONS_2023, tmp_path)
        assert summary.variant == "admissions"
        assert "NOPRIOR holds code" in summary.variant_reason
        assert len(answers) == summary.rows_read == summary.rows_written == 1000
        assert summary.contradicted == {} == summary.odd_codes

    @pytest.mark.parametrize(
        ("question", "share"),
        [
            ("age", 1.0),
            ("pregnancy", 0.958),
            ("past_disorder", 0.861),
            ("psych_diagnosis", 0.861),
            ("main_substance", 0.798),
            ("mutual_help_now", 0.747),
            ("place_to_sleep", 0.640),
            ("alcohol_days", 0.317),
            ("injecting", 0.055),
            ("psychosis", 0.001),
        ],
    )
    def test_the_share_that_is_known(self, tmp_path: Path, question: str, share: float) -> None:
        summary, _ = imported(ADMISSIONS_2023, tmp_path)
        assert summary.known[question] == pytest.approx(share, abs=0.0005)

    def test_the_answers_agree_with_the_labels(self, tmp_path: Path) -> None:
        _, answers = imported(ADMISSIONS_2023, tmp_path)
        by_case = labels(LABELS_A_2023)
        for row in answers:
            assert_agrees(row, by_case[row["id"]], frequency="frequency_primary", substance="primary_substance")

    def test_in_small_chunks_it_says_the_same(self, tmp_path: Path) -> None:
        whole, answers = imported(ADMISSIONS_2023, tmp_path)
        parts, again = imported(ADMISSIONS_2023, tmp_path, chunk_rows=7)
        assert again == answers
        assert parts == whole


class TestDischarges2023:
    def test_what_was_seen_at_discharge_is_left_alone(self, tmp_path: Path) -> None:
        summary, answers = imported(DISCHARGES_2023, tmp_path)
        assert summary.variant == "discharges_2017_on"
        assert len(answers) == 377
        assert summary.not_used["FREQ1_D"] == "recorded at discharge"
        assert {row["teds_reason"] for row in answers} <= {"1", "2", "3", "4", "5", "6", "7"}

    def test_the_answers_agree_with_the_labels(self, tmp_path: Path) -> None:
        _, answers = imported(DISCHARGES_2023, tmp_path)
        by_case = labels(LABELS_D_2023)
        for row in answers:
            label = by_case[row["id"]]
            assert_agrees(row, label, frequency="frequency_primary_admit", substance="primary_substance_admit")
            assert row["earlier_treatments_count"] in {"No prior": ["0"], "One prior": ["1.."]}.get(
                label["prior_treatments"], [""]
            )


class TestOtherFiles:
    def test_three_substances_with_all_their_columns(self, tmp_path: Path) -> None:
        summary, answers = imported(ADMISSIONS_2017, tmp_path)
        assert summary.variant == "admissions"
        assert len(answers) == 416
        # Nobody is at home in an institution and in the community in the same month.
        inside = [row for row in answers if row["work_status"] == "in_institution"]
        assert len(inside) == 64
        assert all(not row["opioid_days"] and not row["disorder"] for row in inside)

    def test_a_file_without_the_telling_columns_is_read_as_what_is_shared(self, tmp_path: Path) -> None:
        summary, answers = imported(CASE_MIX_2020, tmp_path)
        assert summary.variant == "admissions or discharges_2015_2016 or discharges_2017_on"
        assert len(answers) == 174_664
        assert summary.known["age"] == 1.0
        assert summary.known["alcohol_days"] == 0.0

    def test_words_instead_of_codes_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError):
            imported(LABELS_2016_2020, tmp_path)


def assert_agrees(row: dict[str, str], label: dict[str, str], *, frequency: str, substance: str) -> None:
    """Age, main substance, its days, pregnancy and what happened, against the words that the samples came with."""
    assert row["age"] == {"65+": "65.."}.get(label["age_group"], label["age_group"].replace("-", ".."))
    main = CLASS_OF_LABEL.get(label[substance])
    if main:
        assert row["main_substance"] == main
        # A second substance of the same class, here without its frequency, may add to the days of the first.
        days = {"No use past month": ("0", ""), "Some use": ("1..29", "1..30"), "Daily use": ("30",)}
        assert row[f"{main}_days"] in days.get(label[frequency], ("",))
    if label["sex"] == "Male":
        assert row["pregnancy"] == "not_pregnant"
    if label["has_cooccurring_mental_health"] == "No":
        assert row["psych_diagnosis"] == "none"
    service = label.get("service_type") or label["service_type_admit"]
    assert (row["teds_services_label"] == "intensive outpatient") == (service == "Intensive Outpatient")


@pytest.mark.parametrize(("codebook", "variant"), CODEBOOKS.items(), ids=[Path(name).stem for name in CODEBOOKS])
class TestCodebooks:
    def test_every_column_is_declared_and_none_is_called_absent(self, codebook: str, variant: str) -> None:
        mapping = read_mapping()
        declared = {name for column in mapping.columns.values() for name in column.names}
        assert codebook_variables(codebook).keys() <= declared
        assert not codebook_variables(codebook).keys() & mapping.variants[variant].absent

    def test_every_code_is_declared_and_no_other(self, codebook: str, variant: str) -> None:
        for column in read_mapping().columns.values():
            reading = column.in_variant(variant)
            if reading is None or reading.codes is None:
                continue
            for name in column.names:
                printed = codebook_variables(codebook).get(name)
                assert printed is None or frozenset(printed - {-9}) == reading.codes, name


def codebook_variables(name: str) -> dict[str, set[int]]:
    """The codes of each variable, as the codebook prints them."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not there")
    variables = json.loads(path.read_text(encoding="utf-8"))["variables"]
    return {variable: {int(code) for code in entry["values"]} for variable, entry in variables.items()}
