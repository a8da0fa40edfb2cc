"""What a form of the interview holds, read, checked and written; and answers in words."""

from __future__ import annotations

from collections.abc import Mapping

from recommender.answers import DECLINED, NOT_KNOWN, Answer, read_text, unknown, write_text
from recommender.errors import Fault, InputError
from recommender.explain import question_words
from recommender.interview import Interview
from recommender.questionnaire import Question
from recommender.rules.bounds import ANSWERED
from recommender.store import assessments
from recommender.web.begun import begin
from recommender.web.visit import Sent, Visit
from recommender.web.words import load_words

FIELD = "q."
SKIPS = {"not_known": NOT_KNOWN, "declined": DECLINED}


class Wrong(Exception):
    """Answers that cannot be read, or cannot stand together: what is wrong, and what was typed, by question."""

    def __init__(self, faults: Mapping[str, str], typed: Mapping[str, str]) -> None:
        super().__init__("answers with faults")
        self.faults, self.typed = dict(faults), dict(typed)


def save(visit: Visit, assessment_id: str) -> None:
    """Writes what a form holds, and takes out what it closes.

    Raises Wrong with nothing written, Conflict like the store.
    """
    with visit.desk.store.writing() as work:
        begun = begin(work, visit, assessment_id)
        before, typed = begun.held, typed_in(visit.sent, begun.held)
        after = read_all(visit, before, typed)
        new = {
            n: a for n, a in after.answers.items() if before.answers.get(n) != a or n in typed.keys() & begun.carried
        }
        written: dict[str, Answer | None] = {**new, **dict.fromkeys(before.answers.keys() - after.answers.keys())}
        # What is asked by nurses is kept apart, as measured.
        for source, by in (("nurse", "nurse"), ("interview", "coordinator")):
            part = {name: answer for name, answer in written.items() if before.question(name).asked_by == by}
            questionnaire = visit.desk.policy.questionnaire
            if part:
                assessments.answer(
                    work, assessment_id, part, questionnaire, seen=visit.seen, source=source, event=visit.event
                )


def read_all(visit: Visit, held: Interview, typed: Mapping[str, str]) -> Interview:
    """The interview with what was typed. Raises Wrong."""
    faults: dict[str, str] = {}
    for name, text in typed.items():
        try:
            held = held.with_answer(name, read_one(visit, held, name, text))
        except InputError as error:
            faults[name] = error.faults[0].message()
    if not faults:
        faults = {fault.field or "": fault.message() for fault in held.faults()}
    if faults:
        raise Wrong(faults, typed)
    return held


def read_one(visit: Visit, held: Interview, name: str, text: str) -> Answer:
    """One answer. Raises InputError for a question that is not there, or that this user does not ask."""
    if name not in held.policy.questionnaire.questions:
        raise InputError(Fault("there is no question of this name", given=name))
    question = held.question(name)
    if not may_answer(visit, question):
        raise InputError(Fault("a nurse or clinician answers this question", remedy="Leave it for them."))
    return unknown(question, SKIPS[text]) if text in SKIPS else read_text(question, text)


def may_answer(visit: Visit, question: Question) -> bool:
    """Whether this user asks a question: a nurse's are for nurses and clinicians."""
    return question.asked_by != "nurse" or visit.may("nurse_answers.write", visit.user.site)


def typed_in(sent: Sent, held: Interview) -> dict[str, str]:
    """The answers in a form, by question; what was left blank is not asked yet.

    A question has two places for an answer: a box or a list, and the marks for not known and declined. Of two, the one
    that stood there before gives way. Raises Wrong where both are new, since one of them would be lost.
    """
    typed: dict[str, str] = {}
    faults: dict[str, str] = {}
    for field, texts in sent.items():
        name = field.removeprefix(FIELD)
        told = {text.strip() for text in texts} - {""}
        if field == name or not told:
            continue
        new = told - {given(held, name, held.answers.get(name))} if len(told) > 1 else told
        # Of two the one that is an answer is shown again, beside all others that were given.
        typed[name] = min(new, key=lambda text: (text in SKIPS, text))
        if len(new) > 1:
            faults[name] = load_words()("two_answers")
    if faults:
        raise Wrong(faults, typed)
    return typed


def given(held: Interview, name: str, found: Answer | None) -> str:
    """An answer as the form writes it; nothing where there is none."""
    if found is None:
        return ""
    for word, state in SKIPS.items():
        if found.state == state:
            return word
    return write_text(held.question(name), found)


def said(question: Question, found: Answer | None) -> str:
    """An answer as people read it; nothing where there is none."""
    if found is None:
        return ""
    if found.state != ANSWERED:
        return load_words()("declined" if found.state == DECLINED else "not_known")
    return question_words(question, found.lower, found.upper)
