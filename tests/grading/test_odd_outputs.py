"""Whatever a notebook shows, and however much of it: the answer is a result, and what nbgrader would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest

import grading
from grading import GradeResult, Limits
from grading.notebook import parse
from grading.sandbox import Code, Run
from tests.grading.conftest import TEST, nbformat, nbgrader, new_code_cell, to_bytes

KERNEL = "kernel = get_ipython().kernel\nkernel.send_response(kernel.iopub_socket, {kind!r}, {content!r})"
# Escapes all that is not ASCII, which the kernel's own encoder would refuse.
IN_ASCII = (
    "import json\nkernel = get_ipython().kernel\n"
    "kernel.session.pack = lambda message: json.dumps(message, default=str).encode()\n"
)


def lab() -> Any:
    """One answer and its test, which gives what `answer` is worth of 4 points."""
    return nbformat.v4.new_notebook(
        cells=[
            new_code_cell(
                "### BEGIN SOLUTION\nanswer = 4\n### END SOLUTION", metadata=nbgrader("answer", solution=True)
            ),
            new_code_cell("answer", metadata=nbgrader("t", points=4, **TEST)),
        ]
    )


def submission(answer: str) -> bytes:
    notebook = parse(grading.release(to_bytes(lab())).decode())
    notebook.cells[0].source = answer
    return to_bytes(notebook)


def graded(answer: str, sandboxes: grading.Runs, limits: Limits | None = None) -> GradeResult:
    return grading.grade(to_bytes(lab()), submission(answer), sandboxes=sandboxes, limits=limits or Limits())


def outputs(result: GradeResult) -> list[list[Any]]:
    assert result.autograded is not None
    return [cell.outputs for cell in parse(result.autograded.decode()).cells]


class Answers:
    """A sandbox whose first cell shows what is given, whatever is run."""

    def __init__(self, *shown: Any) -> None:
        self.shown = list(shown)

    def run(self, cells: Sequence[Code], _files: Mapping[str, bytes], _limits: Limits) -> Run:
        of_cells = [self.shown, *([] for _cell in cells[1:])]
        return Run(None, 0, outputs=tuple(of_cells), replaced=tuple([] for _cell in cells))


DEEP = {
    "sums": "if False: y = " + "+".join(["x"] * 3000),
    "signs": "if False: y = " + "-" * 20_000 + "1",
    "names": "if False: y = " + ".a".join(["x"] * 30_000),
    "brackets": "y = " + "(" * 3000 + "1" + ")" * 3000,
    "blocks": "\n".join(" " * depth + "if 1:" for depth in range(120)),
}


@pytest.mark.parametrize("name", DEEP)
def test_source_that_is_nested_too_deep_for_python_is_graded(name: str) -> None:
    result = graded(DEEP[name], Answers())
    assert result.status in {"graded", "held"}
    assert result.autograded is not None


@pytest.mark.parametrize("depth", range(50, 1000, 50))
@pytest.mark.parametrize("place", ["metadata", "output"])
def test_json_that_is_nested_deep_has_a_result(depth: int, place: str) -> None:
    nested: Any = 1
    for _ in range(depth):
        nested = {"a": nested}
    shown = {"output_type": "display_data", "data": {"application/json": nested}, "metadata": {}}
    answer = submission("answer = 4")
    if place == "metadata":
        text = '{"a": ' * depth + "1" + "}" * depth
        answer = answer.replace(b'"metadata": {},\n "nbformat"', f'"metadata": {text},\n "nbformat"'.encode())
        shown["data"] = {"text/plain": "4"}
    result = grading.grade(to_bytes(lab()), answer, sandboxes=Answers(shown))
    assert (result.status == "refused") == (place == "metadata" and depth >= 100)
    if result.autograded is not None:
        assert grading.feedback(result.autograded)
        assert outputs(result)[0][0].output_type == ("error" if place == "output" and depth >= 100 else "display_data")


LISTS = {
    "warnings": ("stream", {"name": "stderr", "text": ["a\n", "b"]}),
    "prints": ("stream", {"name": "stdout", "text": ["a\n", "b"]}),
    "table": ("display_data", {"data": {"text/plain": ["a\n", "b"], "text/html": ["<b>", "b</b>"]}, "metadata": {}}),
}


@pytest.mark.sandbox
@pytest.mark.parametrize("name", LISTS)
def test_text_in_lines_is_whole_as_for_whoever_reads_the_stored_notebook(
    warm_sandboxes: grading.WarmSandboxes, name: str
) -> None:
    kind, content = LISTS[name]
    result = graded(KERNEL.format(kind=kind, content=content) + "\nanswer = 4", warm_sandboxes)
    assert (result.status, result.points) == ("graded", 4.0)
    [[output], _] = outputs(result)
    assert output.get("text", output.get("data", {}).get("text/plain")) == "a\nb"
    assert output.get("data", {}).get("text/html", "<b>b</b>") == "<b>b</b>"
    assert result.autograded is not None
    assert grading.feedback(result.autograded)


def test_data_that_are_lists_by_nature_stay_so() -> None:
    shown = {"output_type": "display_data", "data": {"application/json": ["a", "b"]}, "metadata": {}}
    assert outputs(graded("answer = 4", Answers(shown)))[0][0].data == {"application/json": ["a", "b"]}


# IPython takes its word for what it looks like.
SHOWN_IN_LINES = """
class Answer:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {{"text/plain": {lines!r}}}
answer = Answer()
"""


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("lines", "status", "points"), [(["3", ".5"], "graded", 3.5), (["-", "1"], "held", 0.0), ([], "held", 0.0)]
)
def test_a_score_in_lines_is_read_as_one_text(
    warm_sandboxes: grading.WarmSandboxes, lines: list[str], status: str, points: float
) -> None:
    result = graded(SHOWN_IN_LINES.format(lines=lines), warm_sandboxes)
    assert (result.status, result.points) == (status, points)


@pytest.mark.sandbox
def test_half_a_character_in_an_output_fails_its_cell_and_no_more(warm_sandboxes: grading.WarmSandboxes) -> None:
    content = {"name": "stdout", "text": "\ud800"}
    answer = IN_ASCII + KERNEL.format(kind="stream", content=content) + "\nprint('whole')\nanswer = 4"
    result = graded(answer, warm_sandboxes)
    assert (result.status, result.points) == ("graded", 4.0)
    assert [output.get("ename", output.get("text")) for output in outputs(result)[0]] == ["InvalidOutput", "whole\n"]


@pytest.mark.sandbox
def test_half_a_character_in_what_was_replaced_can_be_shown_to_people(warm_sandboxes: grading.WarmSandboxes) -> None:
    result = graded(IN_ASCII + "kernel.watchlist.replaced = lambda: ['a\\ud800']\nanswer = 4", warm_sandboxes)
    assert result.problem is not None
    assert result.problem.values["names"] == "a" + 3 * "\N{REPLACEMENT CHARACTER}"


@pytest.mark.sandbox
@pytest.mark.timeout(300)
def test_thousands_of_small_outputs_are_read_to_the_end(warm_sandboxes: grading.WarmSandboxes) -> None:
    limits = Limits(wall_seconds=200)
    result = graded("for number in range(10_000):\n    display(number)\nanswer = 4", warm_sandboxes, limits)
    assert (result.status, result.points) == ("graded", 4.0)
    assert result.problem is not None
    assert result.problem.code == "output_truncated"


@pytest.mark.sandbox
def test_what_was_cleared_is_not_taken_for_shown(warm_sandboxes: grading.WarmSandboxes) -> None:
    code = (
        "import sys\nfrom IPython.display import clear_output\nprint('first', file=sys.stderr)\n"
        "for number in range(300):\n    display(number)\n"
        "clear_output()\nprint('second', file=sys.stderr)\nanswer = 4"
    )
    result = graded(code, warm_sandboxes, Limits(output_bytes_per_cell=20_000))
    [[output], _] = outputs(result)
    assert output.text.startswith("second")


@pytest.mark.sandbox
def test_what_only_the_sandbox_can_read_is_told() -> None:
    nested = "nested = 1\nfor _ in range(400):\n    nested = {'a': nested}\n"
    content = "{'data': {'application/json': nested}, 'metadata': {}}"
    answer = nested + KERNEL.format(kind="display_data", content="…").replace("'…'", content) + "\nanswer = 4"
    with closing(grading.SandboxOnDemand()) as sandbox:
        result = below(600, lambda: graded(answer, sandbox))
        assert (result.status, result.points) == ("stopped", 0.0)
        assert result.problem is not None
        assert result.problem.code == "output_unreadable"
        assert graded("answer = 4", sandbox).points == 4.0


def below(calls: int, work: Callable[[], GradeResult]) -> GradeResult:
    """`work`, done so many calls deep, of which Python allows a thousand."""
    return below(calls - 1, work) if calls else work()
