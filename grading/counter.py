"""A test with a wrong expectation: an honest answer fails it, and one that agrees with everything gives itself away.

What equals all things, or a test function that was replaced, passes the real tests as nbgrader runs them. So the
tests that a submission passed are run once more, in a room of their own, each with one expectation made wrong: of the
kind and size of the right one, so that its value does not give it away. Code that reads the cell which calls it can
still tell. After mutation testing (DeMillo, Lipton and Sayward, 1978), turned from the program to its test.
"""

from __future__ import annotations

import ast
import builtins
import math
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

from grading.messages import hidden_line_numbers
from grading.syntax import nodes_of, parsed

CLOSE = frozenset({"isclose", "allclose", "array_equal"})
ASSERTS = """
assert_equal assert_array_equal assert_string_equal assert_allclose assert_almost_equal assert_approx_equal
assert_array_almost_equal assert_frame_equal assert_series_equal assert_index_equal
"""
ASSERTING = frozenset(ASSERTS.split())
# Of two arrays, one of them empty, and a number, they hold.
TRUE_OF_NOTHING = ASSERTING - {"assert_string_equal", "assert_frame_equal", "assert_series_equal"} | {"allclose"}
ALL_ALIKE = {"array_equal", "assert_equal", "assert_array_equal", "assert_string_equal"}
# Absolute and as a share, of numpy and pandas; those of math are less.
USUAL = {"isclose", "allclose", "assert_allclose", "assert_frame_equal", "assert_series_equal", "assert_index_equal"}
# What goes on elsewhere than with the next statement. An error is none of these: it fails the test.
LEAVING = (ast.Return, ast.Break, ast.Continue)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
LETTING_OUT = frozenset({"catch_warnings", "errstate", "open", "option_context"})
ABSOLUTE, SHARES = frozenset({"atol", "abs_tol"}), frozenset({"rtol", "rel_tol"})
SAYING = frozenset({"err_msg", "verbose", "equal_nan", "obj"})
WIDEST_SHARE = 0.2
# Whatever trainees call their things, these are the author's in a test.
_KNOWN = frozenset({*dir(builtins), "pd", "np", "math", "pandas", "numpy"})

# Without a name that trainees could give to something else. `t` is type; what it does not know becomes OTHER.
_CHANGED = """
(lambda f, v: f(f, v, ().__class__.__class__))(lambda f, v, t:
not v if t(v) is t(True) or t(v).__module__ == 'numpy' and t(v).__name__ in ('bool', 'bool_')
else v SIGN (v.__abs__() // PART + COUNT) if t(v) is t(0)
else v SIGN (v.__abs__() * SHARE + MORE + (v == 0) * SMALL) if t(v) is t(0.0) and v - v == 0
else v[:-1] + [c for c in ('73' if v[-1:].isdigit() else 'KM' if v[-1:].isupper() else 'ea') if c != v[-1:]][0]
if t(v) is t('')
else (lambda k: t(v)([*v[:k], f(f, v[k], t), *v[k + 1:]]))(PLACE % v.__len__())
if (t(v) is t([]) or t(v) is t(())) and v
else (lambda k: {**v, k: f(f, v[k], t)})([*v][PLACE % v.__len__()]) if t(v) is t({}) and v
else (lambda k: v - {k} | {f(f, k, t)})([*v][PLACE % v.__len__()]) if t(v) is t({0}) and v
else v SIGN (v.__abs__() * SHARE + MORE + (v == 0) * SMALL)
if t(v).__module__.split('.')[0] in ('numpy', 'pandas')
and t(v).__name__ in ('ndarray', 'Series', 'Index', 'int64', 'float64', 'int32', 'float32')
and v.dtype.kind in 'iuf' and v.size and (v - v == 0).all()
else OTHER, EXPECTATION)
"""


class Tolerance(NamedTuple):
    """How far two things may be apart: absolute, and as a share of one of them."""

    absolute: float = 0.0
    share: float = 0.0


EXACT = Tolerance()


@dataclass(frozen=True)
class Counter:
    """The source of a test with one thing wrong.

    shown: what its result may be then; nothing where it must fail.  again: the statement with the wrong thing, where
    it says after the whole test what it said in it; "" where that is not sure.
    """

    source: str
    shown: tuple[float, ...] = ()
    again: str = ""


@dataclass(frozen=True)
class _Sides:
    """Two expressions that the test holds to be the same.

    tolerance: None where the test does not say it in numbers.  is_true_of_nothing: also when one has no elements.
    """

    left: ast.expr
    right: ast.expr
    tolerance: Tolerance | None = EXACT
    is_true_of_nothing: bool = False


@dataclass(frozen=True)
class _Expectation:
    """An expression to make wrong. is_authors: nothing of the trainee's is in it, by the names."""

    node: ast.expr
    tolerance: Tolerance | None
    is_authors: bool


