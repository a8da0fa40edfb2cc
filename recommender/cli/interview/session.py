"""The conversation: shows a question, takes what is typed, saves, and goes on until all is asked or somebody leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from recommender.cli.interview import screen
from recommender.cli.interview.prompting import Desk
from recommender.cli.interview.record import save
from recommender.cli.interview.screen import View
from recommender.cli.interview.typed import COMMANDS, GO_TO, read_typed, words_for
from recommender.errors import Fault, InputError, did_you_mean
from recommender.intake import Intake
from recommender.interview import (
    LEVEL_PHASE,
    PLAN,
    SAFETY,
    Interview,
    LookAhead,
    Step,
    pending_for,
    questions_left,
    steps,
    still_due,
)
from recommender.likely import LikelyLevels, Population, likely_levels
from recommender.policy import Policy
from recommender.questionnaire import Topic

if TYPE_CHECKING:
    from recommender.glass_box import GlassBox

PROMPT = "> "
NURSE = "nurse"
# Fewer than for a report: the words on the screen are in whole percent, and the screen must not wait.
COMPLETIONS_ON_SCREEN = 100
FROM_NURSE = "The nurse measures this."


class Leave(Exception):
    """The coordinator leaves; everything is saved already."""


class Session:
    """One person's interview at one desk."""

    def __init__(
        self,
        policy: Policy,
        population: Population,
        path: Path,
        intake: Intake,
        desk: Desk,
        model: GlassBox | None = None,
    ) -> None:
        self.policy, self.population, self.path, self.desk, self.model = policy, population, path, desk, model
        self.id, self.about = intake.id, intake.about
        self.interview = Interview(policy, intake.answers)
        self.look_ahead = LookAhead(policy, population)
        self.told: set[str] = set()
        self.planned: list[Step] = []
        self.phase, self.notice, self.last = "", "", ""

    # ------------------------------------------------------------------------------------------------- the loop
    def run(self) -> None:
        """Asks until nothing is left or somebody leaves."""
        try:
            self.tell_flags()
            while (step := self.next_step()) is not None:
                self.tell_phase(step.phase)
                for name in still_due(self.interview, step):
                    if self.interview.is_open(name):
                        self.ask(name, step)
            self.tell_phase("")
        except (Leave, EOFError):
            pass

    def next_step(self) -> Step | None:
        """The next block: one that was planned and is still worth asking, or what a new look ahead finds."""
        while self.planned:
            step = self.planned.pop(0)
            if any(True for _ in still_due(self.interview, step)):
                return step
        self.planned = steps(self.interview, self.look_ahead, last=self.last)
        return self.planned.pop(0) if self.planned else None

    def ask(self, name: str, step: Step) -> None:
        """Asks one question until it has an answer, or until a jump has settled it otherwise."""
        question = self.interview.question(name)
        message, self.notice = self.notice, ""
        while True:
            self.desk.show(screen.question_screen(self.view(), step, question, message))
            line = self.desk.ask(PROMPT, [*words_for(question), *self.places()]).strip()
            if line.startswith(GO_TO) or line.lower() in COMMANDS:
                self.obey(COMMANDS.get(line.lower(), line), name)
                if step.reason not in (screen.CHOSEN, FROM_NURSE) and not self.interview.is_open(name):
                    return
                message, self.notice = self.notice, ""
                continue
            if not line and (name in self.interview.answers or step.reason == screen.CHOSEN):
                return
            message = self.take(name, line) if line else "Type an answer; ? if it is not known."
            if not message:
                return

    def take(self, name: str, line: str) -> str:
        """Records what was typed; what is wrong with it, if something is."""
        question = self.interview.question(name)
        try:
            answer = read_typed(question, line)
        except InputError as error:
            return without_field(error.faults[0])
        changed = self.interview.with_answer(name, answer)
        faults = changed.faults()
        if faults:
            return f"{without_field(faults[0])} Answer again, or b to go back."
        self.record(changed, name)
        return ""

    def record(self, changed: Interview, name: str) -> None:
        """Takes over and saves the changed interview, and shows the card of every flag that has come up."""
        gone = [other for other in self.interview.answers if other not in changed.answers]
        if gone:
            self.notice = f"Taken out, because it is not asked now: {', '.join(gone)}."
        again = name in self.interview.answers
        self.interview, self.last = changed, name
        if again:
            self.planned = []
        save(self.path, self.policy.questionnaire, self.intake())
        self.tell_flags()

    # ---------------------------------------------------------------------------------------------------- keys
    def obey(self, command: str, name: str) -> None:
        """Does what a key stands for."""
        if command == "leave":
            raise Leave
        if command == "back":
            self.back(name)
        elif command.startswith(GO_TO):
            self.go_to(command.removeprefix(GO_TO).strip())
        elif command == "topics":
            self.choose_topic()
        elif command == "waiting":
            self.ask_nurse()
        elif command == "report":
            self.report()
        else:
            self.read(screen.full_help(self.view(), self.interview.question(name)))

    def back(self, name: str) -> None:
        """Asks the question before this one again."""
        order = list(self.interview.answers)
        before = order[: order.index(name)] if name in order else order
        if before:
            self.ask(before[-1], self.again())
        else:
            self.notice = "This is the first question."

    def choose_topic(self) -> None:
        """Lets the coordinator go to any question of any topic."""
        topics = self.policy.questionnaire.topics
        lines = [f"{topic.title}  ({self.counts(topic.questions)})" for topic in topics]
        picked = self.pick("Topics", lines)
        if picked is not None:
            self.choose_question(topics[picked])

    def choose_question(self, topic: Topic) -> None:
        """Lets the coordinator go to any question of a topic."""
        names = [name for name in topic.questions if self.may_be_chosen(name)]
        chosen = self.pick(topic.title, [self.line_of(name) for name in names])
        if chosen is not None:
            self.ask(names[chosen], self.again())

    def places(self) -> list[str]:
        """Where one can go by name: questions and topics."""
        questionnaire = self.policy.questionnaire
        names = [name for name in questionnaire.questions if self.may_be_chosen(name)]
        return [GO_TO + name for name in (*(topic.id for topic in questionnaire.topics), *names)]

    def go_to(self, place: str) -> None:
        """Goes to a question or a topic by its name; says what is near where there is none, or why it is not asked."""
        topics = {topic.id: topic for topic in self.policy.questionnaire.topics}
        if place in topics:
            self.choose_question(topics[place])
        elif GO_TO + place in self.places():
            self.ask(place, self.again())
        elif place in self.policy.questionnaire.questions:
            self.notice = f"{place} is not asked of this person, by the answers so far."
        else:
            near = did_you_mean(place, [name.removeprefix(GO_TO) for name in self.places()])
            self.notice = " ".join(
                filter(None, (f"There is no question or topic {place!r}.", near, "t lists them all."))
            )

    def may_be_chosen(self, name: str) -> bool:
        asked = self.interview.is_asked(name) and self.interview.question(name).decides
        return name in self.interview.answers or asked

    def counts(self, names: Iterable[str]) -> str:
        chosen = [name for name in names if self.may_be_chosen(name)]
        answered = sum(name in self.interview.answers for name in chosen)
        return f"{answered} of {len(chosen)} answered"

    def line_of(self, name: str) -> str:
        question, answer = self.interview.question(name), self.interview.answers.get(name)
        told = screen.answer_words(question, answer) if answer else "-"
        return f"[{told}] {question.text}"

    def pick(self, title: str, lines: list[str]) -> int | None:
        """The place of the line that is chosen, page by page; None for none."""
        size = max(1, self.view().height - 6)
        start, message = 0, ""
        while True:
            page = lines[start : start + size]
            shown = [f"{start + place + 1:>3} {line}" for place, line in enumerate(page)]
            more = "Enter shows more; " if start + size < len(lines) else "Enter goes back; "
            view = self.view()
            texts = [screen.bold(view, title), "", *(screen.shortened(text, view.width) for text in shown), "", message]
            self.desk.show(texts)
            line = self.desk.ask(f"A number; {more}0 goes back {PROMPT}").strip()
            if not line and start + size < len(lines):
                start, message = start + size, ""
            elif line in ("", "0"):
                return None
            elif line.isascii() and line.isdigit() and 1 <= int(line) <= len(lines):
                return int(line) - 1
            else:
                message = f"Type a number from 1 to {len(lines)}."

    def ask_nurse(self) -> None:
        """The questions that wait for the nurse, asked now if she is here."""
        if not pending_for(self.interview, NURSE):
            self.notice = "Nothing waits for the nurse."
            return
        *pages, last = self.nurse_pages()
        for page in pages:
            self.desk.show(page)
            self.desk.ask(f"Enter shows more {PROMPT}")
        self.desk.show(last)
        if self.desk.ask(f"y asks them now, Enter goes back {PROMPT}").strip().lower() not in ("y", "yes"):
            return
        while waiting := pending_for(self.interview, NURSE):
            self.ask(waiting[0], Step(SAFETY, (waiting[0],), FROM_NURSE))

    def nurse_pages(self) -> list[list[str]]:
        view = self.view()
        waiting = [self.interview.question(name).text for name in pending_for(self.interview, NURSE)]
        title = f"{len(waiting)} wait for the nurse. ? records that a measurement was not taken."
        lines = [screen.shortened(f"  {text}", view.width) for text in waiting]
        size = len(lines) if self.desk.plain else view.height - 6
        head = [*screen.wrapped(view, title, "bold"), ""]
        return [[*head, *lines[start : start + size], ""] for start in range(0, len(lines), size)]

    def report(self) -> None:
        """The report of what is known so far, as `recommender assess` gives it."""
        from recommender.recommendation import recommend
        from recommender.report.text import text_report

        answers = self.interview.answers
        told = recommend(
            self.policy, answers, id=self.id, about=self.about, population=self.population, model=self.model
        )
        self.read(text_report(told, width=self.view().width))

    # ------------------------------------------------------------------------------------------------- telling
    def tell_flags(self) -> None:
        """The card of every red flag that has come up and was not acknowledged in this sitting."""
        for flag in self.interview.flags:
            if flag.id in self.told:
                continue
            lines = screen.flag_card(self.view(), flag)
            while True:
                self.desk.show([*lines, ""])
                if self.desk.ask(f"Type seen when you have read this {PROMPT}").strip().lower() == "seen":
                    break
            self.told.add(flag.id)

    def tell_phase(self, phase: str) -> None:
        """Says, when a part of the interview is over, where things stand and what comes next."""
        over = self.phase in (SAFETY, LEVEL_PHASE) and phase not in (SAFETY, LEVEL_PHASE)
        fresh = not self.phase and phase not in (SAFETY, LEVEL_PHASE)
        self.phase = phase
        if over or fresh or not phase:
            view = self.view()
            self.desk.show([*screen.standing(view), *self.opinion_lines(), "", *self.what_now(phase)])
            keys = "Enter goes on, " if phase else "Enter ends, "
            line = self.desk.ask(f"{keys}w waiting for the nurse, r report, q leave {PROMPT}").strip().lower()
            if line in COMMANDS and COMMANDS[line] in ("waiting", "report", "leave"):
                self.obey(COMMANDS[line], "")
                self.planned = []

    def opinion_lines(self) -> list[str]:
        """What the model says, only once the rules have spoken: it must not steer what is asked, or how."""
        interview = self.interview
        if self.model is None or not interview.level_shown or interview.safety_open:
            return []
        from recommender.report.words import opinion_words
        from recommender.second_opinion import second_opinion

        opinion = second_opinion(self.model, self.policy, interview.assessment, interview.columns)
        view = self.view()
        return ["", *(line for text in opinion_words(opinion) for line in screen.wrapped(view, text, "quiet"))]

    def what_now(self, phase: str) -> list[str]:
        """Where the interview stands once no more can be asked for the level."""
        interview, view = self.interview, self.view()
        waiting = len(pending_for(interview, NURSE))
        left = questions_left(interview)
        if interview.certified:
            text = "The level is certified: no answer to any question that is left can change it. You can stop here."
        elif waiting:
            text = f"Your part for the level is done. {waiting} questions wait for the nurse; until then it stays open."
        else:
            text = "What is not known or was declined keeps the level open. Ask again when it can be known."
        more = (
            f"{left} more questions complete the plan and the report." if phase == PLAN else f"{left} questions left."
        )
        return [*screen.wrapped(view, text, "bold"), *screen.wrapped(view, more), ""]

    def read(self, text: str) -> None:
        """Shows a text, screen by screen; all at once on a plain desk."""
        lines = text.split("\n")
        size = len(lines) if self.desk.plain else self.view().height - screen.BELOW
        for start in range(0, len(lines), size):
            self.desk.show(lines[start : start + size])
            more = start + size < len(lines)
            keys = "Enter shows more, 0 goes back" if more else "Enter goes back"
            if self.desk.ask(f"{keys} {PROMPT}").strip() and more:
                return

    # --------------------------------------------------------------------------------------------------- facts
    def again(self) -> Step:
        return Step(self.phase or SAFETY, (), screen.CHOSEN)

    def intake(self) -> Intake:
        """The interview as an intake."""
        return Intake(self.id, self.about, self.interview.answers)

    def view(self) -> View:
        """What a screen needs to know."""
        size = (screen.WIDTH, screen.HEIGHT) if self.desk.plain else terminal_size()
        return View(self.interview, self.likely(), self.id, self.desk.plain, *size)

    def likely(self) -> LikelyLevels | None:
        """The likely level, where a level may be shown and is not certain."""
        interview = self.interview
        low, high = interview.bounds
        if low == high or not interview.level_shown or interview.safety_open:
            return None
        return likely_levels(
            self.policy, self.population, interview.assessment, interview.columns, times=COMPLETIONS_ON_SCREEN
        )


def without_field(fault: Fault) -> str:
    """What is wrong, to somebody who sees which question it is about."""
    text = replace(fault, field=None).sentence()
    return text[0].upper() + text[1:]


def terminal_size() -> tuple[int, int]:
    """The width and height of the terminal, within what can be read."""
    import shutil

    size = shutil.get_terminal_size((screen.WIDTH, screen.HEIGHT))
    return min(max(size.columns - 1, 40), 100), max(size.lines, 12)
