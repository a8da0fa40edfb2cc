"""What may be the input of a batch: several files, globs, URLs; ids over all of them; and damage of every kind."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.answers import answers_of, read_text
from recommender.batch.csv_survey import row_ends
from recommender.batch.identity import hashed
from recommender.cli import main
from recommender.errors import InputError
from recommender.explain import Explainer
from tests.batch_tables import PART_ROWS, POLICY, people, rejects_of, score

ROOT = Path(__file__).parents[2]
ROWS = 120
DAMAGED = 1000


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


class TestPlaces:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Two months of one table, one as CSV and one as Parquet, with one id in both and files that are no tables."""
        folder = tmp_path / "referrals"
        (folder / "month=2").mkdir(parents=True)
        table = people(ROWS)
        table.iloc[:70].to_csv(folder / "january.csv", index=False)
        table.iloc[70:].to_parquet(folder / "month=2" / "february.parquet")
        (folder / "_SUCCESS").touch()
        (folder / ".january.csv.crc").touch()
        return folder

    def test_a_folder_is_scored_as_one_table(self, folder: Path, tmp_path: Path) -> None:
        people(ROWS).to_parquet(tmp_path / "whole.parquet")
        whole = score(tmp_path / "whole.parquet", tmp_path / "whole.csv")
        assert score(folder, tmp_path / "out.csv") == whole
        assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
        repeated = [row for row in rows_of(rejects_of(tmp_path / "out.csv")) if "has the same id" in row["fault"]]
        assert {row["file"] for row in repeated} == {"month=2/february.parquet"}
        assert all("of january.csv has the same id" in row["fault"] for row in repeated)

    def test_a_glob_and_a_url_are_read_too(self, folder: Path, tmp_path: Path) -> None:
        score(folder, tmp_path / "out.csv")
        wanted = (tmp_path / "out.csv").read_bytes()
        for source in (f"{folder}/**/*.*", f"file://{folder}", f"file://{folder}/**"):
            if source.startswith("file:"):
                pytest.importorskip("fsspec", reason="fsspec is not installed")
            score(source, tmp_path / "again.csv")
            assert (tmp_path / "again.csv").read_bytes() == wanted, source

    def test_rows_without_ids_are_told_apart(self, folder: Path, tmp_path: Path) -> None:
        for path in folder.rglob("*.parquet"):
            path.unlink()
        for name in ("a.csv", "january.csv"):
            people(3).drop(columns="id").to_csv(folder / name, index=False)
        score(folder, tmp_path / "out.ndjson")
        ids = [json.loads(line)["id"] for line in (tmp_path / "out.ndjson").read_text().splitlines()]
        assert set(ids) <= {f"{name}#{row}" for name in ("a.csv", "january.csv") for row in (1, 2, 3)}

    @pytest.mark.parametrize(
        ("source", "told"),
        [
            ("empty", "holds no table. Allowed: .csv, .csv.gz, .parquet."),
            ("*.parquet", "holds no table"),
            ("odd", "has other columns than a.csv (given: 'age, alcohol_days')"),
            ("nothing://bucket/x.csv", "no place of this kind is known (given: 'nothing://')"),
        ],
    )
    def test_places_without_a_table(self, tmp_path: Path, source: str, told: str) -> None:
        for name in ("empty", "odd"):
            (tmp_path / name).mkdir()
        (tmp_path / "odd" / "a.csv").write_text("id,age\nA,30\n")
        (tmp_path / "odd" / "b.csv").write_text("id,alcohol_days\nB,30\n")
        if ":" in source:
            pytest.importorskip("fsspec", reason="fsspec is not installed")
        place = source if ":" in source else tmp_path / source
        done = CliRunner().invoke(main, ["batch", str(place), "-o", str(tmp_path / "out.csv")])
        assert (done.exit_code, told in done.stderr) == (10, True), done.stderr


class TestIds:
    def test_an_id_is_repeated_over_parts_and_the_first_row_is_named(self, tmp_path: Path) -> None:
        ids = [f"A{number}" for number in range(4 * PART_ROWS)]
        ids[130], ids[60], ids[61], ids[199] = ids[3], ids[3], ids[3], ids[120]
        pd.DataFrame({"id": ids, "age": "30"}).to_parquet(tmp_path / "t.parquet", row_group_size=PART_ROWS)
        summary = score(tmp_path / "t.parquet", tmp_path / "out.csv")
        assert (summary.scored, summary.rejected) == (196, 4)
        told = [(row["row"], row["fault"].partition(" has")[0]) for row in rows_of(rejects_of(tmp_path / "out.csv"))]
        assert told == [("61", "row 4"), ("62", "row 4"), ("131", "row 4"), ("200", "row 121")]

    @given(st.lists(st.text(max_size=40)))
    def test_equal_texts_have_equal_hashes_wherever_they_stand(self, texts: list[str]) -> None:
        import pyarrow as pa

        hashes = hashed(pa.array(["", *texts, *texts, "x"], pa.string()))
        assert hashes[1 : 1 + len(texts)].tolist() == hashes[1 + len(texts) : -1].tolist()
        assert len(set(hashes.tolist())) == len({"", "x", *texts})


