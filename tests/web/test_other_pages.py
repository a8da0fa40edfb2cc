"""Pages beside the story of one referral: tables, need and capacity, models, tokens. In a real browser."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recommender.store import Event, assessments, consents, people, referrals, users
from recommender.store.decisions import Decision
from recommender.store.needs import Outcome, needs
from recommender.store.recommendations import issue
from recommender.store.schema import new_id
from recommender.web import Desk
from recommender.web.batch_room import FAILED, RUNNING, BatchState
from tests.stores import SETUP, WHO, Clock
from tests.web.conftest import check

SignIn = Callable[..., Any]
Picture = Callable[[Any, str], None]
REFERRALS = Path(__file__).parents[2] / "data" / "referrals.csv"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_table_is_sent_scored_and_taken_home(
    sign_in: SignIn, picture: Picture, tmp_path: Path, scripts: bool
) -> None:
    table = tmp_path / "table.csv"
    lines = REFERRALS.read_text(encoding="utf-8").splitlines()
    age = lines[0].split(",").index("age")
    broken = lines[1].split(",")
    broken[0], broken[age] = "=cmd", "three hundred"
    lines[2] = "=1+1" + lines[2][lines[2].index(",") :]
    table.write_text("\n".join((lines[0], *lines[2:30], ",".join(broken))) + "\n", encoding="utf-8")
    page = sign_in("ana", java_script_enabled=scripts)
    page.click("nav >> text=Tables")
    if scripts:
        check(page)
    page.set_input_files("#table", table)
    page.click("text=Score the table")
    page.wait_for_selector("text=Take the results")
    if scripts:
        check(page)
        picture(page, "desk-table")
    with page.expect_download() as download:
        page.click("text=Take the results")
    rows = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 29
    assert rows[1].startswith('"\'=1+1",'), "no spreadsheet runs it"
    with page.expect_download() as download:
        page.click("text=Take the rejected rows")
    rejects = Path(download.value.path()).read_text(encoding="utf-8")
    assert "three hundred" in rejects
    assert "'=cmd" in rejects, "no spreadsheet runs it"
    page.click("text=Put these 28 people on the worklist")
    page.click("text=28 people of this table are on the worklist")
    page.wait_for_url("**/worklist")
    assert page.locator("tbody tr").count() == 28
    page.click("tbody >> text=Go on >> nth=0")
    page.wait_for_selector("fieldset, .alarm")
    page.goto("/batches")
    page.set_input_files("#table", {"name": "t.csv", "mimeType": "text/csv", "buffer": b"PK\x03\x04"})
    page.click("text=Score the table")
    assert "this is no plain CSV" in page.inner_text(".fault")


def test_a_table_in_the_works_is_followed_without_a_script_and_can_be_left_still(desk: Desk, sign_in: SignIn) -> None:
    assert desk.batches is not None
    with desk.store.reading() as work:
        user = users.by_name(work, "ana")
    assert user is not None
    state = BatchState(new_id(), user.id, RUNNING, time.time(), rows=1000, read=400)
    (desk.batches.folder / state.id).mkdir()
    desk.batches.keep(state)
    page = sign_in("ana")
    page.goto(f"/batches/{state.id}")
    page.click("text=Stop that")
    check(page)
    page.click("text=Ask again by itself")
    check(page)
    desk.batches.keep(replace(state, status=FAILED, faults=("table.csv: is broken.",)))
    page.wait_for_selector("text=is broken")
    check(page)


def decided(desk: Desk, indicated: str, offered: str, reason: str, count: int) -> None:
    """Decisions on people of whom nothing else is known."""
    with desk.store.reading() as work:
        user = users.by_name(work, "bo")
    assert user is not None
    event = Event(user.id)
    with desk.store.writing() as work:
        person = people.add(work, WHO, "north", event=event)
        started = [assessments.start(work, person.id, event=event).id for _ in range(count)]
    _, kept = issue(desk.store, desk.engine, started[0], event=event)
    said = {"indicated": indicated, "offered": offered, "accepted": "", "difference_reason": reason}
    with desk.store.writing() as work:
        for assessment in started:
            decision = Decision(
                assessment_id=assessment,
                recommendation_id=kept.id,
                number=1,
                is_override=False,
                override_reason="",
                words="",
                decided_by=user.id,
                decided_at=work.now,
                **said,
            )
            work.session.add(decision)


def test_need_stands_against_capacity_and_small_counts_stay_hidden(
    desk: Desk, sign_in: SignIn, picture: Picture
) -> None:
    iop, residential = "intensive_outpatient", "residential_high"
    page = sign_in("eve")
    decided(desk, iop, iop, "", 2)
    page.goto("/capacity")
    assert "Not shown" in page.inner_text("main")
    assert "Intensive" not in page.inner_text("main"), "where all is withheld, no level is named either"
    decided(desk, iop, iop, "", 40)
    decided(desk, iop, "outpatient", "waiting_list", 23)
    decided(desk, iop, "nothing", "payer_denial", 3)
    decided(desk, residential, iop, "level_not_available_in_area", 31)
    decided(desk, "hospital", "hospital", "", 4)
    with desk.store.reading() as work:
        assert needs(work)[iop][Outcome("outpatient", "waiting_list")] == 23
        assert needs(work, site="south") == {}
    page.goto("/capacity")
    check(page)
    picture(page, "desk-capacity")
    page.emulate_media(color_scheme="dark")
    picture(page, "desk-capacity-dark")
    page.emulate_media(color_scheme="light")
    shown = page.inner_text("table")
    assert "waiting list" in shown
    for hidden in ("\t3\n", "\t4\n", "23", "42", "31"):
        assert hidden not in shown, "small counts are hidden, and the others rounded"
    with page.expect_download() as download:
        page.click("text=Take rows that identify nobody")
    rows = list(csv.DictReader(Path(download.value.path()).read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 103
    assert {row["period"] for row in rows} == {"2026"}
    placed = Counter((row["level_indicated"], row["level_offered"]) for row in rows)
    assert min(placed.values()) >= 11, "nor can the small counts be counted here"
    assert not {"Zoë", "Quillfeather", "1980-02-03", "north"} & {cell for row in rows for cell in row.values()}
    with page.expect_download() as download:
        page.click("text=Take the table")
    assert Path(download.value.path()).read_text(encoding="utf-8").startswith("indicated,offered,reason,people")


def test_an_analyst_reads_about_models_and_never_about_a_person(desk: Desk, sign_in: SignIn, picture: Picture) -> None:
    page = sign_in("eve")
    page.click("nav >> text=Models")
    check(page)
    page.click("main >> text=Version 1")
    check(page)
    picture(page, "desk-model")
    assert page.locator("article table").count() == 1
    assert "Not clinically validated" in page.inner_text("body")
    page.click("main >> text=Report")
    page.wait_for_selector("img >> nth=3")
    page.goto("/worklist")
    assert "may not" in page.inner_text("main")


def test_an_administrator_forgets_by_age_and_never_sees_whom(desk: Desk, sign_in: SignIn, clock: Clock) -> None:
    with desk.store.writing() as work:
        old = people.add(work, WHO, "north", event=SETUP)
        referrals.add(work, old.id, source="self", event=SETUP)
        told = {"scope": "named_recipient", "recipient": "Aunt Quillfeather", "purpose": "a visit"}
        consent = consents.give(work, old.id, event=SETUP, **told)
    clock.forward(days=5 * 366)
    with desk.store.writing() as work:
        again = people.add(work, WHO, "north", event=SETUP)
        referrals.add(work, again.id, source="self", event=SETUP)
    clock.forward(days=2 * 366)
    page = sign_in("dee")
    page.click("nav >> text=Keys and audit")
    check(page)
    page.click("text=Retention")
    check(page)
    assert "1 people have had nothing new for 6 years" in page.inner_text("main")
    assert "Quillfeather" not in page.content()
    page.click("text=Erase who these")
    page.wait_for_selector("text=1 people were erased")
    with desk.store.writing() as work:
        names = people.identify(work, [old.id, again.id], event=SETUP)
        left = consents.of_person(work, old.id)
        assert [(entry.id, consents.recipient_of(work, entry)) for entry in left] == [(consent.id, "")]
    assert (names[old.id].name, names[again.id].family_name) == ("", "Quillfeather")


@pytest.mark.parametrize("name", ["dee", "eve", "ana"])
def test_every_page_of_a_role_fits_a_telephone_in_the_dark(sign_in: SignIn, name: str) -> None:
    page = sign_in(name, color_scheme="dark", viewport={"width": 400, "height": 800})
    for link in [each.get_attribute("href") for each in page.locator("nav a").all()]:
        page.goto(link)
        check(page)
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{link} has to be moved sideways"


def test_a_token_is_shown_once_and_revoked(sign_in: SignIn, picture: Picture) -> None:
    page = sign_in("dee")
    page.goto("/tokens")
    page.fill("#label", "intake form")
    page.click("main button >> text=Make a token")
    assert "a token needs a scope" in page.inner_text(".fault")
    page.fill("#label", "intake form")
    page.check("input[value=assess]")
    page.click("main button >> text=Make a token")
    secret = page.inner_text("code")
    check(page)
    picture(page, "desk-tokens")
    page.goto("/tokens")
    assert secret not in page.content()
    page.click("text=Revoke")
    page.wait_for_selector("td >> text=revoked")
