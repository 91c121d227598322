"""nbformat, typed."""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat.v4.nbbase import validate as validate_node
from nbformat.validator import get_validator, normalize

FORMAT = (4, 5)


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


def as_node(raw: Any) -> Any:
    """With attributes."""
    return nbformat.from_dict(raw)  # type: ignore[no-untyped-call]


def checked_output(raw: Any) -> Any:
    """`raw` as an output of a code cell. Raises when nbformat does not know such an output."""
    output = as_node(raw)
    validate_node(output, ref="output")  # type: ignore[no-untyped-call]
    return output


def error_output(name: str) -> Any:
    return nbformat.v4.new_output("error", ename=name, evalue="", traceback=[])  # type: ignore[no-untyped-call]