def counter_test(
    source: str,
    dice: random.Random,
    *,
    below: float = 1.0,
    numbers: Mapping[str, float] = MappingProxyType({}),
    only_true_of_nothing: bool = False,
) -> Counter | None:
    """The test cell `source` with one expectation made wrong, one that trainees cannot read if there is such.

    below: what another result stays below, as what the cell gave.  numbers: what names of the author's stand for.
    only_true_of_nothing: of comparisons that nothing at all meets.

    None when no comparison has a form that is certain to fail then: equality, closeness, their conjunctions. A cell
    without any that ends in an expression has another result instead.
    """
    if (tree := parsed(source)) is None:
        return None
    own = {name for node in ast.walk(tree) for name in _bound(node)}
    found = list(_Reader(tree, {**numbers, **constants([source])}).sides())
    chosen = [_expectation(sides, own) for sides in found if sides.is_true_of_nothing or not only_true_of_nothing]
    if not chosen:
        return None if found or only_true_of_nothing else _with_another_result(source, tree, below, dice)
    hidden = hidden_line_numbers(source)
    unseen = [each for each in chosen if each.node.lineno in hidden]
    expectation = dice.choice(unseen or chosen)
    # What is bound first can be read by its name from within the answer. Ordinary code does not (grading.ordinary).
    value = None if only_true_of_nothing else _only_compared(tree, expectation.node)
    if value is not None and dice.random() < 0.5:
        expectation = replace(expectation, node=value, is_authors=_names(value) <= own | _KNOWN)
        return Counter(_with_replaced(source, value, _made_wrong(source, expectation, dice)))
    wrong = _with_replaced(source, expectation.node, _made_wrong(source, expectation, dice))
    return Counter(wrong, again=_again(tree, expectation.node, wrong))


def _only_compared(tree: ast.Module, node: ast.expr) -> ast.expr | None:
    """What stands for an expectation that is a name, bound once and then read by this comparison alone."""
    if not isinstance(node, ast.Name):
        return None
    told = {
        id(part) for each in ast.walk(tree) if isinstance(each, ast.Assert) and each.msg for part in ast.walk(each.msg)
    }
    uses = [
        part
        for part in ast.walk(tree)
        if getattr(part, "id", getattr(part, "arg", "")) == node.id and id(part) not in told
    ]
    for each in tree.body:
        match each:
            case ast.Assign(targets=[ast.Name() as target], value=value) if target.id == node.id:
                return value if len(uses) == 2 and each.lineno < node.lineno else None
    return None


def _again(tree: ast.Module, node: ast.expr, wrong: str) -> str:
    """Of a test and its form with something wrong at this expression."""
    place = next(place for place, each in enumerate(tree.body) if any(part is node for part in ast.walk(each)))
    read = {part.id for part in ast.walk(tree.body[place]) if isinstance(part, ast.Name)}
    bound_later = {name for each in tree.body[place + 1 :] for part in ast.walk(each) for name in _bound(part)}
    changed = parsed(wrong)
    if changed is None or isinstance(tree.body[place], ast.FunctionDef) or read & bound_later:
        return ""
    return ast.get_source_segment(wrong, changed.body[place]) or ""


def constants(sources: Iterable[str]) -> dict[str, float]:
    """The names that the sources bind to a number, and only once."""
    found: dict[str, list[float | None]] = {}
    for source in sources:
        nodes = nodes_of([source]) or []
        values = {id(node.targets[0]): _number(node.value, {}) for node in nodes if isinstance(node, ast.Assign)}
        for node in nodes:
            for name in _bound(node):
                found.setdefault(name, []).append(values.get(id(node)))
    return {name: values[0] for name, values in found.items() if len(values) == 1 and values[0] is not None}


