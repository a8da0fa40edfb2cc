"""Nothing that belongs to others is in the content, and the guard that says so finds what is planted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recommender.content_file import CONTENT, ContentFile
from recommender.policy import Policy
from recommender.questionnaire_file import QUESTIONS
from tests.licence_guard import (
    PAGE,
    WORDS_IN_A_RUN,
    guarded_names,
    guarded_wording,
    loinc_is_valid,
    names_in,
    wording_in,
)

ROOT = PAGE.parents[1]
LISTS = PAGE.read_text(encoding="utf-8")
NAMES, WORDING = guarded_names(LISTS), guarded_wording(LISTS)
CONTENT_FILES = sorted(CONTENT.rglob("*.yaml"))
READ_BY_PEOPLE = sorted({*(ROOT / "recommender").rglob("*.py"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")})
# Our own sentence, whose fingerprints stand in the table like those of the others.
CANARY = "A yellow canary sings in the mine until somebody opens the wrong door"


class TestNames:
    @pytest.mark.parametrize("path", CONTENT_FILES, ids=lambda path: path.name)
    def test_no_guarded_name_stands_where_it_may_not(self, path: Path) -> None:
        assert names_in(path.read_text(encoding="utf-8"), NAMES) == []

    def test_content_is_yaml_alone(self) -> None:
        others = [path.name for path in CONTENT.rglob("*") if path.is_file() and path.suffix != ".yaml"]
        assert others == [], "the test above reads YAML only"

    @pytest.mark.parametrize("name", NAMES, ids=lambda name: name.name)
    def test_each_listed_name_is_found_when_planted(self, name: object) -> None:
        guarded = next(entry for entry in NAMES if entry is name)
        planted = f"why: as {guarded.name} says\n"
        assert names_in(planted, NAMES) == [guarded.name]
        assert names_in(f"# see {guarded.name}\nwhy: x\n", NAMES) == [guarded.name]
        for field in guarded.fields:
            assert names_in(f"rules:\n  - {field}: {{of: [{guarded.name}]}}\n", NAMES) == []
            assert names_in(f"rules:\n  - {field}: x\n    why: {guarded.name}\n", NAMES) == [guarded.name]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("name: a local focus", []),
            ("text: they assist with papers; taps on the shoulder", []),
            ("crosswalk: {asam3: '2.1', note: [ASAM 2.1]}", []),
            ("locus_total: 20", ["LOCUS"]),
            ("levels:\n  - crosswalk: {x: y}\n    name: asam 2.1\n", ["ASAM"]),
            ("source: as ASAM says", ["ASAM"]),
        ],
    )
    def test_only_the_name_itself_is_meant(self, text: str, found: list[str]) -> None:
        assert names_in(text, NAMES) == found

    def test_the_best_known_are_listed(self) -> None:
        assert {"ASAM", "LOCUS", "C-SSRS", "CRAFFT", "ASSIST"} <= {name.name for name in NAMES}


class TestWording:
    @pytest.mark.parametrize("path", [*CONTENT_FILES, *READ_BY_PEOPLE], ids=lambda path: str(path.relative_to(ROOT)))
    def test_no_guarded_wording_stands_anywhere(self, path: Path) -> None:
        assert wording_in(path.read_text(encoding="utf-8"), WORDING) == []

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (f'why: "{CANARY}."', True),
            ("text: Sings in\n  the mine, until SOMEBODY opens!", True),
            ("text: sings in the mine until nobody opens", False),
        ],
    )
    def test_what_is_planted_is_found(self, text: str, found: bool) -> None:
        assert bool(wording_in(text, WORDING)) is found

    def test_several_works_are_listed(self) -> None:
        assert len(set(WORDING.values())) > 5
        assert all(len(mark) == len(next(iter(WORDING))) for mark in WORDING)

    def test_a_passage_is_added_as_the_page_says(self) -> None:
        command = [sys.executable, "-m", "tests.licence_guard"]
        done = subprocess.run(command, input=CANARY, cwd=ROOT, capture_output=True, text=True, check=True)
        row = done.stdout.strip()
        marks = row.strip("|").split("|")[1].split()
        assert len(marks) == len(CANARY.split()) - WORDS_IN_A_RUN + 1
        assert set(marks) <= set(WORDING)
        assert subprocess.run(
            command, input="too short", cwd=ROOT, capture_output=True, check=False, text=True
        ).returncode


class TestInstruments:
    def test_item_text_that_may_not_be_shipped_is_not_shipped(self, policy: Policy) -> None:
        kept_out = [i for i in policy.questionnaire.instruments.values() if i.item_text == "not_shipped"]
        assert {"dast10", "pawss"} <= {instrument.id for instrument in kept_out}
        assert all(set(instrument.questions) <= {instrument.score} for instrument in kept_out)

    def test_every_loinc_code_has_a_right_check_digit(self) -> None:
        codes = []
        for path in sorted(QUESTIONS.glob("*.yaml")):
            data = ContentFile(path).data
            for entry in (*data["questions"], *(data.get("instruments") or ())):
                codes += [code for key, code in entry.get("codes", {}).items() if key.startswith("loinc")]
        assert len(codes) > 20
        assert [code for code in codes if not loinc_is_valid(code)] == []

    def test_a_wrong_check_digit_is_found(self) -> None:
        assert loinc_is_valid("44249-1")
        wrong = [f"44249-{digit}" for digit in (0, *range(2, 10))] + ["44294-1", "44249", "44249-1x", "x-1"]
        assert [code for code in wrong if loinc_is_valid(code)] == []
