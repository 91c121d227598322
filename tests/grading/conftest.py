"""The lab that the grading tests use, and what trainees make of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import nbformat as untyped_nbformat
import pytest

from grading import release
from grading.notebook import parse, serialise

Notebook = Any
nbformat: Any = untyped_nbformat
new_code_cell = nbformat.v4.new_code_cell
new_markdown_cell = nbformat.v4.new_markdown_cell


def nbgrader(grade_id: str, *, points: float | None = None, **role: bool) -> dict[str, Any]:
    flags = {"grade": False, "solution": False, "locked": False, "task": False} | role
    meta = {"schema_version": 3, "grade_id": grade_id, **flags}
    return {"nbgrader": meta if points is None else meta | {"points": points}}


TEST = {"grade": True, "locked": True}
RIGHT = {
    "mean": "def mean(days):\n    return sum(days) / len(days)",
    "share": "def share(part, whole):\n    return 100 * part / whole",
    "chart": "print('my chart')",
    "memo": "We should answer within five days.",
}


def source_notebook() -> Notebook:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=[*tested_cells(), *marked_cells()], metadata={"kernelspec": kernel})


def tested_cells() -> list[Any]:
    tagged = {"hunar": {"competencies": ["measure.mean", "data.read"], "level": 2}}
    return [
        new_markdown_cell("# Waiting days"),
        new_code_cell("LIMIT = 5", metadata=nbgrader("setup", locked=True)),
        new_markdown_cell("## The mean"),
        new_code_cell(
            "def mean(days):\n    ### BEGIN SOLUTION\n    return sum(days) / len(days)\n    ### END SOLUTION",
            metadata=nbgrader("mean", solution=True),
        ),
        new_code_cell(
            "assert mean([1, 2, 3]) == 2, 'the mean of 1, 2, 3 is 2'\n### BEGIN HIDDEN TESTS\n"
            "assert mean([10, 20, 60]) == 30, 'secret tens'\n### END HIDDEN TESTS",
            metadata=nbgrader("test_mean", points=2, **TEST) | tagged,
        ),
        new_markdown_cell("## The share"),
        new_code_cell(
            "### BEGIN SOLUTION\ndef share(part, whole):\n    return 100 * part / whole\n### END SOLUTION",
            metadata=nbgrader("share", solution=True),
        ),
        new_code_cell(
            "share(1, 4) * 3 / 25",
            metadata=nbgrader("test_share", points=3, **TEST),
        ),
        new_code_cell("assert LIMIT == 5", metadata=nbgrader("test_limit", points=1, **TEST)),
    ]


def marked_cells() -> list[Any]:
    """What a person marks."""
    return [
        new_code_cell(
            "### BEGIN SOLUTION\nprint('a chart')\n### END SOLUTION",
            metadata=nbgrader("chart", points=2, grade=True, solution=True),
        ),
        new_markdown_cell("My memo.", metadata=nbgrader("memo", points=4, grade=True, solution=True)),
        new_markdown_cell("Speak to a colleague.", metadata=nbgrader("talk", points=1, task=True, locked=True)),
    ]


def to_bytes(notebook: Notebook) -> bytes:
    return serialise(notebook)


def cell_of(notebook: Notebook, grade_id: str) -> Any:
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


@pytest.fixture(scope="session")
def source() -> bytes:
    return to_bytes(source_notebook())


@pytest.fixture(scope="session")
def released(source: bytes) -> Notebook:
    return parse(release(source).decode())


@pytest.fixture(scope="session")
def solve(released: Notebook) -> Callable[..., Notebook]:
    """A trainee's notebook: every answer right, but for the code given for a cell."""

    def make(**code: str) -> Notebook:
        notebook = copy.deepcopy(released)
        for grade_id, text in (RIGHT | code).items():
            cell_of(notebook, grade_id).source = text
        return notebook

    return make


