"""Feedback numbers cells as the notebook does, whatever ran among them, and names packages and not our folders."""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Callable
from typing import Any

import pytest

import grading
from grading import feedback, grade
from grading.autograding import SKIP_TAG
from grading.messages import plain
from grading.notebook import parse
from tests.grading.conftest import TEST, nbformat, nbgrader, new_code_cell, to_bytes

pytestmark = pytest.mark.sandbox

# Not ordinary, so that more canaries run than one.
FAILS = "import types\ndef answer(number):\n    return 1 / 0"
MARKED = re.compile(r"In\[(\d+)\]")


def lab(*cells: Any) -> Any:
    solution = new_code_cell(
        "### BEGIN SOLUTION\ndef answer(number):\n    return number\n### END SOLUTION",
        metadata=nbgrader("answer", solution=True),
    )
    return nbformat.v4.new_notebook(cells=[*cells, solution, *(a_test(number) for number in range(5))])


def a_test(number: int) -> Any:
    return new_code_cell(f"assert answer({number}) == {number}", metadata=nbgrader(f"t{number}", points=1, **TEST))


def graded(source: Any, answer: str, warm_sandboxes: grading.WarmSandboxes, *more: Any) -> Any:
    """The autograded notebook of a trainee who wrote this answer, and cells of their own below everything."""
    submitted = parse(grading.release(to_bytes(source)).decode())
    for cell in submitted.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "answer":
            cell.source = answer
    submitted.cells.extend(more)
    result = grade(to_bytes(source), to_bytes(submitted), sandboxes=warm_sandboxes)
    assert result.autograded is not None
    return result, parse(result.autograded.decode())


def frames(cell: Any) -> list[str]:
    [error] = [output for output in cell.outputs if output.output_type == "error"]
    return [line for line in plain("\n".join(error.traceback)).split("\n") if line.strip().startswith("Cell In[")]


def test_tracebacks_and_results_have_the_numbers_of_the_notebook(warm_sandboxes: grading.WarmSandboxes) -> None:
    skipped = new_code_cell("1 / 0", metadata={"tags": [SKIP_TAG]})
    result, notebook = graded(
        lab(new_code_cell("ready = 1"), new_code_cell(""), skipped),
        FAILS,
        warm_sandboxes,
        new_code_cell("answer(7)"),
        new_code_cell("(1 +"),
        new_code_cell("6 * 7"),
    )
    assert [cell.execution_count for cell in notebook.cells] == [1, None, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    defined = notebook.cells[3]
    for cell in notebook.cells[4:10]:
        assert [MARKED.search(line).group(1) for line in frames(cell)] == [
            str(cell.execution_count),
            str(defined.execution_count),
        ]
    [syntax] = frames(notebook.cells[10])
    assert "In[10], line 1" in syntax
    assert notebook.cells[11].outputs[0].execution_count == 11
    page = feedback(result.autograded).decode()
    assert set(re.findall(r"In\[(\d+)\]", re.sub(r"<[^>]+>", "", page))) == {"3", "4", "5", "6", "7", "8", "9", "10"}


def test_what_the_trainees_code_says_of_cells_and_places_stays(warm_sandboxes: grading.WarmSandboxes) -> None:
    said = "Cell In[9], line 3"
    _result, notebook = graded(
        lab(),
        f"import pandas, types\nprint({said!r}, pandas.__file__)\ndef answer(number):\n    raise ValueError({said!r})",
        warm_sandboxes,
    )
    printed = notebook.cells[0].outputs[0].text
    assert printed.startswith(said)
    assert sysconfig.get_path("purelib") in printed
    for cell in notebook.cells[1:]:
        assert cell.outputs[0].evalue == said
        assert plain(cell.outputs[0].traceback[-1]) == f"ValueError: {said}"


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("import pandas\ndef answer(number):\n    return pandas.DataFrame()['b']", "File pandas/core/frame.py:"),
        ("import json\ndef answer(number):\n    return json.loads('{')", "File json/decoder.py:"),
        ("def answer(number):\n    from pandas import nothing", "from 'pandas' (pandas/__init__.py)"),
        (
            "import warnings, matplotlib.pyplot as plot\nplot.title('\\u4e2d')\nplot.savefig('picture.png')\n"
            "def answer(number):\n    return number",
            "UserWarning: Glyph 20013",
        ),
    ],
)
def test_files_of_our_installation_are_named_from_their_package_on(
    warm_sandboxes: grading.WarmSandboxes, code: str, named: str
) -> None:
    result, notebook = graded(lab(), code, warm_sandboxes)
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    shown = plain("\n".join(str(dict(output)) for output in outputs)).replace("\\x1b", "\x1b")
    assert named in plain(shown).replace('\\"', '"').replace("\\'", "'")
    page = feedback(result.autograded).decode()
    for text in (shown, page, *(cell.message for cell in result.cells)):
        assert not [place for place in (sys.prefix, sys.base_prefix, "site-packages") if place in text]


def test_the_message_of_a_failed_test_names_no_place_of_ours(
    warm_sandboxes: grading.WarmSandboxes, solve: Callable[..., Any], source: bytes
) -> None:
    wrong = solve(mean="def mean(days):\n    from pandas import nothing")
    result = grade(source, to_bytes(wrong), sandboxes=warm_sandboxes)
    assert result.cells[0].message == "ImportError: cannot import name 'nothing' from 'pandas' (pandas/__init__.py)"
