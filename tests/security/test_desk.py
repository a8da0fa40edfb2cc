"""What protects the desk, each promise by its name. Asked over HTTP, as an attacker would."""

from __future__ import annotations

import itertools
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from httpx import Client

from recommender.store import assessments, people, referrals, users
from recommender.store.permissions import ROLES, allowed
from recommender.web import Desk, create_app
from recommender.web.api import router as api
from recommender.web.armour import COOKIE
from recommender.web.card import card_html
from recommender.web.doors import DOORS, OPEN, PROGRAM, SIGNED_IN
from recommender.web.pages import ROUTERS
from tests.desks import USERS, new_desk, served
from tests.security.conftest import TYPED, Enter, recommended, secret_in, try_in
from tests.stores import PASSWORD, SETUP, WHO, Clock


def records(desk: Desk) -> dict[str, str]:
    """Somebody at the northern site, as ids of their records."""
    with desk.store.writing() as work:
        person = people.add(work, WHO, "north", event=SETUP)
        referral = referrals.add(work, person.id, source="self", event=SETUP)
        begun = assessments.start(work, person.id, referral_id=referral.id, event=SETUP)
    return {"referral_id": referral.id, "assessment_id": begun.id}


# ------------------------------------------------------------------------------------------------------------- sign-in
def test_the_cookie_is_for_the_server_alone(client: Client) -> None:
    told = try_in(client, "ana").headers["set-cookie"]
    assert "HttpOnly" in told
    assert "SameSite=strict" in told


def test_over_https_the_cookie_is_never_sent_otherwise(desk: Desk) -> None:
    with served(Desk(desk.store, desk.engine, desk.population, secure=True)) as address, Client() as client:
        assert "Secure" in client.get(f"{address}/sign-in").headers["set-cookie"]


def test_a_wrong_name_and_a_wrong_password_look_the_same(client: Client) -> None:
    answers = [try_in(client, "ana", "not the right words"), try_in(client, "nobody", "not the right words")]
    hidden = [re.sub(r'value="[^"]*"', "", answer.text) for answer in answers]
    assert hidden[0] == hidden[1]
    assert {answer.status_code for answer in answers} == {403}


def test_many_failures_have_to_wait_even_with_the_right_password(client: Client, clock: Clock) -> None:
    for _ in range(5):
        try_in(client, "ana", "not the right words")
    assert try_in(client, "ana").status_code == 429
    clock.forward(minutes=16)
    assert try_in(client, "ana").status_code == 303


def test_each_sign_in_has_a_session_of_its_own(client: Client) -> None:
    client.cookies.set(COOKIE, "chosen-by-somebody-else")
    tokens = [try_in(browser_of, "ana").cookies[COOKIE] for browser_of in (client, client)]
    assert len({*tokens, "chosen-by-somebody-else"}) == 3


