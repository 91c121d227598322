"""Whatever arrives as a submission, the answer is a result and never an exception."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import grading
from grading import GradeResult, InvalidSource, Limits
from grading.source import read_assignment
from grading.types import MEBIBYTE
from grading.validate import Refused, read_submission, sanitise

NOT_NOTEBOOKS = {
    "empty": (b"", "not_json"),
    "random_bytes": (os.urandom(4096), "not_json"),
    "text": ("یہ نوٹ بک نہیں ہے".encode(), "not_json"),
    "cut_off": (b'{"nbformat": 4, "cells": [', "not_json"),
    "deep_nesting": (b"[" * 100_000 + b"]" * 100_000, "not_json"),
    "deep_metadata": (
        b'{"nbformat":4,"nbformat_minor":5,"cells":[],"metadata":{"a":' + b"[" * 900 + b"]" * 900 + b"}}",
        "not_a_notebook",
    ),
    "huge_number": (b'{"nbformat": ' + b"9" * 10_000 + b"}", "not_json"),
    "list": (b"[1, 2, 3]", "not_a_notebook"),
    "no_cells": (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "not_a_notebook"),
    "cells_are_text": (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": "x"}', "not_a_notebook"),
    "format_of_the_future": (
        b'{"nbformat": 99, "nbformat_minor": 0, "metadata": {}, "cells": []}',
        "not_a_notebook",
    ),
    "many_containers": (b"[" + b"{}," * 500_000 + b"{}]", "not_a_notebook"),
    "fifty_megabytes": (b'{"nbformat": 4, "x": "' + b"x" * 50 * 1024 * 1024 + b'"}', "too_large"),
}


@pytest.mark.parametrize("name", NOT_NOTEBOOKS)
def test_what_is_no_notebook_is_refused_with_its_reason(source: bytes, name: str) -> None:
    submitted, code = NOT_NOTEBOOKS[name]
    result = grading.grade(source, submitted)
    assert refusal(result) == code


def refusal(result: GradeResult) -> str:
    assert (result.status, result.points, result.autograded) == ("refused", 0.0, None)
    assert result.max_points == 13.0
    assert result.problem is not None
    return result.problem.code


def test_a_refused_notebook_still_lists_every_graded_cell_with_no_points(source: bytes) -> None:
    result = grading.grade(source, b"")
    assert [(cell.grade_id, cell.score) for cell in result.cells] == [
        (cell.grade_id, 0.0) for cell in grading.inspect(source)
    ]


def test_more_cells_than_allowed_are_refused(source: bytes, solve: Callable[..., Any]) -> None:
    result = grading.grade(source, json.dumps(solve()).encode(), limits=Limits(cells=5))
    assert refusal(result) == "too_many_cells"


def test_half_a_character_costs_nobody_their_points(source: bytes, solve: Callable[..., Any]) -> None:
    """A program that cuts a text in the middle of an emoji leaves one; as JSON it is valid, as UTF-8 it is not."""
    notebook = solve(memo="cut \ud83d", chart="print('cut \ud83d')")
    notebook.metadata["\ud83d"] = "\ude00"
    whole = grading.grade(source, json.dumps(solve()).encode())
    result = grading.grade(source, json.dumps(notebook).encode())
    assert (result.status, result.problem) == ("graded", None)
    assert result.points == whole.points == 6.0


def test_half_a_character_in_a_source_is_told_to_its_author(source: bytes) -> None:
    with pytest.raises(InvalidSource, match="surrogates not allowed"):
        grading.release(source.replace(b"The mean", b"The \\ud83d mean"))


@pytest.mark.parametrize("meta", ["text", 7, [], {"grade_id": 5}, {"grade_id": ["x"]}])
def test_nbgrader_metadata_of_a_wrong_kind_is_refused(source: bytes, solve: Callable[..., Any], meta: Any) -> None:
    notebook = solve()
    notebook.cells[3].metadata["nbgrader"] = meta
    assert refusal(grading.grade(source, json.dumps(notebook).encode())) == "metadata_changed"


def test_an_answer_for_a_person_cannot_be_turned_into_a_test(source: bytes, solve: Callable[..., Any]) -> None:
    notebook = solve()
    chart = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "chart")
    chart.metadata.nbgrader.solution = False
    result = grading.grade(source, json.dumps(notebook).encode())
    assert refusal(result) == "metadata_changed"
    assert result.problem is not None
    assert result.problem.values == {"cell": "chart", "title": "The share"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_notebook_with_anything_anywhere_is_read_or_refused_but_never_raises(
    source: bytes, solve: Callable[..., Any], data: st.DataObject
) -> None:
    document = json.loads(json.dumps(solve()))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(list(places(document))))
        place[0][place[1]] = copy.deepcopy(data.draw(anything))
    try:
        notebook = sanitise(read_submission(json.dumps(document).encode(), Limits()), read_assignment(source))
    except Refused:
        return
    assert all(isinstance(cell.source, str) for cell in notebook.cells)
    assert all(isinstance(cell.metadata.get("tags", []), list) for cell in notebook.cells)


def places(value: Any) -> Any:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield value, key
        yield from places(inner)


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", ""])
def test_a_data_file_cannot_leave_its_folder(source: bytes, name: str) -> None:
    with pytest.raises(InvalidSource):
        grading.grade(source, source, files={name: b""})


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ([64 * MEBIBYTE + 1], "'0.csv' has 67,108,865 bytes"),
        ([43 * MEBIBYTE] * 3, "take 135,266,304 bytes together"),
        ([0] * 32_768, "take 134,217,728 bytes together"),
    ],
)
def test_data_files_that_no_sandbox_holds_are_the_authors_to_mend(source: bytes, sizes: list[int], reason: str) -> None:
    files = {f"{number}.csv": bytes(size) for number, size in enumerate(sizes)}
    with pytest.raises(InvalidSource, match=reason):
        grading.grade(source, source, files=files)
    with pytest.raises(InvalidSource, match=reason):
        grading.check(source, files)


@pytest.mark.sandbox
def test_data_files_that_just_fit_are_there(source: bytes, warm_sandboxes: grading.WarmSandboxes) -> None:
    files = {"big.csv": bytes(3 * MEBIBYTE), "more/big.csv": bytes(4 * MEBIBYTE)}
    limits = Limits(file_bytes=4 * MEBIBYTE, disk_bytes=8 * MEBIBYTE)
    result = grading.grade(source, source, files=files, limits=limits, sandboxes=warm_sandboxes)
    assert (result.status, result.points) == ("graded", 6.0)
