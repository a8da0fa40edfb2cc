"""The API for other programs, `/api/v1`: assess answers, ask for the next question, have a table scored.

It reads no record of the store: a program gets answers to what it sends, and sees the tables of its own token.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from recommender.intake import Intake, read_intake
from recommender.interview import EVERYBODY, Interview, steps
from recommender.questionnaire import Question
from recommender.recommendation import as_json, recommend
from recommender.web.api_description import ANSWERED, BATCH_ID, INTAKE, SUBMITTED, TABLES, described
from recommender.web.batch_room import REJECTS, RESULT, BatchRoom
from recommender.web.caller import Caller, Calling

router = APIRouter(prefix="/api/v1")


async def body_of(request: Request) -> bytes:
    """What was sent, as it is; `limits` has cut it off already."""
    return await request.body()


Body = Annotated[bytes, Depends(body_of)]


@router.get("/openapi.json", name="api_description", include_in_schema=False)
def api_description(request: Request) -> dict[str, Any]:
    """This API in OpenAPI 3.1, made from the questions in force."""
    desk = request.app.state.desk
    made = get_openapi(title="recommender", version="1", description=desk.policy.statement, routes=router.routes)
    return described(made, desk.policy.questionnaire)


@router.post("/assess", name="api_assess", openapi_extra=INTAKE, responses=ANSWERED)
def assess(caller: Calling, body: Body) -> JSONResponse:
    """The recommendation for one person's answers, as `recommender assess --format json` prints it."""
    intake = intake_in(caller, body)
    made = recommend(
        caller.desk.policy, intake.answers, id=intake.id, about=intake.about, population=caller.desk.population
    )
    return JSONResponse(as_json(made))


@router.post("/next-question", name="api_next", openapi_extra=INTAKE, responses=ANSWERED)
def next_question(caller: Calling, body: Body) -> JSONResponse:
    """What to ask next of a person with these answers, and why; no questions where nothing is left to ask."""
    intake = intake_in(caller, body)
    held = Interview(caller.desk.policy, intake.answers)
    last = list(intake.answers)[-1] if intake.answers else ""
    found = steps(held, caller.desk.look_ahead, by=EVERYBODY, last=last)
    told: dict[str, Any] = {"status": held.status, "certified": held.certified, "phase": None, "reason": None}
    questions = [question_told(held.question(name)) for name in (found[0].block if found else ())]
    if found:
        told.update(phase=found[0].phase, reason=found[0].reason)
    return JSONResponse({**told, "questions": questions, "red_flags": [flag.id for flag in held.flags]})


@router.post("/batches", name="api_submit", status_code=202, openapi_extra=TABLES, responses=SUBMITTED)
def submit(caller: Calling, body: Body) -> JSONResponse:
    """Takes a table of referrals (CSV or Parquet, one row a person) and scores it in the background."""
    return JSONResponse(room_of(caller).submit(body, caller.owner).told(), status_code=202)


@router.get("/batches/{batch_id}", name="api_batch", responses=BATCH_ID)
def batch(caller: Calling, batch_id: str) -> JSONResponse:
    """How a table stands: rows read, scored and rejected, and what is wrong with it."""
    return JSONResponse(room_of(caller).get(batch_id, caller.owner).told())


@router.get("/batches/{batch_id}/result", name="api_result", response_class=Response, responses=BATCH_ID)
def result(caller: Calling, batch_id: str) -> Response:
    """The scored rows as CSV."""
    return FileResponse(room_of(caller).file(batch_id, caller.owner, RESULT), media_type="text/csv")


@router.get("/batches/{batch_id}/rejects", name="api_rejects", response_class=Response, responses=BATCH_ID)
def rejects(caller: Calling, batch_id: str) -> Response:
    """The rejected rows as CSV, a line for each fault."""
    return FileResponse(room_of(caller).file(batch_id, caller.owner, REJECTS), media_type="text/csv")


def intake_in(caller: Caller, body: bytes) -> Intake:
    """The intake that was sent. Raises InputError with every fault."""
    return read_intake(body, caller.desk.policy.questionnaire, "body")


def room_of(caller: Caller) -> BatchRoom:
    if caller.desk.batches is None:
        raise HTTPException(503, "this desk takes no tables")
    return caller.desk.batches


def question_told(question: Question) -> dict[str, Any]:
    """A question as a program shows it."""
    told = {"id": question.id, "text": question.text, "help": question.help, "kind": question.kind}
    if question.kind == "count":
        return {**told, "minimum": question.minimum, "maximum": question.maximum}
    return {**told, "choices": list(question.names)}
