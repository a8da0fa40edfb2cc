"""The report on a model: whole, by itself, and silent about a few people."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote
from xml.dom import minidom

import pytest

from recommender.evaluation.dossier import Dossier
from recommender.evaluation.self_check import NO, OPEN, YES, self_check
from recommender.report.evaluation.card import card
from recommender.report.evaluation.data import as_json
from recommender.report.evaluation.page import page, parts_of
from tests.evaluation_rows import RARE, dossier


@pytest.fixture(scope="module")
def evidence() -> Dossier:
    return dossier()


@pytest.fixture(scope="module")
def text(evidence: Dossier) -> str:
    return page(evidence)


def test_the_page_stands_by_itself_and_is_the_same_each_time(evidence: Dossier, text: str) -> None:
    assert text == page(evidence)
    assert re.findall(r'(?:src|href)="(?!#|data:)', text) == []
    assert "<script" not in text
    assert text.count("Not clinically validated") >= 2
    shown = [heading for heading, body in parts_of(evidence) if body]
    assert {"In short", "What acting on it is worth", "What each answer does"} <= set(shown)
    assert "Where it was never" not in shown


def test_every_picture_can_be_drawn_and_says_in_words_what_it_shows(text: str) -> None:
    assert all(re.findall(r'<img alt="([^"]*)"', text))
    pictures = re.findall(r'src="data:image/svg\+xml,([^"]*)"', text)
    assert len(pictures) > 5
    for picture in pictures:
        assert minidom.parseString(unquote(picture)).documentElement.tagName == "svg"  # noqa: S318  # our own


def test_the_json_holds_the_same_figures(evidence: Dossier, text: str) -> None:
    told = json.loads(json.dumps(as_json(evidence), allow_nan=False))
    figure = told["findings"]["candidates"][0]["measures"]["auc_iop"]
    assert figure["low"] < figure["value"] < figure["high"]
    assert f"{figure['value']:.3f}" in text
    assert f"{figure['value']:.3f}" in card(evidence)


def test_nobody_can_count_a_few_people(evidence: Dossier, text: str) -> None:
    told = as_json(evidence)["findings"]
    race = next(grouping for grouping in told["groupings"] if grouping["title"] == "Race")
    rare = next(group for group in race["groups"] if group["name"] == "a rare group")
    assert rare == {"name": "a rare group", "people": None, "figures": {}, "ece_floor": None, "in_gap": False}
    assert f"<td>{RARE}</td>" not in text


def test_a_fact_that_is_missing_is_never_a_yes() -> None:
    by_id = {risk.id: risk.verdict for risk in self_check({}).risks}
    assert set(by_id.values()) == {OPEN}
    told = {risk.id: risk for risk in self_check({"sites": 3, "clustered_by": "person"}).risks}
    assert told["P2"].verdict == NO
    assert {risk.id: risk for risk in self_check({"sites": 12, "clustered_by": "site"}).risks}["P2"].verdict == YES
