"""Outputs as the trainee's notebook would show them: its own numbers of cells, and packages by their own names.

Cells that are skipped have a number in a notebook and none in the kernel, and a traceback names files of our
installation. Only what Python and IPython say about errors, warnings and prompts is put right; what the trainee's code
printed stays.
"""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from grading.bubblewrap import seen_inside

_COLOUR = r"(?:\x1b\[[0-9;]*m)*"
# The first line of a frame; the source that stands below it is the trainee's.
_IN_CELL = re.compile(rf"(\s*{_COLOUR}Cell{_COLOUR} {_COLOUR}In\[)(\d+)(\]{_COLOUR}, line )")


def as_in_notebook(outputs: Sequence[Sequence[Any]], numbers: Mapping[int, int]) -> tuple[list[Any], ...]:
    """The outputs of the notebook's cells. numbers: what its cells are numbered, by the kernel's count."""
    return tuple([_put_right(output, numbers) for output in of_cell] for of_cell in outputs)


def _put_right(output: Any, numbers: Mapping[int, int]) -> Any:
    changed: dict[str, Any] = {}
    if output.get("output_type") == "error":
        frames = [_with_number(_shortened(str(frame)), numbers) for frame in output["traceback"]]
        changed = {"evalue": _shortened(output["evalue"]), "traceback": frames}
    elif output.get("name") == "stderr":
        changed = {"text": _warning().sub(r"\1", output["text"])}
    elif output.get("execution_count") in numbers:
        changed = {"execution_count": numbers[output["execution_count"]]}
    return type(output)({**output, **changed})


def _with_number(frame: str, numbers: Mapping[int, int]) -> str:
    found = _IN_CELL.match(frame)
    if found is None:
        return frame
    before, number, after = found.groups()
    return f"{before}{numbers.get(int(number), number)}{after}{frame[found.end() :]}"


def _shortened(text: str) -> str:
    for folder in _folders():
        text = text.replace(folder, "")
    return text


@lru_cache(maxsize=1)
def _folders() -> tuple[str, ...]:
    """Where packages and the standard library lie for the code inside; a folder before what it lies in."""
    names = ("purelib", "platlib", "stdlib", "platstdlib")
    installed = {Path(sysconfig.get_path(name)) for name in names}
    places = {seen_inside(place) for each in installed for place in (each, each.resolve())}
    return tuple(sorted((f"{place}/" for place in places), key=len, reverse=True))


@lru_cache(maxsize=1)
def _warning() -> re.Pattern[str]:
    """The first line of a warning: file, line, kind."""
    folders = "|".join(map(re.escape, _folders()))
    return re.compile(rf"^(?:{folders})(\S+:\d+: \w+: )", re.MULTILINE)