@pytest.fixture(scope="session")
def submissions(solve: Callable[..., Notebook], released: Notebook) -> dict[str, bytes]:
    """The corpus: one submission for each thing that trainees, browsers and tricksters do to a notebook."""
    corpus = {
        "solved": to_bytes(solve()),
        "untouched": to_bytes(released),
        "partial_credit": to_bytes(solve(share="def share(part, whole):\n    return 50 * part / whole")),
        "error_in_the_middle": to_bytes(solve(share="raise RuntimeError('half done')")),
        "writes_to_stderr": to_bytes(
            solve(mean="import sys\ndef mean(d):\n    print('x', file=sys.stderr)\n    return 2")
        ),
        "asks_for_input": to_bytes(solve(share="whole = input('How many?')")),
        "interrupted_loop": to_bytes(solve(share="while True: pass")),
        "kernel_dies": to_bytes(solve(share="import os; os._exit(1)")),
        "debugger_that_nobody_answers": to_bytes(solve(mean=f"%pdb on\n{RIGHT['mean']}")),
        "output_that_goes_elsewhere": to_bytes(
            solve(mean=f"import io, sys\nsys.stdout = io.StringIO()\n{RIGHT['mean']}")
        ),
        "names_of_functions_bound_anew": to_bytes(solve(share=f"len = print = 'done'\n{RIGHT['share']}")),
        "score_above_the_points": to_bytes(solve(share="def share(part, whole): return 100")),
    }
    for edit in EDITS:
        notebook = solve()
        edit(notebook)
        corpus[edit.__name__] = to_bytes(notebook)
    corpus["late"] = corpus["solved"]
    corpus["without_outputs"] = without_outputs(solve())
    half_right = solve(share="def share(part, whole):\n    return 50 * part / whole")
    corpus["format_3"] = nbformat.writes(nbformat.convert(copy.deepcopy(half_right), 3), version=3).encode()
    corpus |= {f"format_4_{minor}": in_format(half_right, minor) for minor in range(6)}
    corpus["ids_before_their_format"] = in_format(half_right, 4, with_ids=True)
    return corpus


def deleted_test(notebook: Notebook) -> None:
    notebook.cells.remove(cell_of(notebook, "test_mean"))


def deleted_answer(notebook: Notebook) -> None:
    notebook.cells.remove(cell_of(notebook, "mean"))
    notebook.cells.remove(cell_of(notebook, "memo"))


def edited_test(notebook: Notebook) -> None:
    cell_of(notebook, "mean").source = "def mean(days): return 0"
    cell_of(notebook, "test_mean").source = "assert True"
    cell_of(notebook, "setup").source = "LIMIT = 99"


def cheaper_test(notebook: Notebook) -> None:
    cell_of(notebook, "test_mean").metadata.nbgrader.points = 200
    cell_of(notebook, "test_limit").metadata.nbgrader.locked = False
    cell_of(notebook, "test_share").metadata.nbgrader.checksum = "0" * 32


def reordered(notebook: Notebook) -> None:
    notebook.cells.reverse()


def test_as_text(notebook: Notebook) -> None:
    cell = cell_of(notebook, "test_mean")
    cell.cell_type = "markdown"
    for key in ("outputs", "execution_count"):
        del cell[key]


test_as_text.__test__ = False  # type: ignore[attr-defined]


def flag_removed(notebook: Notebook) -> None:
    cell_of(notebook, "test_mean").metadata.nbgrader.grade = False


def answer_as_test(notebook: Notebook) -> None:
    cell_of(notebook, "mean").metadata.nbgrader.update(grade=True, points=50)


def copied_cell(notebook: Notebook) -> None:
    copied = copy.deepcopy(cell_of(notebook, "mean"))
    copied.id = "copied-cell"
    notebook.cells.append(copied)


def odd_browser(notebook: Notebook) -> None:
    """What JupyterLite saves: trust in every cell, a language without a name; and tags of the trainee's."""
    notebook.metadata.language_info = {"name": ""}
    for cell in notebook.cells:
        cell.metadata.update(trusted=True, collapsed=False, tags=["mine"], jupyter={"source_hidden": True})
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text="from the browser")]


