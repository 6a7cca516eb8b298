"""The language of rules: short expressions over facts and parameters, without loops or anything else that could take long.

    employees < staff_limit and (turnover <= turnover_limit or balance <= balance_limit)
    min(rate * eligible, cap) + (bonus if level_after >= bonus_level else 0)
    city in ('nanjing', 'hefei')
    'little-giant' in recognitions

Numbers other than 0 and 1 are not written into a rule: they are parameters, with a source. The text is read with Python's own
parser, of which only these forms are let through.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capillary.model.text import Message

LONGEST = 2_000  # characters of one expression
DEEPEST = 40
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


@dataclass(frozen=True)
class Number:
    """0 or 1."""

    value: Fraction

    @property
    def text(self) -> str:
        """The number as it is written."""
        return str(self.value)


@dataclass(frozen=True)
class Named:
    """A fact, a parameter or something derived."""

    name: str

    @property
    def text(self) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True)
class Operation:
    """Something worked out from its parts, in order; ``text`` is how it is written."""

    op: str
    parts: tuple[Expression, ...]
    text: str


class Arithmetic(Operation):
    """A sum, a difference, a product, the least (``min``) or the greatest (``max``)."""


class Logic(Operation):
    """``and``, ``or``, ``not``."""


@dataclass(frozen=True)
class Comparison:
    """Two numbers or two days."""

    op: str
    left: Expression
    right: Expression
    text: str


@dataclass(frozen=True)
class Member:
    """Whether a fact is one of some keys; for a fact with any number of keys, whether it has one of them."""

    name: str
    keys: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Alternative:
    """One thing if a condition holds, else another."""

    condition: Expression
    then: Expression
    other: Expression
    text: str


Expression = Number | Named | Arithmetic | Comparison | Member | Logic | Alternative


class ExpressionError(Exception):
    """A text is no expression of the language; says what is wrong and what mends it."""

    def __init__(self, cause: Message, remedy: Message) -> None:
        self.cause, self.remedy = cause, remedy
        super().__init__(cause.in_("en"))


def parse(text: str) -> Expression:
    """Return the expression that a text writes.

    Raises:
        ExpressionError: the text is none.

    >>> parse("min(rate * spend, cap)").parts[1]
    Named(name='cap')
    """
    if len(text) > LONGEST:
        raise ExpressionError(
            msg("The expression is longer than {count} characters.", count=LONGEST),
            msg("Give parts of it names under “derived”."),
        )
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(
            msg("“{text}” cannot be read as an expression.", text=_short(text)), _forms()
        ) from error
    return _read(tree.body, 0)


def names_in(expression: Expression) -> Iterator[str]:
    """Yield every name of an expression, as often as it stands there."""
    match expression:
        case Named(name):
            yield name
        case Member(name=name):
            yield name
        case Number():
            return
        case _:
            for part in parts_of(expression):
                yield from names_in(part)


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    """Return what an expression is made of, in order."""
    match expression:
        case Operation(parts=parts):
            return parts
        case Comparison(left=left, right=right):
            return (left, right)
        case Alternative(condition=condition, then=then, other=other):
            return (condition, then, other)
        case _:
            return ()


def _read(node: ast.expr, depth: int) -> Expression:  # noqa: C901, PLR0911 - one branch for each form
    if depth > DEEPEST:
        raise ExpressionError(
            msg("The expression is nested more than {count} deep.", count=DEEPEST),
            msg("Give parts of it names under “derived”."),
        )
    deeper = depth + 1
    match node:
        case ast.Constant(value=bool()):
            raise _refused(node)
        case ast.Constant(value=int() as value):
            return _number(value)
        case ast.Name(id=name):
            return Named(name)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            parts = (_read(left, deeper), _read(right, deeper))
            return Arithmetic(_ARITHMETIC[type(op)], parts, ast.unparse(node))
        case ast.Call(func=ast.Name(id="min" | "max" as op), args=[_, _, *_] as args, keywords=[]):
            return Arithmetic(op, tuple(_read(arg, deeper) for arg in args), ast.unparse(node))
        case ast.BoolOp(op=ast.And() | ast.Or() as op, values=values):
            word = "and" if isinstance(op, ast.And) else "or"
            return Logic(word, tuple(_read(value, deeper) for value in values), ast.unparse(node))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Logic("not", (_read(operand, deeper),), ast.unparse(node))
        case ast.IfExp(test=test, body=body, orelse=other):
            return Alternative(
                _read(test, deeper), _read(body, deeper), _read(other, deeper), ast.unparse(node)
            )
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _comparison(node, left, op, right, deeper)
    raise _refused(node)


def _comparison(node: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr, depth: int) -> Expression:
    text = ast.unparse(node)
    if isinstance(op, ast.In | ast.NotIn):
        found = _member(left, right, text)
        if found is None:
            raise _refused(node)
        return found if isinstance(op, ast.In) else Logic("not", (found,), text)
    if isinstance(op, ast.Eq | ast.NotEq) and isinstance(left, ast.Name) and _is_key(right):
        equal = Member(left.id, (right.value,), text)  # type: ignore[attr-defined]
        return equal if isinstance(op, ast.Eq) else Logic("not", (equal,), text)
    if type(op) in _COMPARISONS:
        return Comparison(_COMPARISONS[type(op)], _read(left, depth), _read(right, depth), text)
    raise _refused(node)


def _member(left: ast.expr, right: ast.expr, text: str) -> Member | None:
    if isinstance(left, ast.Name) and isinstance(right, ast.Tuple) and all(map(_is_key, right.elts)):
        return Member(left.id, tuple(item.value for item in right.elts), text)  # type: ignore[attr-defined]
    if _is_key(left) and isinstance(right, ast.Name):
        return Member(right.id, (left.value,), text)  # type: ignore[attr-defined]
    return None


def _is_key(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _number(value: int) -> Number:
    if value in {0, 1}:
        return Number(Fraction(value))
    raise ExpressionError(
        msg("The figure {number} stands in the expression itself.", number=value),
        msg("Make it a parameter, with its unit and its source; only 0 and 1 are written out."),
    )


def _refused(node: ast.expr) -> ExpressionError:
    return ExpressionError(
        msg("“{text}” is not part of the language.", text=_short(ast.unparse(node))), _forms()
    )


def _forms() -> Message:
    return msg(
        "Known are names, 0 and 1, + - *, min(a, b), max(a, b), comparisons, “a in ('x', 'y')”, “'x' in a”, and, or, not, and"
        " “a if c else b”."
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
