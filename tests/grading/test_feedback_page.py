"""The feedback page says what happened, and does nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from nbformat.v4 import nbbase

import grading
import grading.notebook
from grading import InvalidSource
from grading.notebook import serialise

new_output: Any = nbbase.new_output

pytestmark = pytest.mark.sandbox
HOSTILE_HTML = (
    "<script>alert(1)</script><img src=x onerror=alert(1)><iframe src='https://example.org'></iframe>"
    "<a href='javascript:alert(1)'>press</a><a href='https://example.org/x'>away</a>"
    "<form action='https://example.org'><input name=q></form><svg onload=alert(1)><script>1</script></svg>"
    "<link rel=stylesheet href='https://example.org/a.css'><meta http-equiv=refresh content='0;url=//example.org'>"
    "<style>@import url(https://example.org/b.css)</style><div style='background:url(//example.org/c)'>d</div>"
    "<img src='https://example.org/pixel.png'><base href='https://example.org/'><object data='//example.org'>"
    "</main></body><script>parent.document</script><math><mtext><style><img src=x onerror=alert(1)></style>"
)


@pytest.fixture(scope="module")
def failed(source: bytes, solve: Callable[..., Any], warm_sandboxes: grading.WarmSandboxes) -> grading.GradeResult:
    """A trainee who gets the hidden test wrong."""
    notebook = solve(
        mean="def mean(days):\n    return days[1]",
        memo="A memo with **bold** text and <script>alert(2)</script>.",
    )
    return grading.grade(source, serialise(notebook), sandboxes=warm_sandboxes)


@pytest.fixture(scope="module")
def thief(source: bytes, solve: Callable[..., Any], warm_sandboxes: grading.WarmSandboxes) -> grading.GradeResult:
    """One who also prints it."""
    notebook = solve(
        mean="def mean(days):\n    return days[1]",
        share="print('\\n'.join(In))\nfrom IPython.display import HTML\nHTML('<pre>' + '\\n'.join(In) + '</pre>')",
    )
    return grading.grade(source, serialise(notebook), sandboxes=warm_sandboxes)


def page_with(outputs: list[Any], autograded: bytes | None) -> str:
    assert autograded is not None
    notebook = grading.notebook.parse(autograded.decode())
    next(cell for cell in notebook.cells if cell.cell_type == "code").outputs = outputs
    return grading.feedback(serialise(notebook)).decode()


def test_the_page_shows_answers_scores_and_errors(failed: grading.GradeResult) -> None:
    assert failed.autograded is not None
    page = grading.feedback(failed.autograded).decode()
    assert "return days[1]" in re.sub(r"<[^>]*>", "", page)
    assert "(Score: 4.0 / 13.0)" in page
    assert "<strong>bold</strong>" in page
    assert "AssertionError" in page


def test_without_scores_it_is_the_notebook_alone(failed: grading.GradeResult) -> None:
    """Whoever tells points with marks and lateness in the reader's language has no use for the English ones."""
    assert failed.autograded is not None
    page = grading.feedback(failed.autograded, scores=False).decode()
    shown = re.sub(r"<[^>]*>", "", page[page.index("<main>") :])
    assert "return days[1]" in shown
    assert "AssertionError" in shown
    for told_elsewhere in ("Score", "Student", "Grade cell", "(Top)", "secret tens"):
        assert told_elsewhere not in shown


def test_nothing_of_a_hidden_test_is_on_the_page_or_in_the_messages(
    failed: grading.GradeResult, thief: grading.GradeResult
) -> None:
    for result in (failed, thief):
        assert result.autograded is not None
        page = grading.feedback(result.autograded).decode()
        shown = re.sub(r"<[^>]*>", "", page) + page + " ".join(cell.message for cell in result.cells)
        assert "secret tens" not in shown
        assert "[10, 20, 60]" not in shown
    assert failed.cells[0].message == "AssertionError"


