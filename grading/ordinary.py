"""Whether code is of the kind that cannot bend a test, so that a second run would tell little.

It can still have nothing where a test holds of nothing, and bind the author's names: for these there is a second run.

A list of what is known to be harmless, and whatever is not on it is not ordinary: names, attributes, imports, forms of
statements. Beginners' answers to labs about tables are made of these. To be wrong here costs a second run, no points.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from grading.syntax import nodes_of

FUNCTIONS = """
abs all any bool dict divmod enumerate filter float int isinstance len list map max min print range reversed round
set sorted str sum tuple zip True False None
"""
ERRORS = "Exception IndexError KeyError NotImplementedError TypeError ValueError ZeroDivisionError"
MODULES = {"pandas": "pd", "numpy": "np", "matplotlib.pyplot": "plt", "math": "math", "statistics": "statistics"}
# Of tables, series, groups, texts, lists, dictionaries, dates and charts. None leads to a module or takes the name of
# a method as a text, as `agg` and `apply` do.
ATTRIBUTES = """
DataFrame Series Timedelta Timestamp abs add all any append argmax argmin array arange assign astype at
axhline axvline bar barh between bincount ceil clip columns concat copy corr count cumsum cut date date_range day
dayofweek days describe diff div drop drop_duplicates dropna dt dtypes duplicated e empty endswith eq exp extend
fillna filter first floor ge get get_dummies get_height get_ylabel get_ylim grid groupby gt head hist idxmax idxmin
iloc index isin isna isnull items itertuples join keys last le legend len linspace loc log lower lt map mask max mean
median melt merge min mode month mul name names ne nlargest notna notnull nsmallest nunique pct_change pi plot pivot
pow quantile rank read_csv reindex rename replace reset_index rolling round sample scatter set
set_index set_title set_xlabel set_xlim set_ylabel set_ylim set_xticks shape shift show size sort sort_index
sort_values split sqrt startswith std str strftime strip sub subplots sum suptitle T tail tight_layout title to_datetime
to_dict to_frame to_list to_numeric tolist unique unstack upper value_counts values var where xlabel
xticks year ylabel ylim zeros ones
"""
# Set on a table or series of one's own.
SETTABLE = frozenset({"columns", "index", "name"})
FORMS = (
    *(ast.Module, ast.Expr, ast.Assign, ast.AugAssign, ast.If, ast.For, ast.While, ast.Break, ast.Continue, ast.Pass),
    *(ast.arguments, ast.arg, ast.Return, ast.Raise, ast.Lambda, ast.Import),
    *(ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Call, ast.Constant, ast.JoinedStr),
    *(ast.FormattedValue, ast.Subscript, ast.Slice, ast.Starred, ast.List, ast.Tuple, ast.Dict),
    *(ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.expr_context),
    *(ast.boolop, ast.operator, ast.unaryop, ast.cmpop),
)
# Of these, what takes all that is given to it at once, and what does so only when somebody asks.
EAGER = frozenset(["all", "any", "dict", "list", "max", "min", "set", "sorted", "sum", "tuple"])
LATE = frozenset({"filter", "map"})
# Arguments that name code by a text.
NAMING = frozenset({"aggfunc", "backend", "converters", "engine", "func"})
_ATTRIBUTES = frozenset(ATTRIBUTES.split())
_KNOWN = frozenset([*FUNCTIONS.split(), *ERRORS.split(), *MODULES.values()])
_BUILT_IN = frozenset(dir(builtins))


def is_ordinary(written: Iterable[str], given: Iterable[str], tests: Iterable[str]) -> bool:
    """Whether none of the cells `written` by the trainee holds anything but what is listed.

    given: the author's cells as trainees have them, whose names may be read.  tests: the whole of the author's tests.
    No function, class or module of either is bound anew.
    """
    nodes, theirs, in_tests = nodes_of(written), nodes_of(given), nodes_of(tests)
    if nodes is None or theirs is None or in_tests is None:
        return False
    bound = {name for node in nodes for name in _bound(node)}
    if bound & (_BUILT_IN | _KNOWN | {name for node in (*theirs, *in_tests) for name in _bound_code(node)}):
        return False
    readable = bound | {name for node in theirs for name in _bound(node)} | _KNOWN
    return all(_is_listed(node, readable) for node in nodes)


def binds_anew(written: Iterable[str], given: Iterable[str], tests: Iterable[str]) -> bool:
    """Whether ordinary cells `written` by the trainee bind a name that those `given` bind too and the tests read."""
    nodes, theirs, in_tests = (nodes_of(sources) or [] for sources in (written, given, tests))
    read = {node.id for node in in_tests if isinstance(node, ast.Name)}
    ours, others = ({name for node in each for name in _bound(node)} for each in (nodes, theirs))
    return bool(ours & others & read)


def runs_in_tests(written: Iterable[str], given: Iterable[str], tests: Iterable[str]) -> bool:
    """Whether any of the ordinary cells `written` by the trainee may run once more when a test does.

    So may functions, but those that only they call by name, and whatever is computed only when somebody asks for it.
    given, tests: as of is_ordinary.
    """
    nodes, theirs, in_tests = (nodes_of(sources) or [] for sources in (written, given, tests))
    read = {node.id for node in (*theirs, *in_tests) if isinstance(node, ast.Name)}
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    called = {id(call.func) for call in calls}
    at_once = {
        id(argument)
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in EAGER
        for argument in call.args[:1]
    }
    functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    return any(
        isinstance(node, ast.Lambda)
        or (isinstance(node, ast.GeneratorExp) and id(node) not in at_once)
        or (isinstance(node, ast.Name) and node.id in LATE)
        or (isinstance(node, ast.FunctionDef) and node.name in read)
        or (isinstance(node, ast.Name) and node.id in functions and id(node) not in called)
        for node in nodes
    )


def _bound(node: ast.AST) -> Iterable[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.FunctionDef(name=name) | ast.arg(arg=name):
            return (name,)
    return ()


def _bound_code(node: ast.AST) -> Iterable[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.alias(name=name, asname=alias):
            return (alias or name.partition(".")[0],)
    return ()


def _is_listed(node: ast.AST, readable: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            listed = name in readable and not name.startswith("_")
        case ast.Attribute(attr=name, ctx=ast.Load()):
            listed = name in _ATTRIBUTES
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            listed = name in SETTABLE and owner not in MODULES.values()
        case ast.FunctionDef(decorator_list=decorators):
            listed = not decorators
        case ast.alias(name=name, asname=alias):
            listed = MODULES.get(name) == (alias or name)
        case ast.keyword(arg=name):
            listed = name is not None and name not in NAMING
        case _:
            listed = isinstance(node, FORMS)
    return listed
