"""A cohort as a file: what is read from it, what is worked out, and a sentence for everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from recommender.errors import InputError
from recommender.learning.cohort_file import read_cohort

HEADER = (
    "id,age,person,site,period,level_indicated,level_placed,admitted_on,discharged_on,reason,days_in_care,"
    "retained_90,completed,weight\n"
)
GOOD = [
    "a,34,p1,north,2023-Q2,outpatient,intensive_outpatient,2023-04-02,2023-06-03,completed,,,,1",
    "b,44,p2,south,2022-Q4,,outpatient,,,dropped_out,61..90,,,2.5",
    "c,20..29,p1,south,2022-Q4,,,2022-12-01,,,,yes,no,1",
    "d,?,,,,,outpatient,,,,,,,1",
]


def written(folder: Path, rows: list[str], header: str = HEADER) -> Path:
    path = folder / "cohort.csv"
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def sentences(folder: Path, *rows: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_cohort(written(folder, [*GOOD, *rows]))
    return [fault.sentence() for fault in caught.value.faults]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_cohort_is_read_as_precisely_as_it_is(tmp_path: Path, form: str) -> None:
    source = written(tmp_path, GOOD)
    if form == "parquet":
        as_text = csv.ConvertOptions(column_types={"age": pa.string(), "days_in_care": pa.string()})
        table = csv.read_csv(source, convert_options=as_text)
        source = tmp_path / "cohort.parquet"
        parquet.write_table(table, source)
    cohort = read_cohort(source)
    assert cohort.ids.tolist() == ["a", "b", "c", "d"]
    assert [cohort.levels.ids[rank] if rank >= 0 else None for rank in cohort.level_placed] == [
        "intensive_outpatient", "outpatient", None, "outpatient",
    ]  # fmt: skip
    assert cohort.person[0] == cohort.person[2]
    assert len(set(cohort.person.tolist())) == 3
    assert cohort.period_names == ("2022-Q4", "2023-Q2")
    assert cohort.period.tolist() == [1, 0, 0, -1]
    assert cohort.weight.tolist() == [1, 2.5, 1, 1]
    outcomes = {name: values.tolist() for name, values in cohort.outcomes.items()}
    assert outcomes == {
        "retained_30": [1, 1, 1, -1],
        "retained_90": [0, -1, 1, -1],  # 61 to 90 days do not decide it
        "completed": [1, 0, 0, -1],
        "completed_or_transferred": [1, 0, -1, -1],  # "not completed" leaves a transfer open
        "transferred": [0, 0, -1, -1],
    }
    few = cohort.take(np.array([False, True, True, False]))
    assert few.ids.tolist() == ["b", "c"]
    assert few.answers.columns["age"].upper.tolist() == [44, 29]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("x,30,,,,iop,,,,,,,,1", "row 5, field level_indicated: there is no such level (given: 'iop'). Allowed: none,"),
        ("x,30,,,,,,2023-05-02,2023-05-01,,,,,1", "field discharged_on: the discharge lies before the admission. All"),
        ("x,30,,,,,,2023-13-02,,,,,,1", "field admitted_on: is not a day (given: '2023-13-02'). Allowed: year-month"),
        ("x,30,,,,,,,,dropped_out,,,yes,1", "field completed: contradicts the reason or the days of this row"),
        ("x,30,,,,,,,,,31..45,yes,,1", "field retained_90: contradicts the reason or the days of this row"),
        (
            "x,30,,,,,,,,,45..31,,,1",
            "field days_in_care: is a range from the higher to the lower end (given",
        ),
        ("x,30,,,2023,,,,,,,,,1", "field period: is a period of another form than those above (given: '2023')"),
        ("a,30,,,,,,,,,,,,1", "field id: row 1 has the same id (given: 'a')"),
        ("x,30,p1,,,,,2023-04-02,,,,,,1", "field person: the person has another row with this day of admission"),
        ("x,30,,,,,,,,,,,,nan", "field weight: is no weight (given: 'nan'). Allowed: a finite number above 0"),
        ("x,30,,,,,,,,,,,,inf", "field weight: is no weight (given: 'inf')"),
        ("x,130,,,,,,,,,,,,1", "field age: the answer to `age` is outside what is possible (given: '130')"),
        ("x,30,,,,,,,,left,,,,1", "field reason: there is no such reason (given: 'left'). Allowed: completed, "),
        ("x,30,,,,,,,,,,,maybe,1", "field completed: is neither yes nor no (given: 'maybe')"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_remedy(tmp_path: Path, row: str, expected: str) -> None:
    (sentence,) = sentences(tmp_path, row)
    assert sentence.startswith("cohort.csv, row 5, field ")
    assert expected in sentence


def test_faulty_rows_can_be_left_out_and_are_counted(tmp_path: Path) -> None:
    cohort = read_cohort(written(tmp_path, [*GOOD, "x,130,,,,,,,,,,,,1", "y,30"]), leave_out_faulty=True)
    assert (cohort.count, cohort.left_out) == (4, 2)
    with pytest.raises(InputError, match="1 input fault"):
        read_cohort(written(tmp_path, ["x,130,,,,,,,,,,,,1"]), leave_out_faulty=True)


def test_the_text_of_the_exception_holds_no_value(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_cohort(written(tmp_path, [*GOOD, "x,30,,,,,,2023-05-02,2023-05-01,,,,,1"]))
    assert "2023" not in str(caught.value)
