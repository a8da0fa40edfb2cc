"""The interview: what to ask next and why, with the ladder always in sight; every answer is saved at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from recommender.answers import DECLINED, NOT_KNOWN, Answer, read_text, unknown, write_text
from recommender.errors import Fault, InputError
from recommender.interview import EVERYBODY, Interview, Step, pending_for, questions_left, steps, still_due
from recommender.policy import RedFlag
from recommender.questionnaire import Question
from recommender.store import Work, assessments
from recommender.store.assessments import Assessment
from recommender.store.audit import history, record
from recommender.web.pages.people import number
from recommender.web.rendering import environment, page
from recommender.web.visit import Here, Visit, to

router = APIRouter()
ACKNOWLEDGED = "red flag acknowledged"
FIELD = "q."
SKIPS = {"not_known": NOT_KNOWN, "declined": DECLINED}
# A page holds about so many questions, all of one topic.
MOST_ON_A_PAGE = 6
COORDINATOR = ("coordinator",)


class Asked(NamedTuple):
    """One question on the page: what stands there now, who said so, and what was wrong with the last try."""

    question: Question
    given: str
    carried: bool
    fault: str


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


@router.get("/assessments/{assessment_id}", name="interview")
def interview(request: Request, assessment_id: str, visit: Here, topic: str = "") -> Response:
    """The page: the card of a red flag nobody has acknowledged, else a topic, else what to ask next."""
    with visit.desk.store.reading() as work:
        assessment = visit.assessment(work, assessment_id)
        held = begun(work, visit, assessment)
        waiting = unacknowledged(work, assessment, held)
        carried = carried_forward(work, assessment)
    if waiting:
        return page(
            request, "red_flag.html", assessment=assessment, flag=waiting[0], contacts=contacts(visit, waiting[0])
        )
    return question_page(request, visit, assessment, held, topic, carried, {}, {})


def question_page(
    request: Request,
    visit: Visit,
    assessment: Assessment,
    held: Interview,
    topic: str,
    carried: frozenset[str],
    faults: Mapping[str, str],
    typed: Mapping[str, str],
) -> Response:
    """The questions of a topic, or the next ones, with what was typed and what was wrong with it."""
    step = None if topic else next_step(visit, held)
    names = topic_questions(held, topic) if topic else on_one_page(held, step)
    asked = [
        Asked(held.question(name), typed.get(name, given(held, name)), name in carried, faults.get(name, ""))
        for name in names
    ]
    return page(
        request,
        "interview.html",
        status=422 if faults else 200,
        assessment=assessment,
        standing=standing(held),
        step=step,
        asked=asked,
        topic=topic,
        topics=held.policy.questionnaire.topics,
        levels=held.policy.ladder.levels,
        other_faults=[text for name, text in faults.items() if name not in names],
    )


@router.post("/assessments/{assessment_id}", name="answer")
def answer(request: Request, assessment_id: str, visit: Here) -> Response:
    """Saves what was answered on a page, and goes on; what is wrong is shown at its question, and nothing is saved."""
    typed, topic = typed_in(visit.form), visit.form.get("topic", "")
    try:
        save(visit, assessment_id, typed, number(visit.form.get("seen", "")))
    except Wrong as wrong:
        with visit.desk.store.reading() as work:
            assessment = visit.assessment(work, assessment_id)
            held, carried = begun(work, visit, assessment), carried_forward(work, assessment)
        return question_page(request, visit, assessment, held, topic, carried, wrong.faults, typed)
    return to(f"/assessments/{assessment_id}" + (f"?topic={topic}" if visit.form.get("stay") and topic else ""))


@router.post("/assessments/{assessment_id}/answer", name="save_answer")
def save_answer(assessment_id: str, visit: Here) -> JSONResponse:
    """Saves one answer as soon as it is given, and tells where the interview stands now; for the page's script."""
    try:
        assessment = save(visit, assessment_id, typed_in(visit.form), number(visit.form.get("seen", "")))
    except Wrong as wrong:
        return JSONResponse({"faults": wrong.faults}, status_code=422)
    with visit.desk.store.reading() as work:
        held = begun(work, visit, assessment)
        card = bool(unacknowledged(work, assessment, held))
    told = (
        environment()
        .get_template("standing.html")
        .render(standing=standing(held), levels=held.policy.ladder.levels, assessment=assessment, visit=visit)
    )
    return JSONResponse({"seen": assessment.version, "standing": told, "red_flag": card})


