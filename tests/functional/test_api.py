"""The API as another program uses it, over HTTP, on a running server; and fuzzed from its own description."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from pyarrow import parquet
from schemathesis import openapi

from recommender.store import COMMAND_LINE, Event, tokens
from recommender.store.audit import history
from recommender.web import Desk
from recommender.web.pace import Pace
from recommender.web.sent_table import LARGEST_BYTES
from tests.desks import new_desk, served
from tests.stores import INTAKES, Clock

OPERATOR = Event(COMMAND_LINE, through=COMMAND_LINE)
TABLE = Path(__file__).parents[2] / "data" / "referrals.csv"
# Cases of each operation; more with RECOMMENDER_FUZZ=500.
CASES = int(os.environ.get("RECOMMENDER_FUZZ", "12"))


def token_for(desk: Desk, *scopes: str, days: int = 30) -> tuple[str, str]:
    """A token's text and id."""
    with desk.store.writing() as work:
        text, token = tokens.make(work, "ward system", scopes, "north", days=days, event=OPERATOR)
    return text, token.id


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Desk:
    return new_desk(tmp_path_factory.mktemp("api"), clock, staffed=False)


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    with served(desk) as address:
        yield f"{address}/api/v1"


@pytest.fixture(scope="module")
def program(desk: Desk, address: str) -> Iterator[httpx.Client]:
    """A program whose token has every scope."""
    text, _ = token_for(desk, *tokens.SCOPES)
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {text}"}, timeout=60) as client:
        yield client


def intake() -> Any:
    return json.loads((INTAKES / "clear_iop.json").read_text(encoding="utf-8"))


def test_an_assessment_is_what_the_command_prints(program: httpx.Client) -> None:
    told = program.post("/assess", json=intake())
    assert told.status_code == 200
    assert told.json()["bounds"]["at_least"] == "intensive_outpatient"
    assert told.json()["statement"].startswith("Not clinically validated")
    assert told.headers["cache-control"] == "no-store"


def test_the_next_question_is_one_for_safety_first_and_none_when_all_is_asked(program: httpx.Client) -> None:
    first = program.post("/next-question", json={"id": "a", "answers": {}}).json()
    assert (first["phase"], first["certified"]) == ("safety", False)
    assert first["questions"][0]["text"]
    later = program.post("/next-question", json=intake()).json()
    assert later["phase"] != "safety"


def test_what_is_wrong_is_told_all_at_once(program: httpx.Client) -> None:
    told = program.post("/assess", json={"id": "a", "answers": {"age": 999, "no_such": 1}})
    assert told.status_code == 422
    assert {fault["field"] for fault in told.json()["faults"]} == {"age", None}
    for broken in (b"", b"{", b"[]", b"\xff\xfe", b'{"answers": null}', b"[" * 100_000):
        assert program.post("/assess", content=broken).status_code == 422


def test_a_table_is_scored_in_the_background(program: httpx.Client, desk: Desk, address: str) -> None:
    content = b"\n".join([*TABLE.read_bytes().splitlines()[:40], b"broken,row"])
    sent = program.post("/batches", content=content, headers={"Content-Type": "text/csv"})
    assert sent.status_code == 202, sent.text
    path = f"/batches/{sent.json()['id']}"
    while (told := program.get(path).json())["status"] not in ("done", "failed"):
        time.sleep(0.1)
    assert (told["status"], told["read"]) == ("done", 40)
    assert told["rejected"] >= 1
    assert told["read"] == told["scored"] + told["rejected"]
    assert len(program.get(f"{path}/result").text.splitlines()) == told["scored"] + 1
    assert program.get(f"{path}/rejects").text.startswith("row,")
    stranger, _ = token_for(desk, "batch")
    other = httpx.get(f"{address}{path}", headers={"Authorization": f"Bearer {stranger}"})
    assert other.status_code == 404, "a batch of another token is as if it were not there"


