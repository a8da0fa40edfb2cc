"""Content that clinicians edit: faults name file, line, column and a suggestion; what ships holds together."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.errors import ContentError
from recommender.policy import Policy
from recommender.policy_file import ADULT, load_policy
from recommender.questionnaire_file import load_questionnaire

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
    ("    changes: never\n", "`changes` cannot be `never`", 10, "by_action, by_time, only_worse, fixed"),
    ("    worse: up\n    improves_to: [0]\n", "`improves_to` says nothing here", 11, "`changes: by_action`"),
    ("    ask_if: drink >= 1\n    when_not_asked: 0\n", "`drink` is not a question", 10, "Did you mean `drinks`?"),
    ("    ask_if: drinks >= 1\n    when_not_asked: 0\n", "depend on each other in a circle", 4, ""),
    ("    ask_if: always\n    when_not_asked: 11\n", "`11` is not an answer", 11, "0 to 10"),
    ("    ask_if: always\n", "`when_not_asked` is missing", 4, "Say what holds"),
    ("    spans:\n      many: [9, 3]\n", "ends in the wrong order", 11, ""),
    ("    id: again\n", "the key `id` stands twice", 10, "Keep one"),
    ("    use: audits\n", "`use` cannot be `audits`", 10, "assessment, record, audit"),
    ("    use: audit\n    safety: true\n", "for audit cannot have `safety: true`", 11, "a question decides nothing"),
    ("    use: audit\n    worse: up\n", "for audit cannot have `worse: up`", 11, "a question decides nothing"),
    ("    use: audit\n    asked_by: nurse\n", "for audit cannot have `asked_by: nurse`", 11, ""),
    ("    use: record\n    safety: true\n", "for record cannot have `safety: true`", 11, "a question decides nothing"),
    ('    use: audit\n    computed: "1"\n', "for audit cannot be `computed`", 11, ""),
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


BESIDE = """  - id: group
    text: Which group?
    type: choice
    choices: [{id: a}, {id: b}]
    use: USE
    source: PJ
"""
READERS = [
    ("    ask_if: group == 'a'\n    when_not_asked: 0\n", ""),
    ("    computed: \"1 if group == 'a' else 2\"\n", ""),
    ("    ask_if: answered(group)\n    when_not_asked: 0\n", ""),
    ("", "contradictions:\n  - {id: C1, when: \"group == 'a' and drinks >= 1\", why: W., questions: [drinks]}\n"),
]


@pytest.mark.parametrize("use", ["audit", "record"])
@pytest.mark.parametrize(("more", "section"), READERS, ids=["gate", "total", "answered", "contradiction"])
def test_nothing_that_decides_may_read_an_answer_for_audit_or_the_record(
    tmp_path: Path, more: str, section: str, use: str
) -> None:
    (tmp_path / "01_t.yaml").write_text(QUESTION + more + BESIDE.replace("USE", use) + section, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_questionnaire(tmp_path)
    (fault,) = caught.value.faults
    assert fault.what == f"`group` is asked for {use} alone and decides nothing"
    assert fault.line is not None


def test_what_is_asked_for_audit_must_not_matter_and_is_read_by_nothing(policy: Policy) -> None:
    listed = {entry["question"] for entry in policy.notes["must_not_matter"]}
    assert policy.questionnaire.for_audit == ("sex", "race", "ethnicity", "payer")
    assert listed > {
        *policy.questionnaire.for_audit,
        "language",
        "interpreter_needed",
        "reading_help_needed",
        "veteran",
    }
    assert not set(policy.questionnaire.beside) & set(policy.questions_used)


def test_who_sent_somebody_schooling_marriage_and_income_must_not_matter(policy: Policy) -> None:
    listed = {entry["question"] for entry in policy.notes["must_not_matter"]}
    assert listed > {"referral_source", "schooling", "marital_status", "income_source"}


EDITS = [
    (
        'when: "pregnancy >= \'pregnant\'", why: "Pregnancy needs',
        'when: "sex == \'female\'", why: "Pregnancy needs',
        "`sex` is asked for audit alone and decides nothing",
        "a question of the assessment",
    ),
    (
        'when: "pregnancy >= \'pregnant\'", why: "Pregnancy needs',
        'when: "not answered(schooling)", why: "Pregnancy needs',
        "`schooling` is asked for record alone and decides nothing",
        "a question of the assessment",
    ),
    ("{question: race,", "{question: rase,", "there is no question `rase`", "Did you mean `race`?"),
    ("{question: race,", "{question: sex,", "`sex` stands twice", "Keep one"),
    ("{question: race, why", "{question: race, because: x, why", "`because` is not a known key", ""),
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
