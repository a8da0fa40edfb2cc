"""A referral from its first line to the signed decision, in a real browser; and what may go wrong on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recommender.answers import Answer, write_text
from recommender.intake import read_intake_file
from recommender.policy import Policy
from recommender.rules.bounds import ANSWERED
from recommender.store import assessments
from recommender.web import Desk
from tests.desks import new_desk, served
from tests.stores import INTAKES, Clock
from tests.web.conftest import check

SignIn = Callable[..., Any]
Picture = Callable[[Any, str], None]


def new_referral(page: Any, family_name: str = "Quillfeather") -> None:
    page.click("text=New referral")
    page.fill("#given_name", "Zoë")
    page.fill("#family_name", family_name)
    page.fill("#born", "1980-02-03")
    page.select_option("#priority", "pregnant")
    page.click("text=Add the referral")


def answer_from(policy: Policy, intake: str) -> dict[str, str]:
    answers = read_intake_file(str(INTAKES / f"{intake}.json"), policy.questionnaire).answers
    questions = policy.questionnaire.questions
    return {name: write_text(questions[name], a) for name, a in answers.items() if a.state == ANSWERED}


def fill_in(
    desk: Desk, page: Any, intake: str, *, but: tuple[str, ...] = (), only: tuple[str, ...] | None = None
) -> None:
    """Puts the answers of a sample intake into the assessment that a page shows, as if they had been given before."""
    policy, found = desk.policy, page.url.split("/assessments/")[1].split("?")[0].split("/")[0]
    answers: dict[str, Answer | None] = dict(
        read_intake_file(str(INTAKES / f"{intake}.json"), policy.questionnaire).answers
    )
    from tests.stores import SETUP

    with desk.store.writing() as work:
        seen = assessments.get(work, found).version
        given = {name: answer for name, answer in answers.items() if name not in but and name in (only or answers)}
        assessments.answer(work, found, given, policy.questionnaire, seen=seen, event=SETUP)
    page.reload()


def acknowledge_all(page: Any) -> None:
    while page.locator(".alarm").count():
        with page.expect_navigation():
            page.click("text=I have read this")


def test_from_referral_to_signed_decision(desk: Desk, sign_in: SignIn, policy: Policy, picture: Picture) -> None:
    page = sign_in("ana")
    check(page)
    new_referral(page)
    check(page)
    page.click("text=Begin an assessment")
    check(page)
    picture(page, "desk-safety")
    # The first questions are for safety; each is saved as it is answered.
    truth = answer_from(policy, "clear_iop")
    box = page.locator("fieldset").first
    name = box.get_attribute("data-question")
    box.locator(f"input[value='{truth.get(name, 'no')}']").first.click()
    page.wait_for_selector(".saved >> text=/^Saved$/")
    fill_in(desk, page, "clear_iop", but=("craving", "stage"))
    acknowledge_all(page)
    page.wait_for_selector(".ladder")
    check(page)
    picture(page, "desk-interview")
    fill_in(desk, page, "clear_iop")
    acknowledge_all(page)
    assert "Certain: Intensive outpatient" in page.inner_text("#standing")
    page.click("text=Make the recommendation")
    assert "Intensive outpatient" in page.inner_text(".report h1")
    assert "Not clinically validated" in page.inner_text("footer")
    check(page)
    picture(page, "desk-result")
    page.select_option("#indicated", "intensive_outpatient")
    page.select_option("#offered", "intensive_outpatient")
    page.click("text=Write the decision down")
    assert "A clinician has to sign it" in page.inner_text("#decision")
    clinician = sign_in("bo")
    clinician.goto(page.url.split("#")[0])
    clinician.click("#decision >> text=Sign")
    assert "Signed" in clinician.inner_text("#decision")
    page.goto("/worklist?status=decided")
    assert "Quillfeather" in page.inner_text("table")
    assert "Quillfeather" not in page.url
    check(page)
    picture(page, "desk-worklist")


def test_a_red_flag_covers_the_page_until_it_is_read(sign_in: SignIn, picture: Picture) -> None:
    page = sign_in("ana")
    new_referral(page)
    page.click("text=Begin an assessment")
    page.goto(page.url + "?topic=safety")
    page.locator("fieldset[data-question=suicide_thoughts] input[value=intent_or_plan]").click()
    page.wait_for_selector(".alarm")
    assert "988" in page.inner_text(".alarm")
    check(page)
    picture(page, "desk-red-flag")
    page.reload()
    assert page.locator(".alarm").count() == 1, "it cannot be got round"
    acknowledge_all(page)
    assert "EMERGENCY" in page.inner_text("#standing")


def test_a_clinician_clears_a_hold_and_an_override_needs_a_reason(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("ana")
    new_referral(page)
    page.click("text=Begin an assessment")
    fill_in(desk, page, "clear_iop")
    page.goto(page.url.split("?")[0] + "?topic=safety")
    page.locator("fieldset[data-question=suicide_thoughts] input[value=wish_to_be_dead]").click()
    page.wait_for_selector(".alarm")
    acknowledge_all(page)
    page.click("text=Make the recommendation")
    assert "Held for a clinician" in page.inner_text("h1.alert")
    assert page.locator("#indicated").count() == 0, "there is no level to decide on"
    clinician = sign_in("bo")
    clinician.goto(page.url)
    while clinician.locator("form[action$=clearances]").count():
        form = clinician.locator("form[action$=clearances]").first
        form.locator("select").select_option("examined")
        with clinician.expect_navigation():
            form.locator("button").click()
    assert clinician.locator("h1.alert").count() == 0
    clinician.select_option("#indicated", "residential_high")
    clinician.click("text=Write the decision down")
    assert "a reason is needed" in clinician.inner_text("#decision .fault")
    assert clinician.input_value("#indicated") == "residential_high", "nothing has to be filled in twice"
    check(clinician)
    clinician.select_option("#override_reason", "clinician_disagrees")
    clinician.fill("#words", "Lives with somebody who deals.")
    clinician.click("text=Write the decision down")
    assert "Residential treatment" in clinician.inner_text("#decision dl")


def test_a_red_flag_that_comes_again_is_shown_again(sign_in: SignIn) -> None:
    page = sign_in("ana")
    new_referral(page)
    page.click("text=Begin an assessment")
    page.wait_for_url("**/assessments/*")
    safety = page.url + "?topic=safety"
    for answer in ("wish_to_be_dead", "none", "wish_to_be_dead"):
        page.goto(safety)
        page.locator(f"fieldset[data-question=suicide_thoughts] input[value={answer}]").click()
        if answer == "none":
            page.wait_for_selector(".saved >> text=/^Saved$/")
        else:
            page.wait_for_selector(".alarm")
            acknowledge_all(page)


def test_of_two_answers_without_a_script_none_is_lost(sign_in: SignIn) -> None:
    page = sign_in("ana", java_script_enabled=False)
    new_referral(page)
    page.click("text=Begin an assessment")
    safety = page.url + "?topic=safety"
    page.goto(safety)
    number, marks = (
        "fieldset[data-question=age] input:not([type=radio])",
        "fieldset[data-question=age] input[type=radio]",
    )
    page.fill(number, "33")
    page.check(f"{marks}[value=declined]")
    other = "fieldset[data-question=injecting] input[value=no]"
    page.check(other)
    page.click("text=Save and go on")
    assert "Two answers were given" in page.inner_text("fieldset[data-question=age]")
    assert page.input_value(number) == "33"
    assert page.is_checked(other), "what was typed beside it is not to be typed again"
    page.goto(safety)
    page.check(f"{marks}[value=declined]")
    page.click("text=Save and go on")
    page.goto(safety)
    page.fill(number, "33")
    page.click("text=Save and go on")
    page.goto(safety)
    assert page.input_value(number) == "33", "the mark that stood there gives way to the number"


def test_questions_are_asked_in_spanish_beside_english(sign_in: SignIn, picture: Picture) -> None:
    page = sign_in("ana")
    new_referral(page)
    page.click("text=Begin an assessment")
    page.click("summary >> text=Questions are asked in English")
    page.select_option("#language", "es")
    page.click("form[action='/language'] button")
    page.wait_for_selector("legend >> text=labios azules")
    assert "blue or grey lips" in page.inner_text("legend >> nth=0"), "the English text decides"
    assert "has not been read by a clinician" in page.inner_text("main")
    check(page)
    picture(page, "desk-spanish")


def test_without_a_script_everything_is_there(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("ana", java_script_enabled=False)
    new_referral(page)
    page.click("text=Begin an assessment")
    before = page.locator("fieldset").first.get_attribute("data-question")
    page.locator("fieldset").first.locator("input[value=not_known]").check()
    page.click("text=Save and go on")
    assert page.locator("fieldset").first.get_attribute("data-question") != before


def test_two_at_one_assessment_never_overwrite_each_other(desk: Desk, sign_in: SignIn) -> None:
    one, two = sign_in("ana", java_script_enabled=False), sign_in("bo", java_script_enabled=False)
    new_referral(one)
    one.click("text=Begin an assessment")
    target = one.url + "?topic=safety"
    for page in (one, two):
        page.goto(target)
    one.locator("fieldset[data-question=age] input:not([type=radio])").fill("33")
    one.click("text=Save and go on")
    two.locator("fieldset[data-question=age] input:not([type=radio])").fill("34")
    two.click("text=Save and go on")
    assert "somebody answered this in the meantime" in two.inner_text("main")
    two.goto(target)
    assert two.input_value("fieldset[data-question=age] input:not([type=radio])") == "33"


def test_a_session_that_ends_in_the_middle_loses_nothing(desk: Desk, sign_in: SignIn, clock: Clock) -> None:
    page = sign_in("ana")
    new_referral(page)
    page.click("text=Begin an assessment")
    target = page.url + "?topic=safety"
    page.goto(target)
    age = page.locator("fieldset[data-question=age] input:not([type=radio])")
    age.fill("41")
    age.blur()
    page.wait_for_selector(".saved >> text=/^Saved$/")
    clock.forward(minutes=20)
    page.goto(target)
    assert "/sign-in" in page.url
    page.fill("#name", "ana")
    page.fill("#password", "four words of nothing")
    page.click("main button")
    page.goto(target)
    assert page.input_value("fieldset[data-question=age] input:not([type=radio])") == "41"


def test_back_and_a_double_click_do_nothing_twice(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("ana")
    new_referral(page)
    page.dblclick("text=Begin an assessment")
    page.wait_for_url("**/assessments/*")
    page.go_back()
    page.wait_for_url("**/referrals/*")
    page.reload()
    assert page.locator("section >> text=begun").count() == 1
    page.goto("/worklist")
    assert page.locator("tbody tr").count() == 1


def test_a_reassessment_carries_answers_forward_and_says_which_way(
    desk: Desk, sign_in: SignIn, policy: Policy, picture: Picture
) -> None:
    page = sign_in("bo")
    new_referral(page)
    page.click("text=Begin an assessment")
    fill_in(desk, page, "clear_iop")
    acknowledge_all(page)
    page.click("text=Make the recommendation")
    page.click("text=Go on with the interview")
    page.click("text=Back to the referral")
    page.click("text=Reassess")
    page.wait_for_url("**/assessments/*")
    assert "No level is shown until the safety questions are answered" in page.inner_text("#standing")
    assert "Ask again" in page.inner_text("fieldset >> nth=0"), "an old answer says nothing about safety today"
    assert page.locator("fieldset >> nth=0 >> input:checked").count() == 0
    check(page)
    picture(page, "desk-reassessment")
    fill_in(desk, page, "clear_iop", only=policy.safety_questions)
    acknowledge_all(page)
    page.goto(page.url.split("?")[0] + "?topic=home")
    waiting = page.locator(".carried").count()
    assert waiting > 0
    check(page)
    page.locator("fieldset[data-question=home_use] input[value=most_days]").click()
    page.click("text=Save and go on")
    page.goto(page.url.split("?")[0] + "?topic=home")
    assert page.locator(".carried").count() == 0, "what was carried forward is confirmed by saving it"
    assert "changed At the last assessment: none" in " ".join(page.inner_text("[data-question=home_use]").split())
    check(page)
    page.click("text=Make the recommendation")
    assert re.search(r"rests on \d+ answers of the last assessment", page.inner_text("main"))
    assert re.search("level as at the last assessment|more care is needed", page.inner_text("main"))
    assert "What is another answer than at the last assessment" in page.inner_text("main")


def test_a_model_gives_its_opinion_beside_the_rules(sign_in: SignIn, tmp_path: Path, clock: Clock) -> None:
    (folder := tmp_path / "asked").mkdir()
    desk = new_desk(folder, clock, model="demonstration")
    with served(desk) as address:
        page = sign_in("ana", base_url=address)
        new_referral(page)
        page.click("text=Begin an assessment")
        page.wait_for_url("**/assessments/*")
        fill_in(desk, page, "clear_iop")
        acknowledge_all(page)
        page.click("text=Make the recommendation")
        page.wait_for_selector("text=Second opinion of a model")
        assert "made-up people" in page.inner_text(".report")
        check(page)


def test_the_packet_prints_on_few_pages_and_only_with_a_consent(desk: Desk, sign_in: SignIn, picture: Picture) -> None:
    page = sign_in("ana")
    new_referral(page)
    referral = page.url
    page.click("text=Begin an assessment")
    fill_in(desk, page, "clear_iop")
    acknowledge_all(page)
    page.click("text=Make the recommendation")
    result = page.url

    def ask(purpose: str = "payment") -> None:
        page.goto(result + "/packet")
        page.fill("#recipient", "Plain Payer")
        page.select_option("#purpose", purpose)
        page.click("text=Keep the disclosure")

    ask()
    assert "no consent allows this disclosure" in page.inner_text("main")
    page.goto(referral)
    page.select_option("#scope", "care")
    page.click("text=Write down a consent")
    ask("legal_proceedings")
    assert "no consent allows this disclosure" in page.inner_text("main"), "a consent to care opens nothing to a court"
    page.goto(referral)
    page.click("text=End it")
    page.wait_for_selector("text=/^ended$/")
    ask()
    assert "no consent allows this disclosure" in page.inner_text("main"), "a consent that ended opens nothing"
    page.goto(referral)
    page.select_option("#scope", "care")
    page.click("text=Write down a consent")
    ask()
    text = page.inner_text(".packet")
    assert "42 CFR part 2 prohibits unauthorized use or disclosure" in text
    assert "Why no lower level" in text
    assert "use days: 22 days" in text, "every statement is traced to an answer"
    check(page)
    picture(page, "desk-packet")
    printed = page.pdf(format="Letter", margin=dict.fromkeys(("top", "bottom", "left", "right"), "12mm"))
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2


@pytest.mark.parametrize("settings", [{"color_scheme": "dark"}, {"viewport": {"width": 550, "height": 800}}])
def test_dark_and_narrow_pages_are_accessible_too(desk: Desk, sign_in: SignIn, settings: dict[str, Any]) -> None:
    shape = settings.pop("viewport", None)
    page = sign_in("ana", **settings)
    if shape:
        page.set_viewport_size(shape)
    check(page)
    new_referral(page)
    check(page)
    page.click("text=Begin an assessment")
    check(page)
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "nothing has to be moved sideways"


def test_pages_of_the_administrator(sign_in: SignIn, picture: Picture) -> None:
    page = sign_in("dee")
    assert "/users" in page.url
    check(page)
    page.goto("/policy")
    check(page)
    page.goto("/worklist")
    assert "may not" in page.inner_text("main"), "no person's record is for an administrator"
    check(page)
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in*")
    check(page)
