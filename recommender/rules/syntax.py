"""From text to a typed tree: Python's own parser, an allow-list, then types.

    cows >= 25 or (opioid_days >= 20 and home_use >= 'most_days')

Raises `ExpressionError` with the place in the text for anything outside the language, an unknown name, a wrong type, a
value outside the domain of what it is compared with, or two units that do not go together.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from recommender.errors import did_you_mean
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

COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
MIRRORED: Mapping[str, str] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
ARITHMETIC: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
FUNCTIONS = ("min", "max", "sum", "count_true", "answered")
LARGEST_NUMBER = 2**31 - 1


class ExpressionError(Exception):
    """What is wrong in an expression, `offset` characters into its text.

    `unknown_name` is set where a name means nothing; `all` holds this and whatever else is wrong in the same `and` or
    `or`.
    """

    def __init__(
        self,
        what: str,
        offset: int,
        *,
        allowed: str | None = None,
        remedy: str | None = None,
        unknown_name: str | None = None,
    ) -> None:
        self.what, self.offset, self.allowed, self.remedy = what, offset, allowed, remedy
        self.unknown_name = unknown_name
        self.all: tuple[ExpressionError, ...] = (self,)
        super().__init__(what)


def parse(text: str, scope: Mapping[str, Type], expected: Type | None = None) -> Node:
    """The typed tree of an expression.

    `scope` gives the type of each name. With `expected`, the expression must have that type: `Truth` for a rule, or the
    type of a computed question, whose choice names may then stand in the branches of an if-else.
    """
    if not isinstance(text, str):
        raise ExpressionError("an expression must be text; put it in quotes", 0)
    if text.strip() == "always":
        return AllOf(())
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"cannot be read: {error.msg}", syntax_offset(text, error)) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError("cannot be read: it holds a null character or is nested too deeply", 0) from None
    reader = _Reader(text, scope)
    node = reader.read(body, expected)
    if expected is not None:
        reader.check_expected(node, expected, body)
    return node


class _Reader:
    """Reads one expression; keeps the text for places and the scope for names."""

    def __init__(self, text: str, scope: Mapping[str, Type]) -> None:
        self.text, self.scope = text, scope
        self.indent = len(text) - len(text.lstrip())

    def read(self, syntax: ast.expr, expected: Type | None = None) -> Node:
        match syntax:
            case ast.Name(id=name):
                return self.reference(name, syntax)
            case ast.Constant(value=value):
                return self.constant(value, syntax, expected)
            case ast.BoolOp(op=operator, values=values):
                operands = self.truths(values)
                return AllOf(operands) if isinstance(operator, ast.And) else AnyOf(operands)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.truth(operand))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
                return self.constant(-value, syntax, expected)
            case ast.Compare():
                return self.comparison(syntax)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in ARITHMETIC:
                return self.arithmetic(ARITHMETIC[type(operator)], left, right, syntax)
            case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
                return self.call(function, arguments, syntax)
            case ast.IfExp(test=condition, body=then, orelse=otherwise):
                return self.choose(condition, then, otherwise, expected, syntax)
        raise self.fail(
            f"`{ast.unparse(syntax)}` is not part of the rules language",
            syntax,
            allowed="names, integers, 'choices', and or not, == != < <= > >=, in, + - *, if … else, "
            + " ".join(FUNCTIONS),
        )

    def truths(self, parts: Sequence[ast.expr]) -> tuple[Node, ...]:
        """The parts of an `and` or `or`. Raises for the first that is wrong, with all others that are in its `all`."""
        nodes: list[Node] = []
        errors: list[ExpressionError] = []
        for part in parts:
            try:
                nodes.append(self.truth(part))
            except ExpressionError as error:
                errors += error.all
        if errors:
            first = errors[0]
            first.all = tuple(errors)
            raise first
        return tuple(nodes)

    def reference(self, name: str, syntax: ast.expr) -> Reference:
        if name not in self.scope:
            raise self.fail(
                f"`{name}` is not a question, derived value, rating or strand",
                syntax,
                remedy=did_you_mean(name, self.scope),
                unknown_name=name,
            )
        return Reference(name, self.scope[name])

    def constant(self, value: object, syntax: ast.expr, expected: Type | None) -> Constant:
        if isinstance(value, str):
            return self.choice(value, expected, syntax)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fail(
                f"`{value}` is not an integer or a 'choice'",
                syntax,
                remedy="Write a yes/no question by its name alone.",
            )
        if abs(value) > LARGEST_NUMBER:
            raise self.fail(f"{value} is too large", syntax, allowed=f"up to {LARGEST_NUMBER}")
        return Constant(value, Number(value, value))

    def choice(self, name: str, expected: Type | None, syntax: ast.expr) -> Constant:
        if not isinstance(expected, Ordered | Nominal):
            raise self.fail(
                f"'{name}' stands where no choice can stand",
                syntax,
                remedy="A choice is compared with its own question.",
            )
        if name not in expected.choices:
            raise self.fail(
                f"'{name}' is not one of the choices",
                syntax,
                allowed=", ".join(expected.choices),
                remedy=did_you_mean(name, expected.choices),
            )
        return Constant(expected.choices.index(name), expected)

    def truth(self, syntax: ast.expr) -> Node:
        node = self.read(syntax)
        if not isinstance(node.type, Truth):
            raise self.fail(
                f"`{ast.unparse(syntax)}` is {described(node.type)}, not yes or no",
                syntax,
                remedy="Compare it with a value.",
            )
        return node

    def number(self, syntax: ast.expr) -> Node:
        node = self.read(syntax)
        if isinstance(node.type, Ordered) and node.type.scores:
            return Points(node, Number(min(node.type.scores), max(node.type.scores), "points"))
        if not isinstance(node.type, Number):
            raise self.fail(f"`{ast.unparse(syntax)}` is {described(node.type)}, not a number", syntax)
        return node

    def comparison(self, syntax: ast.Compare) -> Node:
        sides = [syntax.left, *syntax.comparators]
        parts = [self.compared(op, sides[i], sides[i + 1], syntax) for i, op in enumerate(syntax.ops)]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def compared(self, operator: ast.cmpop, left: ast.expr, right: ast.expr, syntax: ast.expr) -> Node:
        if isinstance(operator, ast.In | ast.NotIn):
            member = self.membership(left, right)
            return member if isinstance(operator, ast.In) else Not(member)
        if type(operator) not in COMPARISONS:
            raise self.fail(
                f"`{ast.unparse(syntax)}` uses a comparison outside the language", syntax, allowed="== != < <= > >= in"
            )
        symbol = COMPARISONS[type(operator)]
        if is_text(left) and not is_text(right):
            return self.compare_typed(MIRRORED[symbol], right, left)
        return self.compare_typed(symbol, left, right)

    def compare_typed(self, symbol: str, left: ast.expr, right: ast.expr) -> Node:
        first = self.read(left)
        second = self.read(right, first.type)
        if isinstance(first.type, Nominal):
            return self.nominal(symbol, first, second, right)
        if isinstance(first.type, Ordered) and isinstance(second.type, Ordered):
            if first.type.choices != second.type.choices:
                raise self.fail("the two sides have different choices", right)
            return Comparison(symbol, first, second)
        first, second = self.number(left), self.number(right)
        self.check_units((first, second), right)
        self.check_reach(first, second, right)
        self.check_reach(second, first, left)
        return Comparison(symbol, first, second)

    def nominal(self, symbol: str, first: Node, second: Node, syntax: ast.expr) -> Node:
        if symbol not in ("==", "!=") or not isinstance(second, Constant):
            raise self.fail("these choices have no order", syntax, allowed="== != in, with a 'choice'")
        member = Membership(first, frozenset({second.value}))
        return member if symbol == "==" else Not(member)

    def membership(self, left: ast.expr, right: ast.expr) -> Node:
        operand = self.read(left)
        if not isinstance(right, ast.Tuple | ast.List) or not right.elts:
            raise self.fail("`in` needs a list such as ('alcohol', 'opioid')", right)
        values = [self.read(value, operand.type) for value in right.elts]
        for value, part in zip(values, right.elts, strict=True):
            if not isinstance(value, Constant) or isinstance(operand.type, Truth):
                raise self.fail("`in` compares with values written out", part)
            self.check_reach(operand, value, part)
        return Membership(operand, frozenset(value.value for value in values if isinstance(value, Constant)))

    def arithmetic(self, symbol: str, left: ast.expr, right: ast.expr, syntax: ast.expr) -> Node:
        first, second = self.number(left), self.number(right)
        unit = self.product_unit(first, second, syntax) if symbol == "*" else self.check_units((first, second), syntax)
        low, high = arithmetic_range(symbol, number_of(first), number_of(second))
        return Arithmetic(symbol, first, second, self.sized(low, high, unit, syntax))

    def call(self, function: str, arguments: Sequence[ast.expr], syntax: ast.expr) -> Node:
        if function not in FUNCTIONS:
            raise self.fail(
                f"`{function}` is not a function of the rules language",
                syntax,
                allowed=", ".join(FUNCTIONS),
                remedy=did_you_mean(function, FUNCTIONS),
            )
        if not arguments:
            raise self.fail(f"`{function}()` needs something inside", syntax)
        if function == "answered":
            return self.answered(arguments, syntax)
        if function == "count_true":
            return CountTrue(tuple(self.truth(value) for value in arguments), Number(0, len(arguments)))
        if function == "sum":
            return self.total(arguments, syntax)
        return self.extreme(function, arguments, syntax)

    def answered(self, arguments: Sequence[ast.expr], syntax: ast.expr) -> Answered:
        if len(arguments) != 1 or not isinstance(arguments[0], ast.Name):
            raise self.fail("`answered()` takes the name of one question", syntax)
        return Answered(self.reference(arguments[0].id, arguments[0]).name)

    def total(self, arguments: Sequence[ast.expr], syntax: ast.expr) -> Node:
        total = self.number(arguments[0])
        for argument in arguments[1:]:
            part = self.number(argument)
            unit = self.check_units((total, part), syntax)
            low, high = arithmetic_range("+", number_of(total), number_of(part))
            total = Arithmetic("+", total, part, self.sized(low, high, unit, syntax))
        return total

    def extreme(self, function: str, arguments: Sequence[ast.expr], syntax: ast.expr) -> Node:
        first = self.read(arguments[0])
        pick = min if function == "min" else max
        if isinstance(first.type, Ordered) and not first.type.scores:
            operands = (first, *(self.read(value, first.type) for value in arguments[1:]))
            if any(node.type != first.type for node in operands):
                raise self.fail(f"`{function}` needs the same choices throughout", syntax)
            return Extreme(function, operands, first.type)
        operands = tuple(self.number(value) for value in arguments)
        unit = self.check_units(operands, syntax)
        numbers = [number_of(node) for node in operands]
        return Extreme(
            function, operands, Number(pick(n.minimum for n in numbers), pick(n.maximum for n in numbers), unit)
        )

    def choose(
        self, condition: ast.expr, then: ast.expr, otherwise: ast.expr, expected: Type | None, syntax: ast.expr
    ) -> Node:
        test = self.truth(condition)
        first, second = self.read(then, expected), self.read(otherwise, expected)
        if isinstance(first.type, Number) and isinstance(second.type, Number):
            unit = self.check_units((first, second), syntax)
            low, high = min(first.type.minimum, second.type.minimum), max(first.type.maximum, second.type.maximum)
            return Choose(test, first, second, Number(low, high, unit))
        if isinstance(first.type, Nominal):
            raise self.fail("if … else cannot choose between choices without order", syntax)
        if not same_kind(first.type, second.type):
            raise self.fail("the two outcomes of if … else are of different kinds", syntax)
        return Choose(test, first, second, first.type)

    def check_expected(self, node: Node, expected: Type, syntax: ast.expr) -> None:
        if isinstance(expected, Number) and isinstance(node.type, Number):
            self.check_units((node, Constant(0, Number(0, 0, expected.unit))), syntax)
        elif not same_kind(node.type, expected):
            raise self.fail(f"this is {described(node.type)}; needed is {described(expected)}", syntax)

    def check_units(self, nodes: Sequence[Node], syntax: ast.expr) -> str | None:
        units = {node.type.unit for node in nodes if isinstance(node.type, Number) and node.type.unit}
        if len(units) > 1:
            raise self.fail(
                f"{' and '.join(sorted(units))} do not go together",
                syntax,
                remedy="Compare or add what has the same unit.",
            )
        return units.pop() if units else None

    def check_reach(self, operand: Node, value: Node, syntax: ast.expr) -> None:
        """A number written out must be one that the other side can have, or the rule could never change its mind."""
        if not (isinstance(value, Constant) and isinstance(operand.type, Number) and isinstance(value.type, Number)):
            return
        low, high = operand.type.minimum, operand.type.maximum
        if not low <= value.value <= high:
            raise self.fail(f"{value.value} is outside what it is compared with", syntax, allowed=f"{low} to {high}")

    def product_unit(self, first: Node, second: Node, syntax: ast.expr) -> str | None:
        units = [number_of(node).unit for node in (first, second)]
        if all(units):
            raise self.fail(f"{units[0]} times {units[1]} has no meaning here", syntax)
        return units[0] or units[1]

    def sized(self, low: int, high: int, unit: str | None, syntax: ast.expr) -> Number:
        if max(abs(low), abs(high)) > LARGEST_NUMBER:
            raise self.fail("the result could be too large", syntax, allowed=f"up to {LARGEST_NUMBER}")
        return Number(low, high, unit)

    def fail(self, what: str, syntax: ast.expr, **more: str | None) -> ExpressionError:
        # Python counts columns in UTF-8 bytes; people count characters.
        before = self.text.strip().encode()[: syntax.col_offset]
        return ExpressionError(what, self.indent + len(before.decode(errors="ignore")), **more)


def syntax_offset(text: str, error: SyntaxError) -> int:
    """Where Python stopped reading; at the end of the text where it was left unfinished."""
    return error.offset - 1 if error.offset else len(text.strip())


def number_of(node: Node) -> Number:
    """The type of a node that is known to be a number."""
    assert isinstance(node.type, Number)
    return node.type


def arithmetic_range(symbol: str, first: Number, second: Number) -> tuple[int, int]:
    """The smallest and largest result of an operation on two ranges."""
    if symbol == "+":
        return first.minimum + second.minimum, first.maximum + second.maximum
    if symbol == "-":
        return first.minimum - second.maximum, first.maximum - second.minimum
    products = [a * b for a in (first.minimum, first.maximum) for b in (second.minimum, second.maximum)]
    return min(products), max(products)


def same_kind(first: Type, second: Type) -> bool:
    """Whether a value of one type can stand for one of the other."""
    if isinstance(first, Ordered) and isinstance(second, Ordered):
        return first.choices == second.choices
    return type(first) is type(second) and not (isinstance(first, Nominal) and first != second)


def is_text(syntax: ast.expr) -> bool:
    """Whether this is a 'choice' written out."""
    return isinstance(syntax, ast.Constant) and isinstance(syntax.value, str)


def described(kind: Type) -> str:
    """The type in words for a message."""
    match kind:
        case Truth():
            return "a yes/no"
        case Number(unit=unit):
            return f"a number of {unit}" if unit else "a number"
        case Ordered():
            return "a scale"
        case Nominal():
            return "a choice"
