"""The interview: what to ask next and why, with the ladder always in sight; every answer is saved at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from recommender.answers import DECLINED, NOT_KNOWN, Answer, read_text, unknown, write_text
from recommender.errors import Fault, InputError
from recommender.explain import question_words
from recommender.interview import EVERYBODY, Interview, Step, pending_for, questions_left, steps, still_due
from recommender.policy import Policy, RedFlag
from recommender.questionnaire import Question
from recommender.rules.bounds import ANSWERED
from recommender.store import Work, assessments
from recommender.store.assessments import Assessment, RecordedAnswer
from recommender.store.audit import AuditEntry, history, record
from recommender.translation import Translation, languages, load_translation
from recommender.web.armour import set_cookie
from recommender.web.rendering import environment, page
from recommender.web.visit import Here, Sent, Visit, to
from recommender.web.words import load_words

router = APIRouter()
ACKNOWLEDGED = "red flag acknowledged"
FIELD = "q."
SKIPS = {"not_known": NOT_KNOWN, "declined": DECLINED}
# A page holds about so many questions, all of one topic.
MOST_ON_A_PAGE = 6
COORDINATOR = ("coordinator",)
# The cookie that says in which other language the questions are asked, and where one may be led back to.
SPOKEN = "spoken"
BACK = re.compile(r"/assessments/[0-9a-f]+(\?topic=[a-z_]+)?")


class Asked(NamedTuple):
    """One question on the page: what stands there now, what was said last time, and what was wrong with this try.

    `carried` is an answer of last time that nobody has confirmed, `changed` one that is another now.
    """

    question: Question
    given: str
    last_time: str
    carried: bool
    changed: bool
    fault: str
    locked: bool


class Standing(NamedTuple):
    """Where an interview stands, as the top of the page shows it."""

    shown: bool
    status: str
    low: int
    high: int
    answered: int
    left: int
    certified: bool
    pending: tuple[Question, ...]
    plan_left: int
    to_confirm: int


class Begun(NamedTuple):
    """An assessment as it stands: its answers, and those that were carried forward and that nobody has confirmed.

    `earlier` are all answers of the assessment that this one repeats.
    """

    assessment: Assessment
    rows: Sequence[RecordedAnswer]
    held: Interview
    carried: Mapping[str, Answer]
    earlier: Mapping[str, Answer]


@router.get("/assessments/{assessment_id}", name="interview")
def interview(request: Request, assessment_id: str, visit: Here, topic: str = "") -> Response:
    """The page: the card of a red flag nobody has acknowledged, else a topic, else what to ask next."""
    with visit.desk.store.reading() as work:
        begun = begin(work, visit, assessment_id)
        waiting = unacknowledged(work, begun)
    if waiting:
        flag = waiting[0]
        return page(request, "red_flag.html", assessment=begun.assessment, flag=flag, contacts=contacts(visit, flag))
    return question_page(request, visit, begun, topic, {}, {})


def question_page(
    request: Request,
    visit: Visit,
    begun: Begun,
    topic: str,
    faults: Mapping[str, str],
    typed: Mapping[str, str],
) -> Response:
    """The questions of a topic, or the next ones, with what was typed and what was wrong with it."""
    held = begun.held
    step = None if topic else next_step(visit, held)
    names = topic_questions(held, topic) if topic else on_one_page(held, step)
    asked = [asked_now(visit, begun, name, faults.get(name, ""), typed.get(name)) for name in names]
    return page(
        request,
        "interview.html",
        status=422 if faults else 200,
        assessment=begun.assessment,
        standing=standing(begun),
        step=step,
        asked=asked,
        topic=topic,
        topics=held.policy.questionnaire.topics,
        to_confirm=to_confirm(begun),
        spoken=spoken_in(request, held.policy),
        languages=languages(),
        levels=held.policy.ladder.levels,
        other_faults=[text for name, text in faults.items() if name not in names],
    )


def asked_now(visit: Visit, begun: Begun, name: str, fault: str, typed: str | None) -> Asked:
    """One question as the page shows it."""
    held, now, before = begun.held, begun.held.answers.get(name), begun.earlier.get(name)
    return Asked(
        held.question(name),
        given(held, name, now) if typed is None else typed,
        said(held.question(name), before),
        carried=name in begun.carried,
        changed=now is not None and before is not None and now != before,
        fault=fault,
        locked=not may_answer(visit, held.question(name)),
    )


@router.post("/assessments/{assessment_id}", name="answer")
def answer(request: Request, assessment_id: str, visit: Here) -> Response:
    """Saves what was answered on a page, and goes on; what is wrong is shown at its question, and nothing is saved."""
    topic = visit.form.get("topic", "")
    try:
        save(visit, assessment_id)
    except Wrong as wrong:
        with visit.desk.store.reading() as work:
            begun = begin(work, visit, assessment_id)
        return question_page(request, visit, begun, topic, wrong.faults, wrong.typed)
    return to(f"/assessments/{assessment_id}" + (f"?topic={topic}" if visit.form.get("stay") and topic else ""))


@router.post("/assessments/{assessment_id}/answer", name="save_answer")
def save_answer(assessment_id: str, visit: Here) -> JSONResponse:
    """Saves one answer as soon as it is given, and tells where the interview stands now; for the page's script."""
    try:
        save(visit, assessment_id)
    except Wrong as wrong:
        return JSONResponse({"faults": wrong.faults}, status_code=422)
    with visit.desk.store.reading() as work:
        begun = begin(work, visit, assessment_id)
        card = bool(unacknowledged(work, begun))
    box = environment().get_template("standing.html")
    told = box.render(standing=standing(begun), levels=visit.desk.policy.ladder.levels, visit=visit)
    return JSONResponse({"seen": begun.assessment.version, "standing": told, "red_flag": card})


