"""`recommender batch` from end to end: tables in, recommendations and rejects out. All people here are made up."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from recommender.answers import answers_of, read_text
from recommender.assessment import STATUSES, assess
from recommender.cli import COMMANDS, DATA_COMMANDS, main
from recommender.contradictions import check_intake
from recommender.intake import read_intake
from recommender.policy_file import load_policy

ROOT = Path(__file__).resolve().parents[2]
POLICY = load_policy()
PERSONAL = "zebra"  # stands for anything personal
HEADER = "id,alcohol_days,opioid_days,home_use,main_substance,note_ward"
ROW = "A1,14,0,sometimes,alcohol,west"
# A few answers that go together, from which random people are made.
SOME_ANSWERS: dict[str, list[str]] = {
    "overdose_now": ["no", "no", "", "?"],
    "suicide_thoughts": ["none", "none", "wish_to_be_dead", "none..thoughts_no_method"],
    "opioid_days": ["0", "3", "30", "1..29", "?", ""],
    "alcohol_signs": ["none", "mild", "mild..moderate", "declined", ""],
    "opioid_signs": ["none", "severe", ""],
    "home_use": ["none", "sometimes", "most_days", "yes_how_often_not_stated"],
    "craving": ["", "declined"],
    "main_substance": ["alcohol", "opioid", "alcohol|opioid", ""],
    "disorder": ["mild", "moderate", "severe", ""],
    "pregnancy": ["not_pregnant", ""],
    "psych_function": ["", "?"],
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def batch(source: Path, suffix: str = ".csv", *more: object) -> tuple[Result, Path, Path]:
    """The result of a batch, its output and its rejects."""
    target, rejects = source.parent / f"out{suffix}", source.parent / "rejects.csv"
    return run("batch", source, "-o", target, "--rejects", rejects, *more), target, rejects


def written(folder: Path, *lines: str, name: str = "referrals.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def random_people(count: int) -> pd.DataFrame:
    """People with random answers, each cell as a CSV file has it."""
    chance = random.Random(20261123)
    people = pd.DataFrame({name: chance.choices(cells, k=count) for name, cells in SOME_ANSWERS.items()})
    people.insert(0, "id", [f"P{number:04d}" for number in range(count)])
    people["teds_freq1"] = chance.choices([-9, 1, 2], k=count)
    return people


class TestResults:
    def test_a_row_comes_out_with_the_level_bounds_and_the_rules_behind_them(self, tmp_path: Path) -> None:
        result, target, rejects = batch(written(tmp_path, HEADER, ROW))
        assert result.exit_code == 0, result.output
        (row,) = cells(target)
        assert row["id"] == "A1"
        assert row["status"] == "safety_unanswered"
        assert row["level"] == ""
        assert "overdose_now" in row["safety_unanswered"].split()
        assert row["reasons"]
        assert (row["questions_answered"], row["note_ward"]) == ("4", "west")
        assert (row["policy"], row["policy_hash"]) == (f"adult {POLICY.version} (unvalidated)", POLICY.hash[:12])
        assert cells(rejects) == []
        assert "Read 1, scored 1, rejected 0. By status: safety_unanswered 1." in result.stderr
        assert "Not clinically validated" in result.stderr

    def test_every_row_gets_what_it_would_get_alone(self, tmp_path: Path) -> None:
        people = random_people(150)
        source = tmp_path / "people.csv"
        people.to_csv(source, index=False)
        result, target, rejects = batch(source, ".csv", "--chunk-rows", 40)
        scored, rejected = {row["id"]: row for row in cells(target)}, {row["id"] for row in cells(rejects)}
        assert sorted([*scored, *rejected]) == sorted(people["id"])
        assert result.exit_code == (12 if rejected else 0)
        for person in people.to_dict("records"):
            self.check_alone(person, scored.get(person["id"]))

    def check_alone(self, person: dict[str, str], row: dict[str, str] | None) -> None:
        questions = POLICY.questionnaire.questions
        answers = {name: read_text(questions[name], person[name]) for name in SOME_ANSWERS}
        if check_intake(POLICY.questionnaire, answers):
            assert row is None
            return
        assert row is not None
        alone = assess(POLICY, answers_of(POLICY.questionnaire, [answers]))
        levels, fired = POLICY.ladder.ids, alone.rules_fired(0)
        assert row["status"] == STATUSES[alone.status[0]]
        assert row["level_at_least"] == levels[alone.level_at_least[0]]
        assert row["level_at_most"] == levels[alone.level_at_most[0]]
        assert row["safety_unanswered"].split() == list(alone.safety_unanswered(0))
        assert row["red_flags"].split() == [flag.id for flag in POLICY.red_flags if flag.id in fired]
        beside = dict.fromkeys(addon.name for addon in POLICY.addons if addon.rule.id in fired)
        assert row["addons"].split() == list(beside)
        assert set(row["red_flags"].split()) <= set(row["reasons"].split()) <= set(fired)
        for area, bounds in alone.ratings.items():
            assert [row[f"{area}_low"], row[f"{area}_high"]] == [str(end[0]) for end in bounds]

    def test_a_settled_level_stands_with_its_alternatives(self, tmp_path: Path) -> None:
        # A policy with one rule, so that one answer settles everything.
        path = tmp_path / "policy.yaml"
        path.write_text(ONE_RULE_POLICY, encoding="utf-8")
        safe = {name: "no" for name, q in POLICY.questionnaire.questions.items() if q.safety and q.kind == "yes_no"}
        safe |= {
            name: q.name_of(q.minimum)
            for name, q in POLICY.questionnaire.questions.items()
            if q.safety and name not in safe
        }
        safe |= {"age": "40", "mandated": "yes"}
        source = written(tmp_path, ",".join(safe), ",".join(safe.values()))
        result, target, _ = batch(source, ".csv", "--policy", path)
        assert result.exit_code == 0, result.output
        (row,) = cells(target)
        assert (row["id"], row["status"], row["level"]) == ("1", "settled", "intensive_outpatient")
        assert (row["alternatives"], row["addons"]) == ("outpatient", "recovery_residence")
        assert row["reasons"].split() == ["D1", "S1", "G1"]

    @pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet", ".ndjson"])
    def test_csv_and_parquet_give_the_same_in_every_form(self, tmp_path: Path, suffix: str) -> None:
        people = random_people(60).assign(age=range(18, 78), overdose_now=["no", "yes", ""] * 20)
        typed = people.assign(
            opioid_days=people["opioid_days"].astype("category"),
            overdose_now=people["overdose_now"].map({"no": False, "yes": True}),
            age=people["age"].astype("int16").astype("category"),
            alcohol_signs=people["alcohol_signs"].astype("string[pyarrow]"),
        )
        people.to_csv(tmp_path / "people.csv", index=False)
        typed.to_parquet(tmp_path / "people.parquet")
        _, target, rejects = batch(tmp_path / "people.csv", suffix)
        from_csv = (target.read_bytes(), rejects.read_text())
        _, target, rejects = batch(tmp_path / "people.parquet", suffix, "--chunk-rows", 7)
        if suffix == ".parquet":
            pd.testing.assert_frame_equal(pd.read_parquet(target), pd.read_parquet(io.BytesIO(from_csv[0])))
        elif suffix == ".csv.gz":
            assert gzip.decompress(target.read_bytes()) == gzip.decompress(from_csv[0])
        else:
            assert target.read_bytes() == from_csv[0]
        without_lines = [{**row, "line": ""} for row in csv.DictReader(from_csv[1].splitlines())]
        assert cells(rejects) == without_lines

    def test_ndjson_holds_lists_and_nulls(self, tmp_path: Path) -> None:
        source = written(tmp_path, HEADER, '"A""1",14,0,sometimes,alcohol,"wést, ""x"""')
        _, target, _ = batch(source, ".ndjson")
        (row,) = map(json.loads, target.read_text(encoding="utf-8").splitlines())
        assert (row["id"], row["note_ward"]) == ('A"1', 'wést, "x"')
        assert (row["level"], row["red_flags"]) == (None, [])
        assert "overdose_now" in row["safety_unanswered"]
        assert row["d1_withdrawal_low"] == 0

    def test_a_carried_column_may_be_called_anything_after_its_prefix(self, tmp_path: Path) -> None:
        source = written(tmp_path, 'id,age,"note_a ""b"", c"', "A,30,x")
        for suffix in (".csv", ".ndjson"):
            _, target, _ = batch(source, suffix)
            row = cells(target)[0] if suffix == ".csv" else json.loads(target.read_text())
            assert row['note_a "b", c'] == "x"