@pytest.mark.parametrize(("minutes", "step"), [(16, 16), (660, 10)], ids=["idle", "old"])
def test_an_idle_and_an_old_session_end(desk: Desk, clock: Clock, minutes: int, step: int, enter: Enter) -> None:
    client, _ = enter("ana")
    for _ in range(minutes // step):
        clock.forward(minutes=step)
        last = client.get("/policy").status_code
    assert last == 303


def test_signing_out_kills_the_session_on_the_server(desk: Desk, enter: Enter) -> None:
    client, form = enter("ana")
    token = client.cookies[COOKIE]
    client.post("/sign-out", data={"form_secret": form})
    client.cookies.set(COOKIE, token)
    assert client.get("/policy").status_code == 303


def test_after_signing_in_nobody_is_led_elsewhere(client: Client) -> None:
    for back in ("https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example"):
        form = secret_in(client.get("/sign-in", params={"back": back}).text)
        told = client.post("/sign-in", data={"name": "ana", "password": PASSWORD, "form_secret": form, "back": back})
        assert told.headers["location"] == "/"


def test_the_first_run_is_over_once_somebody_can_sign_in(client: Client) -> None:
    assert client.get("/first-run").status_code == 403


# ------------------------------------------------------------------------------------------------------------ requests
def test_a_form_of_another_session_does_nothing(desk: Desk, enter: Enter) -> None:
    client, _ = enter("ana")
    _, other = enter("bo")
    for forged in ("", "guess", other):
        assert client.post("/referrals", data={"form_secret": forged, "source": "self"}).status_code == 403
    with desk.store.reading() as work:
        assert referrals.worklist(work) == []


def test_a_form_that_is_sent_twice_makes_one_referral(desk: Desk, enter: Enter) -> None:
    client, form = enter("ana")
    once = re.search(r'name="once" value="([^"]+)"', client.get("/referrals/new").text)
    assert once
    data = {"form_secret": form, "source": "self", "priority": "none", "once": once[1]}
    places = {client.post("/referrals", data=data).headers["location"] for _ in range(2)}
    assert places == {f"/referrals/{once[1]}"}
    other, form = enter("cy")
    there = other.post("/referrals", data={**data, "form_secret": form}).headers["location"]
    assert other.get(there).status_code == 404, "an id that was seen elsewhere opens nothing"
    with desk.store.reading() as work:
        assert len(referrals.worklist(work)) == 1


def test_every_answer_has_its_armour(desk: Desk, enter: Enter) -> None:
    client, _ = enter("ana")
    for path in ("/worklist", "/nothing-here", "/referrals/none", "/sign-in"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


def test_no_page_holds_a_script_or_a_style_of_its_own(desk: Desk, enter: Enter) -> None:
    client, _ = enter("ana")
    begun = records(desk)["assessment_id"]
    for path in ("/worklist", "/policy", "/referrals/new", f"/assessments/{begun}"):
        assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", client.get(path).text), path


FIELDS = ("given_name", "family_name", "telephone", "email", "address", "record_number")


def test_what_is_typed_is_text_everywhere(desk: Desk, enter: Enter) -> None:
    client, form = enter("bo")
    given = {"form_secret": form, "source": "self", "priority": "none", **dict.fromkeys(FIELDS, TYPED)}
    page = client.post("/referrals", data=given).headers["location"]
    consent = {"form_secret": form, "scope": "named_recipient", "recipient": TYPED, "purpose": TYPED}
    assert client.post(f"{page}/consents", data=consent).status_code == 303
    search = {"form_secret": form, "family_name": TYPED}
    for text in (client.get(page).text, client.get("/worklist").text, client.post("/worklist", data=search).text):
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
    with desk.store.reading() as work:
        assert len(referrals.worklist(work)) == 1


def test_what_is_typed_about_a_decision_a_flag_a_token_or_a_user_is_text_too(desk: Desk, enter: Enter) -> None:
    client, form = enter("bo")
    result = recommended(desk, client, form, suicide_thoughts="wish_to_be_dead")
    page = client.get(result).text
    flag, seen = (re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("flag", "seen"))
    assert flag
    assert seen
    told = {"form_secret": form, "flag": flag[1], "seen": seen[1], "reason": "other", "words": TYPED}
    assessment = re.search(r"/assessments/[0-9a-f]+", page)
    assert assessment
    result = client.post(f"{assessment[0]}/clearances", data=told).headers["location"]
    decision = {"indicated": "hospital", "override_reason": "clinician_disagrees", "words": TYPED}
    for more in ({"difference_reason": "pope"}, {}):
        told = {"form_secret": form, "seen": "0", **decision, **more}
        shown = client.post(f"{result}/decisions", data=told)
        assert "<script>alert" not in (shown.text or client.get(result).text)
    keeper, form = enter("dee")
    keeper.post("/tokens", data={"form_secret": form, "label": TYPED, "scope": "assess", "days": "3"})
    user = {"name": "zed", "display": TYPED, "role": "analyst", "site": "north", "password": PASSWORD}
    keeper.post("/users", data={"form_secret": form, **user})
    for text in (client.get(result).text, keeper.get("/tokens").text, enter("zed")[0].get("/policy").text):
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text


def test_the_desk_is_the_same_on_either_database(database: str, tmp_path: Path, clock: Clock) -> None:
    desk = new_desk(tmp_path, clock, database=database)
    with served(desk) as address, Client(base_url=address, timeout=60) as client:
        assert try_in(client, "ana").status_code == 303
        form = secret_in(client.get("/policy").text)
        result = client.get(recommended(desk, client, form))
        assert result.status_code == 200
        assert "Intensive outpatient" in result.text
        assert client.get("/worklist").status_code == 200


def test_nothing_in_the_card_of_a_model_is_html_but_its_own_marks() -> None:
    lines = (f"# {TYPED}", f"- {TYPED}", f"| {TYPED} | **b** |", "| --- | --- |", f"{TYPED} [a](javascript:alert(1))")
    made = str(card_html("\n".join(lines), TYPED))
    assert "<script" not in made
    assert "href" not in made
    known = ["h1", "ul", "li", "div", "table", "thead", "tbody", "tr", "th", "p", "strong"]
    assert set(re.findall(r"<([a-z0-9]+)", made)) == set(known)
    assert 'aria-label="&lt;script' in made


@pytest.mark.parametrize("field", ["source", "priority"])
def test_a_choice_that_there_is_not_is_refused_in_a_sentence(desk: Desk, field: str, enter: Enter) -> None:
    client, form = enter("ana")
    told = client.post("/referrals", data={"form_secret": form, "source": "self", "priority": "none", field: "pope"})
    assert told.status_code == 422
    assert "Traceback" not in told.text


def test_nothing_personal_stands_in_an_address_or_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture, enter: Enter
) -> None:
    caplog.set_level(logging.INFO)
    client, form = enter("ana")
    identity = {"given_name": "Zoë", "family_name": "Quillfeather", "born": "1980-02-03", "record_number": "MR-77"}
    made = client.post("/referrals", data={"form_secret": form, "source": "self", "priority": "none", **identity})
    client.post("/worklist", data={"form_secret": form, "family_name": "Quillfeather"})
    client.get(made.headers["location"])
    ours = [record.getMessage() for record in caplog.records if record.name == "recommender.web"]
    assert ours
    assert all(set(json.loads(line)) == {"route", "method", "status", "ms", "request"} for line in ours)
    for value in (*identity.values(), made.headers["location"].split("/")[-1]):
        assert not any(value in line for line in ours)
    assert not any(value in made.headers["location"] for value in identity.values())


# ------------------------------------------------------------------------------------------------------ who may do what
def routes(desk: Desk) -> list[APIRoute]:
    """Every route, those of routers too."""
    own = create_app(desk).routes
    return [
        r for r in itertools.chain(own, api.routes, *(router.routes for router in ROUTERS)) if isinstance(r, APIRoute)
    ]


def test_every_route_has_a_door_and_every_door_a_known_permission(desk: Desk) -> None:
    named = {route.name for route in routes(desk)}
    assert len(named) > 20
    assert named <= set(DOORS), "a route without a door is shut for everybody"
    assert set(DOORS) <= named | {"static"}, "a door without a route leads nowhere"
    for permission in set(DOORS.values()) - {OPEN, SIGNED_IN}:
        if not permission.startswith(PROGRAM):
            assert any(allowed(role, permission) for role in ROLES), permission


def test_the_truth_table_of_routes_roles_and_sites(desk: Desk, enter: Enter, browser: Callable[[], Client]) -> None:
    """Every route, asked by everybody: shut without a sign-in, shut without the permission, 'not there' elsewhere."""
    kinds = ("recommendation_id", "decision_id", "user_id", "batch_id", "consent_id", "token_id", "name", "number")
    ids = {**dict.fromkeys(kinds, "none"), **records(desk)}
    seen = {user: enter(user[0]) for user in USERS}
    nobody = browser()
    for route, method in [(each, method) for each in routes(desk) for method in sorted(each.methods)]:
        path, permission = route.path.format(**ids), DOORS[route.name]
        if permission == OPEN or route.name == "sign_out":
            continue
        if permission.startswith(PROGRAM):
            assert nobody.request(method, path).status_code == 401, path
            continue
        assert nobody.request(method, path).headers.get("location", "").startswith("/sign-in"), (method, path)
        for (name, role, site), (client, form) in seen.items():
            data = {"form_secret": form} if method == "POST" else None
            told = client.request(method, path, data=data)
            may = permission == SIGNED_IN or allowed(role, permission)
            refused = told.status_code == 403 and "this user may not" in told.text
            assert refused is not may, (method, path, name, told.status_code)
            about_somebody = "{assessment_id}" in route.path or "{referral_id}" in route.path
            if may and about_somebody and site == "south":
                assert told.status_code == 404, f"{name} of another site saw {path}"
            assert told.status_code < 500, (method, path, name)


def test_a_user_who_is_shut_out_is_out_at_once(desk: Desk, enter: Enter) -> None:
    client, _ = enter("ana")
    with desk.store.writing() as work:
        user = users.by_name(work, "ana")
        assert user is not None
        users.change(work, user.id, disabled=True, event=SETUP)
    assert client.get("/worklist").status_code == 303
    assert try_in(client, "ana").status_code == 403


def test_a_coordinator_cannot_answer_for_the_nurse(desk: Desk, enter: Enter) -> None:
    begun = records(desk)["assessment_id"]
    questions = desk.policy.questionnaire.questions
    nurse = next(name for name, q in questions.items() if q.asked_by == "nurse" and not q.ask_if and not q.computed)
    for name, status in (("ana", 422), ("bo", 303)):
        client, form = enter(name)
        data = {"form_secret": form, "seen": "1", f"q.{nurse}": "not_known"}
        assert client.post(f"/assessments/{begun}", data=data).status_code == status


def test_ids_cannot_be_guessed(desk: Desk) -> None:
    made = [records(desk)["assessment_id"] for _ in range(3)]
    assert all(len(one) >= 16 for one in made)
    assert not any(a[:8] == b[:8] for a, b in itertools.combinations(made, 2))
