"""`recommender interview` as a coordinator uses it: in a terminal of 80 columns and 24 lines, and line by line."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from recommender.answers import Answer, write_text
from recommender.assessment import SETTLED, assess
from recommender.cli import main
from recommender.cli.interview.screen import View, flag_card, question_screen
from recommender.cli.interview.session import Session
from recommender.cli.interview.typed import read_typed
from recommender.errors import InputError
from recommender.intake import Intake
from recommender.interview import Interview, Step
from recommender.likely import load_population
from recommender.likely.levels import likely_level_of
from recommender.policy import Policy
from recommender.questionnaire import Questionnaire
from recommender.rules.bounds import ANSWERED
from recommender.simulation import simulate_answers

pexpect = pytest.importorskip("pexpect", reason="a terminal to type in needs pexpect")

ROOT = Path(__file__).parents[2]
IOP = 5
KEYS = "q leave and save"
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[a-zA-Z]|[()=>][0-9A-Z]?)")


def start(file: Path, *options: str) -> Any:
    command = ["-m", "recommender", "interview", str(file), *options]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TERM": "xterm", "PATH": "/usr/bin:/bin"}
    return pexpect.spawn(sys.executable, command, env=environment, dimensions=(24, 80), encoding="utf-8", timeout=180)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "case.json"


@pytest.fixture
def terminal(file: Path) -> Iterator[Any]:
    child = start(file)
    yield child
    child.close(force=True)


def answers_in(file: Path) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["answers"]
    return answers


def typed(child: Any, line: str, until: str) -> str:
    """Types a line, waits for a text, and gives what was shown in between."""
    child.send(f"{line}\r")
    child.expect(until)
    return ESCAPES.sub("", child.before + child.after)


def test_a_coordinator_answers_goes_back_is_stopped_and_goes_on(terminal: Any, file: Path) -> None:
    terminal.expect("overdose or poisoning")
    terminal.expect(KEYS)
    assert "neither yes nor no" in typed(terminal, "x", "neither yes nor no")
    typed(terminal, "n", KEYS)
    assert "thinking about suicide" in typed(terminal, "?", KEYS)
    assert "Now: not known" in typed(terminal, "b", KEYS)
    assert "thinking about suicide" in typed(terminal, "n", KEYS)
    card = typed(terminal, "5", "988 .*\n")
    assert "EMERGENCY: High risk of suicide" in card
    typed(terminal, "yes", "High risk of suicide")
    card += typed(terminal, "seen", "STOP AND LOOK")
    shown = typed(terminal, "seen", KEYS)
    assert "EMERGENCY: see the card" in shown
    assert "Certain" not in card + shown, "no level while the safety questions are open"
    # What was answered is on the disk, whatever happens to the process.
    terminal.kill(signal.SIGKILL)
    terminal.wait()
    assert answers_in(file) == {"overdose_now": False, "too_impaired": False, "suicide_thoughts": "intent_or_plan"}
    assert file.stat().st_mode & 0o777 == 0o600

    again = start(file, "--resume")
    again.expect("High risk of suicide")
    typed(again, "seen", "STOP AND LOOK")
    typed(again, "seen", KEYS)
    typed(again, "d", KEYS)
    again.sendintr()
    again.expect("Saved in")
    again.expect(pexpect.EOF)
    again.close()
    assert again.exitstatus == 130
    assert answers_in(file)["suicide_behaviour"] == "declined"
    assert CliRunner().invoke(main, ["assess", str(file)]).exit_code == 20


def test_every_screen_fits_the_window(policy: Policy) -> None:
    interview = Interview(policy, {})
    likely = likely_level_of(policy, load_population(policy.questionnaire), interview.columns)
    view = View(interview, likely, "case-17", plain=True, width=79)
    step = Step("level", (), "Most likely needed to settle the level (57%).")
    screens = {q.id: question_screen(view, step, q, "") for q in policy.questionnaire.questions.values() if q.decides}
    screens |= {flag.id: flag_card(view, flag) for flag in policy.red_flags}
    for name, lines in screens.items():
        assert len(lines) <= 22, name
        assert max(len(line) for line in lines) <= 79, name
    for name in policy.safety_questions:
        choices = policy.questionnaire.questions[name].choices
        shown = " ".join(" ".join(screens[name]).split())
        assert name == "vitals" or all(choice.text in shown for choice in choices), "no choice about safety is cut"


class Typist:
    """Somebody at a plain desk who reads which question is asked, knows the person's answers, and types them."""

    plain = True

    def __init__(self, questionnaire: Questionnaire, truth: Mapping[str, str]) -> None:
        self.questions = {" ".join(q.text.split()): q.id for q in questionnaire.questions.values()}
        self.truth, self.screens, self.asked = truth, [""], []

    def show(self, lines: Iterable[str]) -> None:
        self.screens.append(" ".join(" ".join(lines).split()))

    def ask(self, prompt: str, words: Sequence[str] = ()) -> str:  # noqa: ARG002  # a desk's own signature
        screen = self.screens[-1]
        if "seen" in prompt:
            return "seen"
        if prompt != "> ":
            return "r" if "w waiting for the nurse" in prompt else ""
        name = max((text for text in self.questions if text in screen), key=len)
        self.asked.append(self.questions[name])
        return "q" if "Service plan" in screen else self.truth[self.questions[name]]


