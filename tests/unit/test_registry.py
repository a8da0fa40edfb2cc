"""The registry of models: who approved which when, and nothing touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from recommender.errors import ContentError, InputError, NotPromoted, RecommenderError, Tampered
from recommender.registry import Shelf, find
from recommender.registry.gates import GateResult, load_gates, through_gates
from recommender.registry.log import ADDED, Event, append
from tests.evaluation_rows import dossier

OPEN = (GateResult("coverage", "Coverage", "at least 0.89", 0.9, passed=True),)
CLOSED = (*OPEN, GateResult("flips", "Flips", "at most 0", 3, passed=False))
APPROVAL = {"by": "Dr. Example", "reason": "as good and better calibrated"}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Three versions of a model; the second was in force after the first."""
    shelf = Shelf(tmp_path / "models", "example")
    for number in range(3):
        files = {"model.json": json.dumps({"number": number}).encode(), "card.md": b"# A card\n"}
        shelf.add(files, {"seed": number}, by="somebody")
    shelf.promote("1", OPEN, **APPROVAL)
    shelf.promote("2", OPEN, **APPROVAL)
    return shelf


def sentences(error: pytest.ExceptionInfo[RecommenderError]) -> str:
    return "\n".join(fault.sentence() for fault in error.value.faults)


class TestPromotion:
    def test_who_was_in_force_when_is_kept(self, shelf: Shelf) -> None:
        shelf.roll_back(by="Dr. Example", reason="it sent too few to residential")
        periods = shelf.log.periods()
        assert [period.version for period in periods] == ["1", "2", "1"]
        assert [period.end is None for period in periods] == [False, False, True]
        assert periods[0].end == periods[1].start
        assert periods[1].event.by == "Dr. Example"
        assert periods[1].event.evidence["gates"][0]["id"] == "coverage"

    def test_a_version_that_was_rolled_back_from_does_not_come_back_by_itself(self, shelf: Shelf) -> None:
        shelf.roll_back(**APPROVAL)
        with pytest.raises(InputError, match="fault"):
            shelf.roll_back(**APPROVAL)
        assert shelf.log.in_force() == "1"

    def test_a_closed_gate_keeps_a_model_out(self, shelf: Shelf) -> None:
        with pytest.raises(NotPromoted) as caught:
            shelf.promote("3", CLOSED, **APPROVAL)
        assert "`flips`" in sentences(caught)
        assert "`coverage`" not in sentences(caught)
        assert shelf.log.in_force() == "2"

    @pytest.mark.parametrize(("by", "reason"), [("", "as good and calibrated"), ("Dr. Example", "better")])
    def test_nobody_in_particular_cannot_approve(self, shelf: Shelf, by: str, reason: str) -> None:
        with pytest.raises(InputError):
            shelf.promote("3", OPEN, by=by, reason=reason)

    def test_of_two_at_once_the_second_must_look_again(self, shelf: Shelf) -> None:
        stale = shelf.log.last
        shelf.promote("3", OPEN, **APPROVAL)
        with pytest.raises(InputError) as caught:
            append(shelf.folder / "log.jsonl", Event(ADDED, "9", "", "", "", "", {}), expected=stale)
        assert "somebody else" in sentences(caught)


class TestFinding:
    def test_a_name_is_the_version_in_force_and_any_other_can_be_named(self, shelf: Shelf) -> None:
        models = shelf.folder.parent
        assert json.loads(find("example", models).content) == {"number": 1}
        assert find("example@1", models).label == "example@1"
        outside = models / "other.json"
        outside.write_text("{}")
        assert find(str(outside), models).content == b"{}"
        assert not find(str(outside), models).released

    @pytest.mark.parametrize(
        ("wanted", "words"),
        [
            ("exmaple", "Did you mean `example`?"),
            ("example@7", "Allowed: 1, 2, 3"),
            ("../example", "cannot be read"),
            ("nowhere/model.json", "cannot be read"),
            ("Example", "no such model"),
        ],
    )
    def test_what_is_not_there_is_said_in_a_sentence(self, shelf: Shelf, wanted: str, words: str) -> None:
        with pytest.raises(InputError) as caught:
            find(wanted, shelf.folder.parent)
        assert words in sentences(caught)

    def test_a_name_without_a_version_in_force_gives_none(self, tmp_path: Path) -> None:
        shelf = Shelf(tmp_path, "fresh")
        shelf.add({"model.json": b"{}"}, {}, by="somebody")
        with pytest.raises(InputError) as caught:
            find("fresh", tmp_path)
        assert "fresh@1" in sentences(caught)
        assert find("fresh@1", tmp_path).content == b"{}"