class _Reader:
    """Finds what a test certainly compares, whatever the answer.

    Nothing in a branch or after a way out, or in a function that may not be called.
    """

    def __init__(self, tree: ast.Module, numbers: Mapping[str, float]) -> None:
        self._tree = tree
        self._numbers = numbers
        run = _run_in_turn(tree.body)
        self._called = {_name(node.func) for each in run for node in _evaluated(each) if isinstance(node, ast.Call)}
        self._empty = {
            target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and _is_empty(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def sides(self) -> Iterator[_Sides]:
        """In the order of the cell."""
        return self._of_statements(self._tree.body, ())

    def _of_statements(self, statements: Iterable[ast.stmt], loops: tuple[ast.expr, ...]) -> Iterator[_Sides]:
        for each in _until_left(statements):
            match each:
                case ast.For(iter=values, body=body):
                    yield from self._of_statements(body, (*loops, values))
                case ast.FunctionDef(name=name, body=body) if name in self._called and not _is_generator(each):
                    yield from self._of_statements(body, loops)
                case ast.With(items=items, body=body) if all(_lets_errors_out(item.context_expr) for item in items):
                    yield from self._of_statements(body, loops)
                case ast.Assert(test=test):
                    yield from self._certain(self._equalities(test), (*loops, test), in_loop=bool(loops))
                case ast.Expr(value=ast.Call(func=function, args=[left, right, *_]) as call) if (
                    _name(function) in ASSERTING
                ):
                    sides = _Sides(left, right, self._tolerance(call), _name(function) in TRUE_OF_NOTHING)
                    yield from self._certain([sides], (*loops, call), in_loop=bool(loops))

    def _certain(self, found: Iterable[_Sides], places: tuple[ast.expr, ...], *, in_loop: bool) -> Iterator[_Sides]:
        """Without what may rightly be true of nothing: where the author gives something empty."""
        nodes = [node for place in places for node in ast.walk(place)]
        is_about_nothing = any(_is_empty(node) or getattr(node, "id", None) in self._empty for node in nodes)
        for each in found:
            sides = replace(each, is_true_of_nothing=each.is_true_of_nothing or in_loop)
            is_starred = isinstance(sides.left, ast.Starred) or isinstance(sides.right, ast.Starred)
            if not is_starred and not (sides.is_true_of_nothing and is_about_nothing):
                yield sides

    def _equalities(self, test: ast.expr) -> Iterator[_Sides]:
        match test:
            case ast.BoolOp(op=ast.And()):
                for condition in _conditions(test):
                    yield from self._equalities(condition)
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
                yield _Sides(left, right)
            case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE()], comparators=[most]):
                tolerance = _number(most, self._numbers)
                yield from _distance(left, None if tolerance is None else Tolerance(abs(tolerance)))
            case ast.Call(
                func=ast.Name(id="all"), args=[(ast.GeneratorExp(elt=each) | ast.ListComp(elt=each)) as every]
            ) if not _picks(every):
                yield from (replace(sides, is_true_of_nothing=True) for sides in self._equalities(each))
            case ast.Call(func=ast.Attribute(attr="all", value=each), args=[]):
                yield from (replace(sides, is_true_of_nothing=True) for sides in self._equalities(each))
            case ast.Call(func=ast.Attribute(attr="equals", value=value), args=[other]):
                yield _Sides(value, other)
            case ast.Call(func=function, args=[left, right, *_]) if _name(function) in CLOSE:
                yield _Sides(left, right, self._tolerance(test), _name(function) in TRUE_OF_NOTHING)

    def _tolerance(self, call: ast.Call) -> Tolerance | None:
        name = _name(call.func)
        if name in ALL_ALIKE:
            return EXACT
        if name not in USUAL or len(call.args) > 2:
            return None
        absolute, share = 1e-8, 1e-5
        for keyword in call.keywords:
            value = _number(keyword.value, self._numbers)
            if keyword.arg in ABSOLUTE and value is not None:
                absolute = value
            elif keyword.arg in SHARES and value is not None:
                share = value
            elif keyword.arg not in SAYING and not (keyword.arg or "").startswith("check_"):
                return None
        return Tolerance(absolute, share)


