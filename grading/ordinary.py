"""Whether code is of the kind that cannot bend a test, so that a second run would tell little.

It can still have nothing where a test holds of nothing, and bind the author's names: for these there is a second run.

A list of what is known to be harmless, and whatever is not on it is not ordinary: names, attributes, imports, forms of
statements. Beginners' answers to labs about tables are made of these. To be wrong here costs a second run, no points.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from grading.syntax import Cells, as_ipython_reads, cells_of

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
# Set on a table or series of one's own, where none of their classes can stand in its place.
SETTABLE = frozenset({"columns", "index", "name"})
CLASSES = frozenset({"DataFrame", "Series", "Timedelta", "Timestamp"})
# What IPython binds beside Python's own names.
NAMES_OF_IPYTHON = frozenset({"In", "Out", "display", "execfile", "exit", "get_ipython", "quit", "runfile"})
# A cell of one line that begins with such a word is no Python to IPython, unless something has that name then.
MAGICS = """
alias alias_magic autoawait autocall automagic autosave bookmark cat cd clear code_wrap colors conda config connect_info
cp debug dhist dirs doctest_mode ed edit env gui hist history killbgscripts ldir less lf lk ll load load_ext loadpy
logoff logon logstart logstate logstop ls lsmagic lx macro magic mamba man matplotlib micromamba mkdir more mv notebook
page pastebin pdb pdef pdoc pfile pinfo pinfo2 pip popd pprint precision prun psearch psource pushd pwd pycat pylab
qtconsole quickref recall rehashx reload_ext rep rerun reset reset_selective rm rmdir run save sc set_env store subshell
sx system tb time timeit unalias unload_ext uv who who_ls whos xdel xmode
"""
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
_MAGICS = frozenset(MAGICS.split())
_NOT_TO_BIND = frozenset([*dir(builtins), *NAMES_OF_IPYTHON, *_KNOWN])
_NOTHING = Cells((), frozenset(), frozenset())


class Answers:
    """The cells of a submission that are the trainee's, beside those of the author's."""

    def __init__(
        self, written: Sequence[str], *, prepared: Sequence[str], unanswered: Sequence[str], tests: Sequence[str]
    ) -> None:
        """Read them.

        written: by the trainee.  prepared: the author's that are neither theirs to change nor tests.  unanswered: the
        cells for answers, as trainees get them.  tests: the whole of the author's tests and of what else is locked.
        """
        self.sources = written
        kinds = [cells_of(sources) for sources in (written, prepared, unanswered, tests)]
        self._is_python = None not in kinds
        self._written, self._prepared, self._unanswered, self._tests = (kind or _NOTHING for kind in kinds)
        self._bound_in_tests = (cells_of(set(tests) - set(prepared)) or _NOTHING).bound

    @cached_property
    def are_ordinary(self) -> bool:
        """Whether they hold nothing but what is listed, and neither bind nor read what is not theirs."""
        return (
            self._is_python
            and all(map(_is_listed, self._written.nodes))
            and self._bind_their_own()
            and self._read_what_is_given()
            and (self._no_class_is_had() or not any(map(_sets_attribute, self._written.nodes)))
            and all(map(_is_plain, self.sources))
        )

    @cached_property
    def run_in_tests(self) -> bool:
        """Whether any of these cells, which are ordinary, may run once more when a test does.

        So may functions, but those that only they call by name, and whatever is computed only when somebody asks for
        it.
        """
        read = self._prepared.read | self._unanswered.read | self._tests.read
        nodes = self._written.nodes
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

    def _bind_their_own(self) -> bool:
        """No function, class or module of the author's, and nothing that a prepared cell binds and the tests read."""
        theirs = (*self._prepared.nodes, *self._unanswered.nodes, *self._tests.nodes)
        code = {name for node in theirs for name in _bound_code(node)}
        compared = self._prepared.bound & self._tests.read
        return "*" not in code and not self._written.bound & (_NOT_TO_BIND | code | compared)

    def _read_what_is_given(self) -> bool:
        """Names of their own and of given cells, and none that a test binds, such as that of the right value."""
        given = self._prepared, self._unanswered
        classes = {node.name for cells in given for node in cells.nodes if isinstance(node, ast.ClassDef)}
        bound = self._written.bound.union(*(cells.bound for cells in given)) - classes
        return self._written.read <= (bound | _KNOWN) - self._bound_in_tests

    def _no_class_is_had(self) -> bool:
        """Whether classes of pandas are only called."""
        nodes = (*self._written.nodes, *self._prepared.nodes, *self._unanswered.nodes)
        called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        return all(id(node) in called for node in nodes if isinstance(node, ast.Attribute) and node.attr in CLASSES)


def _bound_code(node: ast.AST) -> Iterable[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.alias(name=name, asname=alias):
            return (alias or name.partition(".")[0],)
    return ()


def _is_plain(source: str) -> bool:
    """Whether IPython reads what stands there, and no magic."""
    begin = re.match(r"\w+", source.strip())
    is_magic = begin is not None and begin.group() in _MAGICS and len(source.strip().splitlines()) == 1
    return not is_magic and (as_ipython_reads(source) or "").strip() == source.strip()


def _sets_attribute(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)


def _is_listed(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name):
            listed = not name.startswith("_")
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
