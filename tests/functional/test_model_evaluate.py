"""`recommender model evaluate` from end to end: on the people kept for judging, and on others."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender.glass_box import GlassBox, load_model
from recommender.glass_box.features import Feature
from recommender.judging import retraining
from recommender.judging.flips import PLACES, QUESTIONS, flip_test
from recommender.judging.judged import split_for
from recommender.learning.cohort import Cohort
from recommender.learning.cohort_file import read_cohort
from recommender.levels import load_levels
from recommender.policy import Policy
from recommender.questionnaire_file import load_questionnaire
from tests.models import Made, run


@pytest.fixture(scope="module")
def figures(made: Made) -> Any:
    """The figures of the model on those who were kept for judging it."""
    done = run("model", "evaluate", made.model, made.cohort, "-o", made.folder / "evidence", "--trials", "none")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Not clinically validated. Simulated")
    return json.loads((made.folder / "evidence/figures.json").read_text())


@pytest.fixture(scope="module")
def opened(made: Made) -> tuple[GlassBox, Cohort]:
    return load_model(made.model, load_questionnaire(), load_levels()), read_cohort(made.cohort)


class TestEvidence:
    def test_judged_are_those_who_were_kept_for_it(self, figures: Any, made: Made) -> None:
        kept = json.loads(made.model.read_text())["about"]["judged"]
        assert figures["facts"]["people"] == figures["findings"]["people"] == kept["people"]
        assert figures["facts"]["split"] == kept["how"]
        assert figures["facts"]["rows_seen_in_training"] == 0

    def test_the_model_as_used_is_never_below_the_rules(self, figures: Any) -> None:
        by_name = {entry["name"]: entry["measures"] for entry in figures["findings"]["candidates"]}
        assert list(by_name)[:3] == ["Model and rules", "Rules alone", "Model without rules"]
        assert by_name["Model and rules"]["under_placed"]["value"] <= by_name["Rules alone"]["under_placed"]["value"]
        assert by_name["Clinicians: placed (the label)"]["accuracy"]["value"] == 1

    def test_challengers_are_judged_on_the_same_people(self, figures: Any) -> None:
        by_name = {entry["name"]: entry["measures"] for entry in figures["findings"]["candidates"]}
        assert by_name["Always the commonest"]["auc"]["value"] == 0.5
        difference = figures["findings"]["differences"]["Boosting, unrestricted"]["log_loss"]
        told = [by_name[name]["log_loss"]["value"] for name in ("Model and rules", "Boosting, unrestricted")]
        assert difference["low"] < told[0] - told[1] < difference["high"]

    def test_the_page_stands_by_itself(self, figures: Any, made: Made) -> None:
        page = (made.folder / "evidence/report.html").read_text()
        assert figures["facts"]["model_hash"] in page
        assert "What being readable costs" in page
        assert re.findall(r'(?:src|href)="(?!#|data:)', page) == []
        assert len(page) < 1_500_000
        assert "Not clinically validated" in (made.folder / "evidence/card.md").read_text()

    def test_of_other_people_nobody_knows_whom_it_has_seen_unless_told(self, made: Made) -> None:
        alone = run("model", "evaluate", made.model, made.later, "--trials", "none")
        wrong = run("model", "evaluate", made.model, made.later, "--trials", "none", "--trained-on", made.later)
        assert alone.exit_code == 0
        assert "another cohort than it was made from" in alone.stdout
        assert wrong.exit_code == 10
        assert "was not made from this cohort" in wrong.stderr

    def test_overlap_is_counted(self, opened: tuple[GlassBox, Cohort]) -> None:
        model, cohort = opened
        split = split_for(model, cohort)
        learned = np.setdiff1d(np.arange(split.everybody.rows.count), split.places)[:300]
        some = split.everybody.cohort.take(learned)
        assert split_for(model, some).seen is None
        assert split_for(model, some, trained_on=cohort).seen == 300

    def test_the_model_is_made_again_without_what_it_is_tried_on(
        self, opened: tuple[GlassBox, Cohort], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retraining, "SITES", 2)
        model, cohort = opened
        split = split_for(model, cohort)
        few = replace(model, features=model.features[:2], tables=model.tables[:2], people=model.people[:2])
        codes = np.stack(
            [np.random.default_rng(0).integers(0, f.unknown + 1, split.everybody.rows.count) for f in few.features], 1
        ).astype(np.uint8)
        found = retraining.trials(few, split, codes, hasty=True)
        everybody = split.everybody.rows.count
        assert all(entry.trained_on + entry.people == everybody for entry in found.sites)
        assert [entry.trained_on for entry in found.periods] == sorted(entry.trained_on for entry in found.periods)
        assert found.learning[-1].trained_on == everybody - len(split.places)
        # Answers drawn by chance say nothing of the level.
        assert all(abs((entry.figures["auc"].value or 0.5) - 0.5) < 0.1 for entry in found.periods if entry.figures)


class TestFlips:
    def test_nobody_is_told_otherwise(self, opened: tuple[GlassBox, Cohort], policy: Policy) -> None:
        model, cohort = opened
        found = flip_test(model, policy, cohort, flips=100_000)
        assert [flipped.what for flipped in found] == [*QUESTIONS, *PLACES]
        assert sum(flipped.people for flipped in found) >= 100_000
        assert sum(flipped.changed for flipped in found) == 0

    def test_a_model_that_reads_sex_is_caught(self, opened: tuple[GlassBox, Cohort], policy: Policy) -> None:
        model, cohort = opened
        tables = (np.array([[0.5], [-0.5], [0.2], [0.0]]) * np.ones(model.steps),)
        sexed = replace(model, features=(Feature("sex", False, (1, 2, 4)),), tables=tables, people=model.people[:1])
        changed = {flipped.what: flipped.changed for flipped in flip_test(sexed, policy, cohort, flips=600)}
        assert changed.pop("sex") == 100
        assert set(changed.values()) == {0}


class TestBadInput:
    def test_what_cannot_be_judged_is_said_in_a_sentence(self, made: Made, tmp_path: Path) -> None:
        lines = made.csv.read_text().splitlines()
        some = tmp_path / "few.csv"
        some.write_text("\n".join(lines[:40]) + "\n")
        done = run("model", "evaluate", made.model, some)
        assert done.exit_code == 10
        assert "too few people" in done.stderr
        assert run("model", "evaluate", made.folder / "nowhere.json", made.cohort).exit_code == 10
        cut = tmp_path / "cut.json"
        cut.write_bytes(made.model.read_bytes()[:-50])
        done = run("model", "evaluate", cut, made.cohort)
        assert (done.exit_code, done.stdout) == (10, "")
        assert "is not a whole model file" in done.stderr