@router.post("/assessments/{assessment_id}/acknowledge", name="acknowledge")
def acknowledge(assessment_id: str, visit: Here) -> Response:
    """Keeps that somebody has read the card of a red flag, as it was when the page was shown."""
    with visit.desk.store.writing() as work:
        begun = begin(work, visit, assessment_id)
        flag = visit.form.get("flag", "")
        if flag not in {flag.id for flag in begun.held.flags}:
            raise InputError(Fault("this red flag is not up", given=flag))
        version = min(visit.seen, begun.assessment.version)
        record(work, visit.event, ACKNOWLEDGED, assessments.subject(assessment_id), flag=flag, version=version)
    return to(f"/assessments/{assessment_id}")


@router.post("/assessments/{assessment_id}/reassess", name="reassess")
def reassess(assessment_id: str, visit: Here) -> Response:
    """A new assessment with the answers of this one carried forward, each to be confirmed or changed."""
    with visit.desk.store.writing() as work:
        visit.assessment(work, assessment_id)
        new = assessments.reassess(work, assessment_id, event=visit.event)
    return to(f"/assessments/{new.id}")


@router.post("/language", name="language")
def language(visit: Here) -> Response:
    """Chooses in which language the questions stand as well; kept by the browser."""
    chosen, back = visit.form.get("language", ""), visit.form.get("back", "")
    answer = to(back if BACK.fullmatch(back) else "/")
    set_cookie(answer, SPOKEN, chosen if chosen in languages() else "", secure=visit.desk.secure)
    return answer


def spoken_in(request: Request, policy: Policy) -> Translation | None:
    """The language that was chosen beside English, if any."""
    chosen = request.cookies.get(SPOKEN, "")
    return load_translation(chosen, policy.questionnaire) if chosen in languages() else None


# ----------------------------------------------------------------------------------------------------------- answering
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
        typed[name] = " ".join(sorted(new))
        if len(new) > 1:
            faults[name] = load_words()("two_answers")
    if faults:
        raise Wrong(faults, {})
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