def truncate(folder: Path) -> None:
    (folder / "2/model.json").write_bytes(b'{"num')


def swap_files(folder: Path) -> None:
    shutil.copy(folder / "1/model.json", folder / "2/model.json")


def swap_versions(folder: Path) -> None:
    (folder / "1").rename(folder / "aside")
    (folder / "2").rename(folder / "1")
    (folder / "aside").rename(folder / "2")


def swap_with_manifest(folder: Path) -> None:
    for name in ("model.json", "manifest.json"):
        shutil.copy(folder / "1" / name, folder / "2" / name)


def link_elsewhere(folder: Path) -> None:
    (folder / "2/model.json").rename(folder.parent / "model.json")
    (folder / "2/model.json").symlink_to(folder.parent / "model.json")


def change_the_log(folder: Path) -> None:
    log = folder / "log.jsonl"
    log.write_text(log.read_text().replace("Dr. Example", "Dr. Nobody", 1))


def drop_a_line_of_the_log(folder: Path) -> None:
    log = folder / "log.jsonl"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join([*lines[:2], *lines[3:]]))


def cut_the_log(folder: Path) -> None:
    log = folder / "log.jsonl"
    log.write_bytes(log.read_bytes()[:-10])


class TestTouched:
    @pytest.mark.parametrize(
        "touch",
        [
            truncate,
            swap_files,
            swap_versions,
            swap_with_manifest,
            link_elsewhere,
            change_the_log,
            drop_a_line_of_the_log,
            cut_the_log,
        ],
    )
    def test_what_was_touched_does_not_load_and_does_not_verify(self, shelf: Shelf, touch: object) -> None:
        shelf.verify()
        assert callable(touch)
        touch(shelf.folder)
        with pytest.raises(Tampered):
            find("example", shelf.folder.parent)
        with pytest.raises(Tampered):
            find(str(shelf.folder / "2/model.json"), shelf.folder.parent)
        with pytest.raises(Tampered):
            shelf.verify()

    def test_a_file_that_was_slipped_in_is_noticed(self, shelf: Shelf) -> None:
        (shelf.folder / "1/model.pkl").write_bytes(b"\x80\x04.")
        with pytest.raises(Tampered) as caught:
            shelf.verify()
        assert "model.pkl" in sentences(caught)

    def test_every_touched_version_is_told_at_once(self, shelf: Shelf) -> None:
        for number in "13":
            (shelf.folder / number / "card.md").write_text("better")
        with pytest.raises(Tampered) as caught:
            shelf.verify()
        assert "example@1: card.md" in sentences(caught)
        assert "example@3: card.md" in sentences(caught)

    def test_a_version_is_never_written_over(self, shelf: Shelf) -> None:
        with pytest.raises(InputError) as caught:
            shelf.add({"model.json": b"{}"}, {}, by="somebody", number="2")
        assert "never changed" in sentences(caught)


class TestGates:
    def test_a_figure_that_is_missing_closes_its_gate(self) -> None:
        found = {gate.id: gate for gate in through_gates(load_gates(), dossier(500).findings, {}, None)}
        assert not found["flips"].passed
        assert "not_worse_ranking" not in found
        compared = {gate.id: gate for gate in through_gates(load_gates(), dossier(500).findings, {}, {})}
        assert not compared["not_worse_ranking"].passed

    def test_limits_are_kept_on_the_numbers_found(self) -> None:
        facts = {"people": 5000, "flips": 1}
        found = {gate.id: gate for gate in through_gates(load_gates(), dossier(500).findings, facts, None)}
        assert found["enough_people"].passed
        assert found["enough_people"].found == 5000
        assert not found["flips"].passed
        assert found["better_than_chance"].passed

    def test_a_gate_that_nothing_can_close_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "gates.yaml"
        file.write_text('gates:\n  - {id: a, about: "b", of: fact, name: flips}\n')
        with pytest.raises(ContentError) as caught:
            load_gates(file)
        assert "always open" in sentences(caught)
