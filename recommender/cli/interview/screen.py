"""What is on the screen while a question is asked: where the interview stands, the question, and what may be typed.

Made for 80 columns and 24 lines, of plain characters. What does not fit is the help text, which `h` shows in full.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import click

from recommender.answers import DECLINED, NOT_KNOWN, Answer, write_text
from recommender.interview import LEVEL_PHASE, SAFETY, Interview, Step, pending_for
from recommender.likely import LikelyLevels
from recommender.policy import RedFlag
from recommender.questionnaire import Question
from recommender.report.words import certain_words, likely_words

WIDTH, HEIGHT = 80, 24
# The line that is typed on, with one to spare.
BELOW = 2
# Why a question is on the screen that the coordinator went to.
CHOSEN = "You chose this question."
KEYS_LINE = "b back  t topics  /NAME go to  w nurse  r report  h help  q leave and save"
SKIP_LINE = "? not known  d declined"
PHASE_WORDS = {
    "safety": "Safety",
    "level": "Level of care",
    "plan": "Service plan",
    "rest": "Rest of the form",
}


@dataclass(frozen=True)
class View:
    """All that a screen is made of, besides the question."""

    interview: Interview
    likely: LikelyLevels | None
    id: str
    plain: bool
    width: int = WIDTH
    height: int = HEIGHT


def question_screen(view: View, step: Step, question: Question, message: str) -> list[str]:
    """The screen of one question. `message` says what was wrong with the last line, or what else has happened."""
    top = [*head(view, step), *standing(view), ""]
    asked = [*wrapped(view, question.text, "bold"), *before(view, question, step)]
    bottom = ["", *wrapped(view, f"Why now: {step.reason}", "quiet")]
    bottom += [quiet(view, f"{typing_line(question)}  {SKIP_LINE}"), quiet(view, KEYS_LINE)]
    if message:
        bottom += wrapped(view, message, "warning")
    room = view.height - BELOW - len(top) - len(asked) - len(bottom)
    choices = choice_lines(view, question, room)
    return [*top, *asked, *choices, *help_lines(view, question, room - len(choices)), *bottom]


# ------------------------------------------------------------------------------------------------------------ the head
def head(view: View, step: Step) -> Iterator[str]:
    """One line: whose interview, which part, how many questions so far, how many at most to come."""
    answered = len(view.interview.answers)
    left = len(view.interview.may_still_matter)
    to_come = f"at most {left} more for the level" if step.phase in (SAFETY, LEVEL_PHASE) else "level questions done"
    title = f"{view.id}  {PHASE_WORDS[step.phase]}"
    told = f"{answered} answered, {to_come}"
    yield bold(view, f"{title}{told:>{max(1, view.width - len(title))}}"[: view.width])
    if not view.plain:
        yield quiet(view, progress_bar(answered, left, view.width))


def progress_bar(done: int, left: int, width: int) -> str:
    """How much of what the level may take is done."""
    filled = round(width * done / max(1, done + left))
    return "#" * filled + "-" * (width - filled)


def standing(view: View) -> Iterator[str]:
    """The ladder with the bounds, in signs and in words; while no level may be shown, why not."""
    interview = view.interview
    if not interview.level_shown or interview.safety_open:
        yield from wrapped(view, hidden_words(interview), "quiet")
        return
    low, high = interview.bounds
    levels = interview.policy.ladder.levels
    if not view.plain:
        yield from ladder_lines(view, low, high)
    yield from wrapped(view, certain_words(levels[low], levels[high]), "level")
    if view.likely is not None and low < high:
        yield from wrapped(view, likely_words(interview.policy.ladder, view.likely, 0), "quiet")


def hidden_words(interview: Interview) -> str:
    """Why no level is shown."""
    if interview.status == "blocked":
        return "EMERGENCY: see the card. No level is given."
    if interview.status == "held":
        return "Held: no level is shown until a clinician has looked at the red flags."
    waiting = len(pending_for(interview, "nurse"))
    nurse = f" {waiting} wait for the nurse (w)." if waiting else ""
    return f"No level is shown until the safety questions are answered.{nurse}"


def ladder_lines(view: View, low: int, high: int) -> Iterator[str]:
    """The codes of the ladder, and under them what is still possible."""
    line, starts, ends = "", [], []
    for level in view.interview.policy.ladder.levels:
        starts.append(len(line))
        line += level.code
        ends.append(len(line))
        line += " "
    mark = "^" if low == high else "^" + "-" * (ends[high] - starts[low] - 2) + "^"
    yield line.rstrip()
    yield " " * starts[low] + (mark if view.plain else click.style(mark, fg="green", bold=True))


# -------------------------------------------------------------------------------------------------------- the question
def before(view: View, question: Question, step: Step) -> Iterator[str]:
    """What was answered before, where a question is asked again, and how to leave it."""
    answer = view.interview.answers.get(question.id)
    if answer is not None:
        yield quiet(view, f"Now: {answer_words(question, answer)}. Enter keeps it.")
    elif step.reason == CHOSEN:
        yield quiet(view, "Enter leaves it open and goes back.")


def answer_words(question: Question, answer: Answer) -> str:
    """An answer as people read it."""
    skipped = {NOT_KNOWN: "not known", DECLINED: "declined"}
    return skipped.get(answer.state) or write_text(question, answer).replace("_", " ")


def choice_lines(view: View, question: Question, room: int) -> list[str]:
    """The choices with their numbers; where there is no room, long texts are cut, since `h` shows all of them."""
    if question.kind == "yes_no":
        return ["  y yes   n no"]
    if question.kind == "count":
        return [f"  a number from {question.allowed()}, or a range: from..to"]
    texts = [f"  {n:>2} {choice.text or choice.id.replace('_', ' ')}" for n, choice in enumerate(question.choices, 1)]
    whole = [line for text in texts for line in textwrap.wrap(text, view.width, subsequent_indent=" " * 5)]
    return whole if len(whole) <= room else [shortened(text, view.width) for text in texts]


def typing_line(question: Question) -> str:
    """What an answer looks like."""
    if question.kind == "yes_no":
        return "Type y or n."
    if question.kind == "count":
        return "Type a number."
    return "Type a number from the list, or " + ("a range 1..2." if question.kind == "scale" else "several: 1,3.")


def help_lines(view: View, question: Question, room: int) -> list[str]:
    """The help text, as much of it as there is room for."""
    lines = list(wrapped(view, question.help, "quiet")) if question.help else []
    if len(lines) + 1 <= room:
        return ["", *lines] if lines else []
    return ["", *lines[: room - 2], quiet(view, "… h shows the rest.")] if room >= 3 else []


def full_help(view: View, question: Question) -> str:
    """Everything about a question."""
    lines = [f"{question.id}: {question.text}", "", question.help, ""]
    lines += [f"{number:>2} {choice.id}: {choice.text}" for number, choice in enumerate(question.choices, 1)]
    lines += [
        f"{word}: {question.name_of(low)} to {question.name_of(high)}" for word, (low, high) in question.spans.items()
    ]
    lines += ["", f"Source: {question.source}", "", SKIP_LINE, KEYS_LINE]
    return "\n".join(part for line in lines for part in (textwrap.wrap(line, view.width) or [""]))


# --------------------------------------------------------------------------------------------------------------- cards
def flag_card(view: View, flag: RedFlag) -> list[str]:
    """The fixed card of a red flag."""
    kind = {"block": "EMERGENCY", "hold": "STOP AND LOOK", "floor": "RED FLAG", "route": "TO ARRANGE"}[flag.mode]
    lines = [*wrapped(view, f"{kind}: {flag.name} [{flag.id}]", "warning"), ""]
    lines += [*wrapped(view, flag.rule.why, ""), "", *wrapped(view, flag.action, "bold"), ""]
    lines += [f"  {view.interview.policy.contacts[contact]}" for contact in flag.contacts]
    return lines


# --------------------------------------------------------------------------------------------------------------- words
def wrapped(view: View, text: str, role: str = "") -> Iterator[str]:
    for line in textwrap.wrap(text, view.width, break_on_hyphens=False):
        yield styled(view, line, role)


def styled(view: View, text: str, role: str) -> str:
    """Text in the colour of its role; as it is on a plain desk."""
    styles = {"bold": {"bold": True}, "quiet": {"dim": True}, "level": {"fg": "green", "bold": True}}
    styles["warning"] = {"fg": "red", "bold": True}
    if view.plain or role not in styles:
        return text
    return click.style(text, **styles[role])  # type: ignore[arg-type]  # click takes these by name


def bold(view: View, text: str) -> str:
    return styled(view, text, "bold")


def quiet(view: View, text: str) -> str:
    return styled(view, text, "quiet")


def shortened(text: str, width: int) -> str:
    """One line, cut at the end where it is too long."""
    return text if len(text) <= width else text[: width - 1] + "…"