@router.post("/assessments/{assessment_id}/acknowledge", name="acknowledge")
def acknowledge(assessment_id: str, visit: Here) -> Response:
    """Keeps that somebody has read the card of a red flag."""
    with visit.desk.store.writing() as work:
        assessment = visit.assessment(work, assessment_id)
        up = {flag.id for flag in begun(work, visit, assessment).flags}
        flag = visit.form.get("flag", "")
        if flag not in up:
            raise InputError(Fault("this red flag is not up", given=flag))
        record(work, visit.event, ACKNOWLEDGED, assessments.subject(assessment.id), flag=flag)
    return to(f"/assessments/{assessment_id}")


@router.post("/assessments/{assessment_id}/reassess", name="reassess")
def reassess(assessment_id: str, visit: Here) -> Response:
    """A new assessment with the answers of this one carried forward, each to be confirmed or changed."""
    with visit.desk.store.writing() as work:
        visit.assessment(work, assessment_id)
        new = assessments.reassess(work, assessment_id, event=visit.event)
    return to(f"/assessments/{new.id}")


# ----------------------------------------------------------------------------------------------------------- answering
class Wrong(Exception):
    """Answers that cannot be read, or cannot stand together: what is wrong, by question."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("answers with faults")
        self.faults = dict(faults)


def save(visit: Visit, assessment_id: str, typed: Mapping[str, str], seen: int) -> Assessment:
    """Writes answers, and takes out what they close. Raises Wrong with nothing written, Conflict like the store."""
    questionnaire = visit.desk.policy.questionnaire
    with visit.desk.store.writing() as work:
        assessment = visit.assessment(work, assessment_id)
        before = begun(work, visit, assessment)
        changed = read_all(visit, before, typed)
        written: dict[str, Answer | None] = {n: a for n, a in changed.answers.items() if before.answers.get(n) != a}
        written |= dict.fromkeys(before.answers.keys() - changed.answers.keys())
        source = "nurse" if visit.may("nurse_answers.write", assessment.site) else "interview"
        return assessments.answer(
            work, assessment.id, written, questionnaire, seen=seen, source=source, event=visit.event
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
        raise Wrong(faults)
    return held


def read_one(visit: Visit, held: Interview, name: str, text: str) -> Answer:
    """One answer. Raises InputError for a question that is not there, or that this user does not ask."""
    if name not in held.policy.questionnaire.questions:
        raise InputError(Fault("there is no question of this name", given=name))
    question = held.question(name)
    if question.asked_by == "nurse" and not visit.may("nurse_answers.write", visit.user.site):
        raise InputError(Fault("a nurse or clinician answers this question", remedy="Leave it for them."))
    return unknown(question, SKIPS[text]) if text in SKIPS else read_text(question, text)


def typed_in(form: Mapping[str, str]) -> dict[str, str]:
    """The answers in a form, by question; what was left blank is not asked yet."""
    return {
        name.removeprefix(FIELD): text.strip() for name, text in form.items() if name.startswith(FIELD) and text.strip()
    }


def given(held: Interview, name: str) -> str:
    """What stands at a question now, as the form writes it."""
    found = held.answers.get(name)
    if found is None:
        return ""
    for word, state in SKIPS.items():
        if found.state == state:
            return word
    return write_text(held.question(name), found)


# ------------------------------------------------------------------------------------------------------- what to show
def begun(work: Work, visit: Visit, assessment: Assessment) -> Interview:
    """The interview that the stored answers are."""
    policy = visit.desk.policy
    return Interview(policy, assessments.intake(work, assessment.id, policy.questionnaire).answers)


def carried_forward(work: Work, assessment: Assessment) -> frozenset[str]:
    """The answers that come from an earlier assessment and that nobody has confirmed."""
    rows = assessments.in_force(work, assessment.id)
    return frozenset(row.question for row in rows if row.source == "carried_forward")


def unacknowledged(work: Work, assessment: Assessment, held: Interview) -> list[RedFlag]:
    """The red flags that are up and whose card nobody has acknowledged."""
    entries = history(work, assessments.subject(assessment.id))
    seen = {part for entry in entries if entry.action == ACKNOWLEDGED for part in entry.detail.split('"')}
    return [flag for flag in held.flags if flag.id not in seen]


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


def standing(held: Interview) -> Standing:
    """Where the interview stands."""
    low, high = held.bounds
    shown = held.level_shown and not held.safety_open
    pending = tuple(held.question(name) for name in pending_for(held, "nurse"))
    left, later = len(held.may_still_matter), questions_left(held)
    return Standing(shown, held.status, low, high, len(held.answers), left, held.certified, pending, later)