class Scripted:
    """Somebody at a plain desk who types some lines and then is gone."""

    plain = True

    def __init__(self, *lines: str) -> None:
        self.lines, self.screens = list(lines), [""]

    def show(self, lines: Iterable[str]) -> None:
        self.screens.append(" ".join(" ".join(lines).split()))

    def ask(self, prompt: str, words: Sequence[str] = ()) -> str:  # noqa: ARG002  # a desk's own signature
        if not self.lines:
            raise EOFError
        return self.lines.pop(0)


def scripted(policy: Policy, file: Path, *lines: str) -> Scripted:
    desk = Scripted(*lines)
    Session(policy, load_population(policy.questionnaire), file, Intake("case", "", {}), desk).run()
    return desk


def test_a_question_is_gone_to_by_name_and_left_open_again(policy: Policy, file: Path) -> None:
    desk = scripted(policy, file, "/home_us", "/home_use", "", "/main_substance", "1,3", "/home", "0", "n")
    assert "Did you mean `home_use`" in desk.screens[2]
    assert "Enter leaves it open" in desk.screens[3]
    assert "overdose or poisoning" in desk.screens[4], "back where it was left"
    assert answers_in(file) == {"main_substance": {"any_of": ["alcohol", "sedative"]}, "overdose_now": False}


@pytest.mark.parametrize(
    ("name", "line", "kept"),
    [
        ("main_substance", "2, 4", "opioid|stimulant"),
        ("home_use", "1-2", "none..sometimes"),
        ("home_use", "1,2", "none..sometimes"),
        ("opioid_days", "3-5", "3..5"),
        ("opioid_days", "3..5", "3..5"),
    ],
)
def test_several_choices_and_ranges_may_be_typed(policy: Policy, name: str, line: str, kept: str) -> None:
    question = policy.questionnaire.questions[name]
    assert write_text(question, read_typed(question, line)) == kept


def test_a_scale_with_a_gap_is_no_answer(policy: Policy) -> None:
    with pytest.raises(InputError) as raised:
        read_typed(policy.questionnaire.questions["home_use"], "1,3")
    assert "leaves out a choice in between" in raised.value.faults[0].sentence()


def test_what_is_left_is_asked_until_the_level_is_certified_and_the_report_is_shown(policy: Policy, file: Path) -> None:
    questions = policy.questionnaire.questions
    people = simulate_answers(40, 31, unknown_share=0)
    full = assess(policy, people)
    row = int(np.flatnonzero((full.status == SETTLED) & (full.level_at_least == IOP))[0])
    columns = people.columns.items()
    truth = {n: Answer(int(c.lower[row]), int(c.upper[row])) for n, c in columns if c.state[row] == ANSWERED}
    later = ("psych_contact", "residential_returns", "unsafe_alone_at_night", "home_use", "stage", "veteran")
    intake = Intake("case", "", {name: answer for name, answer in truth.items() if name not in later})
    typist = Typist(policy.questionnaire, {name: write_text(questions[name], truth[name]) for name in later})
    Session(policy, load_population(policy.questionnaire), file, intake, typist).run()
    certified = next(n for n, screen in enumerate(typist.screens) if "The level is certified" in screen)
    assert "Certain: Intensive outpatient (IOP)." in typist.screens[certified]
    assert "case Intensive outpatient (IOP)" in typist.screens[certified + 1], "r shows the report"
    assert "psych_contact" in typist.asked
    assert set(typist.asked[:-1]) <= set(later) - {"stage", "veteran"}, "no question more than the level needs"
    assert not any("\x1b" in screen for screen in typist.screens)
    assert set(answers_in(file)) == set(intake.answers) | set(typist.asked[:-1])


def test_a_file_that_is_there_is_not_overwritten(file: Path) -> None:
    file.write_text("{}", encoding="utf-8")
    done = CliRunner().invoke(main, ["interview", str(file)])
    assert done.exit_code == 10
    assert "is there already" in done.output
    assert "--resume" in done.output
    assert file.read_text(encoding="utf-8") == "{}"
