"""Content that clinicians edit: faults name file, line, column and a suggestion; what ships holds together."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.errors import ContentError
from recommender.policy import Policy
from recommender.policy_file import ADULT, load_policy
from recommender.questionnaire import load_questionnaire

QUESTION = """topic: t
title: T
questions:
  - id: drinks
    text: How many?
    type: count
    max: 10
    unit: drinks
    source: PJ
"""

FAULTS = [
    ("    wrose: up\n", "`wrose` is not a known key", 10, "Did you mean `worse`?"),
    ("    worse: sideways\n", "`worse` cannot be `sideways`", 10, "up, down, none"),
    ("    ask_if: drink >= 1\n    when_not_asked: 0\n", "`drink` is not a question", 10, "Did you mean `drinks`?"),
    ("    ask_if: drinks >= 1\n    when_not_asked: 0\n", "depend on each other in a circle", 4, ""),
    ("    ask_if: always\n    when_not_asked: 11\n", "`11` is not an answer", 11, "0 to 10"),
    ("    ask_if: always\n", "`when_not_asked` is missing", 4, "Say what holds"),
    ("    spans:\n      many: [9, 3]\n", "ends in the wrong order", 11, ""),
    ("    id: again\n", "the key `id` stands twice", 10, "Keep one"),
    ("  bad indent\n", "is not valid YAML", 11, "Check the indentation"),
]


@pytest.mark.parametrize(("more", "what", "line", "hint"), FAULTS, ids=[fault[1] for fault in FAULTS])
def test_a_faulty_question_is_refused_with_its_place(
    tmp_path: Path, more: str, what: str, line: int, hint: str
) -> None:
    (tmp_path / "01_t.yaml").write_text(QUESTION + more, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_questionnaire(tmp_path)
    (fault,) = caught.value.faults
    assert what in fault.what
    assert (fault.file, fault.line) == ("01_t.yaml", line)
    assert fault.column is not None
    assert hint in fault.sentence()


EDITS = [
    (
        'when: "d5_use_risk >= 3"',
        'when: "d5_use_risks >= 3"',
        "`d5_use_risks` is not a question",
        "Did you mean `d5_use_risk`?",
    ),
    ("rating: 4, when", "rating: 5, when", "`rating` cannot be `5`", "1, 2, 3, 4"),
    (
        "source: SAMHSA-DETOX}",
        "source: SAMSHA-DETOX}",
        "there is no source `SAMSHA-DETOX`",
        "Did you mean `SAMHSA-DETOX`",
    ),
    ("id: W4b", "id: W4a", "the name `W4a` is taken", ""),
    ("floor: medical_residential", "floor: medical_resident", "there is no step", "Did you mean"),
    ("hours: 9\n", "hours: 10\n", "the slots add up to 9 hours", ""),
    ("mode: block", "mode: blok", "`mode` cannot be `blok`", "block, hold"),
]


@pytest.mark.parametrize(("old", "new", "what", "hint"), EDITS, ids=[edit[2] for edit in EDITS])
def test_a_slip_in_the_policy_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, what: str, hint: str
) -> None:
    text = ADULT.read_text(encoding="utf-8")
    assert old in text
    edited = tmp_path / "mine.yaml"
    edited.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_policy(edited)
    (fault,) = caught.value.faults
    assert what in fault.what
    assert hint in fault.sentence()
    assert fault.file == "mine.yaml"
    assert fault.line is not None


def test_the_place_of_a_slip_in_an_expression_is_exact(tmp_path: Path) -> None:
    file = tmp_path / "01_t.yaml"
    file.write_text(QUESTION + '    ask_if: "always_not >= 1"\n    when_not_asked: 0\n', encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_questionnaire(tmp_path)
    (fault,) = caught.value.faults
    line = file.read_text(encoding="utf-8").splitlines()[9]
    assert fault.line == 10
    assert line[(fault.column or 0) - 1 :].startswith("always_not")


def test_every_rule_says_why_and_every_level_can_be_reached_by_some_rule(policy: Policy) -> None:
    assert [rule.id for rule in policy.rules.values() if not rule.why and rule.section != "alternatives"] == []
    reachable = {rule.value for rule in policy.level_rules} | {0}
    assert reachable == set(range(len(policy.ladder.ids)))


def test_the_policy_says_that_it_is_not_validated(policy: Policy) -> None:
    assert policy.status == "unvalidated"
    assert "ot clinically validated" in policy.statement
