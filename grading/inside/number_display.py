"""Whether IPython still shows a number as it did: what a test shows is its score, and no number is all points.

What shows other things is nobody's business, and a number with fewer digits is still one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from IPython.core.formatters import PlainTextFormatter
from IPython.lib import pretty

# `%precision 2` and the like.
NUMBER_FORMAT = re.compile(r"%r|%\.[1-9]\d*f")
PREFIX = "display."


class NumberDisplay:
    """Remembers how a number is shown; `shell`: the kernel's InteractiveShell before any cell ran."""

    def __init__(self, shell: Any) -> None:
        self._display, self._hook = shell.display_formatter, shell.displayhook
        self._known = _formatters(self._display)
        self._methods = {name: each.print_method for name, each in self._known.items()}
        # IPython makes its printers when it shows the first thing: of them only the code is there before.
        made = PlainTextFormatter._type_printers_default.func.__code__.co_consts
        self._codes = [pretty._repr_pprint.__code__, *(each for each in made if isinstance(each, CodeType))]

    def replaced(self) -> Iterator[str]:
        """What shows numbers in another way, by the kinds of output."""
        now = _formatters(self._display)
        if any(map(_is_overlaid, (self._display, self._hook))) or [*now] != [*self._known]:
            yield f"{PREFIX}formatters"
        for name, formatter in self._known.items():
            if now.get(name) is not formatter or not self._is_as_it_was(name, formatter):
                yield f"{PREFIX}{name}"

    def _is_as_it_was(self, name: str, formatter: Any) -> bool:
        # Not through the attributes, which would have printers made before their time.
        traits = vars(formatter)["_trait_values"]
        printers = [traits.get(f"{kind}_printers", {}) for kind in ("type", "singleton", "deferred")]
        method, form = traits.get("print_method", self._methods[name]), traits.get("float_format", "%r")
        return (
            not _is_overlaid(formatter)
            and type(method) is type(form) is str
            and method == self._methods[name]
            and NUMBER_FORMAT.fullmatch(form) is not None
            and all(type(each) is dict for each in printers)
            and all(self._is_ipythons(each, formatter) for each in _of_numbers(*printers))
        )

    def _is_ipythons(self, printer: Any, formatter: Any) -> bool:
        return (
            type(printer) is FunctionType
            and any(printer.__code__ is code for code in self._codes)
            and all(cell.cell_contents is formatter for cell in printer.__closure__ or ())
        )


def _formatters(display: Any) -> dict[str, Any]:
    first = {"itself": display.ipython_display_formatter, "bundle": display.mimebundle_formatter}
    return {**first, **display.formatters}


def _is_overlaid(thing: Any) -> bool:
    """Whether something stands before a method of its class."""
    return any(callable(getattr(type(thing), name, None)) for name in vars(thing))


def _of_numbers(by_type: dict[Any, Any], by_identity: dict[int, Any], by_name: dict[Any, Any]) -> Iterator[Any]:
    """The printers that a number may meet."""
    kinds = {bool, *float.__mro__, int}
    if "numpy" in sys.modules:
        kinds |= {*sys.modules["numpy"].float64.__mro__}
    yield from by_identity.values()
    yield from (by_type[kind] for kind in kinds if kind in by_type)
    names = ((kind.__module__, kind.__name__) for kind in kinds)
    yield from (by_name[name] for name in names if name in by_name)
