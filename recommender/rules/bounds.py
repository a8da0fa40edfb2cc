"""The fast evaluator: whole populations at once, and unknown answers as bounds.

Every value is a pair of numpy arrays, the lowest and the highest that the answers still allow. A yes/no is such a pair
too: (must, may). So `unknown` needs no third truth value: it is the pair (False, True).

Sound: whatever the missing answers turn out to be, the result lies inside. Exact when nothing is unknown. Where both
ends are the same array object nothing is unknown in that value, and it is worked out once instead of twice.

Arrays have one entry a person, or one entry in all where the value is the same for everybody (a question that nobody
answered).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.rules.definitions import Asked
from recommender.rules.tree import (
    AllOf,
    Answered,
    AnyOf,
    Arithmetic,
    Choose,
    Comparison,
    Constant,
    CountTrue,
    Extreme,
    Membership,
    Node,
    Nominal,
    Not,
    Number,
    Ordered,
    Points,
    Reference,
    Truth,
    Type,
)

Array = NDArray[Any]


class Bounds(NamedTuple):
    """The lowest and highest possible value, by person.

    For a choice without order, both are the set of possible choices as bits.
    """

    lower: Array
    upper: Array


class Given(NamedTuple):
    """What was answered to one question, by person.

    `bounds` spans the whole domain where there is no answer. `state` says why: see MISSING and ANSWERED; any other
    number means that it was asked and is not known.
    """

    bounds: Bounds
    state: NDArray[np.uint8]


MISSING, ANSWERED = 0, 1
Inputs = Mapping[str, Given]
Kernel = Callable[..., Bounds]

FALSE, TRUE = np.array([False]), np.array([True])
CERTAIN: Mapping[str, Callable[[Array, Array], Array]] = {
    ">=": np.greater_equal,
    ">": np.greater,
    "<=": np.less_equal,
    "<": np.less,
}


def evaluate(node: Node, values: Mapping[str, Bounds], inputs: Inputs) -> Bounds:
    """The bounds of one expression, worked out on the spot from the bounds of the names in it."""
    if isinstance(node, Reference):
        return values[node.name]
    _, kernel, operands = operation(node)
    return kernel(inputs, *[evaluate(operand, values, inputs) for operand in operands])


def operation(node: Node) -> tuple[tuple[object, ...], Kernel, tuple[Node, ...]]:
    """What a node does: a key that is equal for equal operations, the kernel, and the operands it takes."""
    match node:
        case Constant(value, kind):
            return ("constant", value, dtype_of(kind)), constant_kernel(value, kind), ()
        case Answered(name):
            return ("answered", name), answered_kernel(name), ()
        case Comparison(operator, left, Constant(value)):
            return ("limit", operator, value), constant_comparison(operator, value), (left,)
        case Comparison(operator, left, right):
            return ("compare", operator), comparison(operator), (left, right)
        case Not(operand):
            return ("not",), negation, (operand,)
        case AllOf(operands):
            return ("all",), all_of, operands
        case AnyOf(operands):
            return ("any",), any_of, operands
        case Membership(operand, values):
            return ("in", values), membership(operand.type, values), (operand,)
        case Points(operand):
            assert isinstance(operand.type, Ordered)
            return ("points", operand.type.scores), points(operand.type.scores), (operand,)
        case Arithmetic(operator, left, right, kind):
            return ("calculate", operator, dtype_of(kind)), arithmetic(operator, dtype_of(kind)), (left, right)
        case Extreme(function, operands):
            return (function,), extreme(function), operands
        case CountTrue(operands):
            return ("count",), count_true, operands
        case Choose(condition, then, otherwise):
            return ("choose",), choose, (condition, then, otherwise)
    raise TypeError(f"not an operation: {type(node).__name__}")


def dtype_of(kind: Type) -> np.dtype[Any]:
    """The smallest numpy type that holds every value of a type; for a choice without order, one bit a choice."""
    if isinstance(kind, Truth):
        return np.dtype(bool)
    if isinstance(kind, Nominal):
        return np.min_scalar_type((1 << len(kind.choices)) - 1)
    low, high = (kind.minimum, kind.maximum) if isinstance(kind, Number) else (0, len(kind.choices) - 1)
    for name in ("int8", "int16"):
        if np.iinfo(name).min <= low and high <= np.iinfo(name).max:
            return np.dtype(name)
    return np.dtype("int32")


def question_kernel(question: Asked) -> Kernel:
    """The value of a question from its answers, its computation and its gate."""
    unanswered = whole_domain(question)
    computed, gated = question.computed is not None, question.ask_if is not None
    close = nominal_gate if isinstance(question.type, Nominal) else computed_gate if computed else gate

    def run(inputs: Inputs, *sources: Bounds) -> Bounds:
        given = inputs.get(question.name)
        value = unanswered if given is None else given.bounds
        if computed and given is None:
            value = sources[-1]
        elif computed and given is not None:
            value = pick(given.state == ANSWERED, value, sources[-1])
        if computed:
            value = fitted(value, unanswered.lower.dtype)
        return close(sources[0], value, question.when_not_asked, given) if gated else value

    return run


def fitted(value: Bounds, dtype: np.dtype[Any]) -> Bounds:
    """The same in the type of the question: what it is compared with may need more room than what was computed."""
    if value.lower.dtype == dtype:
        return value
    lower = value.lower.astype(dtype)
    return Bounds(lower, lower if value.upper is value.lower else value.upper.astype(dtype))


def whole_domain(question: Asked) -> Bounds:
    """The bounds of an unanswered question, one entry for everybody."""
    kind = dtype_of(question.type)
    if isinstance(question.type, Nominal):
        every = np.array([(1 << len(question.type.choices)) - 1], dtype=kind)
        return Bounds(every, every)
    return Bounds(np.array([question.minimum], dtype=kind), np.array([question.maximum], dtype=kind))


def gate(ask_if: Bounds, value: Bounds, when_not_asked: int, given: Given | None) -> Bounds:
    """`value`, but the fixed one where nothing was entered and it is certainly not asked.

    Where asking is unsure both are possible; an unanswered question spans its whole domain, so `value` holds both
    already, unless it was computed.
    """
    entered = FALSE if given is None else given.state != MISSING
    closed = ~(entered | ask_if.upper)
    if not closed.any():
        return value
    fixed = value.lower.dtype.type(when_not_asked)
    return Bounds(np.where(closed, fixed, value.lower), np.where(closed, fixed, value.upper))


def computed_gate(ask_if: Bounds, value: Bounds, when_not_asked: int, given: Given | None) -> Bounds:
    """As `gate`, for a value that was computed and may not reach the fixed one by itself."""
    entered = FALSE if given is None else given.state != MISSING
    unsure = ~(entered | ask_if.lower)
    fixed = value.lower.dtype.type(when_not_asked)
    lower = np.where(unsure, np.minimum(value.lower, fixed), value.lower)
    upper = np.where(unsure, np.maximum(value.upper, fixed), value.upper)
    return gate(ask_if, Bounds(lower, upper), when_not_asked, given)


def nominal_gate(ask_if: Bounds, value: Bounds, when_not_asked: int, given: Given | None) -> Bounds:
    """As `gate`, for a set of possible choices: all are possible where it is unanswered and asking is unsure."""
    entered = FALSE if given is None else given.state != MISSING
    closed = ~(entered | ask_if.upper)
    bits = np.where(closed, value.lower.dtype.type(1 << when_not_asked), value.lower)
    return Bounds(bits, bits)


def pick(where: Array, first: Bounds, second: Bounds) -> Bounds:
    """`first` for the people marked, `second` for the others."""
    lower = np.where(where, first.lower, second.lower)
    same = first.lower is first.upper and second.lower is second.upper
    return Bounds(lower, lower if same else np.where(where, first.upper, second.upper))


def highest_kernel(values: tuple[int, ...]) -> Kernel:
    """The highest value whose rule is true, for values in rising order."""

    def run(_: Inputs, *rules: Bounds) -> Bounds:
        lower = highest_of(values, [rule.lower for rule in rules])
        settled = all(rule.lower is rule.upper for rule in rules)
        return Bounds(lower, lower if settled else highest_of(values, [rule.upper for rule in rules]))

    return run


def highest_of(values: tuple[int, ...], truths: list[Array]) -> Array:
    result: Array = np.zeros(1, dtype=np.int8)
    for value, truth in zip(values, truths, strict=True):
        result = np.maximum(result, truth.view(np.int8) * np.int8(value))
    return result


def constant_kernel(value: int, kind: Type) -> Kernel:
    array = np.array([value], dtype=dtype_of(kind))
    return lambda _: Bounds(array, array)


def answered_kernel(name: str) -> Kernel:
    def run(inputs: Inputs) -> Bounds:
        given = inputs.get(name)
        answered = FALSE if given is None else given.state == ANSWERED
        return Bounds(answered, answered)

    return run


def constant_comparison(operator: str, value: int) -> Kernel:
    """Comparison with a number written in the rule: the commonest step of all, so it has a kernel of its own."""
    if operator in ("==", "!="):
        other = np.array([value], dtype=np.int32)
        compare = comparison(operator)
        return lambda inputs, operand: compare(inputs, operand, Bounds(other, other))
    function = CERTAIN[operator]
    rising = operator in (">=", ">")

    def run(_: Inputs, operand: Bounds) -> Bounds:
        number = operand.lower.dtype.type(value)
        first = function(operand.lower, number)
        if operand.lower is operand.upper:
            return Bounds(first, first)
        second = function(operand.upper, number)
        return Bounds(first, second) if rising else Bounds(second, first)

    return run


def comparison(operator: str) -> Kernel:
    if operator == "==":
        return equality
    if operator == "!=":
        return lambda inputs, left, right: negation(inputs, equality(inputs, left, right))
    function, rising = CERTAIN[operator], operator in (">=", ">")

    def run(_: Inputs, left: Bounds, right: Bounds) -> Bounds:
        must = function(left.lower, right.upper) if rising else function(left.upper, right.lower)
        if left.lower is left.upper and right.lower is right.upper:
            return Bounds(must, must)
        may = function(left.upper, right.lower) if rising else function(left.lower, right.upper)
        return Bounds(must, may)

    return run


def equality(_: Inputs, left: Bounds, right: Bounds) -> Bounds:
    may = (left.lower <= right.upper) & (right.lower <= left.upper)
    if left.lower is left.upper and right.lower is right.upper:
        return Bounds(may, may)
    return Bounds((left.lower == left.upper) & (right.lower == right.upper) & may, may)


def membership(kind: Type, values: frozenset[int]) -> Kernel:
    """Whether the possible values all lie, or some lie, among `values`."""
    if isinstance(kind, Nominal):
        return nominal_membership(kind, values)
    low, high = (
        (kind.minimum, kind.maximum)
        if isinstance(kind, Number)
        else (0, len(kind.choices) - 1 if isinstance(kind, Ordered) else 1)
    )
    # counts[i] is how many of `values` lie below low + i, so that a range holds counts[upper + 1] - counts[lower].
    counts = np.concatenate([[0], np.cumsum([value in values for value in range(low, high + 1)])]).astype(np.int32)

    def run(_: Inputs, operand: Bounds) -> Bounds:
        lower, upper = operand.lower.astype(np.int32) - low, operand.upper.astype(np.int32) - low
        inside = counts[upper + 1] - counts[lower]
        return Bounds(inside == upper - lower + 1, inside > 0)

    return run


def nominal_membership(kind: Nominal, values: frozenset[int]) -> Kernel:
    dtype = dtype_of(kind)
    wanted = dtype.type(sum(1 << value for value in values))
    others = dtype.type(((1 << len(kind.choices)) - 1) & ~int(wanted))
    return lambda _, operand: Bounds((operand.lower & others) == 0, (operand.lower & wanted) != 0)


def negation(_: Inputs, operand: Bounds) -> Bounds:
    must = ~operand.upper
    return Bounds(must, must if operand.lower is operand.upper else ~operand.lower)


def all_of(_: Inputs, *operands: Bounds) -> Bounds:
    return folded(np.logical_and, TRUE, operands)


def any_of(_: Inputs, *operands: Bounds) -> Bounds:
    return folded(np.logical_or, FALSE, operands)


def folded(function: Callable[[Array, Array], Array], empty: Array, operands: tuple[Bounds, ...]) -> Bounds:
    """A function of two arrays over all operands, on both ends; on one where both ends are the same."""
    if not operands:
        return Bounds(empty, empty)
    lower = operands[0].lower
    for operand in operands[1:]:
        lower = function(lower, operand.lower)
    if all(operand.lower is operand.upper for operand in operands):
        return Bounds(lower, lower)
    upper = operands[0].upper
    for operand in operands[1:]:
        upper = function(upper, operand.upper)
    return Bounds(lower, upper)


def points(scores: tuple[int, ...]) -> Kernel:
    # Scores rise with the choices (the questionnaire checks it), so the ends of a range have the end scores.
    if scores == tuple(range(len(scores))):
        return lambda _, operand: operand
    table = np.array(scores, dtype=np.int8)

    def run(_: Inputs, operand: Bounds) -> Bounds:
        lower = table.take(operand.lower)
        return Bounds(lower, lower if operand.lower is operand.upper else table.take(operand.upper))

    return run


def arithmetic(operator: str, dtype: np.dtype[Any]) -> Kernel:
    def run(_: Inputs, left: Bounds, right: Bounds) -> Bounds:
        a, b = (
            (left.lower.astype(dtype), left.upper.astype(dtype)),
            (right.lower.astype(dtype), right.upper.astype(dtype)),
        )
        if operator == "+":
            return Bounds(a[0] + b[0], a[1] + b[1])
        if operator == "-":
            return Bounds(a[0] - b[1], a[1] - b[0])
        products = [x * y for x in a for y in b]
        return Bounds(
            np.minimum.reduce(np.broadcast_arrays(*products)), np.maximum.reduce(np.broadcast_arrays(*products))
        )

    return run


def extreme(function: str) -> Kernel:
    ufunc = np.minimum if function == "min" else np.maximum
    return lambda _, *operands: folded(ufunc, FALSE, operands)


def count_true(_: Inputs, *operands: Bounds) -> Bounds:
    def count(arrays: list[Array]) -> Array:
        total: Array = np.zeros(1, dtype=np.int8)
        for array in arrays:
            total = total + array.view(np.int8)
        return total

    lower = count([operand.lower for operand in operands])
    settled = all(operand.lower is operand.upper for operand in operands)
    return Bounds(lower, lower if settled else count([operand.upper for operand in operands]))


def choose(_: Inputs, condition: Bounds, then: Bounds, otherwise: Bounds) -> Bounds:
    """The branch taken; the hull of both where the condition is unsure."""
    if condition.lower is condition.upper:
        return pick(condition.lower, then, otherwise)
    lower = np.where(condition.upper, np.minimum(then.lower, otherwise.lower), otherwise.lower)
    upper = np.where(condition.upper, np.maximum(then.upper, otherwise.upper), otherwise.upper)
    return Bounds(np.where(condition.lower, then.lower, lower), np.where(condition.lower, then.upper, upper))
