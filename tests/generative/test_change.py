"""Smallest changes against brute force: all sets of a small made-up policy, sets of 1 and 2 of the adult policy."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.answers import Answer, Answers, Column, answers_of, read_json
from recommender.assessment import assess
from recommender.change import Change, Changes, changed
from recommender.contradictions import check_intake, contradictions
from recommender.explain import blank
from recommender.policy import LEVEL, Policy
from recommender.policy_file import load_policy
from recommender.questionnaire import Question
from recommender.questionnaire_file import load_questionnaire
from recommender.recommendation import recommend
from recommender.rules.bounds import ANSWERED, MISSING, dtype_of
from recommender.rules.definitions import Formula, questions_behind
from recommender.rules.program import compile_program
from recommender.rules.tree import Nominal
from recommender.trial import boundaries

Referral = Callable[[int], dict[str, Answer]]
SEEDS = st.integers(min_value=0, max_value=2**32)

# -------------------------------------------------------------------------------------------- a small made-up policy
SMALL_QUESTIONS = """
topic: small
title: Small
questions:
  - {id: days, text: D, type: count, max: 6, unit: days, worse: up, changes: by_action, source: PJ}
  - {id: heavy, text: H, type: count, max: 6, unit: days, worse: up, changes: by_action, ask_if: days >= 1,
     when_not_asked: 0, source: PJ}
  - {id: dry, text: Y, type: count, max: 7, unit: days, worse: down, changes: by_time, source: PJ}
  - {id: home, text: P, type: scale, choices: [{id: good}, {id: shaky}, {id: bad}], worse: up, changes: by_action,
     improves_to: [good], source: PJ}
  - {id: night, text: N, type: yes_no, worse: down, changes: by_action, source: PJ}
  - {id: past, text: E, type: scale, choices: [{id: none}, {id: once}, {id: often}], worse: up, changes: only_worse,
     source: PJ}
  - {id: kind, text: K, type: choice, choices: [{id: beer}, {id: wine}, {id: other}], changes: by_action, source: PJ}
  - {id: old, text: O, type: yes_no, worse: up, source: PJ}
contradictions:
  - {id: Z1, when: heavy > days, why: "More heavy days than days.", questions: [heavy, days]}
  - {id: Z2, when: "days >= 1 and dry > 3", why: "Used, and long dry.", questions: [days, dry]}
  - {id: Z3, when: "heavy >= 1 and kind == 'other'", why: "Heavy is about alcohol.", questions: [heavy, kind]}
"""
SMALL_POLICY = """
policy: small
title: Small
version: 1.0.0
date: 2026-01-01
status: unvalidated
since: 1.0.0
sources: {PJ: {title: Made up}}
areas:
  - {id: use, title: Use, anchors: {}, rules: [{id: U1, rating: 1, when: days >= 1, why: W, source: PJ}]}
strands:
  - id: need
    title: Need
    steps: [none, some, much]
    rules:
      - {id: N1, floor: some, when: "days >= 3 or (past >= 'once' and dry <= 2)", why: W, source: PJ}
      - {id: N2, floor: much, when: "heavy >= 3 and (home >= 'shaky' or not night)", why: W, source: PJ}
      - {id: N3, floor: much, when: "past >= 'often' and home >= 'bad' and old", why: W, source: PJ}
placement:
  - {id: G1, level: residential_low, when: "need >= 'much' and home >= 'bad'", why: W, source: PJ}
  - {id: G2, level: intensive_outpatient, when: "need >= 'much' or (need >= 'some' and kind == 'wine')", why: W,
     source: PJ}
  - {id: G3, level: outpatient, when: "need >= 'some'", why: W, source: PJ}
red_flags:
  - {id: RF1, name: F, mode: route, when: days >= 6, why: W, action: A, contacts: [], source: PJ}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    folder = tmp_path_factory.mktemp("small")
    (folder / "questions").mkdir()
    (folder / "questions" / "small.yaml").write_text(SMALL_QUESTIONS, encoding="utf-8")
    (folder / "small.yaml").write_text(SMALL_POLICY, encoding="utf-8")
    return load_policy(folder / "small.yaml", load_questionnaire(folder / "questions"))


def small_person(policy: Policy, seed: int) -> dict[str, Answer]:
    """A consistent person with a plain answer to everything that is asked."""
    chance = random.Random(seed)
    questions = policy.questionnaire.questions.values()
    while True:
        drawn = {question.id: chance.randint(question.minimum, question.maximum) for question in questions}
        answers = written(policy, drawn)
        if not check_intake(policy.questionnaire, answers):
            return answers


