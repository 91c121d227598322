"""Which questions a cell asks of the data, found in its code; nothing of it is run, and nothing but known names leaves.

A reading of the text, not of what it did: a question put in another way than pandas' own is not found, and a filter
through a mask that another cell made is not either.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a question does with the data."""

    LOOK = "look"
    FILTER = "filter"
    GROUP = "group"
    SUMMARY = "summary"
    ORDER = "order"
    JOIN = "join"
    PLOT = "plot"


@dataclass(frozen=True)
class Inquiry:
    """One question. columns: of the data, sorted; those that it compares, filters, computes and so on."""

    kind: Kind
    columns: tuple[str, ...]


# Names of pandas and matplotlib (their references of 2025) that say what is asked.
METHODS: dict[Kind, frozenset[str]] = {
    Kind.FILTER: frozenset({"query", "dropna", "drop_duplicates"}),
    Kind.GROUP: frozenset({"groupby", "pivot_table", "pivot", "crosstab", "value_counts", "resample"}),
    Kind.SUMMARY: frozenset(
        [
            "mean",
            "median",
            "sum",
            "count",
            "size",
            "min",
            "max",
            "std",
            "var",
            "quantile",
            "nunique",
            "describe",
            "agg",
            "aggregate",
            "corr",
            "mode",
            "idxmax",
            "idxmin",
        ]
    ),
    Kind.ORDER: frozenset({"sort_values", "nlargest", "nsmallest", "rank"}),
    Kind.JOIN: frozenset({"merge", "join", "concat"}),
    Kind.PLOT: frozenset(
        [
            "plot",
            "bar",
            "barh",
            "hist",
            "scatter",
            "boxplot",
            "box",
            "pie",
            "area",
            "line",
            "kde",
            "density",
            "hexbin",
            "errorbar",
            "violinplot",
        ]
    ),
}
BUILT_IN = {"len": Kind.SUMMARY, "sum": Kind.SUMMARY, "min": Kind.SUMMARY, "max": Kind.SUMMARY}
CONDITIONS = frozenset(
    [
        "isin",
        "between",
        "isna",
        "isnull",
        "notna",
        "notnull",
        "duplicated",
        "contains",
        "startswith",
        "endswith",
        "eq",
        "ne",
        "gt",
        "ge",
        "lt",
        "le",
    ]
)
COLUMN_KEYWORDS = frozenset(
    ["by", "on", "left_on", "right_on", "x", "y", "subset", "index", "columns", "values", "column", "hue", "usecols"]
)
NOT_A_GROUPING = frozenset({"values", "aggfunc"})
# Lines for IPython: commands, and a name with the question mark that asks for its help; a comment may ask, too.
MAGIC = re.compile(r"^([ \t]*)(?:%{1,2}[A-Za-z_].*|[!?].*|[\w.%*\[\]]+\?{1,2}[ \t]*)$", re.MULTILINE)


def inquiries(code: str, columns: Collection[str]) -> frozenset[Inquiry]:
    """The questions that this code asks, with those of the data's columns that it names; none where it is no Python."""
    try:
        tree = ast.parse(MAGIC.sub(r"\1pass", code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return _Reading(tree, frozenset(columns)).inquiries()


def _constants(node: ast.expr) -> Iterator[ast.Constant]:
    """The words that stand here by themselves or in a list."""
    parts: Iterable[ast.expr | None] = (node,)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        parts = node.elts
    elif isinstance(node, ast.Dict):
        parts = node.keys
    yield from (part for part in parts if isinstance(part, ast.Constant))


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name):
            return name
        case ast.Name(id=name):
            return name
    return ""


def _is_of_text(node: ast.Call) -> bool:
    """ ", ".join(...) brings no tables together."""
    return isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant | ast.JoinedStr)


