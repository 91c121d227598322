"""Runs in the browser: refuses what the older Python that grades cannot read, so that a cell runs in both or neither.

Python 3.12 reads texts with `f` before them that 3.11 does not: with the quotation mark around the text, a backslash or
a comment between their braces, or braces around several lines. It also reads `type` statements, and type parameters in
square brackets after the name of a function or class.
"""

import ast
import re
import tokenize
from collections.abc import Iterator
from io import StringIO

from IPython import get_ipython
from IPython.core.compilerop import CachingCompiler

OLDER = "(the academy grades with Python 3.11)"
MARK = "f-string: the quotation mark around the text, or a new line, between { and } " + OLDER
BACKSLASH = "f-string expression part cannot include a backslash " + OLDER
COMMENT = "f-string expression part cannot include '#' " + OLDER
STATEMENT = "type statement " + OLDER
PARAMETERS = "type parameters " + OLDER


def unreadable(source: str) -> Iterator[tuple[str, tokenize.TokenInfo]]:
    """What Python 3.11 would not read of a source that this Python reads: why, and where."""
    lines = source.split("\n")
    begun: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(StringIO(source).readline):
        kind = tokenize.tok_name[token.type]
        if kind == "FSTRING_START":
            begun.append(token)
        elif kind == "FSTRING_END":
            if not _is_one_text(begun[-1].string, _between(lines, begun[-1].end, token.end)):
                yield MARK, begun[-1]
            begun.pop()
        elif begun and kind == "COMMENT":
            yield COMMENT, token
        elif begun and "\\" in token.string and (kind != "FSTRING_MIDDLE" or len(begun) > 1):
            yield BACKSLASH, token


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    (first, column), (last, last_column) = start, end
    if first == last:
        return lines[first - 1][column:last_column]
    return "\n".join([lines[first - 1][column:], *lines[first : last - 1], lines[last - 1][:last_column]])


def _is_one_text(opening: str, rest: str) -> bool:
    """Whether the older Python, for which it is a text like any other, finds its end in the same place."""
    mark = opening.lstrip("fFrR")
    letter = r"[^\\\n]" if len(mark) == 1 else r"[^\\]"
    return re.fullmatch(rf"(?:\\.|(?!{mark}){letter})*{mark}", rest, re.DOTALL) is not None


def newer_statements(parsed: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """Statements that Python 3.11 would not read: why, and which."""
    for node in ast.walk(parsed):
        if type(node).__name__ == "TypeAlias":
            yield STATEMENT, node  # type: ignore[misc]  # known to Python 3.12
        elif getattr(node, "type_params", None):
            yield PARAMETERS, node  # type: ignore[misc]  # a function or class


class GradersCompiler(CachingCompiler):
    """Compiles cells."""

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> ast.AST:
        """As IPython's; SyntaxError too for what only this Python would read."""
        parsed: ast.AST = super().ast_parse(source, filename, symbol)
        for why, token in unreadable(source):
            raise SyntaxError(why, (filename, token.start[0], token.start[1] + 1, token.line))
        for why, statement in newer_statements(parsed):
            line = source.split("\n")[statement.lineno - 1]
            before = line.encode()[: statement.col_offset].decode()
            raise SyntaxError(why, (filename, statement.lineno, len(before) + 1, line))
        return parsed


get_ipython().compile = GradersCompiler()  # type: ignore[no-untyped-call]  # IPython's
