"""A test with a wrong expectation: an honest answer fails it, and one that agrees with everything gives itself away.

What equals all things, or a test function that was replaced, passes the real tests as nbgrader runs them. So the
tests that a submission passed are run once more, in a room of their own, each with one expectation replaced by a
fresh random value. Nothing tells the trainee's code which of the two runs it is in. After mutation testing (DeMillo,
Lipton and Sayward, 1978), turned from the program to its test.
"""

from __future__ import annotations

import ast
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass

from grading.messages import hidden_line_numbers

CLOSE = frozenset({"isclose", "allclose", "array_equal"})


@dataclass(frozen=True)
class _Sides:
    """Two expressions that the test holds to be the same."""

    left: ast.expr
    right: ast.expr


def counter_test(source: str, dice: random.Random) -> str | None:
    """The test cell `source` with one expectation made wrong, one that trainees cannot read if there is such.

    None when no comparison has a form that is certain to fail then: equality, closeness, their conjunctions.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    expectations = [_expectation(sides, own) for node in ast.walk(tree) for sides in _compared(node)]
    if not expectations:
        return None
    hidden = hidden_line_numbers(source)
    unseen = [each for each in expectations if each.lineno in hidden]
    chosen = dice.choice(unseen or expectations)
    return _with_replaced(source, chosen, _wrong_value(chosen, dice))


def _compared(node: ast.AST) -> Iterator[_Sides]:
    if isinstance(node, ast.Assert):
        yield from _equalities(node.test)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        if _name(call.func).startswith("assert_") and len(call.args) >= 2:
            yield _Sides(call.args[0], call.args[1])


def _equalities(test: ast.expr) -> Iterator[_Sides]:
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                yield from _equalities(value)
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            yield _Sides(left, right)
        case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE()]):
            yield from _distance(left)
        case ast.Call(func=ast.Name(id="all"), args=[ast.GeneratorExp(elt=each) | ast.ListComp(elt=each)]):
            yield from _equalities(each)
        case ast.Call(func=ast.Attribute(attr="all", value=value), args=[]):
            yield from _equalities(value)
        case ast.Call(func=ast.Attribute(attr="equals", value=value), args=[other]):
            yield _Sides(value, other)
        case ast.Call(func=function, args=[left, right, *_]) if _name(function) in CLOSE:
            yield _Sides(left, right)


def _distance(expression: ast.expr) -> Iterator[_Sides]:
    """abs(a - b) and (a - b).abs()."""
    match expression:
        case ast.Call(func=function, args=[ast.BinOp(op=ast.Sub(), left=left, right=right)]) if (
            _name(function) == "abs"
        ):
            yield _Sides(left, right)
        case ast.Call(func=ast.Attribute(attr="abs", value=ast.BinOp(op=ast.Sub(), left=left, right=right)), args=[]):
            yield _Sides(left, right)


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _expectation(sides: _Sides, own: set[str]) -> ast.expr:
    """The side that holds nothing of the trainee's, by the names in it; the right one when both or neither do."""
    left, right = (_names(side) <= own for side in (sides.left, sides.right))
    return sides.left if left and not right else sides.right


def _names(expression: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def _wrong_value(expectation: ast.expr, dice: random.Random) -> str:
    match expectation:
        case ast.Constant(value=str() as text):
            return repr("".join(dice.choices(string.ascii_letters, k=max(8, len(text)))))
        case ast.Constant(value=int()):
            return str(dice.randrange(10**6, 10**9))
    return repr(dice.uniform(10**6, 10**9))


def _with_replaced(source: str, node: ast.expr, text: str) -> str:
    """Offsets of a syntax tree count bytes of UTF-8."""
    if node.end_lineno is None or node.end_col_offset is None:
        return source
    lines = source.encode().split(b"\n")
    first, last = node.lineno - 1, node.end_lineno - 1
    changed = lines[first][: node.col_offset] + text.encode() + lines[last][node.end_col_offset :]
    return b"\n".join([*lines[:first], changed, *lines[last + 1 :]]).decode()