class _Reading:
    """Children come before their parents, so that no depth of nesting costs more than its length."""

    def __init__(self, tree: ast.Module, known: frozenset[str]) -> None:
        self.tree, self.known = tree, known
        self.nodes = list(ast.walk(tree))[::-1]
        self.places = {id(constant) for node in self.nodes for constant in self._where_columns_stand(node)}
        self.named: dict[int, frozenset[str]] = {}
        self.computed: dict[int, frozenset[str]] = {}
        self.conditional: set[int] = set()
        for node in self.nodes:
            self._read(node)
        self.assigned: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        self.masks: set[str] = set()
        for node in self.nodes:
            if isinstance(node, ast.Assign):
                self._note_names(node)

    @staticmethod
    def _where_columns_stand(node: ast.AST) -> Iterator[ast.Constant]:
        if isinstance(node, ast.Subscript):
            yield from _constants(node.slice)
            if isinstance(node.slice, ast.Tuple):
                for part in node.slice.elts:
                    yield from _constants(part)
        if isinstance(node, ast.Call):
            takes_columns = not _is_of_text(node) and any(_called(node) in names for names in METHODS.values())
            for argument in node.args if takes_columns else ():
                yield from _constants(argument)
            for keyword in node.keywords:
                if keyword.arg in COLUMN_KEYWORDS:
                    yield from _constants(keyword.value)

    def _read(self, node: ast.AST) -> None:
        children = list(ast.iter_child_nodes(node))
        own = self._own(node)
        self.named[id(node)] = own.union(*(self.named[id(child)] for child in children))
        valued = children
        if isinstance(node, ast.Call) and _called(node) == "groupby" and isinstance(node.func, ast.Attribute):
            valued = [node.func.value]
        if isinstance(node, ast.Subscript) and id(node.slice) in self.conditional:
            valued = [node.value]
        self.computed[id(node)] = own.union(*(self.computed[id(child)] for child in valued))
        is_condition = isinstance(node, ast.Compare) or (isinstance(node, ast.Call) and _called(node) in CONDITIONS)
        if is_condition or any(id(child) in self.conditional for child in children):
            self.conditional.add(id(node))

    def _own(self, node: ast.AST) -> frozenset[str]:
        match node:
            case ast.Constant(value=str(word)) if id(node) in self.places and word in self.known:
                return frozenset({word})
            case ast.Attribute(attr=word) if word in self.known:
                return frozenset({word})
            case ast.Call(args=[ast.Constant(value=str(question)), *_]) if _called(node) == "query":
                return frozenset(re.findall(r"\w+", question)) & self.known
        return frozenset()

    def _note_names(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.assigned[target.id] |= self.named[id(node.value)]
                if id(node.value) in self.conditional:
                    self.masks.add(target.id)

    def inquiries(self) -> frozenset[Inquiry]:
        found = {inquiry for node in self.nodes for inquiry in self._asked_by(node)}
        seen = {column for inquiry in found for column in inquiry.columns}
        if touched := self.named[id(self.tree)] - seen:
            found.add(Inquiry(Kind.LOOK, tuple(sorted(touched))))
        return frozenset(found)

    def _asked_by(self, node: ast.AST) -> Iterator[Inquiry]:
        if isinstance(node, ast.Subscript):
            names = {each.id for each in ast.walk(node.slice) if isinstance(each, ast.Name)} & self.masks
            if id(node.slice) in self.conditional or names:
                columns = self.named[id(node.slice)].union(*(self.assigned[name] for name in names))
                yield Inquiry(Kind.FILTER, tuple(sorted(columns)))
        if isinstance(node, ast.Call):
            yield from self._asked_by_call(node)

    def _asked_by_call(self, node: ast.Call) -> Iterator[Inquiry]:
        name = _called(node)
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if _is_of_text(node):
            return
        kinds = {kind for kind, names in METHODS.items() if name in names} if receiver else set()
        if receiver is None and name in BUILT_IN:
            kinds = {BUILT_IN[name]}
        for kind in kinds:
            yield Inquiry(kind, tuple(sorted(self._columns(kind, node, receiver))))

    def _columns(self, kind: Kind, node: ast.Call, receiver: ast.expr | None) -> frozenset[str]:
        given: list[ast.expr] = [*node.args]
        given += [each.value for each in node.keywords if kind is not Kind.GROUP or each.arg not in NOT_A_GROUPING]
        argued = frozenset[str]().union(*(self.named[id(each)] for each in given))
        if _called(node) == "query":
            return self._own(node)
        before = self.computed[id(receiver)] if receiver else frozenset()
        match kind:
            case Kind.PLOT:
                drawn = receiver.value if isinstance(receiver, ast.Attribute) else receiver
                names = {each.id for each in (drawn, *given) if isinstance(each, ast.Name)} & self.assigned.keys()
                return argued.union(before, *(self.assigned[name] for name in names))
            case Kind.SUMMARY:
                return before.union(*(self.computed[id(each)] for each in given))
        return argued or before