class TestColumns:
    def test_reasons_may_be_sentences(self, tmp_path: Path) -> None:
        people(ROWS).to_csv(tmp_path / "t.csv", index=False)
        score(tmp_path / "t.csv", tmp_path / "codes.csv")
        score(tmp_path / "t.csv", tmp_path / "text.csv", reasons="text")
        for codes, text in zip(rows_of(tmp_path / "codes.csv"), rows_of(tmp_path / "text.csv"), strict=True):
            told = [f"{POLICY.rules[rule].why.rstrip('.')} [{rule}]." for rule in codes["reasons"].split()]
            assert text["reasons"].removeprefix("'") == " ".join(told)

    def test_open_questions_hold_all_that_could_change_the_level(self, tmp_path: Path) -> None:
        source = ROOT / "data" / "referrals.csv"
        score(source, tmp_path / "out.csv")
        provisional = [row for row in rows_of(tmp_path / "out.csv") if row["status"] == "provisional"]
        assert provisional
        by_id = {row["id"]: row for row in rows_of(source)}
        questions = POLICY.questionnaire.questions
        for row in provisional[:10]:
            texts = {name: text for name, text in by_id[row["id"]].items() if name in questions}
            answers = {name: read_text(questions[name], text) for name, text in texts.items()}
            explained = Explainer(POLICY, answers_of(POLICY.questionnaire, [answers])).still_open()
            assert {question.id for question in explained} <= set(row["open_questions"].split())

    def test_a_log_of_json_lines_counts_and_names_nobody(self, tmp_path: Path) -> None:
        people(ROWS).to_csv(tmp_path / "zebra.csv", index=False)
        done = CliRunner().invoke(main, ["batch", f"{tmp_path}/zebra.csv", "-o", f"{tmp_path}/o.csv", "--json-log"])
        *parts, last = map(json.loads, done.stderr.splitlines())
        assert last["event"] == "finished"
        assert last["read"] == last["scored"] + last["rejected"] == ROWS
        assert [part["event"] for part in parts] == ["part"] * len(parts)
        assert "zebra" not in done.stderr


@given(st.lists(st.sampled_from(["a", '"', '"\n"', "\n", "\r\n", ","]), max_size=12).map("".join))
def test_rows_start_where_pythons_reader_says(text: str) -> None:
    """The vectorised look at quotation marks, beside a walk over the lines."""
    text = text if text.endswith("\n") else f"{text}\n"
    starts, line, open_quote = [], 0, False
    for number, content in enumerate(text.encode().splitlines(keepends=True)) if "\r" not in text else ():
        if not open_quote:
            line = number
        blank = not open_quote and not content.strip(b"\r\n")
        open_quote ^= bool(content.count(b'"') % 2)
        starts += [line] if not open_quote and not blank else []
    if "\r" not in text:
        assert row_ends(text.encode())[0].tolist() == starts


class TestDamage:
    """A damaged file is refused in a sentence or scored with every row counted; never a traceback, never a lost row."""

    @pytest.mark.parametrize("suffix", [".csv", ".parquet"])
    def test_damaged_files(self, suffix: str, tmp_path: Path) -> None:
        counts = {"refused": 0, "scored": 0}
        source, target = tmp_path / f"t{suffix}", tmp_path / "out.csv"
        people(40).to_csv(source, index=False) if suffix == ".csv" else people(40).to_parquet(source)
        whole = source.read_bytes()

        @settings(max_examples=DAMAGED // 2)
        @given(damage())
        def check(how: list[tuple[str, float, bytes]]) -> None:
            source.write_bytes(damaged(whole, how))
            try:
                summary = score(source, target)
            except InputError:
                counts["refused"] += 1
                return
            counts["scored"] += 1
            assert summary.read == summary.scored + summary.rejected
            assert len(rows_of(target)) == summary.scored
            assert len({row["row"] for row in rows_of(rejects_of(target))}) == summary.rejected

        check()
        assert min(counts.values()) > 0, counts


def damage() -> st.SearchStrategy[list[tuple[str, float, bytes]]]:
    """Some changes: of what kind, where in the file (0 to 1), and with which bytes."""
    bytes_ = st.sampled_from([b'"', b"\n", b",", b"\r\n", b"\x00", b"\xff", b";"]) | st.binary(min_size=1, max_size=6)
    kind = st.sampled_from(["put over", "put in", "take out", "cut off"])
    return st.lists(st.tuples(kind, st.floats(0, 1), bytes_), min_size=1, max_size=3)


def damaged(content: bytes, how: list[tuple[str, float, bytes]]) -> bytes:
    for kind, where, given_ in how:
        place = int(where * len(content))
        ends = {"put over": len(given_), "put in": 0, "take out": len(given_), "cut off": len(content)}
        content = content[:place] + (given_ if kind.startswith("put") else b"") + content[place + ends[kind] :]
    return content