def _until_left(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Those that are certainly come to: up to the first that may go on elsewhere."""
    for each in statements:
        yield each
        if _may_leave(each):
            return


def _may_leave(statement: ast.stmt) -> bool:
    waiting: list[tuple[ast.AST, tuple[type[ast.stmt], ...]]] = [(statement, LEAVING)]
    while waiting:
        node, leaving = waiting.pop()
        if isinstance(node, leaving):
            return True
        if not isinstance(node, (*SCOPES, ast.expr)):
            inner = (ast.Return,) if isinstance(node, LOOPS) else leaving
            waiting += ((child, inner) for child in ast.iter_child_nodes(node))
    return False


def _run_in_turn(statements: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """What certainly runs, in loops that have something to go through: simple statements, and the heads of others."""
    for each in _until_left(statements):
        match each:
            case ast.For(iter=values, body=body):
                yield values
                yield from _run_in_turn(body)
            case ast.With(items=items, body=body) if all(_lets_errors_out(item.context_expr) for item in items):
                yield from items
                yield from _run_in_turn(body)
            case ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Assert():
                yield each


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """The parts that are certainly evaluated with it."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        match part:
            case ast.BoolOp(values=[first, *_]):
                waiting.append(first)
            case ast.Assert(test=test):
                waiting += _conditions(test)
            case ast.IfExp(test=test):
                waiting.append(test)
            case ast.Lambda():
                pass
            case _ if not _picks(part):
                waiting += ast.iter_child_nodes(part)


def _conditions(test: ast.expr) -> Iterator[ast.expr]:
    """All that has to hold, and so is come to, where `test` holds."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                yield from _conditions(value)
        case _:
            yield test


def _picks(node: ast.AST) -> bool:
    """Whether a comprehension leaves out what it goes through by an `if`."""
    return any(each.ifs for each in getattr(node, "generators", ()))


def _is_generator(function: ast.FunctionDef) -> bool:
    """Whether calling it runs nothing yet."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))


def _distance(expression: ast.expr, tolerance: Tolerance | None) -> Iterator[_Sides]:
    """abs(a - b) and (a - b).abs()."""
    match expression:
        case ast.Call(func=function, args=[ast.BinOp(op=ast.Sub(), left=left, right=right)]) if (
            _name(function) == "abs"
        ):
            yield _Sides(left, right, tolerance)
        case ast.Call(func=ast.Attribute(attr="abs", value=ast.BinOp(op=ast.Sub(), left=left, right=right)), args=[]):
            yield _Sides(left, right, tolerance)


def _lets_errors_out(manager: ast.expr) -> bool:
    return isinstance(manager, ast.Call) and _name(manager.func) in LETTING_OUT


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _bound(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            return (name,)
    return ()


def _number(expression: ast.expr, numbers: Mapping[str, float]) -> float | None:
    match expression:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        case ast.Name(id=name):
            return numbers.get(name)
    return None


def _is_empty(node: ast.AST) -> bool:
    match node:
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return True
    return False


def _expectation(sides: _Sides, own: set[str]) -> _Expectation:
    """The side that holds nothing of the trainee's, by the names in it; the right one when both or neither do."""
    left, right = (_names(side) <= own | _KNOWN for side in (sides.left, sides.right))
    node = sides.left if left and not right else sides.right
    return _Expectation(node, sides.tolerance, is_authors=left or right)


def _names(expression: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def _made_wrong(source: str, expectation: _Expectation, dice: random.Random) -> str:
    """An expression for something else; what may be the trainee's own is at times left out of it altogether."""
    tolerance = expectation.tolerance
    is_exact = tolerance == EXACT
    other = repr(round(dice.uniform(1, 1000), 9) if is_exact else dice.uniform(10**6, 10**9))
    written = ast.get_source_segment(source, expectation.node)
    if tolerance is None or tolerance.share > WIDEST_SHARE or written is None:
        return other
    if not expectation.is_authors and dice.random() < 0.5:
        return other
    try:
        value = ast.literal_eval(expectation.node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _changed(written, tolerance, other, dice)
    # Written out like the right one: the text is our own, about a constant of the author's.
    wrong = eval(_changed(repr(value), tolerance, other, dice), {"__builtins__": {}})  # noqa: S307
    return repr(float(f"{wrong:.4g}") if type(wrong) is float else wrong)


def _changed(expression: str, tolerance: Tolerance, other: str, dice: random.Random) -> str:
    share = dice.uniform(0.05, 0.5) + 4 * tolerance.share
    chosen = {
        "SIGN": dice.choice("+-"),
        "PART": str(max(1, int(1 / share))),
        "COUNT": str(dice.randrange(1, 9) + math.ceil(3 * tolerance.absolute)),
        "SHARE": f"{share:.4f}",
        "MORE": repr(3 * tolerance.absolute),
        "SMALL": f"{dice.uniform(0.5, 3):.2f}",
        "PLACE": str(dice.randrange(1000)),
        "OTHER": other,
    }
    text = _CHANGED
    for name, value in chosen.items():
        text = text.replace(name, value)
    return text.strip().replace("EXPECTATION", expression)


def _with_another_result(source: str, tree: ast.Module, below: float, dice: random.Random) -> Counter | None:
    """The cell is run to its end, and what it then gives is a fresh number and nothing else.

    Such as it might have given, and did not: less than that, whole where that was a whole number, and at times 0.
    """
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or last.end_lineno is None:
        return None
    # A semicolon would keep the result back.
    if any(";" in line for line in source.split("\n")[last.end_lineno - 1 :]):
        return None
    share = dice.choice([0.0, dice.random()])
    # One decimal, for those who have no more shown.
    whole, other = math.floor(below * share), math.floor(10 * below * share) / 10
    given = ast.get_source_segment(source, last.value)
    text = f"(lambda v, t: {whole} if t(v) is t(0) else {other})({given}, ().__class__.__class__)"
    return Counter(_with_replaced(source, last, text), (whole, other))


def _with_replaced(source: str, node: ast.expr | ast.stmt, text: str) -> str:
    """Offsets of a syntax tree count bytes of UTF-8."""
    if node.end_lineno is None or node.end_col_offset is None:
        return source
    lines = source.encode().split(b"\n")
    first, last = node.lineno - 1, node.end_lineno - 1
    changed = lines[first][: node.col_offset] + text.encode() + lines[last][node.end_col_offset :]
    return b"\n".join([*lines[:first], changed, *lines[last + 1 :]]).decode()
