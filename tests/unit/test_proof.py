"""Proofs of a policy: what is put into it is found, with an intake that shows it and that `assess` accepts."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from recommender.assurance.direction import Direction, Directions
from recommender.assurance.enclosure import escapes, is_vague
from recommender.assurance.intakes import calm_person
from recommender.assurance.proof import Finding, Proof, Shown, certify, prove
from recommender.assurance.properties import Counterexample, Properties, Property
from recommender.certificate import CERTIFICATES, certificate_for, read_certificate
from recommender.contradictions import check_intake
from recommender.errors import ContentError
from recommender.policy import Policy
from recommender.policy_file import ADULT, load_policy
from recommender.rules.definitions import Asked, Definition, Formula
from recommender.rules.syntax import parse
from recommender.rules.tree import Number, Truth, Type


def edited(folder: Path, *edits: tuple[str, str]) -> Policy:
    text = ADULT.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = folder / "edited.yaml"
    file.write_text(text, encoding="utf-8")
    return load_policy(file)


def refuted(policy: Policy, kind: str, subject: str) -> Counterexample:
    found = against(policy, kind, subject)
    assert found is not None, f"{kind} {subject} holds"
    for example in found.examples:
        assert check_intake(policy.questionnaire, example.given()) == []
    return found


def against(policy: Policy, kind: str, subject: str) -> Counterexample | None:
    return the_property(policy, kind, subject).refute()


def the_property(policy: Policy, kind: str, subject: str) -> Property:
    properties = Properties(policy, calm_person(policy.questionnaire))
    return next(p for p in getattr(properties, GENERATORS[kind])() if (p.kind, p.subject) == (kind, subject))


GENERATORS = {"alive": "alive", "needed": "needed", "reachable": "reachable", "fair": "fair", "safety": "safety"}
GENERATORS |= {"monotone": "monotone", "exception": "exceptions", "consistent": "consistent", "total": "total"}

SOURCE = "source: PJ"
IN_D4 = '      - {id: E4a, rating: 4, when: "stage'
FAULTS: list[tuple[str, str, tuple[str, str]]] = [
    ("alive", "X5", ('when: "d4_readiness >= 2",', 'when: "d4_readiness >= 2 and d4_readiness <= 1",')),
    ("needed", "E0", (IN_D4, '      - {id: E0, rating: 1, when: "ruler <= 4", why: "x", source: PJ}\n' + IN_D4)),
    ("reachable", "remission_monitoring", ("id: G13, level: remission_monitoring", "id: G13, level: outpatient")),
    ("reachable", "d4_readiness 4", ("id: E4a, rating: 4", "id: E4a, rating: 3")),
    ("exception", "age", ('  - {question: age, why: "No direction', '  - {question: pulse, why: "No direction')),
    ("exception", "stage", ("{question: age, why", '{question: stage, why: "x"}\n  - {question: age, why')),
    ("exception", "X1", ("  - {rule: X1, why", "  - {rule: X8, why")),
]


@pytest.mark.parametrize(("kind", "subject", "edit"), FAULTS, ids=[f"{kind} {subject}" for kind, subject, _ in FAULTS])
def test_a_fault_put_into_the_policy_is_found(
    tmp_path: Path, policy: Policy, kind: str, subject: str, edit: tuple[str, str]
) -> None:
    if kind == "exception" and subject == "age":
        edit = (ADULT.read_text(encoding="utf-8").split("monotone_exceptions:\n")[1].splitlines()[0] + "\n", "")
    refuted(edited(tmp_path, edit), kind, subject)


def test_a_worse_answer_that_lowers_the_level_is_shown_by_two_intakes_that_differ_in_it_alone(tmp_path: Path) -> None:
    broken = edited(tmp_path, ("when: \"failed_level >= 'outpatient'\"", "when: \"failed_level == 'outpatient'\""))
    better, worse = refuted(broken, "monotone", "d5_use_risk").examples
    assert {"failed_level", "last_programme", "programme_use", "programme_end"} >= set(
        worse.differs_from(better.answers)
    )
    before, after = (example.assessment().ratings["d5_use_risk"].lower[0] for example in (better, worse))
    assert after < before


def test_an_alternative_below_the_floor_of_a_red_flag_is_shown(tmp_path: Path) -> None:
    broken = edited(tmp_path, ("\n       and last_overdose <= 'months_2_to_12'\"", '"'))
    (example,) = refuted(broken, "consistent", "A1").examples
    assessment = example.assessment()
    assert assessment.has_fired("A1")[0]
    assert assessment.has_fired("RF15")[0]


def test_what_must_not_matter_is_found_through_a_derived_value(tmp_path: Path) -> None:
    derived = '  - {id: understood, expression: "language == \'english\'", text: "x"}\n  - {id: use_days,'
    rule = 'when: "tolerance_lost", why: "Tolerance'
    broken = edited(tmp_path, ("  - {id: use_days,", derived), (rule, rule.replace('lost"', 'lost or not understood"')))
    one, other = refuted(broken, "fair", "language").examples
    assert set(other.differs_from(one.answers)) == {"language"}
    levels = [example.assessment().level_at_least[0] for example in (one, other)]
    assert levels[0] != levels[1]


def test_a_red_flag_that_can_stay_open_with_nothing_left_to_ask_is_found(policy: Policy) -> None:
    assert all(against(policy, "safety", f"{flag} open") is None for flag in policy.stopping_flags)
    loose = {flag: tuple(name for name in read if name != "age") for flag, read in policy.stopping_flags.items()}
    policy.__dict__["stopping_flags"], kept = loose, policy.__dict__.get("stopping_flags", policy.stopping_flags)
    try:
        assert against(policy, "safety", "RF20 open") is not None
    finally:
        policy.__dict__["stopping_flags"] = kept


# ------------------------------------------------------------------------------------------------- small made-up worlds
def world(**formulas: str) -> dict[str, Definition]:
    scope = {"days": Number(0, 30), "drinks": Number(0, 20), "alone": Truth()}
    found: dict[str, Definition] = {
        name: Asked(name, kind, 0, 1 if name == "alone" else 20) for name, kind in scope.items()
    }
    types: dict[str, Type] = dict(scope)
    for name, text in formulas.items():
        node = parse(text, types)
        found[name], types[name] = Formula(name, node), node.type
    return found


@pytest.mark.parametrize(
    ("formula", "direction"),
    [
        ("days >= 4 or drinks >= 5", Direction.UP),
        ("not (days >= 4 and alone)", Direction.DOWN),
        ("days >= 4 and drinks <= 5", Direction.MIXED),
        ("(days if drinks >= 5 else 0) >= 3", Direction.UP),
        ("(0 if drinks >= 5 else days) >= 3", Direction.MIXED),
        ("days == 4", Direction.MIXED),
        ("days in (4, 5, 6) or days > 6", Direction.UP),
        ("days - days >= 0", Direction.SAME),
    ],
)
def test_which_way_a_value_moves(formula: str, direction: Direction) -> None:
    worse = {"days": "up", "drinks": "up", "alone": "up"}
    assert Directions(world(rule=formula), worse, ["rule"]).found["rule"] is direction


@pytest.mark.parametrize(
    "formula", ["days == 4", "days - drinks >= 2", "not alone", "(days if alone else 3) in (3, 4)"]
)
def test_every_construct_keeps_inside_its_bounds(formula: str) -> None:
    assert not escapes(world(rule=formula), "rule")
    assert not is_vague(world(rule=formula), "rule")


# ------------------------------------------------------------------------------------------------------ certificates
def test_what_was_proved_is_not_proved_again_and_what_was_edited_is(tmp_path: Path, policy: Policy) -> None:
    calls: list[str] = []

    def counted(self: Properties, *names: str) -> Counterexample | None:
        calls.append(names[0])
        return None

    with pytest.MonkeyPatch.context() as patched:
        refutations = ("unbounded", "falls", "misplaced", "unlisted", "ignored", "slips", "missing", "redundant")
        for method in (*refutations, "undercut", "matters"):
            patched.setattr(Properties, method, lambda self, *a: counted(self, str(a)))
        shown = Shown(tmp_path / "cache" / "proved.txt")
        first = prove(policy, shown)
        shown.keep()
        assert (first.repeated, len(calls)) == (0, len(first.findings))
        calls.clear()
        again = prove(policy, Shown(tmp_path / "cache" / "proved.txt"))
        assert (again.repeated, calls) == (len(first.findings), [])
        other = edited(tmp_path, ('when: "phq9 >= 20"', 'when: "phq9 >= 21"'))
        prove(other, Shown(tmp_path / "cache" / "proved.txt"))
        assert 0 < len(calls) < len(first.findings)


def test_a_certificate_is_for_one_policy_alone_and_for_one_that_holds(tmp_path: Path, policy: Policy) -> None:
    holds = Proof(policy, (Finding("alive", "R5", "`R5` is true for somebody", True),))
    certificate = certify(holds, datetime.date(2026, 1, 1))
    file = tmp_path / f"{policy.id}.json"
    file.write_text(certificate.as_text(), encoding="utf-8")
    assert read_certificate(file) == certificate == certificate_for(policy, tmp_path)
    assert certificate_for(edited(tmp_path, ("phq9 >= 20", "phq9 >= 21")), tmp_path) is None
    fails = Proof(policy, (Finding("alive", "R5", "`R5` is true for somebody", False),))
    with pytest.raises(ValueError, match="no certificate"):
        certify(fails, datetime.date(2026, 1, 1))
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(ContentError):
        certificate_for(policy, tmp_path)


def test_the_packaged_policy_has_a_certificate(policy: Policy) -> None:
    certificate = certificate_for(policy)
    assert certificate is not None, (
        f"make docs, or: recommender policy check --certificate {CERTIFICATES}/{policy.id}.json"
    )
    assert certificate.status == "unvalidated"