def written(policy: Policy, values: Mapping[str, int]) -> dict[str, Answer]:
    """Plain values as answers, without the one that is not asked."""
    questions = policy.questionnaire.questions
    asked = {name: value for name, value in values.items() if name != "heavy" or values["days"] >= 1}
    return {name: plain(questions[name], value) for name, value in asked.items()}


def plain(question: Question, value: int) -> Answer:
    bits = 1 << value if isinstance(question.type, Nominal) else value
    return Answer(bits, bits)


def value_of(question: Question, answer: Answer | None) -> int:
    if answer is None:
        return question.when_not_asked
    return answer.lower.bit_length() - 1 if isinstance(question.type, Nominal) else answer.lower


def allowed(question: Question, now: int, *, lower: bool) -> list[int]:
    """The answers that a change may lead to, the present one first; written anew from what the words promise."""
    values = range(question.minimum, question.maximum + 1)
    better = {"up": lambda value: value < now, "down": lambda value: value > now, "none": lambda value: value != now}
    worse = {"up": lambda value: value > now, "down": lambda value: value < now, "none": lambda value: value != now}
    if question.changes == "fixed" or (lower and question.changes == "only_worse"):
        return [now]
    found = [value for value in values if (better if lower else worse)[question.worse](value)]
    return [now, *(value for value in found if not lower or not question.improves_to or value in question.improves_to)]


def brute_force(policy: Policy, answers: Mapping[str, Answer], *, lower: bool) -> dict[frozenset[str], float]:
    """Every smallest set of at most four, with the least movement that it takes."""
    questions = policy.questionnaire.questions
    now = {name: value_of(question, answers.get(name)) for name, question in questions.items()}
    choices = [
        # An answer to a question that is not asked now is no change for the better.
        [now[name]] if lower and name not in answers else allowed(question, now[name], lower=lower)
        for name, question in questions.items()
    ]
    tried = np.array(list(itertools.product(*choices)), dtype=np.int64)
    columns = {}
    for place, question in enumerate(questions.values()):
        value = (1 << tried[:, place] if question.kind == "choice" else tried[:, place]).astype(dtype_of(question.type))
        columns[question.id] = Column(value, value.copy(), np.full(len(tried), ANSWERED, dtype=np.uint8))
    heavy, unasked = columns["heavy"], tried[:, list(questions).index("days")] == 0
    heavy.lower[unasked], heavy.upper[unasked], heavy.state[unasked] = 0, questions["heavy"].maximum, MISSING
    people = Answers(len(tried), columns)
    good = np.ones(len(tried), dtype=bool)
    good[[row for row, _ in contradictions(policy.questionnaire, people)]] = False
    level = assess(policy, people).level_at_least
    moved = (level < level[0]) if lower else (level > level[0])
    best: dict[frozenset[str], float] = {}
    for row in np.flatnonzero(moved & good):
        changes = {n: int(v) for n, v in zip(questions, tried[row], strict=True) if v != now[n]}
        movement = sum(
            1.0 if questions[n].kind == "choice" else abs(v - now[n]) / (questions[n].maximum - questions[n].minimum)
            for n, v in changes.items()
        )
        names = frozenset(changes)
        best[names] = min(best.get(names, 99.0), movement)
    return {names: move for names, move in best.items() if len(names) <= 4 and not any(o < names for o in best)}


def as_sets(changes: Changes) -> dict[frozenset[str], float]:
    return {frozenset(change.new): change.movement for change in changes.sets}


@given(seed=SEEDS)
@settings(max_examples=25)
def test_the_sets_and_movements_are_those_of_brute_force(small: Policy, seed: int) -> None:
    answers = small_person(small, seed)
    found = recommend(small, answers).changes
    for changes, lower in ((found.lower, True), (found.higher, False)):
        expected = {n: m for n, m in brute_force(small, answers, lower=lower).items() if len(n) <= changes.complete_to}
        assert changes.left_off == 0
        assert as_sets(changes) == pytest.approx(expected, abs=1e-5)
        assert changes.possible or not expected


# ------------------------------------------------------------------------------------------------- the adult policy
def check_change(policy: Policy, answers: Mapping[str, Answer], change: Change, *, lower: bool) -> None:
    """The change does what it says, contradicts nothing, and moves only what can move, in the right direction."""
    questions = policy.questionnaire.questions
    before = assess(policy, answers_of(policy.questionnaire, [answers])).level_at_least[0]
    new = {name: value_of(questions[name], read_json(questions[name], value)) for name, value in change.new.items()}
    after = changed(policy, answers, new)
    assert check_intake(policy.questionnaire, after) == []
    level = assess(policy, answers_of(policy.questionnaire, [after])).level_at_least[0]
    assert policy.ladder.ids[level] == change.level
    assert level < before if lower else level > before
    assert set(change.not_asked).isdisjoint(after)
    for name, value in new.items():
        question = questions[name]
        assert question.changes != "fixed"
        if name in answers and question.worse != "none":
            went_up = value > answers[name].upper
            assert went_up or value < answers[name].lower
            better = went_up is (question.worse == "down")
            assert better is lower
            assert not better or question.changes != "only_worse"
            assert not better or not question.improves_to or value in question.improves_to