class TestBadFiles:
    """A file that is wrong as a whole: nothing is scored, nothing written, and no cell is shown."""

    @pytest.mark.parametrize(
        ("name", "content", "told"),
        [
            ("empty.csv", b"", "is empty"),
            ("only_a_byte_order_mark.csv", b"\xef\xbb\xbf", "is empty"),
            ("header_only.csv", f"{HEADER}\n".encode(), "has a header and no rows"),
            ("first_line_empty.csv", f"\n{HEADER}\n{ROW}\n".encode(), "begins with an empty line"),
            ("unknown_column.csv", b"id,colour,age\nzebra,zebra,30\n", "no question of this name (given: 'colour')"),
            ("what_to_do_with_a_column.csv", b"id,colour,age\nzebra,zebra,30\n", "begin its name with `note_`"),
            ("misspelt_question.csv", b"id,alcohol_dyas\nzebra,3\n", "Did you mean `alcohol_days`"),
            ("duplicate_column.csv", b"id,age,age\nzebra,30,30\n", "two columns have this name (given: 'age')"),
            ("no_answers.csv", b"id,note_ward\nzebra,west\n", "has no column with answers"),
            ("semicolons.csv", b"id;age\nzebra;30\n", "separated by semicolons"),
            ("latin_1.csv", b"id,age,note_name\nA,30,x\nzebra,30,Zo\xeb\n", "line 3: is not UTF-8"),
            ("utf_16.csv", "id,age\nzebra,30\n".encode("utf-16"), "line 1: is not UTF-8"),
            ("old_line_ends.csv", b"id,age\rzebra,30\r", "ends its lines in a way of long ago"),
            ("quote_never_closed.csv", b'id,age\n"zebra,30\nB,31\n', "opens a quotation mark and never closes it"),
            ("quotes_swallow_rows.csv", b'id,age\nA,"30\nzebra,31\nC,"32\n', "a quotation mark above it is not closed"),
            (
                "ragged_over_lines.csv",
                b'id,age,note_x\nA,"3\nzebra"\nB,4,5\n',
                "row 1: the row has 2 cells and the header",
            ),
            ("not_gzip.csv.gz", b"id,age\nzebra,30\n", "is not a whole gzip file"),
            ("cut_off.csv.gz", gzip.compress(b"id,age\nzebra,30\n" * 99)[:-9], "is not a whole gzip file"),
            ("text.parquet", b"id,age\nzebra,30\n", "is not a whole Parquet file"),
            ("empty.parquet", b"", "is not a whole Parquet file"),
            ("spreadsheet.xlsx", b"PK", "Allowed: .csv, .csv.gz, .parquet"),
        ],
        ids=lambda value: value if isinstance(value, str) and "." in value[:30] else "",
    )
    def test_a_bad_file_is_refused(self, tmp_path: Path, name: str, content: bytes, told: str) -> None:
        source = tmp_path / name
        source.write_bytes(content)
        self.check_refused(source, told)

    def check_refused(self, source: Path, told: str) -> None:
        before = sorted(source.parent.iterdir())
        result, _, _ = batch(source)
        assert result.exit_code == 10, result.output
        assert source.name in result.stderr
        assert told in result.stderr
        assert PERSONAL not in result.output
        assert sorted(source.parent.iterdir()) == before

    def test_a_parquet_file_that_was_cut_off(self, tmp_path: Path) -> None:
        source = tmp_path / "cut_off.parquet"
        random_people(50).to_parquet(source)
        source.write_bytes(source.read_bytes()[:-40])
        self.check_refused(source, "is not a whole Parquet file")

    def test_a_parquet_file_with_lists_in_its_cells(self, tmp_path: Path) -> None:
        source = tmp_path / "lists.parquet"
        pd.DataFrame({"id": ["zebra"], "age": [[30]]}).to_parquet(source)
        self.check_refused(source, "a column has the type list")

    def test_a_parquet_file_with_text_that_is_not_utf_8(self, tmp_path: Path) -> None:
        source = tmp_path / "latin_1.parquet"
        cells = pa.array([b"zebra", b"Zo\xeb"], pa.binary())
        text = pa.Array.from_buffers(pa.string(), 2, cells.buffers())
        parquet.write_table(pa.table({"id": text, "age": ["30", "31"]}), source)
        self.check_refused(source, "is not a whole Parquet file, or its text is not UTF-8")

    def test_a_parquet_file_without_rows(self, tmp_path: Path) -> None:
        source = tmp_path / "no_rows.parquet"
        pd.DataFrame({"id": pd.Series([], dtype=str)}).to_parquet(source)
        self.check_refused(source, "has columns and no rows")

    def test_a_fault_in_the_middle_leaves_older_results_as_they_were(self, tmp_path: Path) -> None:
        source = written(tmp_path, "id,age", *["A,30"] * 3, 'A,"30', '31"', name="swallowed.csv")
        (tmp_path / "out.csv").write_text("older")
        result, target, rejects = batch(source, ".csv", "--chunk-rows", 1)
        assert result.exit_code == 10
        assert target.read_text() == "older"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", source.name]
        assert not rejects.exists()

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("-o", "referrals.csv"), "two of the table, its answers and the rejects"),
            (("-o", "out.csv", "--rejects", "out.csv"), "two of the table, its answers and the rejects"),
            (("-o", "out.xlsx"), "Allowed: .csv, .csv.gz, .parquet, .ndjson"),
            (("-o", "nowhere/out.csv"), "its folder does not exist"),
            (("-o", "out.csv", "--rejects", "rejects.parquet"), "Allowed: .csv"),
        ],
    )
    def test_places_that_cannot_be_written_to(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
    ) -> None:
        source = written(tmp_path, HEADER, ROW)
        monkeypatch.chdir(tmp_path)
        result = run("batch", source.name, *arguments)
        assert (result.exit_code, told in result.stderr) == (10, True), result.stderr
        assert source.read_text(encoding="utf-8").startswith(HEADER)


