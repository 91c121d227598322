"""The syntax trees of cells, where there are any, and what IPython and Python make of their names."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager


@dataclass(frozen=True)
class Cells:
    """Every node of some cells; the names that they bind for all cells, imports apart, and those of these they read."""

    nodes: tuple[ast.AST, ...]
    bound: frozenset[str]
    read: frozenset[str]


def parsed(source: str) -> ast.Module | None:
    """None for what is no Python, or nested deeper than Python reads, which it says in several ways."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def nodes_of(sources: Iterable[str]) -> list[ast.AST] | None:
    """Every node of these; None where one of them has no tree."""
    trees = [parsed(source) for source in sources]
    if None in trees:
        return None
    return [node for tree in trees if tree is not None for node in ast.walk(tree)]


def cells_of(sources: Iterable[str]) -> Cells | None:
    """None where one of them has no tree."""
    sources = tuple(sources)
    nodes = nodes_of(sources)
    if nodes is None:
        return None
    try:
        symbols = [symbol for source in sources for symbol in _shared(symtable.symtable(source, "cell", "exec"))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return Cells(
        tuple(nodes),
        frozenset(symbol.get_name() for symbol in symbols if symbol.is_assigned()),
        frozenset(symbol.get_name() for symbol in symbols if symbol.is_referenced()),
    )


def as_ipython_reads(source: str) -> str | None:
    """The Python that IPython makes of a cell, magics included; None when it cannot."""
    try:
        return TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
    except (SyntaxError, ValueError, RecursionError):
        return None


def _shared(table: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    """What is no function's or comprehension's own."""
    yield from (symbol for symbol in table.get_symbols() if table.get_type() == "module" or symbol.is_global())
    for inner in table.get_children():
        yield from _shared(inner)
