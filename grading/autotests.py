"""Tests that an author left to nbgrader: `### AUTOTEST` and `### HASHED AUTOTEST` lines, instantiated in the sandbox.

nbgrader instantiates them when it generates the assignment, by running the notebook and asking it for the values.
What comes back is a source notebook like any other; it is kept, so that the same source is run once in a process.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import nbgrader

from grading.sandbox import Code, Run, Runs, SandboxOnDemand
from grading.source import autotest_cells, parse_source
from grading.types import MEBIBYTE, NO_FILES, InvalidSource, Limits

TEMPLATES = "autotests.yml"
DEFAULT_TEMPLATES = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / TEMPLATES
LIMITS = Limits(wall_seconds=300.0, cell_seconds=300, output_bytes_per_cell=24 * MEBIBYTE, output_bytes=32 * MEBIBYTE)
KEPT = 64

_known: dict[str, bytes] = {}


def instantiate(source: bytes, files: Mapping[str, bytes] = NO_FILES, *, sandboxes: Runs | None = None) -> bytes:
    """The source notebook with its AUTOTEST lines replaced by tests, byte for byte nbgrader's; unchanged without any.

    files: what lies beside the notebook, autotests.yml among them; without it nbgrader's own templates are used.
    Raises InvalidSource when nbgrader would give up; SandboxUnavailable, because the notebook has to be run.
    """
    # Most have none, and reading a notebook takes time.
    if b"AUTOTEST" not in source:
        return source
    found = autotest_cells(parse_source(source))
    if not found:
        return source
    _refuse_outside_tests(found)
    laid_out = {TEMPLATES: DEFAULT_TEMPLATES.read_bytes(), **files}
    key = _digest(source, laid_out)
    if key not in _known:
        made = _made(source, laid_out, sandboxes)
        if len(_known) >= KEPT:
            _known.clear()
        _known[key] = made
    return _known[key]


def _refuse_outside_tests(cells: list[Any]) -> None:
    for cell in cells:
        if not cell.metadata.get("nbgrader", {}).get("grade"):
            first = cell.source.splitlines()[0]
            raise InvalidSource(
                f"The cell that begins with {first!r} holds an AUTOTEST line, but no test: "
                "mark it as “Autograder tests” and give it points, or move the line to such a cell."
            )


def _digest(source: bytes, files: Mapping[str, bytes]) -> str:
    parts = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return hashlib.sha256(json.dumps([hashlib.sha256(source).hexdigest(), sorted(parts.items())]).encode()).hexdigest()


def _made(source: bytes, files: Mapping[str, bytes], sandboxes: Runs | None) -> bytes:
    if sandboxes is None:
        with closing(SandboxOnDemand()) as own:
            return _made(source, files, own)
    text = source.decode("utf-8-sig")
    code = Code(f"from inside.autotests import instantiated\nprint(instantiated({text!r}))")
    made = _printed(sandboxes.run([code], files, LIMITS))
    if autotest_cells(parse_source(made)):
        raise InvalidSource("Its AUTOTEST lines are still there after instantiation: do its templates write them?")
    return made


def _printed(run: Run) -> bytes:
    if run.stopped is not None or run.truncated or run.timed_out:
        reason = run.stopped or ("output_too_large" if run.truncated else "timed_out")
        raise InvalidSource(f"Its AUTOTEST lines could not be instantiated: the run ended with {reason}.")
    (outputs,) = run.outputs
    for output in outputs:
        if output.get("output_type") == "error":
            raise InvalidSource(
                f"Its AUTOTEST lines could not be instantiated: {output['evalue'] or output['ename']}. "
                f"The solution must run from top to bottom, and {TEMPLATES} must fit the kernel."
            )
    return "".join(output["text"] for output in outputs if output.get("name") == "stdout").encode()
