"""The registry from end to end: added, gated, in force, touched; and whether new people are like the old."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.compute as pc
import pytest
import yaml
from click.testing import Result
from pyarrow import parquet

from recommender.registry.gates import GATES
from tests.models import Made, run

DECIDED = ("--by", "Dr. Example", "--reason", "a first model to try")

GATES_FOR_FEW = ("enough_people", "nobody_seen_in_training", "flips", "not_worse_ranking", "not_worse_log_loss")


class Desk:
    """A registry of its own, and gates for the few people of a test."""

    def __init__(self, made: Made, folder: Path) -> None:
        self.made, self.models, self.gates = made, folder / "models", folder / "gates.yaml"
        declared = {gate["id"]: gate for gate in yaml.safe_load(GATES.read_text())["gates"]}
        declared["enough_people"]["at_least"] = 300
        self.gates.write_text(yaml.safe_dump({"gates": [declared[name] for name in GATES_FOR_FEW]}))

    def run(self, command: str, *arguments: object) -> Result:
        return run("model", command, *arguments, "--models", self.models)

    def add(self, model: Path) -> Result:
        return self.run("add", "clinic", model, self.made.cohort, "--by", "A. Analyst", "--trials", "none", "--quiet")

    def promote(self, version: str, *more: object) -> Result:
        return self.run("promote", version, self.made.cohort, "--gates", self.gates, *(more or DECIDED))


@pytest.fixture(scope="module")
def weak(made: Made) -> Path:
    """A model that reads one question that says little."""
    target = made.folder / "weak.json"
    named = ("--question", "pulse", "--seed", "1")
    assert run("model", "train", made.cohort, "-o", target, "--quick", "--jobs", "1", *named).exit_code == 0
    return target


@pytest.fixture(scope="module")
def desk(made: Made, weak: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A registry with a good version, in force, and a weak one."""
    desk = Desk(made, tmp_path_factory.mktemp("desk"))
    for model in (made.model, weak):
        done = desk.add(model)
        assert done.exit_code == 0, done.stderr
    done = desk.promote("clinic@1")
    assert done.exit_code == 0, done.stdout + done.stderr
    assert "compared with none" in done.stdout
    return desk


class TestRegistry:
    def test_a_version_tells_how_it_was_made_and_who_put_it_in_force(self, desk: Desk) -> None:
        told = json.loads(desk.run("show", "clinic", "--format", "json").stdout)
        assert told["version"] == "1"
        assert set(told["files"]) == {"model.json", "card.md", "report.html"}
        assert told["statement"].startswith("Not clinically validated. Simulated")
        assert {"data", "recipe", "software", "policy", "features", "metrics", "command"} <= set(told)
        assert told["in_force"][0]["by"] == "Dr. Example"
        assert told["in_force"][0]["to"] is None
        assert "1 in force since" in desk.run("list").stdout
        assert "promoted by Dr. Example: a first model to try" in desk.run("show", "clinic").stdout

    def test_a_worse_model_is_kept_out_and_told_why(self, desk: Desk) -> None:
        done = desk.promote("clinic@2")
        assert done.exit_code == 23
        assert "`not_worse_log_loss` is closed" in done.stderr
        assert "CLOSED" in done.stdout
        assert json.loads(desk.run("list", "--format", "json").stdout)["clinic"]["in_force"] == "1"

    @pytest.mark.parametrize(
        ("version", "more", "code", "words"),
        [
            ("clinic@9", DECIDED, 10, "no such version"),
            ("clinic", DECIDED, 10, "says no version"),
            ("clinic@1", ("--by", " ", "--reason", "a good one indeed"), 10, "who approves it"),
            ("clinic@1", ("--by", "Dr. Example"), 2, "--reason"),
        ],
    )
    def test_what_cannot_be_promoted(
        self, desk: Desk, version: str, more: tuple[str, ...], code: int, words: str
    ) -> None:
        done = desk.promote(version, *more)
        assert done.exit_code == code
        assert words in done.stderr

    def test_with_the_packaged_gates_few_people_are_not_enough(self, desk: Desk) -> None:
        done = desk.run("promote", "clinic@1", desk.made.cohort, *DECIDED, "--try")
        assert done.exit_code == 23
        assert "`enough_people` is closed" in done.stderr

    def test_it_is_compared_with_another_on_the_same_people(self, desk: Desk) -> None:
        done = desk.run("compare", "clinic@1", "clinic@2", desk.made.cohort, "--format", "json")
        told = json.loads(done.stdout)["comparison"]
        assert told["differences"]["auc"]["value"] > 0 > told["differences"]["log_loss"]["value"]
        first, second = told["first"]["auc"]["value"], told["second"]["auc"]["value"]
        assert told["differences"]["auc"]["value"] == pytest.approx(first - second, abs=2e-6)

    def test_what_was_touched_is_not_used(self, desk: Desk) -> None:
        assert desk.run("verify").exit_code == 0
        model = desk.models / "clinic/1/model.json"
        released = model.read_bytes()
        try:
            model.write_bytes(released.replace(b'"direction": 1', b'"direction": 0', 1))
            assert model.read_bytes() != released
            for named in ("clinic", "clinic@1", str(model)):
                done = desk.run("evaluate", named, desk.made.cohort)
                assert (done.exit_code, done.stdout) == (19, "")
                assert "not the file that was released" in done.stderr
            done = desk.run("verify")
            assert done.exit_code == 19
            assert "clinic@1: model.json" in done.stderr
        finally:
            model.write_bytes(released)

    def test_going_back_needs_somewhere_to_go(self, desk: Desk) -> None:
        done = desk.run("rollback", "clinic", *DECIDED)
        assert done.exit_code == 10
        assert "no earlier version" in done.stderr


class TestWatch:
    def test_people_like_the_old_are_stable(self, desk: Desk) -> None:
        done = desk.run("watch", "clinic", desk.made.later)
        assert done.exit_code == 0, done.stderr
        assert "Coverage of the prediction sets" in done.stdout

    def test_other_people_are_noticed(self, desk: Desk, tmp_path: Path) -> None:
        table = parquet.read_table(desk.made.later)
        others = tmp_path / "others.parquet"
        parquet.write_table(table.filter(pc.equal(table["main_substance"], "alcohol")), others)
        done = desk.run("watch", "clinic", others)
        assert done.exit_code == 24
        assert "the answers to `main_substance` drifted" in done.stderr

    def test_without_outcomes_only_answers_are_looked_at(self, desk: Desk, tmp_path: Path) -> None:
        table = parquet.read_table(desk.made.later)
        answers = tmp_path / "answers.parquet"
        parquet.write_table(table.drop_columns(["level_placed", "reason", "days_in_care"]), answers)
        done = desk.run("watch", "clinic@1", answers)
        assert done.exit_code == 0, done.stderr
        assert "cannot be told" in done.stdout