# ------------------------------------------------------------------------------------------------------- what to show
def begin(work: Work, visit: Visit, assessment_id: str) -> Begun:
    """The interview that the stored answers are. Raises NotFound for another site's."""
    policy, assessment = visit.desk.policy, visit.assessment(work, assessment_id)
    rows = assessments.in_force(work, assessment.id)
    carried = assessments.carried_forward(rows, policy.questionnaire)
    before = assessments.in_force(work, assessment.earlier_id) if assessment.earlier_id else []
    earlier = assessments.answers_in(before, policy.questionnaire)
    return Begun(assessment, rows, Interview(policy, assessments.counted(rows, policy)), carried, earlier)


def unacknowledged(work: Work, begun: Begun) -> list[RedFlag]:
    """The red flags that are up and whose card nobody has read since the answers behind it were given."""
    if not begun.held.flags:
        return []
    policy, subject = begun.held.policy, assessments.subject(begun.assessment.id)
    read: dict[str, int] = dict(map(acknowledged, history(work, subject)))
    newest = {flag.id: assessments.newest_behind(begun.rows, policy, flag.id) for flag in begun.held.flags}
    return [flag for flag in begun.held.flags if read.get(flag.id, -1) < newest[flag.id]]


def acknowledged(entry: AuditEntry) -> tuple[str, int]:
    """The flag whose card was read, and at which version of the answers."""
    detail = json.loads(entry.detail) if entry.action == ACKNOWLEDGED else {}
    return detail.get("flag", ""), detail.get("version", 0)


def contacts(visit: Visit, flag: RedFlag) -> tuple[str, ...]:
    """Whom to call: the desk's own crisis lines for an emergency, and those of the flag."""
    named = tuple(visit.desk.policy.contacts[name] for name in flag.contacts)
    return (*visit.desk.crisis_lines, *named) if flag.mode in ("block", "hold") else named


def next_step(visit: Visit, held: Interview) -> Step | None:
    """What to ask next of this user; None where nothing is left."""
    by = EVERYBODY if visit.may("nurse_answers.write", visit.user.site) else COORDINATOR
    found = steps(held, visit.desk.look_ahead, by=by, last=list(held.answers)[-1] if held.answers else "")
    return found[0]._replace(block=together(held, found)) if found else None


def together(held: Interview, found: Iterable[Step]) -> tuple[str, ...]:
    """The questions of the first steps, as long as they are of one part and topic and fit on a page."""
    names: list[str] = []
    steps_left = iter(found)
    first = next(steps_left)
    names += first.block
    topic = held.question(first.block[0]).topic
    for step in steps_left:
        same = step.phase == first.phase and held.question(step.block[0]).topic == topic
        if not same or len(names) + len(step.block) > MOST_ON_A_PAGE:
            break
        names += step.block
    return tuple(names)


def on_one_page(held: Interview, step: Step | None) -> list[str]:
    return [] if step is None else list(dict.fromkeys(still_due(held, step)))


def topic_questions(held: Interview, topic: str) -> list[str]:
    """The questions of a topic that are asked of this person, answered or not."""
    found = next((entry for entry in held.policy.questionnaire.topics if entry.id == topic), None)
    names = found.questions if found else ()
    return [name for name in names if name in held.answers or held.is_open(name)]


def to_confirm(begun: Begun) -> Mapping[str, int]:
    """How many answers of each topic were carried forward, are still asked, and are not confirmed."""
    topics = {topic.id: topic_questions(begun.held, topic.id) for topic in begun.held.policy.questionnaire.topics}
    counts = {topic: sum(name in begun.carried for name in names) for topic, names in topics.items()}
    return {topic: count for topic, count in counts.items() if count}


def standing(begun: Begun) -> Standing:
    """Where the interview stands."""
    held = begun.held
    low, high = held.bounds
    shown = held.level_shown and not held.safety_open
    pending = tuple(held.question(name) for name in pending_for(held, "nurse"))
    left, later = len(held.may_still_matter), questions_left(held)
    waiting = sum(to_confirm(begun).values())
    return Standing(shown, held.status, low, high, len(held.answers), left, held.certified, pending, later, waiting)