def test_a_visible_test_says_why_it_failed(
    source: bytes, solve: Callable[..., Any], warm_sandboxes: grading.WarmSandboxes
) -> None:
    notebook = solve(mean="def mean(days):\n    return 7")
    result = grading.grade(source, serialise(notebook), sandboxes=warm_sandboxes)
    assert result.cells[0].message == "AssertionError: the mean of 1, 2, 3 is 2"


@pytest.mark.parametrize(
    "kind", ["text/html", "text/markdown", "image/svg+xml", "text/latex", "application/javascript"]
)
def test_no_output_brings_script_or_address_onto_the_page(failed: grading.GradeResult, kind: str) -> None:
    page = page_with([new_output("display_data", data={kind: HOSTILE_HTML})], failed.autograded)
    assert not re.search(r"<\s*(script|iframe|form|object|link|base|svg|math)\b", page, re.IGNORECASE)
    assert not re.search(r"<[^>]*\s(on\w+|style|srcset)\s*=", page, re.IGNORECASE)
    assert not re.search(r"<[^>]*\s(href|src|action)\s*=\s*[\"']?\s*(?!#|data:image/)[^\s\"'>]", page)
    assert len(re.findall(r"<(?:meta|html|body|main)\b", page)) == 4


def test_the_pages_own_styles_load_nothing(failed: grading.GradeResult) -> None:
    page = page_with([], failed.autograded)
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    assert "panel-heading" in styles
    assert not re.search(r"@import|https?:|url\(\s*['\"]?(?!data:)", styles)


def test_pictures_and_drawings_stay_as_data(failed: grading.GradeResult) -> None:
    picture = new_output("display_data", data={"image/png": "iVBORw0KGgo="})
    drawing = new_output("display_data", data={"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"})
    page = page_with([picture, drawing], failed.autograded)
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in page
    assert 'src="data:image/svg+xml;base64,' in page


def test_a_table_of_pandas_stays_a_table(failed: grading.GradeResult) -> None:
    table = "<table border='1' class='dataframe'><thead><tr><th>days</th></tr></thead></table>"
    assert "<th>days</th>" in page_with([new_output("display_data", data={"text/html": table})], failed.autograded)


def test_what_is_no_autograded_notebook_has_no_page() -> None:
    with pytest.raises(InvalidSource):
        grading.feedback(b"not a notebook")


def test_half_a_character_in_an_output_is_refused_in_words(failed: grading.GradeResult) -> None:
    assert failed.autograded is not None
    broken = failed.autograded.replace(b"A memo with", b"A memo \\ud800 with")
    with pytest.raises(InvalidSource, match="Not an autograded notebook"):
        grading.feedback(broken)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "outputs",
    [
        [new_output("display_data", data={"text/html": "<div>" * 200_000, "text/plain": "a table"})],
        [new_output("display_data", data={"text/markdown": "[" * 200_000})],
        [new_output("stream", text="\x1b[31mx" * 100_000)],
        [new_output("error", ename="E", evalue="Cell In[" * 50_000, traceback=["Cell In[" * 50_000])],
    ],
    ids=["nested_html", "open_brackets", "colours", "long_error"],
)
def test_output_made_to_be_slow_to_render_is_shown_as_cut_text(failed: grading.GradeResult, outputs: list[Any]) -> None:
    page = page_with(outputs, failed.autograded)
    assert len(page) < 1_500_000
    assert "(Score: 4.0 / 13.0)" in page


@pytest.mark.timeout(60)
def test_a_memo_made_to_be_slow_to_render_is_shown_as_cut_text(failed: grading.GradeResult) -> None:
    assert failed.autograded is not None
    notebook = grading.notebook.parse(failed.autograded.decode())
    memo = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "memo")
    memo.source = "<b>bold</b>\n\n" + "[" * 300_000
    page = grading.feedback(serialise(notebook)).decode()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "[" * 10_000 in page