def test_a_token_opens_its_scopes_until_it_ends_and_each_use_is_kept(desk: Desk, address: str, clock: Clock) -> None:
    text, token_id = token_for(desk, "assess", days=1)
    headers = {"Authorization": f"Bearer {text}"}

    def ask(path: str) -> int:
        return httpx.post(f"{address}{path}", json=intake(), headers=headers, timeout=60).status_code

    assert (ask("/assess"), ask("/next-question"), ask("/batches")) == (200, 403, 403)
    with desk.store.reading() as work:
        assert [entry.action for entry in history(work, tokens.subject(token_id))] == ["token made", "token used"]
        assert text not in str(vars(work.session.get(tokens.Token, token_id))), "only its hash is kept"
    now = clock.now
    clock.forward(days=1)
    assert ask("/assess") == 401
    clock.now = now
    with desk.store.writing() as work:
        tokens.revoke(work, token_id, event=OPERATOR)
    assert ask("/assess") == 401
    for wrong in ("", "Bearer", "Bearer x", f"Basic {text}"):
        assert httpx.post(f"{address}/assess", json=intake(), headers={"Authorization": wrong}).status_code == 401


def test_too_much_is_refused_while_it_comes_in(program: httpx.Client) -> None:
    assert program.post("/assess", content=b" " * 2_000_000).status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(30):
            yield b" " * 100_000

    assert program.post("/assess", content=endless()).status_code == 413
    assert program.post("/batches", content=b"a\n" * (LARGEST_BYTES // 2 + 1)).status_code == 413


def as_parquet(**columns: Any) -> bytes:
    held = io.BytesIO()
    parquet.write_table(pa.table(columns), held)
    return held.getvalue()


def test_parquet_is_taken_and_one_that_unpacks_to_too_much_is_refused(program: httpx.Client) -> None:
    told = program.post("/batches", content=as_parquet(id=["=a", "b"], age=[30, None]))
    assert (told.status_code, told.json()["rows"]) == (202, 2)
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), ["x" * 500_000])
    bombs = {
        "unpacks to more": as_parquet(age=long),
        "too many rows": as_parquet(age=[1] * 200_001),
        "not a whole Parquet file": b"PAR1 and no more",
        "has the type list": as_parquet(age=[[1]]),
    }
    for said, bomb in bombs.items():
        refused = program.post("/batches", content=bomb)
        assert refused.status_code == 422
        assert said in refused.json()["faults"][0]["message"]


def test_packed_files_are_never_unpacked(program: httpx.Client) -> None:
    import gzip

    bomb = gzip.compress(b"0" * 50_000_000)
    told = program.post("/batches", content=bomb)
    assert told.status_code == 422
    assert "no plain CSV" in told.json()["faults"][0]["message"]
    assert program.post("/batches", content=b"id\n" + b"1\n" * 200_001).status_code == 422


def test_a_caller_that_is_too_fast_has_to_wait() -> None:
    now = [0.0]
    pace = Pace(at_once=3, per_minute=60, clock=lambda: now[0])
    assert [pace.wait("a") for _ in range(4)] == [0, 0, 0, 1]
    assert pace.wait("b") == 0, "others do not wait for it"
    now[0] = 1.0
    assert (pace.wait("a"), pace.wait("a")) == (0, 1)


def test_the_server_tells_that_one_is_too_fast(desk: Desk, address: str) -> None:
    text, token_id = token_for(desk, "assess")
    while desk.api_pace.wait(token_id) == 0:
        pass
    told = httpx.post(f"{address}/assess", json=intake(), headers={"Authorization": f"Bearer {text}"})
    assert (told.status_code, told.headers["retry-after"]) == (429, "1")


def test_nothing_that_is_sent_breaks_the_server(desk: Desk, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Generated from the description: no answer is a 500, and all are as described."""
    schema = openapi.from_url(f"{address}/openapi.json")
    text, _ = token_for(desk, *tokens.SCOPES)
    object.__setattr__(desk, "api_pace", Pace(at_once=10**9))
    counted: dict[int, int] = {}

    for operation in (found.ok() for found in schema.get_all_operations()):

        @settings(
            max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
        )
        @given(case=operation.as_strategy())
        def fuzz(case: Any) -> None:
            answer = case.call(headers={"Authorization": f"Bearer {text}"}, timeout=60)
            counted[answer.status_code] = counted.get(answer.status_code, 0) + 1
            assert answer.status_code < 500, case.as_curl_command()

        fuzz()
    with capsys.disabled():
        print(f"\n{sum(counted.values())} cases, by status {dict(sorted(counted.items()))}")
    assert sum(counted.values()) > CASES
    assert not any(status >= 500 for status in counted)