class TestBadRows:
    """A row that is wrong goes to the rejects with every reason; the others are scored."""

    def test_every_fault_of_every_bad_row(self, tmp_path: Path) -> None:
        source = written(
            tmp_path,
            "id,age,alcohol_days,drinks_per_day,alcohol_last_days,home_use,note_ward",
            "A,30,14,6,2,sometimes,fine",
            "B,zebra,31,6,2,sometime,text_in_a_number_and_two_out_of_the_domain",
            "C,30,0,6,,none,answered_though_not_asked",
            '"D",30,3,6,90,none,"last_use_before_the_days',
            'and a note over two lines"',
            "A,31,14,6,2,none,same_id_as_row_1",
            ",31,14,6,2,none,blank_id",
            "",
            "E,30,14",
            "F,30,0,6000,,none,contradiction_hangs_on_a_fault",
            "G,30,14,4..6,?,yes_how_often_not_stated,fine",
        )
        result, target, rejects = batch(source)
        assert result.exit_code == 12
        assert "Read 9, scored 2, rejected 7 (see rejects.csv)." in result.stderr
        assert PERSONAL not in result.output
        assert [row["id"] for row in cells(target)] == ["A", "G"]
        assert [(row["row"], row["line"], row["id"], row["field"], row["given"]) for row in cells(rejects)] == [
            ("2", "3", "B", "age", "zebra"),
            ("2", "3", "B", "alcohol_days", "31"),
            ("2", "3", "B", "home_use", "sometime"),
            ("3", "4", "C", "drinks_per_day, alcohol_days", "drinks_per_day = 6, alcohol_days = 0"),
            ("4", "5", "D", "alcohol_days, alcohol_last_days", "alcohol_days = 3, alcohol_last_days = 90"),
            ("5", "7", "A", "id", "A"),
            ("6", "8", "", "id", ""),
            ("7", "10", "", "", ""),
            ("8", "11", "F", "drinks_per_day", "6000"),
        ]
        told = [row["fault"] for row in cells(rejects)]
        assert "not a whole number. Allowed: " in told[0]
        assert "Did you mean `sometimes`?" in told[2]
        assert "row 1 has the same id" in told[5]
        assert "the row has 3 cells and the header has 7" in told[7]

    def test_an_id_is_repeated_over_chunks_too(self, tmp_path: Path) -> None:
        source = written(tmp_path, "id,age", *(f"{name},30" for name in ("A", "B", "C", "A ", "B", "D")))
        for chunk_rows in (1, 2, 100):
            _, target, rejects = batch(source, ".csv", "--chunk-rows", chunk_rows)
            assert [row["id"] for row in cells(target)] == ["A", "B", "C", "D"]
            assert [(row["row"], row["given"]) for row in cells(rejects)] == [("4", "A"), ("5", "B")]

    def test_broken_rows_do_not_shift_the_numbers_of_the_others(self, tmp_path: Path) -> None:
        rows = [f"P{number},30" if number % 3 else f"P{number}" for number in range(1, 40)]
        source = written(tmp_path, "id,age", *rows, "P40,zebra", "P41")
        for chunk_rows in (1, 4, 100):
            result, _, rejects = batch(source, ".csv", "--chunk-rows", chunk_rows)
            assert "Read 41, scored 26, rejected 15" in result.stderr
            assert [int(row["row"]) for row in cells(rejects)] == [*range(3, 40, 3), 40, 41]
            assert [int(row["line"]) for row in cells(rejects)] == [*range(4, 41, 3), 41, 42]

    def test_a_table_of_bad_rows_alone_gives_an_empty_result(self, tmp_path: Path) -> None:
        source = written(tmp_path, "age", "zebra", "abc")
        for suffix in (".csv", ".parquet", ".ndjson"):
            result, target, rejects = batch(source, suffix)
            assert (result.exit_code, [row["id"] for row in cells(rejects)]) == (12, ["1", "2"])
            assert target.exists()
        assert PERSONAL not in result.output

    def test_a_spreadsheet_finds_no_formula_to_run(self, tmp_path: Path) -> None:
        source = written(tmp_path, "id,age,note_a,teds_b", "=1+1,30,@x,-9", "-B,=cmd(),,", "C,30,-x,+1.5")
        _, target, rejects = batch(source)
        assert [row["id"] for row in cells(target)] == ["'=1+1", "C"]
        assert [(row["note_a"], row["teds_b"]) for row in cells(target)] == [("'@x", "-9"), ("'-x", "+1.5")]
        assert [(row["id"], row["given"]) for row in cells(rejects)] == [("'-B", "'=cmd()")]
        _, target, _ = batch(source, ".ndjson")
        assert json.loads(target.read_text().splitlines()[0])["note_a"] == "@x"


