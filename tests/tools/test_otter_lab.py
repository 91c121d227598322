"""The lab that the bench gives to otter-grader asks for what the lab itself asks for."""

from __future__ import annotations

import doctest
import io
import json
import zipfile
from typing import Any, cast

import pytest

import grading
from app.content.loader import load_catalogue
from app.content.schemas import Notebook
from app.demo import MODULE_ID
from benchmarks.grading_speed import ASSIGNMENT
from benchmarks.otter_lab import as_doctest, autograder, submission
from config import ROOT

CELL = "expected = [\n    1,\n    2,\n]\nfor number in expected:\n    assert number in answer, 'missing'\n# done"


@pytest.fixture(scope="module")
def lab() -> Notebook:
    return cast(Notebook, load_catalogue(ROOT / "modules").module(MODULE_ID).activity(ASSIGNMENT))


@pytest.mark.parametrize(("answer", "failures"), [([1, 2], 0), ([1], 1)])
def test_a_doctest_passes_where_its_cell_does(answer: list[int], failures: int) -> None:
    test = doctest.DocTestParser().get_doctest(as_doctest(CELL), {"answer": answer}, "cell", None, None)
    assert doctest.DocTestRunner(verbose=False).run(test, out=lambda _text: None).failed == failures


def test_every_test_of_the_lab_is_there_with_its_points(lab: Notebook) -> None:
    cells = grading.inspect(lab.source)
    with zipfile.ZipFile(io.BytesIO(autograder(lab.source, cells, {"data.csv": b"a"}))) as archive:
        names = [name for name in archive.namelist() if name.startswith("tests/")]
        found: dict[str, Any] = {}
        for name in names:
            scope: dict[str, Any] = {}
            exec(archive.read(name), scope)
            found[scope["test"]["name"]] = scope["test"]["points"]
        assert archive.read("files/data.csv") == b"a"
    assert found == {cell.grade_id: cell.max_score for cell in cells if cell.kind == "test"}


def test_a_submission_names_the_tests_in_place_of_holding_them(lab: Notebook) -> None:
    cells = grading.inspect(lab.source)
    document = json.loads(submission(lab.source, cells))
    named = [name for cell in document["cells"] for name in cell["metadata"].get("otter", {}).get("tests", [])]
    assert named == [cell.grade_id for cell in cells if cell.kind == "test"]
    assert not any("HIDDEN TESTS" in "".join(cell["source"]) for cell in document["cells"])
