"""nbformat, typed."""

from __future__ import annotations

import json
from typing import Any

import nbformat
from nbformat.v4.rwbase import rejoin_lines
from nbformat.validator import get_validator, normalize

FORMAT = (4, 5)
# Copying and writing a notebook take several calls for each level, and Python allows a thousand in all.
MOST_NESTED = 100


def parse(text: str) -> Any:
    """The notebook in `text` as nbformat 4; raises whatever nbformat makes of a broken one."""
    return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]


def normalised(notebook: Any) -> Any:
    """A valid copy. As lenient as nbgrader where it does no harm: unknown keys (an id in format 4.4) stay, ids
    are added where the format wants them, metadata of a wrong type goes. Raises for anything worse."""
    _, mended = normalize(notebook, relax_add_props=True, strip_invalid_metadata=True)
    nbformat.validate(mended, relax_add_props=True)
    return nbformat.from_dict(mended)  # type: ignore[no-untyped-call]


def serialise(notebook: Any) -> bytes:
    return bytes(nbformat.writes(notebook).encode())  # type: ignore[no-untyped-call]


def empty() -> Any:
    return nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]


def are_outputs(raw: list[Any]) -> bool:
    """Whether nbformat knows each of them as an output: one question to its compiled schema, not one for each."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "0",
        "metadata": {},
        "execution_count": None,
        "source": "",
        "outputs": raw,
    }
    notebook = {"nbformat": FORMAT[0], "nbformat_minor": FORMAT[1], "metadata": {}, "cells": [cell]}
    return not list(get_validator(*FORMAT).iter_errors(notebook))  # type: ignore[no-untyped-call]


def checked_outputs(raw: list[Any]) -> list[Any]:
    """`raw` as outputs of a code cell. Raises when nbformat does not know such outputs, or nothing could store them.

    Texts that are lists of lines are made whole, as they are for whoever reads the notebook once it is stored.
    """
    if is_nested_too_deep(raw):
        raise ValueError("Nested too deep.")
    json.dumps(raw, allow_nan=False, ensure_ascii=False).encode()
    if not are_outputs(raw):
        raise ValueError("Not outputs of nbformat.")
    notebook = nbformat.from_dict({"cells": [{"cell_type": "code", "outputs": raw}]})  # type: ignore[no-untyped-call]
    return list(rejoin_lines(notebook).cells[0].outputs)  # type: ignore[no-untyped-call]


def is_nested_too_deep(raw: list[Any] | dict[str, Any]) -> bool:
    """Whether lists and objects stand in each other deeper than a notebook can be copied and written."""
    level: list[Any] = [raw]
    for _ in range(MOST_NESTED):
        inner = [each.values() if isinstance(each, dict) else each for each in level]
        level = [part for parts in inner for part in parts if isinstance(part, dict | list)]
        if not level:
            return False
    return True


def error_output(name: str) -> Any:
    return nbformat.v4.new_output("error", ename=name, evalue="", traceback=[])  # type: ignore[no-untyped-call]
