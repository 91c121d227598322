"""The syntax trees of cells, where there are any."""

from __future__ import annotations

import ast
from collections.abc import Iterable


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
