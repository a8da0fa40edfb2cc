"""The interview: what to ask next and why, with the ladder always in sight; every answer is saved at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from recommender.errors import Fault, InputError
from recommender.interview import EVERYBODY, Interview, Step, steps, still_due
from recommender.policy import Policy, RedFlag
from recommender.questionnaire import Question
from recommender.store import assessments
from recommender.store.audit import record
from recommender.translation import Translation, languages, load_translation
from recommender.web.answering import Wrong, given, may_answer, said, save
from recommender.web.armour import set_cookie
from recommender.web.begun import ACKNOWLEDGED, Begun, begin, standing, to_confirm, topic_questions, unacknowledged
from recommender.web.rendering import environment, page
from recommender.web.visit import Here, Visit, to

router = APIRouter()
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
