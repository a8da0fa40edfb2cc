"""`recommender data`, from the command line to the file: people made up, and TEDS records turned into answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.policy import Policy
from recommender.simulation import load_simulation, simulate
from tests.command_line import run
from tests.teds_rows import ADMISSIONS, DISCHARGES_2017_ON, Row, read_rows, write_rows

TEDS_ROW: Row = {**ADMISSIONS, "CASEID": 7, "AGE": 7, "SUB1": 2, "FREQ1": 2, "RACE": 5, "REGION": 1}


class TestSimulate:
    def test_writes_the_people_of_the_seed(self, tmp_path: Path) -> None:
        target = tmp_path / "people.csv"
        done = run("data", "simulate", "--rows", 40, "--seed", 9, "-o", target)
        assert done.returncode == 0
        expected = simulate(40, 9)
        assert read_rows(target) == [
            dict(zip(expected, row, strict=True)) for row in zip(*expected.values(), strict=True)
        ]

    def test_says_on_stderr_that_nobody_is_real_and_nothing_on_stdout(self, tmp_path: Path) -> None:
        done = run("data", "simulate", "--rows", 3, "--seed", 9, "-o", tmp_path / "people.parquet")
        assert done.stdout == ""
        assert "3 synthetic people" in done.stderr
        assert "Not clinically validated" in done.stderr
        assert "invented" in done.stderr

    def test_writes_only_what_the_policy_reads_if_asked_to(self, tmp_path: Path, policy: Policy) -> None:
        target = tmp_path / "people.csv"
        assert run("data", "simulate", "--rows", 2, "--seed", 9, "-o", target, "--only-used").returncode == 0
        used = [name for name in load_simulation().questions if name in policy.questions_used]
        assert list(read_rows(target)[0]) == ["id", *used]
        assert 0 < len(used) < len(load_simulation().questions)

    def test_makes_complete_people_if_asked_to(self, tmp_path: Path) -> None:
        target = tmp_path / "people.csv"
        assert run("data", "simulate", "--rows", 200, "--seed", 9, "-o", target, "--unknown", 0).returncode == 0
        cells = {cell for row in read_rows(target) for cell in row.values()}
        assert not cells & {"?", "declined"}
        assert all(row["age"] for row in read_rows(target))

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            (("--rows", 3, "--seed", 9, "-o", "people.txt"), 10),
            (("--rows", 3, "--seed", 9, "-o", "no_such_folder/people.csv"), 10),
            (("--rows", 0, "--seed", 9, "-o", "people.csv"), 2),
            (("--rows", 3, "--seed", 9, "-o", "people.csv", "--unknown", 1.2), 2),
            (("--rows", 3, "-o", "people.csv"), 2),
        ],
    )
    def test_refuses_what_makes_no_sense(self, tmp_path: Path, options: tuple[object, ...], code: int) -> None:
        done = run("data", "simulate", *options, folder=tmp_path)
        assert done.returncode == code
        assert done.stderr
        assert list(tmp_path.iterdir()) == []

    def test_a_batch_takes_them_all(self, tmp_path: Path) -> None:
        people = tmp_path / "people.csv"
        assert run("data", "simulate", "--rows", 500, "--seed", 11, "-o", people, "--unknown", 0.2).returncode == 0
        done = run("batch", people, "-o", tmp_path / "levels.csv", "--rejects", tmp_path / "rejects.csv", "-q")
        assert done.returncode == 0, done.stderr
        assert [row["id"] for row in read_rows(tmp_path / "levels.csv")] == [row["id"] for row in read_rows(people)]


class TestImportTeds:
    def test_writes_answers_and_sums_up_on_stderr(self, tmp_path: Path) -> None:
        source = write_rows(tmp_path / "teds.csv", [TEDS_ROW])
        done = run("data", "import-teds", source, "-o", tmp_path / "answers.csv")
        assert done.returncode == 0, done.stderr
        (row,) = read_rows(tmp_path / "answers.csv")
        assert (row["age"], row["main_substance"], row["alcohol_days"]) == ("35..39", "alcohol", "1..29")
        assert row["race"] == "white|middle_eastern_or_north_african"
        assert done.stdout == ""
        for part in (
            "1 rows read, 1 written",
            "Coding: admissions",
            "100.0%  age",
            "REGION: a place is never",
        ):
            assert part in done.stderr

    def test_the_variant_can_be_named(self, tmp_path: Path) -> None:
        source = write_rows(tmp_path / "teds.csv", [{**DISCHARGES_2017_ON, "AGE": 7, "SUB1": 2}])
        done = run("data", "import-teds", source, "-o", tmp_path / "answers.csv", "--variant", "discharges_2017_on")
        assert done.returncode == 0, done.stderr
        assert "Coding: discharges_2017_on" in done.stderr

    def test_an_unknown_variant_is_refused(self, tmp_path: Path) -> None:
        source = write_rows(tmp_path / "teds.csv", [TEDS_ROW])
        done = run("data", "import-teds", source, "-o", tmp_path / "answers.csv", "--variant", "admission")
        assert done.returncode == 10
        assert "admissions" in done.stderr
        assert not (tmp_path / "answers.csv").exists()

    def test_every_odd_code_is_told(self, tmp_path: Path) -> None:
        source = write_rows(tmp_path / "teds.csv", [{**TEDS_ROW, "AGE": 99, "SUB1": 77}])
        done = run("data", "import-teds", source, "-o", tmp_path / "answers.csv")
        assert done.returncode == 10
        assert "AGE" in done.stderr
        assert "SUB1" in done.stderr


@pytest.mark.parametrize("command", ["simulate", "import-teds"])
def test_the_help_has_an_example_on_a_line_of_its_own(command: str) -> None:
    done = run("data", command, "--help")
    assert done.returncode == 0
    assert any(line.strip().startswith(f"recommender data {command} ") for line in done.stdout.splitlines())
    assert "\\b" not in done.stdout
