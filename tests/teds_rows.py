"""Made-up TEDS rows for tests: written as a file, imported, and read back. No row is of a person."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recommender.cohort_columns import load_cohort_columns
from recommender.errors import Fault, InputError
from recommender.questionnaire_file import load_questionnaire
from recommender.teds import ImportSummary, import_teds

Row = Mapping[str, Any]

# Columns that only one variant has, so that a file of these and a few codes is read as it.
ADMISSIONS: Row = {"ADMYR": 2019}
DISCHARGES_2006_2014: Row = {"DISYR": 2010, "SERVSETD": 7}
DISCHARGES_2015_2016: Row = {"DISYR": 2015, "SERVICES_D": 7}
DISCHARGES_2017_ON: Row = {"DISYR": 2019, "SERVICES": 7}


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    """A CSV file of the rows, with the columns of the first."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file; a blank cell is an empty text."""
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def import_rows(folder: Path, rows: Sequence[Row], **options: Any) -> tuple[ImportSummary, list[dict[str, str]]]:
    """The summary and the answers of an import of these rows."""
    target = folder / "answers.csv"
    summary = import_teds(write_rows(folder / "teds.csv", rows), target, **options)
    return summary, read_rows(target)


def answers_of(folder: Path, row: Row, variant: Row = ADMISSIONS) -> dict[str, str]:
    """What an import of one row says: the questions with an answer, without what is passed on or for the record."""
    _, (answers,) = import_rows(folder, [{**variant, **row}])
    beside = ("id", *load_cohort_columns().names, *load_questionnaire().for_record)
    return {
        name: text for name, text in answers.items() if text and name not in beside and not name.startswith("teds_")
    }


def record_of(folder: Path, row: Row, variant: Row = ADMISSIONS) -> dict[str, str]:
    """What an import of one row says for the record."""
    _, (answers,) = import_rows(folder, [{**variant, **row}])
    return {name: answers[name] for name in load_questionnaire().for_record if answers[name]}


def faults_of(folder: Path, rows: Sequence[Row], **options: Any) -> Sequence[Fault]:
    """The faults for which an import of these rows is refused."""
    try:
        import_rows(folder, rows, **options)
    except InputError as error:
        return error.faults
    raise AssertionError("the rows were not refused")
