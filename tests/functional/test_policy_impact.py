"""`recommender policy impact`, from the command line to table, JSON and picture."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from importlib.util import find_spec
from pathlib import Path

import pytest

from recommender.policy_file import ADULT
from tests.command_line import ROOT, run

OLD_R5 = "(aggravators >= 3 or (aggravators >= 2 and d6_environment >= 3))"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new policy that sends more people to residential care, and made-up people."""
    folder = tmp_path_factory.mktemp("impact")
    text = (
        ADULT.read_text(encoding="utf-8")
        .replace(OLD_R5, "(aggravators >= 2)")
        .replace("version: 0.4.0", "version: 0.4.1")
    )
    (folder / "new.yaml").write_text(text, encoding="utf-8")
    assert run("data", "simulate", "--rows", 3000, "--seed", 2, "-o", folder / "people.csv").returncode == 0
    return folder


def test_a_report_says_who_changes_and_what_it_is_and_draws_it(folder: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures are drawn by matplotlib, which is not installed")
    picture = folder / "impact.svg"
    done = run("policy", "impact", ADULT, folder / "new.yaml", folder / "people.csv", "--picture", picture)
    assert done.returncode == 0, done.stderr
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")  # noqa: S314  # our own file
    for part in (
        "What changes if policy adult 0.4.1 takes the place of policy adult 0.4.0",
        "Not clinically validated.",
        "people.csv, about 3,000 people. Synthetic",
        "rows with a fault: none",
        "PHP     → RES35",
        "Living situation",
        "female",
    ):
        assert part in done.stdout


def test_json_adds_up_to_what_is_shown(folder: Path) -> None:
    picture = folder / "impact.png"
    options = ("--format", "json", "--picture", picture) if find_spec("matplotlib") else ("--format", "json")
    done = run("policy", "impact", ADULT, folder / "new.yaml", folder / "people.csv", *options)
    assert "--picture" not in options or picture.read_bytes().startswith(b"\x89PNG")
    report = json.loads(done.stdout)
    assert report["statement"].startswith("Not clinically validated")
    assert report["cohort"]["people"] == 3000
    assert report["level"]["lower"]["people"] == 0
    higher = report["level"]["higher"]
    assert higher["people"] > 50
    assert higher["interval_95"][0] < higher["share"] < higher["interval_95"][1]
    moves = report["moves"]["higher"]["moves"]
    assert {"residential_high"} <= {move["to"] for move in moves}
    shown = sum(move["people"] or 0 for move in moves) + (report["moves"]["higher"]["hidden_together"] or 0)
    assert abs(shown - higher["people"]) <= 5 * (len(moves) + 1)
    assert [group["name"] for group in report["groups"]["sex"]["groups"]][:2] == ["female", "male"]


def test_one_policy_against_itself_changes_nobody(folder: Path) -> None:
    done = run("policy", "impact", ADULT, ADULT, folder / "people.csv", "--format", "json")
    report = json.loads(done.stdout)
    assert report["same_policy"]
    assert [report["level"][kind]["people"] for kind in ("lower", "same", "higher")] == [0, 3000, 0]


def test_rows_with_faults_are_left_out_and_told(folder: Path, tmp_path: Path) -> None:
    lines = (folder / "people.csv").read_text(encoding="utf-8").splitlines()
    lines[5] = lines[5].replace("SYN-000005", "SYN-000004")  # an id that stood before
    lines[9] = lines[9] + ",too,many"
    source = tmp_path / "people.csv"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run("policy", "impact", ADULT, folder / "new.yaml", source)
    assert done.returncode == 0
    assert "2 rows of people.csv have faults" in done.stderr
    assert "rows with a fault: 1 to 10" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("no.yaml", "new.yaml", "people.csv"), 11, "no.yaml"),
        (("new.yaml", "new.yaml", "no.csv"), 10, "no such file"),
        (("new.yaml", "new.yaml", "few.csv"), 10, "fewer than 11 people"),
        (("new.yaml", "new.yaml", "people.csv", "--picture", "impact.pdf"), 10, ".svg or .png"),
    ],
)
def test_what_cannot_be_done_is_told(folder: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    header, *rows = (folder / "people.csv").read_text(encoding="utf-8").splitlines()
    (folder / "few.csv").write_text("\n".join([header, *rows[:10]]) + "\n", encoding="utf-8")
    done = run("policy", "impact", *arguments, folder=folder)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_the_shipped_referrals_can_be_looked_at(folder: Path) -> None:
    done = run("policy", "impact", ADULT, folder / "new.yaml", ROOT / "data" / "referrals.csv")
    assert done.returncode == 0, done.stderr
    assert "about 320 people" in done.stdout
