"""Which of the things that tests and IPython lean upon were replaced since the kernel started.

A tripwire and no wall: code that shares the interpreter can mend what it broke before anyone looks. What cannot
be got around that way is the second run with wrong expectations (see grading.counter).
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from .number_display import NumberDisplay

# Their top-level names, and the methods of the main classes, are what tests compare answers with and show scores by.
MODULES = ("math", "numpy", "numpy.testing", "pandas", "pandas.testing", "pandas._testing")
CLASSES = (
    *(("pandas", "DataFrame"), ("pandas", "Series"), ("pandas", "Index")),
    *(("IPython.core.formatters", "DisplayFormatter"), ("IPython.core.formatters", "BaseFormatter")),
    *(("IPython.core.formatters", "PlainTextFormatter"), ("IPython.core.formatters", "IPythonDisplayFormatter")),
    *(("IPython.core.formatters", "MimeBundleFormatter"), ("IPython.lib.pretty", "RepresentationPrinter")),
    *(("IPython.core.displayhook", "DisplayHook"), ("ipykernel.displayhook", "ZMQShellDisplayHook")),
)
SHELL = (
    "run_cell", "run_cell_async", "_run_cell", "run_ast_nodes", "run_code", "transform_cell", "should_run_async",
    "showtraceback", "_showtraceback", "showsyntaxerror", "compile", "displayhook", "display_pub",
)  # fmt: skip
TRANSFORMERS = ("ast_transformers", "input_transformers_post", "custom_exceptions")
LINE_TRANSFORMERS = ("cleanup_transforms", "line_transforms", "token_transformers")


class Watchlist:
    """Remembers how things stand; `shell`: the kernel's InteractiveShell before any cell ran."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        # The very mappings, so that looking again costs next to nothing.
        self._known = [(place, names, dict(names)) for place, names in _mappings()]
        self._known_shell = _of_shell(shell)
        self._display = NumberDisplay(shell)

    def replaced(self) -> list[str]:
        """Names of what is not what it was, in order; empty when all is."""
        found = {
            f"{place}.{name}"
            for place, names, known in self._known
            for name, value in known.items()
            if names.get(name) is not value
        }
        now = _of_shell(self._shell)
        found |= {f"shell.{name}" for name, value in self._known_shell.items() if not _same(value, now[name])}
        found |= {f"events.{name}" for name, call in self._callbacks() if not _belongs_to_a_library(call)}
        found |= self.replaced_displays()
        if sys.gettrace() is not None or sys.getprofile() is not None:
            found.add("sys.settrace")
        return sorted(found)

    def replaced_displays(self) -> set[str]:
        """Of these, what shows results: it matters at the end of a cell."""
        return set(self._display.replaced())

    def _callbacks(self) -> Iterator[tuple[str, Any]]:
        for name, calls in self._shell.events.callbacks.items():
            for call in calls:
                yield name, call


def _mappings() -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "builtins", vars(builtins)
    for name in MODULES:
        if name in sys.modules:
            yield name, vars(sys.modules[name])
    for module, name in CLASSES:
        if module in sys.modules:
            yield f"{module}.{name}", vars(getattr(sys.modules[module], name))


def _of_shell(shell: Any) -> dict[str, Any]:
    manager = shell.input_transformer_manager
    return {
        **{name: _function(getattr(shell, name, None)) for name in SHELL},
        **{name: tuple(getattr(shell, name)) for name in TRANSFORMERS},
        **{name: tuple(map(_function, getattr(manager, name))) for name in LINE_TRANSFORMERS},
    }


def _function(value: Any) -> Any:
    """The function behind a method, so that asking twice gives the same."""
    return getattr(value, "__func__", value)


def _same(known: Any, now: Any) -> bool:
    """By identity, never by equality, which may be the trainee's own."""
    if type(known) is tuple and type(now) is tuple:
        return len(known) == len(now) and all(one is other for one, other in zip(known, now, strict=True))
    return known is now


def _belongs_to_a_library(call: Any) -> bool:
    """matplotlib's own hook, which draws a figure after its cell, does."""
    function = _function(call)
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    code, file = getattr(function, "__code__", None), getattr(module, "__file__", None)
    return code is not None and code.co_filename == file and "site-packages" in str(file)
