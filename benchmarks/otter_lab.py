"""The lab for otter-grader, written by code from the lab's own notebook, so that both ask for the same.

An nbgrader test cell becomes one test in otter's file format (a doctest): its statements in their order, its points
when none of them fails. A submission loses its test cells, and its cells name the tests that run after them.
"""

from __future__ import annotations

import ast
import copy
import io
import json
import pprint
import zipfile
from collections.abc import Mapping
from typing import Any

from grading import GradedCell

SETTINGS = {"lang": "python", "pdf": False, "print_summary": False, "logo": False}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def autograder(source: bytes, cells: tuple[GradedCell, ...], files: Mapping[str, bytes]) -> bytes:
    """The zip file that otter grades with: its settings, a test for each test cell, the data files."""
    tests = {cell.grade_id: cell.max_score for cell in cells if cell.kind == "test"}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("otter_config.json", json.dumps(SETTINGS))
        for name, content in files.items():
            archive.writestr(f"files/{name}", content)
        for cell in json.loads(source)["cells"]:
            if (name := _grade_id(cell)) in tests:
                archive.writestr(f"tests/{name}.py", _test_file(name, tests[name], _text(cell)))
    return packed.getvalue()


def submission(notebook: bytes, cells: tuple[GradedCell, ...]) -> bytes:
    """The notebook as a trainee of an otter course would hand it in."""
    tests = {cell.grade_id for cell in cells if cell.kind == "test"}
    document = json.loads(notebook)
    kept: list[dict[str, Any]] = []
    for cell in document["cells"]:
        if _grade_id(cell) in tests:
            named = kept[-1]["metadata"].setdefault("otter", {}).setdefault("tests", [])
            named.append(_grade_id(cell))
        else:
            kept.append(copy.deepcopy(cell))
    metadata = {**document["metadata"], "kernelspec": KERNEL}
    return json.dumps({**document, "cells": kept, "metadata": metadata}).encode()


def _grade_id(cell: Mapping[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def _text(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])


def _test_file(name: str, points: float, source: str) -> str:
    case = {"code": as_doctest(source), "hidden": True, "locked": False}
    suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    test = {"name": name, "points": points, "suites": [suite]}
    return f"OK_FORMAT = True\n\ntest = {pprint.pformat(test, sort_dicts=False)}\n"


def as_doctest(source: str) -> str:
    """Each statement as an example that must print nothing and must not fail."""
    lines = source.split("\n")
    examples = []
    for statement in ast.parse(source).body:
        first, *rest = lines[statement.lineno - 1 : statement.end_lineno]
        examples += [f">>> {first}", *(f"... {line}" for line in rest)]
    return "\n".join(examples) + "\n"
