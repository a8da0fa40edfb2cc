"""The sample files in `data/`: made as their card says, and each of them shows what it is there to show."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from recommender.answers import answers_of
from recommender.assessment import STATUSES, assess
from recommender.intake import Intake, read_intake_file
from recommender.policy import Policy
from recommender.rules.bounds import ANSWERED
from recommender.rules.definitions import Formula
from recommender.rules.program import compile_program
from recommender.rules.tree import AllOf
from tests.command_line import run
from tests.teds_rows import read_rows

DATA = Path(__file__).parents[2] / "data"
CARD = (DATA / "README.md").read_text(encoding="utf-8")
# By file: the status, and the level where one is shown.
INTAKES = {
    "clear_iop": ("settled", "intensive_outpatient"),
    "outpatient": ("settled", "outpatient"),
    "residential": ("settled", "residential_high"),
    "medical": ("settled", "medical_residential"),
    "emergency": ("blocked", None),
    "half_finished": ("safety_unanswered", None),
}
FINISHED = [name for name in INTAKES if name != "half_finished"]


def command_in_card(first_words: str) -> list[str]:
    """The arguments of a command as the card gives it."""
    found = re.search(rf"^recommender {first_words} .*$", CARD, re.MULTILINE)
    assert found, f"the card has no command that begins with {first_words}"
    return shlex.split(found.group())[1:]


def intake(policy: Policy, name: str) -> Intake:
    return read_intake_file(str(DATA / "intakes" / f"{name}.json"), policy.questionnaire)


class TestReferrals:
    def test_the_command_in_the_card_makes_them_again(self, tmp_path: Path) -> None:
        command = command_in_card("data simulate")
        target = tmp_path / "referrals.csv"
        command[command.index("data/referrals.csv")] = str(target)
        done = run(*command)
        assert done.returncode == 0, done.stderr
        same = target.read_bytes() == (DATA / "referrals.csv").read_bytes()
        assert same, "data/referrals.csv is out of date; make it again with the command in data/README.md"

    def test_a_batch_takes_them_all(self, tmp_path: Path) -> None:
        target, rejects = tmp_path / "levels.csv", tmp_path / "rejects.csv"
        done = run("batch", DATA / "referrals.csv", "-o", target, "--rejects", rejects)
        assert done.returncode == 0, done.stderr
        rows = read_rows(target)
        assert len(rows) == 320
        assert {row["status"] for row in rows} == set(STATUSES)


class TestIntakes:
    def test_each_is_told_of_in_the_card(self) -> None:
        files = {path.name for path in (DATA / "intakes").iterdir()}
        assert files == {f"{name}.json" for name in INTAKES}
        assert files == set(re.findall(r"^\| `(\w+\.json)` \|", CARD, re.MULTILINE))

    @pytest.mark.parametrize("name", INTAKES)
    def test_it_shows_what_it_is_there_to_show(self, policy: Policy, name: str) -> None:
        person = intake(policy, name)
        result = assess(policy, answers_of(policy.questionnaire, [person.answers]))
        status, level = INTAKES[name]
        assert STATUSES[result.status[0]] == status
        if level is not None:
            assert policy.ladder.ids[result.level_at_least[0]] == level
            assert policy.ladder.ids[result.level_at_most[0]] == level
        assert person.about.startswith("Synthetic.")

    @pytest.mark.parametrize("name", FINISHED)
    def test_every_question_that_is_asked_has_an_answer(self, policy: Policy, name: str) -> None:
        assert open_questions(policy, intake(policy, name)) == []

    def test_half_an_interview_leaves_the_level_wide_open(self, policy: Policy) -> None:
        person = intake(policy, "half_finished")
        result = assess(policy, answers_of(policy.questionnaire, [person.answers]))
        assert result.level_at_most[0] - result.level_at_least[0] >= 5
        assert len(result.safety_unanswered(0)) >= 5
        answered, left = len(person.answers), len(open_questions(policy, person))
        assert answered / (answered + left) == pytest.approx(0.5, abs=0.1)


def open_questions(policy: Policy, person: Intake) -> list[str]:
    """The questions that the policy reads, that may be asked of this person, and that have no answer."""
    questions = policy.questionnaire.questions
    answered = {name for name, answer in person.answers.items() if answer.state == ANSWERED}
    gates = {
        name: Formula(f"gate of {name}", questions[name].ask_if or AllOf(()))
        for name in policy.questions_used
        if questions[name].computed is None and name not in answered
    }
    named = {gate.name: gate for gate in gates.values()}
    program = compile_program({**policy.questionnaire.definitions, **named}, named)
    values = program.run(answers_of(policy.questionnaire, [person.answers]).inputs())
    return [name for name, gate in gates.items() if values[gate.name].upper.any()]


class TestFaults:
    def test_the_rejects_file_names_each_of_them(self, tmp_path: Path) -> None:
        target, rejects = tmp_path / "levels.csv", tmp_path / "rejects.csv"
        done = run("batch", DATA / "bad" / "faults.csv", "-o", target, "--rejects", rejects)
        assert done.returncode == 12, done.stderr
        assert [row["id"] for row in read_rows(target)] == ["BAD-01", "BAD-06"]
        assert [row["field"] for row in read_rows(rejects)] == [
            "home_use",
            "alcohol_days",
            "alcohol_days",
            "alcohol_days, days_in_bed, alcohol_last_days",
            "id",
            "mandate_source, mandated",
            "phq2",
            "alcohol_days",
            "id",
        ]