@given(seed=SEEDS)
@settings(max_examples=4)
def test_a_change_gives_the_level_that_it_promises(policy: Policy, referral: Referral, seed: int) -> None:
    answers = referral(random.Random(seed).randrange(320))
    changes = recommend(policy, answers).changes
    for found, lower in ((changes.lower, True), (changes.higher, False)):
        for change in found.sets[:3]:
            check_change(policy, answers, change, lower=lower)


def better_singles(policy: Policy, answers: Mapping[str, Answer]) -> Iterator[tuple[str, int]]:
    """Every better answer behind the level; of a long scale, those around its cut-offs."""
    read = questions_behind(policy.definitions, LEVEL)
    for name, question in policy.questionnaire.questions.items():
        answer = answers.get(name)
        if name in read and answer is not None and answer.state == ANSWERED and question.worse != "none":
            now = answer.lower if question.worse == "up" else answer.upper
            values = allowed(question, now, lower=True)[1:]
            near = {cut + step for cut in boundaries(policy).get(name, ()) for step in (-1, 0)}
            yield from ((name, value) for value in values if len(values) <= 31 or value in near)


def lowered(policy: Policy, answers: Mapping[str, Answer], tried: list[dict[str, int]]) -> list[frozenset[str]]:
    """The sets of questions among `tried` that lower the level without a contradiction, by the plain evaluators."""
    questionnaire = policy.questionnaire
    start = answers_of(questionnaire, [answers])
    parts = {name for name, q in questionnaire.questions.items() if q.must_agree and name in answers}
    columns = {
        name: Column(*(np.repeat(array, len(tried)) for array in (column.lower, column.upper, column.state)))
        for name, column in start.columns.items()
        if name not in parts
    }
    for row, new in enumerate(tried):
        for name, value in new.items():
            bits = plain(questionnaire.questions[name], value).lower
            columns[name].lower[row] = columns[name].upper[row] = bits
    gates = {q.id: Formula(f"gate {q.id}", q.ask_if) for q in questionnaire.questions.values() if q.ask_if is not None}
    program = compile_program(
        {**policy.definitions, **{g.name: g for g in gates.values()}}, [g.name for g in gates.values()]
    )
    asked_before = program.run(start.inputs())
    for _ in range(3):
        now = program.run(Answers(len(tried), columns).inputs())
        for name, gate in gates.items():
            if name in columns and asked_before[gate.name].upper[0]:
                closed = np.broadcast_to(~now[gate.name].upper, len(tried))
                nothing = blank(questionnaire.questions[name], len(tried))
                kind = dtype_of(questionnaire.questions[name].type)
                old = columns[name]
                columns[name] = Column(
                    np.where(closed, nothing.lower, old.lower).astype(kind),
                    np.where(closed, nothing.upper, old.upper).astype(kind),
                    np.where(closed, MISSING, old.state).astype(np.uint8),
                )
    people = Answers(len(tried), columns)
    bad = {row for row, _ in contradictions(questionnaire, people)}
    level = assess(policy, people).level_at_least
    before = assess(policy, start).level_at_least[0]
    return [frozenset(tried[row]) for row in np.flatnonzero(level < before) if row not in bad]


@pytest.mark.parametrize("number", [3, 40, 77, 130])
def test_no_smaller_set_lowers_the_level_of_an_adult(policy: Policy, referral: Referral, number: int) -> None:
    answers = referral(number)
    # Totals beside their parts are left out of this comparison: both must then change together.
    answers = {n: a for n, a in answers.items() if not policy.questionnaire.questions[n].must_agree}
    found = recommend(policy, answers).changes.lower
    singles = list(better_singles(policy, answers))
    ones = set(lowered(policy, answers, [{name: value} for name, value in singles]))
    assert {names for names in as_sets(found) if len(names) == 1} == ones
    if found.complete_to >= 2:
        left = [(name, value) for name, value in singles if frozenset({name}) not in ones]
        pairs = [dict(pair) for pair in itertools.combinations(left, 2) if pair[0][0] != pair[1][0]]
        assert {names for names in as_sets(found) if len(names) == 2} >= set(lowered(policy, answers, pairs))
