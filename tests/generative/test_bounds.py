"""The fast evaluator against the reference, over generated expressions, questionnaires and answers.

Sound: for every completion of the unknown answers the reference result lies inside the bounds. Exact: when nothing is
unknown, both ends are the reference result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.rules.bounds import ANSWERED, MISSING, Bounds, Given, dtype_of
from recommender.rules.definitions import Asked, Definition, Formula, Highest
from recommender.rules.program import compile_program
from recommender.rules.reference import Person
from recommender.rules.syntax import parse
from recommender.rules.tree import Constant, Nominal, Number, Ordered, Truth, Type

SCOPE: dict[str, Type] = {
    "days": Number(0, 30, "days"),
    "dry": Number(-5, 300, "days"),
    "points": Number(0, 7, "points"),
    "yes": Truth(),
    "other": Truth(),
    "signs": Ordered(("none", "mild", "severe")),
    "item": Ordered(("never", "some", "much"), (0, 2, 5)),
    "substance": Nominal(("alcohol", "opioid", "cannabis")),
}
NAMES = tuple(SCOPE)


def domain(kind: Type) -> range:
    if isinstance(kind, Number):
        return range(kind.minimum, kind.maximum + 1)
    return range(2 if isinstance(kind, Truth) else len(kind.choices))


# ------------------------------------------------------------------ expressions, built backwards from the wanted type
def choice_of(name: str) -> st.SearchStrategy[str]:
    kind = SCOPE[name]
    assert isinstance(kind, Ordered | Nominal)
    return st.sampled_from(kind.choices).map(lambda choice: f"{name} == '{choice}'")


def days(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["days", "dry", "2", "11"])
    if depth == 0:
        return leaf
    inner, truth = days(depth - 1), truths(depth - 1)
    return st.one_of(
        leaf,
        st.tuples(inner, st.sampled_from("+-"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["min", "max", "sum"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        inner.map(lambda text: f"(3 * ({text}))"),
        st.tuples(inner, truth, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
    )


def truths(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(
        st.sampled_from(["yes", "other", "answered(days)", "answered(signs)", "points + item >= 6", "signs >= 'mild'"]),
        st.sampled_from(
            ["substance in ('alcohol', 'opioid')", "substance != 'cannabis'", "signs in ('none', 'severe')"]
        ),
        st.sampled_from(["item <= 'some'", "count_true(yes, other, signs > 'none') >= 2", "item in ('never', 'much')"]),
        st.sampled_from(["substance", "signs"]).flatmap(choice_of),
    )
    if depth == 0:
        return leaf
    inner, number = truths(depth - 1), days(depth - 1)
    return st.one_of(
        leaf,
        inner.map(lambda text: f"not ({text})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(number, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), number).map(
            lambda t: f"{t[0]} {t[1]} ({t[2]}) + days - days"
        ),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
    )


# -------------------------------------------------------------------------------------------------------- answers
@dataclass(frozen=True)
class Partial:
    """One answer: its possible values, or None when the question was not answered."""

    possible: tuple[int, ...] | None


def partial(kind: Type) -> st.SearchStrategy[Partial]:
    values = list(domain(kind))
    if isinstance(kind, Nominal):
        sets = st.sets(st.sampled_from(values), min_size=1).map(lambda chosen: Partial(tuple(sorted(chosen))))
    else:
        ends = st.tuples(st.sampled_from(values), st.sampled_from(values)).map(sorted)
        sets = ends.map(lambda pair: Partial(tuple(range(pair[0], pair[1] + 1))))
    plain = st.sampled_from(values).map(lambda value: Partial((value,)))
    return st.one_of(plain, plain, sets, st.just(Partial(None)))


people = st.fixed_dictionaries({name: partial(kind) for name, kind in SCOPE.items()})


def as_given(name: str, answer: Partial) -> Given:
    kind = SCOPE[name]
    possible = answer.possible if answer.possible is not None else tuple(domain(kind))
    if isinstance(kind, Nominal):
        bits = np.array([sum(1 << value for value in possible)], dtype=dtype_of(kind))
        bounds = Bounds(bits, bits)
    else:
        lower, upper = (np.array([end], dtype=dtype_of(kind)) for end in (min(possible), max(possible)))
        bounds = Bounds(lower, lower if len(possible) == 1 else upper)
    return Given(bounds, np.array([MISSING if answer.possible is None else ANSWERED], dtype=np.uint8))


def definitions(rules: list[str], gate: str, computed: str) -> dict[str, Definition]:
    """A questionnaire with a gated and a computed question, two rules, and a rating over them."""
    found: dict[str, Definition] = {}
    for name, kind in SCOPE.items():
        low, high = domain(kind)[0], domain(kind)[-1]
        found[name] = Asked(name, kind, low, high)
    scope = {name: kind for name, kind in SCOPE.items() if name not in ("other", "points")}
    found["other"] = Asked("other", Truth(), 0, 1, ask_if=parse(gate, scope, Truth()), when_not_asked=1)
    found["points"] = Asked("points", SCOPE["points"], 0, 7, computed=parse(computed, scope))
    for index, rule in enumerate(rules):
        found[f"R{index}"] = Formula(f"R{index}", parse(rule, SCOPE, Truth()))
    found["rating"] = Highest("rating", Number(0, 4), tuple((f"R{index}", index + 1) for index in range(len(rules))))
    return found


GATES = ("yes", "signs >= 'mild'", "not yes and days >= 5", "answered(days)", "substance == 'alcohol'")
COMPUTED = ("min(sum(item, item), 7)", "5 if signs >= 'severe' else 1 if yes else 0", "min(max(days, 0), 7)")


@settings(max_examples=600)
@given(
    rules=st.lists(truths(2), min_size=1, max_size=3),
    gate=st.sampled_from(GATES),
    computed=st.sampled_from([text for text in COMPUTED if "days" not in text]),
    answers=people,
    data=st.data(),
)
def test_bounds_hold_every_completion_and_are_exact_when_nothing_is_unknown(
    rules: list[str], gate: str, computed: str, answers: Mapping[str, Partial], data: st.DataObject
) -> None:
    world = definitions(rules, gate, computed)
    outputs = (*NAMES, *(name for name in world if name not in SCOPE))
    bounds = compile_program(world, outputs).run({name: as_given(name, answer) for name, answer in answers.items()})
    person = Person(world, completion(world, answers, data))
    for name in outputs:
        truth = person.value(name)
        if isinstance(SCOPE.get(name), Nominal):
            assert int(bounds[name].lower[0]) >> truth & 1, name
        else:
            assert bounds[name].lower[0] <= truth <= bounds[name].upper[0], name
    if all(answer.possible and len(answer.possible) == 1 for answer in answers.values()):
        assert all(bounds[name].lower[0] == bounds[name].upper[0] for name in outputs)


def completion(world: dict[str, Definition], answers: Mapping[str, Partial], data: st.DataObject) -> dict[str, int]:
    """One way in which the partial answers may turn out.

    An unanswered question takes any value that the person could give. It is filled in by changing its definition from
    asked to a fixed one, so that `answered(…)`, gates and computations still see that it was not answered.
    """
    full: dict[str, int] = {}
    for name, answer in answers.items():
        if answer.possible is not None:
            full[name] = data.draw(st.sampled_from(answer.possible), label=name)
            continue
        question = world[name]
        assert isinstance(question, Asked)
        if question.computed is None:
            value = data.draw(st.sampled_from(list(domain(SCOPE[name]))), label=name)
            world[name] = question._replace(computed=Constant(value, SCOPE[name]))
    return full
