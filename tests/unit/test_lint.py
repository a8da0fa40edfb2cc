"""The linter finds what is planted, at its place, and says nothing of the packaged files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from recommender.cli import main
from recommender.lint import FAULT, NOTICE, lint_policy, lint_questions
from recommender.policy import Policy
from recommender.policy_file import ADULT
from recommender.questionnaire_file import QUESTIONS

# What is planted: the code it should be found under, the text replaced, its replacement, and what stands at its place.
PLANTED = [
    ("unused-name", "derived:\n", 'derived:\n  - {id: idle, expression: "age + 1", text: "x"}\n', "idle,"),
    ("unused-source", "sources:\n", 'sources:\n  NOBODY: {title: "Read by nobody"}\n', '{title: "Read'),
    ("unused-contact", "contacts:\n", 'contacts:\n  nobody: "none"\n', 'none"'),
    (
        "duplicate-rule",
        "      - {id: B2b,",
        '      - {id: B2x, rating: 2, when: "starving or violence", why: "x", source: PJ}\n'
        '      - {id: B2y, rating: 2, when: "violence or starving", why: "x", source: PJ}\n      - {id: B2b,',
        "violence or starving",
    ),
    ("idle-comparison", 'when: "overdoses_30_days >= 2"', 'when: "violence or overdoses_30_days >= 0"', "overdoses_30"),
    ("idle-comparison", 'when: "d2_medical >= 3"', 'when: "d2_medical >= 3 and d4_readiness < 0"', "d4_readiness < 0"),
    ("idle-comparison", "cannabis_days >= 20", "cannabis_days > 30", "cannabis_days > 30"),
    ("no-direction", "  - {question: systolic,", "  - {question: language,", "- {question"),
    (
        "same-level",
        "from: residential_low, to: residential_high",
        "from: residential_low, to: residential_low",
        "resid",
    ),
    ("long-text", 'why: "Weekly care."', f'why: "{"Weekly care. " * 30}"', "Weekly care. Weekly"),
]


@pytest.mark.parametrize(("code", "old", "new", "at"), PLANTED, ids=[f"{n} {p[0]}" for n, p in enumerate(PLANTED)])
def test_what_is_planted_is_found_at_its_place(
    tmp_path: Path, policy: Policy, code: str, old: str, new: str, at: str
) -> None:
    text = ADULT.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [entry for entry in lint_policy(file, policy.questionnaire) if entry.severity != NOTICE]
    (finding,) = found
    assert finding.code == code
    line = file.read_text(encoding="utf-8").splitlines()[(finding.fault.line or 0) - 1]
    assert line[(finding.fault.column or 0) - 1 :].startswith(at)


def test_a_comparison_is_placed_also_in_a_text_over_several_lines(tmp_path: Path, policy: Policy) -> None:
    text = ADULT.read_text(encoding="utf-8").replace(" or organ_risk or abnormal", "\n  or pulse >= 0 or abnormal", 1)
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    (finding,) = [entry for entry in lint_policy(file, policy.questionnaire) if entry.code == "idle-comparison"]
    line = text.splitlines()[(finding.fault.line or 0) - 1]
    assert line[(finding.fault.column or 0) - 1 :].startswith("pulse >= 0")


def test_all_faults_are_told_at_once_and_each_only_where_it_is(tmp_path: Path, policy: Policy) -> None:
    edits = (
        ('expression: "alcohol_last_days <= 3"', 'expression: "alcohol_last_dayz <= 3"'),  # used by several rules
        ("ciwa >= 19 or cows >= 37", "cixa >= 19 or coxs >= 37"),
        ("mode: block", "mode: blok"),
        ("source: CFR}", "source: CFX}"),
        ("rating: 4, when", "rating: 4, wen"),
    )
    text = ADULT.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    found = lint_policy(file, policy.questionnaire)
    assert {entry.severity for entry in found} == {FAULT}
    assert [entry.fault.what.split(" is ")[0] for entry in found] == [
        "`alcohol_last_dayz`",
        "`when`",
        "`wen`",
        "`cixa`",
        "`coxs`",
        "there",
        "`mode` cannot be `blok`",
    ]
    assert all((entry.fault.line and entry.fault.remedy) or entry.fault.allowed for entry in found)


def test_the_packaged_files_are_clean(policy: Policy) -> None:
    found = [*lint_questions(), *lint_policy(questionnaire=policy.questionnaire)]
    assert [entry.fault.sentence() for entry in found if entry.severity != NOTICE] == []


def test_question_files_are_looked_through_too(tmp_path: Path) -> None:
    for path in QUESTIONS.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace("pulse < 50", "pulse < 0", 1), encoding="utf-8")
    (finding,) = lint_questions(tmp_path)
    assert finding.code == "idle-comparison"
    assert "never true" in finding.fault.what
    (tmp_path / "01_safety.yaml").write_text("topic: x\ntitle: X\nquestions: [{id: a}, {id: b}]\n", encoding="utf-8")
    assert len([entry for entry in lint_questions(tmp_path) if entry.severity == FAULT]) > 6


def test_exit_codes_and_the_form_for_programs(tmp_path: Path) -> None:
    text = ADULT.read_text(encoding="utf-8")
    odd, broken = tmp_path / "odd.yaml", tmp_path / "broken.yaml"
    odd.write_text(text.replace("contacts:\n", 'contacts:\n  nobody: "none"\n', 1), encoding="utf-8")
    broken.write_text(text.replace("source: CFR}", "source: CFX}"), encoding="utf-8")
    runs = [(), ("--strict",), (str(odd),), (str(odd), "--strict"), (str(broken),)]
    codes = [CliRunner().invoke(main, ["policy", "lint", *arguments]).exit_code for arguments in runs]
    assert codes == [0, 0, 0, 11, 11]
    shown = json.loads(CliRunner().invoke(main, ["policy", "lint", str(odd), "--format", "json"]).stdout)
    assert {"severity": "warning", "code": "unused-contact", "file": "odd.yaml"}.items() <= shown[0].items()
