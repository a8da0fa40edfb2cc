"""What is sent to the desk as a table, and what leaves it."""

from __future__ import annotations

import gzip
import io
import re
import time
import zipfile

import pytest
from httpx import Client

from recommender.store import users
from recommender.web import Desk
from recommender.web.sent_table import LARGEST_BYTES, MOST_ROWS
from tests.security.conftest import Enter, recommended
from tests.stores import WHO


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", b"age\n" + b"0\n" * 5_000_000)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the table is empty"),
        (zipped(), "no plain CSV or Parquet file"),
        (gzip.compress(b"age\n" + b"0\n" * 5_000_000), "no plain CSV or Parquet file"),
        (b"age\n" + b"0\n" * (MOST_ROWS + 1), "too many rows"),
        (b"age\n" + b"0" * LARGEST_BYTES, "too large"),
    ],
    ids=["empty", "zip bomb", "gzip bomb", "rows", "size"],
)
def test_a_table_that_is_too_much_is_refused_and_nothing_is_unpacked(enter: Enter, content: bytes, told: str) -> None:
    client, form = enter("ana")
    answer = client.post("/batches", data={"form_secret": form}, files={"table": ("table.csv", content)})
    assert answer.status_code == 422
    assert told in answer.text


def test_a_table_of_somebody_else_is_as_if_it_were_not_there(enter: Enter) -> None:
    client, form = enter("ana")
    table = {"table": ("table.csv", b"id,age\n=1+1,44\n")}
    where = client.post("/batches", data={"form_secret": form}, files=table).headers["location"]
    other, _ = enter("bo")
    assert [other.get(place).status_code for place in (where, f"{where}/result")] == [404, 404]
    assert result_of(client, where).splitlines()[1].startswith('"\'=1+1",'), "no spreadsheet runs what was sent"


def result_of(client: Client, where: str) -> str:
    """The results of a table, once it is scored."""
    while (found := client.get(f"{where}/result")).status_code != 200:
        time.sleep(0.1)
    return found.text


def test_nothing_goes_to_a_court_or_the_police_on_a_consent_to_care(desk: Desk, enter: Enter) -> None:
    client, form = enter("bo")
    result = recommended(desk, client, form)
    asked = {"form_secret": form, "recipient": "County court", "purpose": "legal_proceedings"}
    assert client.post(f"{result}/packet", data=asked).status_code == 403
    referral = re.search(r"/referrals/[0-9a-f]+", client.get(assessment_of(client, result)).text)
    assert referral
    for scope in ("care", "named_recipient"):
        consent = {"form_secret": form, "scope": scope, "recipient": "County court", "purpose": "care"}
        assert client.post(f"{referral[0]}/consents", data=consent).status_code == 303
        told = client.post(f"{result}/packet", data=asked)
        assert told.status_code == 403
        assert WHO.family_name not in told.text
    consent = {"form_secret": form, "scope": "legal_proceedings", "recipient": "County court", "purpose": "case 7"}
    client.post(f"{referral[0]}/consents", data=consent)
    assert client.post(f"{result}/packet", data=asked).status_code == 200


def assessment_of(client: Client, result: str) -> str:
    found = re.search(r"/assessments/[0-9a-f]+", client.get(result).text)
    assert found
    return found[0]


def test_passwords_are_kept_as_argon2id_alone(desk: Desk, enter: Enter) -> None:
    keeper, form = enter("dee")
    password = "a few words of nothing"  # noqa: S105  # of somebody who does not exist
    user = {"name": "zed", "display": "Zed", "role": "analyst", "site": "north", "password": password}
    assert keeper.post("/users", data={"form_secret": form, **user}).status_code == 303
    with desk.store.reading() as work:
        kept = users.by_name(work, "zed")
    assert kept is not None
    assert kept.password_hash.startswith("$argon2id$")
    assert password not in kept.password_hash