class TestCommand:
    def test_templates_can_be_filled_in_and_given_back(self, tmp_path: Path) -> None:
        header = run("template").output.strip()
        assert header.split(",") == ["id", *POLICY.questions_used]
        source = written(tmp_path, header, "A" + "," * header.count(","))
        assert batch(source)[0].exit_code == 0
        intake = read_intake(
            run("template", "--format", "json", "--all", "--record", "--audit").output, POLICY.questionnaire, "template"
        )
        assert list(intake.answers) == list(POLICY.questionnaire.questions)

    @pytest.mark.parametrize("form", ["text", "csv", "json", "markdown"])
    def test_the_dictionary_holds_every_question_in_every_form(self, form: str) -> None:
        result = run("dictionary", "--format", form)
        assert result.exit_code == 0
        assert all(name in result.output for name in POLICY.questionnaire.questions)

    @pytest.mark.parametrize("name", [*COMMANDS, *(f"data {name}" for name in DATA_COMMANDS)])
    def test_every_command_is_there_and_is_what_the_list_says(self, name: str) -> None:
        result = run(*name.split(), "-h")
        assert result.exit_code == 0
        assert {**COMMANDS, **DATA_COMMANDS}[name.removeprefix("data ")].summary in result.output

    @pytest.mark.parametrize(
        ("arguments", "code", "told"),
        [
            (("bach",), 2, "Did you mean `batch` or `backup`?"),
            (("batch", "no.csv"), 2, "Missing option"),
            (("batch", "no.csv", "-o", "out.csv"), 10, "no.csv: there is no such file"),
            (("template", "--policy", "no.yaml"), 11, "no.yaml: cannot be read"),
        ],
    )
    def test_exit_codes(self, arguments: tuple[str, ...], code: int, told: str) -> None:
        result = run(*arguments)
        assert (result.exit_code, told in result.stderr) == (code, True), result.output

    def test_many_faults_are_cut_short(self, tmp_path: Path) -> None:
        source = written(tmp_path, ",".join(f"colour_{number}" for number in range(50)), "," * 49)
        lines = batch(source)[0].stderr.splitlines()
        assert (len(lines), lines[-1]) == (21, "… and 30 more.")

    def test_quiet_says_nothing(self, tmp_path: Path) -> None:
        assert batch(written(tmp_path, HEADER, ROW), ".csv", "--quiet")[0].output == ""

    def test_a_bug_keeps_its_traceback(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: Any) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("recommender.policy_file.load_policy", broken)
        assert isinstance(run("template").exception, ZeroDivisionError)

    def test_a_stopped_command_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def stopped(*_: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("recommender.policy_file.load_policy", stopped)
        result = run("template")
        assert (result.exit_code, result.stderr) == (130, "Stopped.\n")

    def test_a_reader_that_has_enough_is_no_error(self) -> None:
        command = [sys.executable, "-m", "recommender", "dictionary"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(1)
            process.stdout.close()
            assert process.stderr.read() == b""


ONE_RULE_POLICY = """
policy: tiny
title: One rule
version: 1.0.0
date: 2026-11-23
status: unvalidated
since: 1.0.0
sources: {PJ: {title: Made up for a test}}
areas:
  - {id: d1_withdrawal, title: One, rules: [{id: D1, rating: 2, when: mandated, why: w, source: PJ}]}
strands:
  - id: medical
    title: Medical
    steps: [none, more]
    rules: [{id: S1, floor: more, when: mandated, why: w, source: PJ}]
placement: [{id: G1, level: intensive_outpatient, when: "medical >= 'more'", why: w, source: PJ}]
red_flags: [{id: RF01, name: n, mode: block, when: overdose_now, why: w, action: a, source: PJ}]
alternatives:
  - {id: A1, from: intensive_outpatient, to: outpatient, when: mandated, condition: c, source: PJ}
  - {id: A2, from: outpatient, to: early_intervention, when: mandated, condition: c, source: PJ}
addons:
  - {id: X1, addon: recovery_residence, name: n, when: mandated, why: w, source: PJ}
  - {id: X2, addon: recovery_residence, name: n, when: mandated, why: w, source: PJ}
"""


def test_an_emergency_in_a_rejected_row_is_counted_and_told_first(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,overdose_now,alcohol_days\na,yes,99\nb,no,99\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["batch", str(table), "-o", str(tmp_path / "o.csv")])
    assert done.exit_code == 12
    assert "1 of these are an EMERGENCY" in done.stderr
    rejects = (tmp_path / "o.rejects.csv").read_text(encoding="utf-8").splitlines()
    assert "EMERGENCY" in rejects[1]
    assert not any("EMERGENCY" in line for line in rejects[2:])