def copied_test(notebook: Notebook) -> None:
    copied = copy.deepcopy(cell_of(notebook, "test_mean"))
    copied.id = "copied-test"
    notebook.cells.append(copied)


def emptied_test(notebook: Notebook) -> None:
    cell_of(notebook, "test_mean").source = ""


def moved_test(notebook: Notebook) -> None:
    """Before the answer that it tests."""
    cell = cell_of(notebook, "test_mean")
    notebook.cells.remove(cell)
    notebook.cells.insert(0, cell)


def nameless_test(notebook: Notebook) -> None:
    del cell_of(notebook, "test_mean").metadata["nbgrader"]


def emptied_answers(notebook: Notebook) -> None:
    for grade_id in ("mean", "chart", "memo"):
        cell_of(notebook, grade_id).source = ""


def written_answer_as_code(notebook: Notebook) -> None:
    cell_of(notebook, "memo").update(cell_type="code", outputs=[], execution_count=None, source="'my memo'")


def edited_task(notebook: Notebook) -> None:
    cell_of(notebook, "talk").source = "Speak to nobody."


def deleted_task(notebook: Notebook) -> None:
    notebook.cells.remove(cell_of(notebook, "talk"))


def cells_between(notebook: Notebook) -> None:
    notebook.cells.insert(5, new_code_cell("print('a note of mine')"))
    notebook.cells.insert(2, new_markdown_cell("Why five days?"))
    notebook.cells.insert(1, nbformat.v4.new_raw_cell("raw"))


def results_by_their_number(notebook: Notebook) -> None:
    """A result of a cell before the tests, used by one after the first of them."""
    notebook.cells.insert(5, new_code_cell("100 * 1"))
    cell_of(notebook, "share").source = "def share(part, whole):\n    return Out[4] * part / whole"


def unusual_metadata(notebook: Notebook) -> None:
    notebook.metadata.update(
        {"celltoolbar": "Create Assignment", "authors": [{"name": "Amina"}], "widgets": {"state": {}}, "title": "lab"}
    )
    for cell in notebook.cells:
        cell.metadata.update({"slideshow": {"slide_type": "skip"}, "deletable": False, "name": "cell", "": None})


def unknown_nbgrader_key(notebook: Notebook) -> None:
    cell_of(notebook, "mean").metadata.nbgrader["remove"] = True


def without_kernel(notebook: Notebook) -> None:
    notebook.metadata.clear()


def older_schema(notebook: Notebook) -> None:
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["schema_version"] = 1


def another_kernel(notebook: Notebook) -> None:
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}


EDITS = (
    *(deleted_test, edited_test, cheaper_test, reordered, test_as_text, flag_removed, answer_as_test, copied_cell),
    *(odd_browser, another_kernel, deleted_answer, copied_test, emptied_test, moved_test, nameless_test),
    *(emptied_answers, written_answer_as_code, edited_task, deleted_task, cells_between, unusual_metadata),
    *(unknown_nbgrader_key, without_kernel, older_schema, results_by_their_number),
)


def without_outputs(notebook: Notebook) -> bytes:
    document = json.loads(to_bytes(notebook))
    document["nbformat_minor"] = 2
    for cell in document["cells"]:
        for key in ("outputs", "execution_count", "id"):
            cell.pop(key, None)
    return json.dumps(document).encode()


def in_format(notebook: Notebook, minor: int, *, with_ids: bool | None = None) -> bytes:
    """As a Jupyter of that time saved it: cells have ids from 4.5 on."""
    document = json.loads(to_bytes(notebook)) | {"nbformat": 4, "nbformat_minor": minor}
    for cell in document["cells"]:
        if not (minor >= 5 if with_ids is None else with_ids):
            cell.pop("id", None)
    return json.dumps(document).encode()
