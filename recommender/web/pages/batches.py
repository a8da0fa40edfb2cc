"""Tables of referrals: sent, scored in the background, taken home again, or put on the worklist."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from recommender.errors import Fault, InputError
from recommender.store.arrivals import arrive
from recommender.store.audit import record
from recommender.web.batch_room import DONE, FAILED, KEPT_S, REJECTS, RESULT, BatchRoom
from recommender.web.rendering import page
from recommender.web.sent_table import LARGEST_BYTES, MOST_ROWS
from recommender.web.visit import Here, Visit, to

router = APIRouter()
MOST_ON_WORKLIST = 500
RELOADED_EVERY_S = 2
FILES = {"result": RESULT, "rejects": REJECTS}


@router.get("/batches", name="batches")
def batches(request: Request, visit: Here) -> Response:
    """The form for a table, and the tables that this user has sent."""
    return batches_page(request, visit, fault="")


def batches_page(request: Request, visit: Visit, *, fault: str) -> Response:
    limits = {"largest": LARGEST_BYTES // 1024**2, "most": MOST_ROWS, "hours": KEPT_S // 3600}
    sent = room_of(visit).of(visit.user.id)
    return page(request, "batches.html", status=422 if fault else 200, sent=sent, fault=fault, **limits)


@router.post("/batches", name="send_batch")
async def send(request: Request, visit: Here) -> Response:
    """Takes a table; what is wrong with it as a whole is said at the form."""
    async with request.form() as form:
        file = form.get("table")
        content = await file.read() if isinstance(file, UploadFile) else b""
    return await run_in_threadpool(take, request, visit, content)


def take(request: Request, visit: Visit, content: bytes) -> Response:
    try:
        state = room_of(visit).submit(content, visit.user.id)
    except InputError as error:
        return batches_page(request, visit, fault=error.faults[0].sentence())
    with visit.desk.store.writing() as work:
        record(work, visit.event, "table sent", f"batch {state.id}", rows=state.rows, site=visit.user.site)
    return to(f"/batches/{state.id}")


@router.get("/batches/{batch_id}", name="batch")
def batch(request: Request, batch_id: str, visit: Here, still: bool = False) -> Response:
    """How a table stands. The page asks again by itself until it is done, unless it is to stand `still`."""
    state = room_of(visit).get(batch_id, visit.user.id)
    over = state.status in (DONE, FAILED)
    response = page(request, "batch.html", state=state, over=over, still=still, most_on_worklist=MOST_ON_WORKLIST)
    if not over and not still:
        response.headers["Refresh"] = str(RELOADED_EVERY_S)
    return response


@router.post("/batches/{batch_id}/referrals", name="put_on_worklist")
def put_on_worklist(batch_id: str, visit: Here) -> Response:
    """Makes a referral of each scored row, once."""
    room, owner = room_of(visit), visit.user.id
    state = room.get(batch_id, owner)
    if state.scored > MOST_ON_WORKLIST:
        raise InputError(Fault("has too many rows for the worklist", allowed=f"at most {MOST_ON_WORKLIST} at once"))
    if not state.on_worklist:
        with visit.desk.store.writing() as work:
            made = arrive(work, visit.desk.policy, room.rows(batch_id, owner), visit.user.site, event=visit.event)
            room.taken(batch_id, owner, len(made))
    return to(f"/batches/{batch_id}")


@router.get("/batches/{batch_id}/{name}", name="batch_file")
def batch_file(batch_id: str, name: str, visit: Here) -> Response:
    """The scored or the rejected rows as CSV; that they were taken is kept."""
    if name not in FILES:
        raise InputError(Fault("there is no such file", allowed=", ".join(FILES)))
    path = room_of(visit).file(batch_id, visit.user.id, FILES[name])
    with visit.desk.store.writing() as work:
        record(work, visit.event, "table taken", f"batch {batch_id}", file=name)
    return FileResponse(path, media_type="text/csv", filename=f"{name}.csv")


def room_of(visit: Visit) -> BatchRoom:
    if visit.desk.batches is None:
        raise HTTPException(503, "this desk takes no tables")
    return visit.desk.batches
