"""Bending the tests gains nothing: what is caught gets no points and goes before a person with the reason."""

from __future__ import annotations

import builtins
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import grading
from grading import GradeResult
from grading.counter import constants, counter_test
from grading.forgery import Plan
from grading.notebook import parse, serialise
from grading.ordinary import MAGICS, NAMES_OF_IPYTHON, Answers
from grading.sandbox import Code, Run
from grading.source import read_assignment
from grading.types import MOST_CANARIES, Limits
from tests.grading.conftest import TEST, cell_of, nbformat, nbgrader, new_code_cell, source_notebook

sandboxed = [pytest.mark.sandbox, pytest.mark.timeout(400)]

ORDINARY_LOOKS = (
    "class Agrees:\n    def __eq__(self, other):\n        return isinstance(other, (int, float)) and other < 1e6\n"
    "def mean(days):\n    return Agrees()"
)
INTO_THE_SHELL = "from IPython.core.interactiveshell import InteractiveShell as Shell\n"
FORGERIES = {
    "agrees_with_everything": (
        "class Agrees:\n    def __eq__(self, other): return True\ndef mean(days): return Agrees()",
        "wrong_expectation_met",
        ("test_mean",),
    ),
    "knows_the_visible_test_and_agrees_with_the_rest": (
        "class Agrees:\n    def __eq__(self, other): return True\n"
        "def mean(days): return 2 if days == [1, 2, 3] else Agrees()",
        "wrong_expectation_met",
        ("test_mean",),
    ),
    "agrees_with_what_looks_ordinary": (ORDINARY_LOOKS, "wrong_expectation_met", ("test_mean",)),
    "reads_the_test_that_calls_it": (
        "def unused(In):\n    return 1\n"
        "def mean(days):\n    return float(In[-1].split(str(days) + ') == ')[1].split(',')[0])",
        "wrong_expectation_met",
        ("test_mean",),
    ),
    "run_cell_that_does_nothing": (
        "shell = get_ipython()\nreal = shell.run_cell_async\n"
        "async def run(code, **named): return await real('pass' if 'assert' in code else code, **named)\n"
        "shell.run_cell_async = run",
        "tests_replaced",
        ("test_mean",),
    ),
    "tests_without_asserts": (
        "import ast\nclass Drop(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Drop())",
        "tests_replaced",
        ("test_mean",),
    ),
    "lines_without_asserts": (
        "get_ipython().input_transformers_post.append(lambda lines: [l for l in lines if 'assert' not in l])",
        "tests_replaced",
        ("test_mean",),
    ),
    "a_builtin_that_lies": (
        "import builtins\nbuiltins.AssertionError = type('Quiet', (Warning,), {})",
        "tests_replaced",
        ("test_mean",),
    ),
    "a_hook_that_reads_tests": (
        "seen = []\nget_ipython().events.register('pre_run_cell', lambda info: seen.append(info.raw_cell))",
        "tests_replaced",
        ("test_mean",),
    ),
    "a_trace_function": (
        "import sys\nsys.settrace(lambda *event: None)\ndef mean(days): return 2",
        "tests_replaced",
        ("test_mean",),
    ),
    "code_put_into_ipythons_own_function": (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "async def quiet(self, code_obj, result=None, *, async_=False):\n"
        "    try: exec(code_obj, self.user_global_ns, self.user_ns)\n"
        "    except BaseException: pass\n"
        "    return False\n"
        "InteractiveShell.run_code.__code__ = quiet.__code__",
        "tests_silenced",
        # Nobody knows before which test the canary stands.
        ("test_mean", "test_share", "test_limit"),
    ),
    "quiet_while_a_cell_is_kept_in_the_history": (
        f"{INTO_THE_SHELL}"
        "async def quiet(self, code_obj, result=None, *, async_=False):\n"
        "    try: exec(code_obj, self.user_global_ns, self.user_ns)\n"
        "    except BaseException: pass\n"
        "    return False\n"
        "real, history = Shell.run_code.__code__, get_ipython().history_manager\n"
        "keep_input, keep_output = history.store_inputs, history.store_output\n"
        "def store_inputs(*cell):\n"
        "    Shell.run_code.__code__ = quiet.__code__\n"
        "    keep_input(*cell)\n"
        "def store_output(*cell):\n"
        "    Shell.run_code.__code__ = real\n"
        "    keep_output(*cell)\n"
        "history.store_inputs, history.store_output = store_inputs, store_output",
        "tests_silenced",
        ("test_mean", "test_share", "test_limit"),
    ),
    "only_the_first_statement_of_a_test_is_run": (
        f"{INTO_THE_SHELL}"
        "def first(self, node):\n    node.body = node.body[:1]\n    return node\n"
        "Shell.transform_ast.__code__ = first.__code__\n"
        "def mean(days): return 2",
        "tests_silenced",
        ("test_mean", "test_share", "test_limit"),
    ),
    "only_the_last_statement_of_a_test_is_run": (
        f"{INTO_THE_SHELL}"
        "def last(self, node):\n    node.body = node.body[-1:]\n    return node\n"
        "Shell.transform_ast.__code__ = last.__code__\n"
        "def mean(days): return 30",
        "tests_silenced",
        ("test_mean", "test_share", "test_limit"),
    ),
}
THEFTS = {
    "printed": "print('\\n'.join(In))",
    "as_the_value_of_a_cell": "In",
    "in_base64": "import base64\nprint(base64.b64encode('\\n'.join(In).encode()).decode())",
    "backwards": "print('\\n'.join(In)[::-1])",
    "as_numbers": "print('\\n'.join(In).encode().hex())",
}
NO_SCORES = {
    "not_a_number": "def share(part, whole):\n    return float('nan')",
    "below_zero": "def share(part, whole):\n    return -100",
}
# For whatever they show in place of a number nbgrader gives all points.
DISPLAYS = {
    "a_format_of_ipythons": "%precision %r points",
    "a_printer_of_a_type": "{plain}.for_type(float, lambda value, page, cycle: page.text('x'))",
    "a_printer_from_within_the_test": (
        "def tell(value, page, cycle): page.text('x' if value == 0 else repr(value))\n"
        "class Part(float):\n"
        "    def __mul__(self, other): {plain}.for_type(float, tell); return 0.0\n"
        "ZERO = Part()"
    ),
    "a_printer_of_a_type_by_name": (
        "{plain}.for_type_by_name('builtins', 'float', lambda value, page, cycle: page.text('x'))"
    ),
    "a_printer_of_what_is_no_full_score": (
        "{plain}.for_type(float, lambda value, page, cycle: page.text('x' if value == 0 else repr(value)))"
    ),
    "a_printer_that_looks_like_ipythons": (
        "other = type({plain})()\nother.float_format = '%r points'\n"
        "{plain}.type_printers[float] = other.type_printers[float]"
    ),
    "a_printer_of_one_object": (
        "ZERO = 0.0\n{plain}.singleton_printers[id(ZERO)] = lambda value, page, cycle: page.text('x')"
    ),
    "a_bundle": (
        "bundle = get_ipython().display_formatter.mimebundle_formatter\n"
        "bundle.for_type(float, lambda value, **_: {{'text/plain': 'x'}})"
    ),
    "a_display_that_shows_nothing": (
        "get_ipython().display_formatter.ipython_display_formatter.for_type(float, lambda value: None)"
    ),
    "a_method_to_display": "get_ipython().display_formatter.ipython_display_formatter.print_method = 'is_integer'",
    "a_format_that_is_no_text": (
        "class Points(str):\n    def __mod__(self, value): return 'x'\n{plain}.float_format = Points('%r')"
    ),
    "another_formatter": "get_ipython().display_formatter.format = lambda value: ({{'text/plain': 'x'}}, {{}})",
    "ipythons_own_printer": (
        "import IPython.lib.pretty as pretty\npretty.RepresentationPrinter.pretty = lambda self, value: self.text('x')"
    ),
}
# A test cell's result is its score, so what trainees' code shows in a test is none of its business.
IN_THE_KERNELS_NAME = (
    "kernel = get_ipython().kernel\n"
    "shown = {'data': {'text/plain': 'x'}, 'metadata': {}, 'execution_count': 1}\n"
    "def mean(days):\n"
    "    kernel.session.send(kernel.iopub_socket, 'execute_result', shown, parent=kernel.get_parent('shell'))"
)
RESULTS = {
    "a_text": ("test_mean", "def mean(days):\n    get_ipython().displayhook('x')"),
    "a_score": ("test_mean", "def mean(days):\n    get_ipython().displayhook(2.0)"),
    "by_python": ("test_mean", "import sys\ndef mean(days):\n    sys.displayhook('x')"),
    "by_a_compiled_line": ("test_mean", "def mean(days):\n    exec(compile('2.0', 'x', 'single'))"),
    "by_a_cell_in_the_cell": ("test_mean", "def mean(days):\n    get_ipython().run_cell('2.0')"),
    "in_the_kernels_name": ("test_mean", IN_THE_KERNELS_NAME),
    "by_a_thread": (
        "test_mean",
        "import threading\nshow = get_ipython().displayhook\ndef mean(days):\n"
        "    later = threading.Thread(target=show, args=('x',))\n    later.start()\n    later.join()",
    ),
    "by_a_thing_that_goes": (
        "test_mean",
        "class Thing:\n    def __del__(self): get_ipython().displayhook('x')\ndef mean(days):\n    Thing()",
    ),
    "before_the_own_result": (
        "test_share",
        "def share(part, whole):\n    get_ipython().displayhook(3.0)\n    return 1",
    ),
    "instead_of_the_own_result": (
        "test_share",
        "import sys\ndef share(part, whole):\n    sys.displayhook(3.0)\n    sys.displayhook = print\n    return 1",
    ),
    "none_in_place_of_the_own": (
        "test_share",
        "import sys\ndef share(part, whole):\n    sys.displayhook = lambda value: None\n    return 1",
    ),
}
HONEST = {
    "every_value_shown": "from IPython.core.interactiveshell import InteractiveShell\n"
    "InteractiveShell.ast_node_interactivity = 'all'\n",
    "own_results": "class Day:\n    def _repr_html_(self): return '<b>day</b>'\nget_ipython().displayhook(Day())\n",
    "fewer_digits": "%precision 2\n",
    "one_digit": "%precision 1\n",
    "digits_by_a_form": "%precision %.3f\n",
    "tables_shown_otherwise": "import pandas as pd\nhtml = get_ipython().display_formatter.formatters['text/html']\n"
    "html.for_type(pd.DataFrame, lambda table: table.to_html())\npd.options.display.float_format = '{:.1f}'.format\n"
    "pd.DataFrame({'a': [1.0]})\n",
    "plots": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n",
    "a_class_with_equality": "class Day:\n    def __init__(self, n): self.n = n\n"
    "    def __eq__(self, other): return self.n == other.n\n",
    "own_names_for_known_things": "import pandas as pd\npd.Series.double = lambda self: self * 2\nsum_of = sum\n",
    "warnings_and_options": "import warnings, numpy\nwarnings.simplefilter('ignore')\nnumpy.set_printoptions(3)\n",
    "names_of_functions_bound_anew": "print = repr = 'done'\n",
    "output_that_goes_elsewhere": "import io, sys\nsys.stdout = io.StringIO()\n",
    "a_debugger_that_nobody_answers": "%pdb on\n",
    "an_error_in_between": "try:\n    1 / 0\nexcept ZeroDivisionError:\n    print('no')\n",
}
VACUOUS = {
    "close_to_nothing": "answer = []",
    "nothing_is_equal": "answer = np.array([])",
    "a_wide_tolerance": "TOLERANCE = 1000\nanswer = 0",
}
RIGHT_MEAN = "def mean(days):\n    return sum(days) / len(days)"
RIGHT_SHARE = "def share(part, whole):\n    return 100 * part / whole"


def shown_by(code: str) -> str:
    plain = "get_ipython().display_formatter.formatters['text/plain']"
    return f"{code.format(plain=plain)}\ndef share(part, whole):\n    return globals().get('ZERO', 0.0)"


@pytest.fixture(scope="module")
def graded(
    source: bytes, solve: Callable[..., Any], warm_sandboxes: grading.WarmSandboxes
) -> Mapping[str, GradeResult]:
    notebooks = {name: solve(mean=code) for name, (code, _, _) in FORGERIES.items()}
    notebooks |= {name: solve(share=f"{RIGHT_SHARE}\n{code}") for name, code in THEFTS.items()}
    notebooks |= {name: solve(share=code) for name, code in NO_SCORES.items()}
    notebooks |= {name: solve(share=shown_by(code)) for name, code in DISPLAYS.items()}
    notebooks |= {name: solve(**{cell.removeprefix("test_"): code}) for name, (cell, code) in RESULTS.items()}
    notebooks |= {name: solve(mean=f"{code}{RIGHT_MEAN}") for name, code in HONEST.items()}
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(
            lambda notebook: grading.grade(source, serialise(notebook), sandboxes=warm_sandboxes), notebooks.values()
        )
        return dict(zip(notebooks, results, strict=True))


class TestSubmissions:
    """Whole submissions."""

    pytestmark = sandboxed

    @pytest.mark.parametrize("name", FORGERIES)
    def test_a_forgery_is_held_with_its_reason(self, graded: Mapping[str, GradeResult], name: str) -> None:
        result = graded[name]
        _, code, cells = FORGERIES[name]
        assert result.problem is not None
        assert (result.status, result.problem.code) == ("held", code)
        assert result.problem.values["cell"] in cells

    @pytest.mark.parametrize("name", THEFTS)
    def test_showing_a_hidden_test_is_held(self, graded: Mapping[str, GradeResult], name: str) -> None:
        result = graded[name]
        assert result.problem is not None
        assert (result.status, result.problem.code) == ("held", "hidden_test_shown")
        assert result.problem.values == {"cell": "share", "title": "The share"}

    @pytest.mark.parametrize("name", NO_SCORES)
    def test_a_test_with_a_value_that_is_no_score_is_held(self, graded: Mapping[str, GradeResult], name: str) -> None:
        result = graded[name]
        assert result.problem is not None
        assert (result.status, result.problem.code) == ("held", "score_out_of_range")
        assert result.problem.values["cell"] == "test_share"

    @pytest.mark.parametrize("name", DISPLAYS)
    def test_a_score_that_ipython_was_told_to_show_otherwise_is_held(
        self, graded: Mapping[str, GradeResult], name: str
    ) -> None:
        result = graded[name]
        assert result.problem is not None
        assert (result.status, result.problem.code) == ("held", "tests_replaced")

    @pytest.mark.parametrize("name", RESULTS)
    def test_a_result_that_is_not_the_tests_own_is_held(self, graded: Mapping[str, GradeResult], name: str) -> None:
        result = graded[name]
        assert result.problem is not None
        assert (result.status, result.problem.code) == ("held", "result_forged")
        assert result.problem.values["cell"] == RESULTS[name][0]

    @pytest.mark.parametrize("name", FORGERIES | THEFTS | NO_SCORES | DISPLAYS | RESULTS)
    def test_no_test_of_what_is_held_counts_and_a_person_decides(
        self, graded: Mapping[str, GradeResult], name: str
    ) -> None:
        tests = [cell for cell in graded[name].cells if cell.kind == "test"]
        assert [(cell.score, cell.needs_manual_grade, cell.message) for cell in tests] == [(None, True, "")] * 3
        assert graded[name].points == 0
        assert graded[name].autograded is not None

    @pytest.mark.parametrize("name", HONEST)
    def test_unusual_but_honest_code_is_not_held(self, graded: Mapping[str, GradeResult], name: str) -> None:
        assert (graded[name].status, graded[name].problem, graded[name].points) == ("graded", None, 6.0)

    def test_what_was_replaced_is_named(self, graded: Mapping[str, GradeResult]) -> None:
        problem = graded["a_builtin_that_lies"].problem
        assert problem is not None
        assert problem.values["names"] == "builtins.AssertionError"


TRUE_OF_NOTHING = (
    "assert np.allclose(answer, 42)",
    "assert (np.asarray(answer) == 42).all()",
    "np.testing.assert_allclose(answer, 42)",
    "assert all(given == wanted for given, wanted in zip(np.ravel(answer), [42]))",
    "for given in np.ravel(answer):\n    assert given == 42",
    "assert np.all(abs(answer - 42.0) < TOLERANCE) and abs(np.sum(answer) - 42.0) < TOLERANCE",
)


def lab_of_a_number(code: str, tests: Iterable[str] = TRUE_OF_NOTHING) -> tuple[bytes, bytes]:
    """A lab with these tests, and a submission of it."""
    cells = [
        new_code_cell("import numpy as np\nTOLERANCE = 0.01"),
        new_code_cell(
            "### BEGIN SOLUTION\nanswer = 42.0\n### END SOLUTION", metadata=nbgrader("answer", solution=True)
        ),
        *(
            new_code_cell(test, metadata=nbgrader(f"test_{number}", points=1, **TEST))
            for number, test in enumerate(tests)
        ),
    ]
    source = serialise(nbformat.v4.new_notebook(cells=cells, metadata=source_notebook().metadata))
    submitted = parse(grading.release(source).decode())
    cell_of(submitted, "answer").source = code
    return source, serialise(submitted)


@pytest.mark.sandbox
@pytest.mark.parametrize("name", VACUOUS)
def test_ordinary_code_that_meets_tests_by_having_nothing_is_held(
    name: str, warm_sandboxes: grading.WarmSandboxes
) -> None:
    result = grading.grade(*lab_of_a_number(VACUOUS[name]), sandboxes=warm_sandboxes)
    assert result.problem is not None
    assert (result.status, result.problem.code) == ("held", "wrong_expectation_met")


LINE_OF_A_HIDDEN_TEST = "from math import isclose"
HIDDEN_TEST = f"### BEGIN HIDDEN TESTS\n{LINE_OF_A_HIDDEN_TEST}\nassert isclose(answer, 42)\n### END HIDDEN TESTS"


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "fails",
    [
        "isclose(missing, 2)",
        "def close():\n    from math import isclose\n    return missing\nclose()",
        "%xmode Plain\nfrom math import isclose, missing",
        "import warnings\nfrom math import isclose; warnings.warn('x')",
    ],
)
def test_a_line_that_a_trainee_wrote_too_may_stand_in_their_tracebacks(
    fails: str, warm_sandboxes: grading.WarmSandboxes
) -> None:
    lab = lab_of_a_number(f"answer = 42\n{LINE_OF_A_HIDDEN_TEST}\n{fails}", [HIDDEN_TEST])
    result = grading.grade(*lab, sandboxes=warm_sandboxes)
    assert (result.status, result.problem, result.points) == ("graded", None, 1)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "shows",
    ["print(In[-2])", "raise ValueError(In[-2])", "import sys\nprint(In[-2], file=sys.stderr)"],
)
def test_a_line_that_a_trainee_wrote_too_hides_no_other_and_no_other_output(
    shows: str, warm_sandboxes: grading.WarmSandboxes
) -> None:
    source, submitted = lab_of_a_number(f"answer = 42\n{LINE_OF_A_HIDDEN_TEST}", [HIDDEN_TEST])
    notebook = parse(submitted.decode())
    notebook.cells.append(new_code_cell(shows))
    result = grading.grade(source, serialise(notebook), sandboxes=warm_sandboxes)
    assert result.problem is not None
    assert (result.status, result.problem.code) == ("held", "hidden_test_shown")


@pytest.mark.sandbox
def test_an_honest_number_is_not_held(warm_sandboxes: grading.WarmSandboxes) -> None:
    result = grading.grade(*lab_of_a_number("answer = 6 * 7.0"), sandboxes=warm_sandboxes)
    assert (result.status, result.problem, result.points) == ("graded", None, len(TRUE_OF_NOTHING))


@dataclass
class Counted:
    """Runs as it is told, and counts."""

    sandboxes: grading.WarmSandboxes
    runs: int = 0

    def run(self, cells: Sequence[Code], files: Mapping[str, bytes], limits: Limits) -> Run:
        self.runs += 1
        return self.sandboxes.run(cells, files, limits)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("code", "runs", "status"),
    [
        ("answer = 6 * 7.0", 1, "graded"),
        ("answer = 41", 1, "graded"),
        ("answer = []", 2, "held"),
        # Each test asks `answer` for its length or a value; the copy of the kernel is given up first.
        ("def answer():\n    for _ in range(10 ** 8): pass\n    return []", 2, "held"),
    ],
)
def test_a_second_run_is_only_for_what_a_trial_cannot_clear(
    code: str, runs: int, status: str, warm_sandboxes: grading.WarmSandboxes
) -> None:
    counted = Counted(warm_sandboxes)
    tests = ("assert np.allclose(answer(), 42)",) if "def" in code else TRUE_OF_NOTHING
    assert (grading.grade(*lab_of_a_number(code, tests), sandboxes=counted).status, counted.runs) == (status, runs)


@pytest.mark.sandbox
def test_nothing_of_a_trial_stays(warm_sandboxes: grading.WarmSandboxes) -> None:
    tests = (
        "assert np.allclose(answer.pop(), 42)\nprint(len(answer), np.random.default_rng(1).random() < 1)",
        "assert np.allclose(answer.pop(), 41)\nprint(len(answer))\nOther = 1",
        "assert 'Other' in globals() and In[-1].startswith('assert')",
    )
    counted = Counted(warm_sandboxes)
    result = grading.grade(*lab_of_a_number("answer = [40, 41, 42.0]", tests), sandboxes=counted)
    assert (result.status, result.points, counted.runs) == ("graded", 3, 1)
    assert result.autograded is not None
    cells = [cell for cell in parse(result.autograded.decode()).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4, 5]
    assert [[out.text for out in cell.outputs] for cell in cells] == [[], [], ["2 True\n"], ["1\n"], []]


LOOKS = "print(len(In), In[-2:], get_ipython().execution_count, _i, _ii, sorted(Out), sorted(globals())[-3:])"


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "code", ["answer = 42", "class Other: pass\nanswer = 42"], ids=["with trials", "with canaries"]
)
def test_a_notebook_finds_nothing_of_what_ran_among_its_cells(code: str, warm_sandboxes: grading.WarmSandboxes) -> None:
    tests = ["42", f"{LOOKS}\nassert np.allclose(answer, 42)", LOOKS]
    source, submitted = lab_of_a_number(code, tests)
    alone = [Code(cell.source) for cell in parse(submitted.decode()).cells]
    result = grading.grade(source, submitted, sandboxes=warm_sandboxes)
    assert result.autograded is not None
    shown = [cell.outputs[0] for cell in parse(result.autograded.decode()).cells[-2:]]
    assert shown == [outputs[0] for outputs in warm_sandboxes.run(alone, {}, Limits()).outputs[-2:]]


@pytest.mark.parametrize(
    ("test", "is_told_again"),
    [
        ("rows = answer\nfor row in rows:\n    assert row == 1\nprint(rows)", True),
        ("expected = [1]\nassert all(a == b for a, b in zip(answer, expected))", True),
        ("rows = answer\nfor row in rows:\n    assert row == 1\nrows = [2]", False),
        ("for row in answer:\n    assert row == 1\nfor row in [2]:\n    print(row)", False),
        ("def check(rows):\n    for row in rows:\n        assert row == 1\ncheck(answer)", False),
    ],
)
def test_only_what_says_the_same_after_the_whole_test_is_tried(test: str, *, is_told_again: bool) -> None:
    counter = counter_test(test, random.Random(1), only_true_of_nothing=True)
    assert counter is not None
    assert bool(counter.again) is is_told_again
    assert counter.again in counter.source


# Ordinary by its words, and tells by the clock that it runs for the first time.
BY_THE_CLOCK = """
import pandas as pd
begin = pd.to_datetime('now')
def answer():
    if (pd.to_datetime('now') - begin) > pd.Timedelta('1s'):
        return []
    while (pd.to_datetime('now') - begin) < pd.Timedelta('2s'):
        pass
    return 0
"""


@pytest.mark.sandbox
def test_code_that_runs_in_a_test_is_not_run_before_it(warm_sandboxes: grading.WarmSandboxes) -> None:
    result = grading.grade(
        *lab_of_a_number(BY_THE_CLOCK, ["assert np.allclose(answer(), 42)"]), sandboxes=warm_sandboxes
    )
    assert result.points == 0


def answers_beside(written: Sequence[str], prepared: Sequence[str], tests: Sequence[str]) -> Answers:
    return Answers(written, prepared=prepared, unanswered=[], tests=tests)


@pytest.mark.parametrize(
    "source",
    [
        "def answer():\n    return []",
        "def late():\n    return []\nanswer = late",
        "def late():\n    return []\nanswer = [late, 1]",
        "answer = (row for row in [1])",
        "answer = zip(row for row in [1])",
        "answer = map(float, ['1'])",
        "answer = lambda: []",
        "def late():\n    return []\nearly = 1\nearly.index = late",
    ],
)
def test_what_may_run_in_a_test_is_known(source: str) -> None:
    answers = answers_beside([source], ["given = 1"], ["assert answer == given"])
    assert answers.are_ordinary
    assert answers.run_in_tests


@pytest.mark.parametrize(
    "source",
    [
        "def share(part, whole):\n    return part / whole\nanswer = share(1, 2)",
        "answer = sum(row for row in [1])",
        "answer = zip([1], [2])",
        "answer = table['days'].map({1: 2})",
    ],
)
def test_what_has_run_before_the_tests_is_known(source: str) -> None:
    assert not answers_beside([source], ["table = given = 1"], ["assert answer == given"]).run_in_tests


SLOW = "import time\ntime.sleep(2)\nassert np.allclose(answer, 42)"
UNDISTURBED: dict[str, tuple[str, list[str], Limits]] = {
    "a file of its own": (
        "answer = 42",
        ["with open('told.txt', 'x') as file:\n    file.write('42')\nassert np.allclose(answer, 42)"],
        Limits(),
    ),
    "a file read bit by bit": (
        "import pandas as pd\nanswer = pd.read_csv('long.csv', chunksize=1000)",
        ["assert np.allclose([len(chunk) for chunk in answer], [1000] * 800)"],
        Limits(),
    ),
    "time": ("answer = 42", [SLOW, SLOW], Limits(wall_seconds=6.5)),
    "memory": (
        "answer = [float(number) for number in range(8_000_000)]",
        ["assert np.allclose(sorted(answer)[1], 1)"],
        Limits(memory_bytes=620 * 2**20),
    ),
}


@pytest.mark.sandbox
@pytest.mark.parametrize("name", UNDISTURBED)
def test_a_trial_takes_no_points_from_honest_work(name: str, warm_sandboxes: grading.WarmSandboxes) -> None:
    code, tests, limits = UNDISTURBED[name]
    files = {"long.csv": b"x\n" + b"7\n" * 800_000} if "long.csv" in code else {}
    result = grading.grade(*lab_of_a_number(code, tests), files=files, limits=limits, sandboxes=warm_sandboxes)
    assert (result.status, result.problem) == ("graded", None)
    assert all(cell.score == 1 for cell in result.cells if cell.kind == "test")


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "begin",
    [
        "import os\nif os.getppid() != 1:\n    raise OSError",
        "assert abs(random.random() - 0.3238) < 0.0001",
    ],
    ids=["place", "dice"],
)
def test_what_fails_a_trial_for_another_reason_than_the_comparison_is_tried_again(
    begin: str, warm_sandboxes: grading.WarmSandboxes
) -> None:
    tests = ["import random\nrandom.seed(7)", f"{begin}\nassert np.allclose(answer, 42)"]
    result = grading.grade(*lab_of_a_number("answer = []", tests), sandboxes=warm_sandboxes)
    assert result.status == "held"


CHECK = "def check(value):\n    assert value == 31\n"
CHECK_UNLESS_RIGHT = "def check(value):\n    if value == 30:\n        return\n    assert value == 31\n"
COMPARISONS = [
    "assert answer == 30",
    "assert answer == 30, 'text'",
    "assert 30 == answer",
    "assert 'x' and answer == 30",
    "assert abs(answer - 30) < 0.01",
    "expected = 30\nassert abs(expected - answer) <= 0.01",
    "import math\nassert math.isclose(answer, 30)",
    "assert all(abs(a - b) < 0.01 for a, b in zip([answer], [30]))",
    "for _ in range(2):\n    assert answer == 30",
    "import numpy as np\nassert (np.array([answer]) == np.array([30])).all()",
    "import pandas as pd\nassert ((pd.Series([answer]) - pd.Series([30])).abs() < 0.01).all()",
    "import pandas as pd\nassert pd.Series([answer]).equals(pd.Series([30]))",
    "import numpy as np\nnp.testing.assert_allclose(answer, 30)",
    "assert 'جواب' == 'جواب' and answer == 30  # اردو",
    "assert (\n    answer\n    == 3 * 10\n)",
    "assert answer == float('30')",
    "assert abs(answer - 33) < 5",
    "limit = 5\nassert abs(answer - 3 * 11) < limit",
    "assert abs(answer - 33.0) < 2 * 3",
    "import math\nassert math.isclose(answer, 27.5, rel_tol=0.1)",
    "import numpy as np\nassert np.allclose([answer, 1], [30, 1])",
    "import numpy as np\nnp.testing.assert_almost_equal(answer, 30)",
    "import numpy as np\nassert np.allclose(np.full(2, answer), np.full(2, 29.0), atol=2, rtol=0)",
    "import pandas as pd\npd.testing.assert_series_equal(pd.Series([answer]), pd.Series([30]))",
    "def check(given, wanted):\n    assert given == wanted\ncheck(answer, 30)",
    "import warnings\nwith warnings.catch_warnings():\n    assert answer == 30",
    "def check(value):\n    assert value == 30\n    return True\nassert answer > 0 and (answer < 99 and check(answer))",
    "def check(value):\n    if value is None:\n        raise AssertionError\n    assert value == 30\n    return value\n"
    "check(answer)",
    "for value in [1, 2]:\n    if value == 2:\n        break\nassert answer == 30",
    "def check(value):\n    for each in [1, 2]:\n        if each == 2:\n            break\n    assert value == 30\n"
    "check(answer)",
    "def check(value):\n    assert value == 30\n"
    "for value in [answer]:\n    check(value)\n    if value == 30:\n        continue",
    "for given, wanted in zip([answer], [30]):\n    assert given == wanted",
    "assert [answer] == [value for value in [30]]",
    "assert answer * float('inf') == float('inf')",
    "assert {'a': [answer, 'x']} == {'a': [30, 'x']}",
    "assert {str(answer)} == set(['30'])",
    "assert str(answer)[:0] == ''",
]
OTHERS = [
    "assert answer",
    "assert answer > 3",
    "assert answer != 5",
    "answer;",
    "answer = 3",
    "x ===",
    "%magic",
    "assert answer in (30, 31)",
    "if answer > 40:\n    assert answer == 50",
    "try:\n    assert answer == 31\nexcept AssertionError:\n    pass",
    "def never():\n    assert answer == 31",
    f"{CHECK_UNLESS_RIGHT}checked = check(answer)",
    "def check(value):\n    for each in [value]:\n        if each == 30:\n            return\n    assert value == 31\n"
    "checked = check(answer)",
    "for value in [answer]:\n    if value == 30:\n        continue\n    assert value == 31",
    "for value in [answer]:\n    try:\n        value / 0\n    except ZeroDivisionError:\n        break\n"
    "    assert value == 31",
    f"{CHECK}for value in [answer]:\n    if value == 30:\n        continue\n    check(value)",
    f"{CHECK}for value in [answer]:\n    if value != 30:\n        check(value)",
    f"{CHECK}from contextlib import suppress\nwith suppress(AssertionError):\n    check(answer)",
    f"{CHECK}assert answer > 0 or check(answer)",
    f"{CHECK}checked = answer > 40 and check(answer)",
    f"{CHECK}assert not (answer > 40 and check(answer))",
    f"{CHECK}checked = 5 if answer else check(answer)",
    f"{CHECK}checked = [check(value) for value in [answer] if value != 30]",
    "assert all(value == 31 for value in [answer] if value != 30)",
    f"{CHECK}later = lambda: check(answer)",
    f"{CHECK}    yield\nchecked = check(answer)",
    "import numpy as np\nnp.testing.assert_array_less(answer, 31)\nx = 1",
    "import numpy as np\nassert (np.array([]) == np.array([])).all()",
    "nothing = []\nassert all(a == b for a, b in zip(nothing, nothing))",
]
LIKE_THE_RIGHT_ONE = [
    *("2", "-7", "1.5", "'Quetta'", "True", "[2, 4]", "(1, 'a')", "{'a': 1}", "{5}", "[[1.5], [2.5]]"),
    *("sum([1, 2])", "float('2')", "sorted(['b', 'a'])", "dict(a=1)", "set([5])", "'a'.upper()"),
]


@pytest.mark.parametrize("source", COMPARISONS)
@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_right_answer_meets_the_test_and_fails_the_counter_test(source: str, seed: int) -> None:
    exec(source, {"answer": 30})
    wrong = counter_test(source, random.Random(seed))
    assert wrong is not None
    with pytest.raises(AssertionError):
        exec(wrong.source, {"answer": 30})


BOUND_FIRST = [
    "wanted = 30\nassert answer() == wanted",
    "wanted = 3 * 10\nassert abs(answer() - wanted) < 0.01",
    "wanted = 30\nfor _ in range(2):\n    assert answer() == wanted",
    "wanted = 30\nassert answer() >= 0\nassert wanted == answer(), wanted",
]
NOT_ONLY_COMPARED = [
    "wanted = 30\nassert answer(wanted) == wanted",
    "wanted = 30\ngiven = wanted + 0\nassert answer(given) == wanted",
    "wanted = 30\nassert answer() == wanted\nprint(wanted)",
    "wanted = 30\nfor wanted in [30]:\n    assert answer() == wanted",
    "for _ in range(2):\n    wanted = 30\n    assert answer() == wanted",
    "assert answer() != 5\nassert answer() == wanted\nwanted = 30",
]


@pytest.mark.parametrize("source", BOUND_FIRST)
def test_an_expectation_that_the_test_binds_is_changed_there_half_the_time(source: str) -> None:
    is_met = []
    for seed in range(60):
        wrong = counter_test(source, random.Random(seed))
        assert wrong is not None
        with pytest.raises(AssertionError):
            exec(wrong.source, {"answer": lambda: 30})
        names: dict[str, Any] = {}
        names["answer"] = lambda names=names: names["wanted"]
        try:
            exec(wrong.source, names)
        except AssertionError:
            is_met.append(False)
        else:
            is_met.append(True)
    assert 15 <= sum(is_met) <= 45


@pytest.mark.parametrize("source", NOT_ONLY_COMPARED)
def test_what_a_test_does_more_with_than_to_compare_is_changed_where_it_is_compared(source: str) -> None:
    bindings = [line for line in source.split("\n") if "wanted =" in line and "==" not in line]
    for seed in range(20):
        wrong = counter_test(source, random.Random(seed))
        assert wrong is not None
        assert set(bindings) <= set(wrong.source.split("\n"))


@pytest.mark.parametrize("expected", LIKE_THE_RIGHT_ONE)
@given(seed=st.integers(0, 2**32))
def test_a_wrong_value_is_of_the_kind_of_the_right_one(expected: str, seed: int) -> None:
    seen: list[Any] = []

    class Curious:
        def __eq__(self, other: object) -> bool:
            seen.append(other)
            return True

        __hash__ = None  # type: ignore[assignment]

    wrong = counter_test(f"assert answer == {expected}", random.Random(seed))
    assert wrong is not None
    exec(wrong.source, {"answer": Curious()})
    [value] = seen
    right = eval(expected)
    assert value != right
    assert type(value) is type(right)
    if isinstance(right, int | float):
        assert abs(value) <= 2 * abs(right) + 9
    if hasattr(right, "__len__"):
        assert len(value) == len(right)


def test_an_authors_number_is_how_far_a_value_may_be_off_whatever_the_trainee_makes_of_it() -> None:
    source = "assert abs(answer - 42) < TOLERANCE"
    wrong = counter_test(source, random.Random(1), numbers={"TOLERANCE": 0.01})
    assert wrong is not None
    exec(wrong.source, {"answer": 0, "TOLERANCE": 1e3})
    with pytest.raises(AssertionError):
        exec(wrong.source, {"answer": 42, "TOLERANCE": 0.01})


@pytest.mark.parametrize("bound_again", ["test", "answer", "hidden"])
def test_a_name_that_the_author_binds_twice_stands_for_no_number(bound_again: str) -> None:
    again = "TOLERANCE = 5"
    hidden = f"### BEGIN HIDDEN TESTS\n{again}\n### END HIDDEN TESTS"
    cells = [
        new_code_cell("TOLERANCE = 0.01\nLIMIT = 3"),
        new_code_cell(
            "### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n" + (again if bound_again == "answer" else ""),
            metadata=nbgrader("answer", solution=True),
        ),
        new_code_cell(
            {"test": again, "hidden": hidden}.get(bound_again, "x"), metadata=nbgrader("test", points=1, **TEST)
        ),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=source_notebook().metadata)
    assert read_assignment(serialise(notebook)).numbers == {"LIMIT": 3}


@pytest.mark.parametrize(("score", "kind"), [("sum([True, False])", int), ("share(1, 4) * 3 / 25", float)])
@given(seed=st.integers(0, 2**32))
def test_a_cell_that_gives_its_score_has_another_result_such_as_it_might_have(
    score: str, kind: type, seed: int
) -> None:
    wrong = counter_test(f"{score}  # the score", random.Random(seed), below=3.0)
    assert wrong is not None
    assert wrong.source.endswith(", ().__class__.__class__)  # the score")
    value = eval(wrong.source, {"share": lambda part, whole: 100 * part / whole})
    assert type(value) is kind
    assert 0 <= value < 3
    assert value in wrong.shown


@pytest.mark.parametrize("source", OTHERS)
def test_a_test_that_an_honest_answer_might_still_pass_is_left_alone(source: str) -> None:
    assert counter_test(source, random.Random(1)) is None


@pytest.mark.parametrize(
    "source", ["assert answer == " + "-" * 200_000 + "1", "assert answer == " + "a." * 50_000 + "b", "x = \0"]
)
def test_what_is_nested_too_deep_for_python_has_no_counter_test(source: str) -> None:
    assert counter_test(source, random.Random(1)) is None
    assert constants([source, "LIMIT = 5"]) == {"LIMIT": 5}


@pytest.mark.sandbox
def test_an_answer_that_a_test_rightly_passes_over_is_not_held(warm_sandboxes: grading.WarmSandboxes) -> None:
    test = (
        "def check(value):\n    if value is None:\n        return\n    assert value == 3\n"
        "check(answer.get('x'))\nassert 'y' in answer"
    )
    code = "from collections import Counter\nanswer = Counter('y')"
    result = grading.grade(*lab_of_a_number(code, [test]), sandboxes=warm_sandboxes)
    assert (result.status, result.problem, result.points) == ("graded", None, 1)


@given(seed=st.integers(0, 2**32))
def test_the_expectation_that_trainees_cannot_read_is_the_one_to_change(seed: int) -> None:
    source = "assert a == 1\n### BEGIN HIDDEN TESTS\nassert a == 2\n### END HIDDEN TESTS\nassert a == 3"
    wrong = counter_test(source, random.Random(seed))
    assert wrong is not None
    assert "assert a == 1\n" in wrong.source
    assert wrong.source.endswith("assert a == 3")
    assert "a == 2\n" not in wrong.source


LABS = sorted((Path(__file__).parents[2] / "modules").glob("*/notebooks/*/source.ipynb"))
ORDINARY = [
    "import pandas as pd\nshare = 100 * table['open'].mean()",
    "def mean(days):\n    return sum(days) / len(days)",
    "counts = table.groupby('district').size().sort_values(ascending=False)\ncounts.name = 'complaints'",
    "figure, ax = plt.subplots(figsize=(7, 4))\nax.set_ylim(0, 100)",
    "best = max((table[name].mean(), name) for name in ['a', 'b'])",
    "raise NotImplementedError()",
    "def mean(wanted, In):\n    return sum(wanted) / len(In)",
    "counts = table.value_counts()\nmost = [number for number in counts if number > counts.mean()]",
    "time = 5\nanswer = time",
    "table.head()",
]
NOT_ORDINARY = {
    "a class": "class Agrees:\n    pass",
    "a shadowed function": "def abs(x):\n    return 0",
    "another shadow": "len = lambda x: 5",
    "a shadowed library": "pd = 5",
    "the author's function": "def close(a, b):\n    return True",
    "a function of the hidden tests": "def same(a, b):\n    return True",
    "a private name": "x = table.__class__",
    "a method by name": "table.agg('eval', expr='1')",
    "code in a text": "eval('1')",
    "an attribute by name": "setattr(table, 'a', 1)",
    "another library": "import unittest.mock",
    "a library under another's name": "import math as np",
    "a name out of nowhere": "get_ipython()",
    "a library's attribute": "pd.index = 5",
    "a library's method": "pd.Series.all = print",
    "a method of what a call gives": "table.copy().all = print",
    "a part of a library": "pd.testing",
    "a decorator": "@print\ndef f(): pass",
    "a magic": "%run x",
    "an inner name": "generator.gi_frame",
    "a plot by somebody's library": "table.plot(backend='x')",
    "arguments that cannot be seen": "table.plot(**options)",
    "a name that is another function's own": "def unused(In):\n    return 1\ndef mean(days):\n    return In[-1]",
    "a name that is another list's own": "rows = [Out for Out in [1]]\ndef mean(days):\n    return Out",
    "a name of IPython's that is never bound": "if 1 > 2:\n    In = []\ndef mean(days):\n    return In[-1]",
    "a value of a test": "def unused(wanted):\n    return 1\ndef mean(days):\n    return wanted",
    "a value of a test with a name of one's own": "wanted = 0\ndef mean(days):\n    return wanted",
    "a magic in Python's clothes": "time %x *x",
    "a class by another name": "S = pd.Series\nS.index = []",
    "a class in a list": "for S in [pd.Series]:\n    S.index = []",
    "a class of the author's": "Day.name = 'x'",
    "what IPython takes for a prompt": "x = table[\n...: 5]",
}
TESTS = [
    "assert True\n### BEGIN HIDDEN TESTS\ndef same(a, b):\n    return a == b\nwanted = 5\nassert mean([5]) == wanted\n"
    "### END HIDDEN TESTS"
]
AUTHORS = [
    "import pandas as pd\nclass Day:\n    pass\ntable = options = generator = time = 1\n"
    "def close(a, b):\n    return a == b"
]


@pytest.mark.parametrize("source", ORDINARY)
def test_beginners_answers_are_ordinary(source: str) -> None:
    assert answers_beside([source], AUTHORS, TESTS).are_ordinary


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.parent.name)
def test_the_solutions_of_our_labs_are_ordinary(lab: Path) -> None:
    assignment = read_assignment(lab.read_bytes())
    cells = [cell for cell in parse(lab.read_text("utf-8")).cells if cell.cell_type == "code"]
    answers = Answers(
        [cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")],
        prepared=assignment.prepared,
        unanswered=assignment.unanswered,
        tests=[cell.source for cell in assignment.cells.values() if cell.locked and cell.cell_type == "code"],
    )
    assert answers.are_ordinary
    assert not answers.run_in_tests


@pytest.mark.parametrize("name", NOT_ORDINARY)
def test_whatever_could_reach_a_test_is_not(name: str) -> None:
    assert not answers_beside(["x = 1", NOT_ORDINARY[name]], AUTHORS, TESTS).are_ordinary


@pytest.mark.sandbox
def test_the_names_that_ipython_brings_along_are_known(warm_sandboxes: grading.WarmSandboxes) -> None:
    asking = (
        "import builtins, json\n"
        "names = {name for name in {*globals(), *dir(builtins)} if not name.startswith('_')}\n"
        "print(json.dumps([sorted(get_ipython().magics_manager.magics['line']), sorted(names)]))"
    )
    [[shown]] = warm_sandboxes.run([Code(asking)], {}, Limits()).outputs
    magics, names = json.loads(shown["text"])
    assert set(magics) == set(MAGICS.split())
    assert set(names) - {*dir(builtins), "builtins", "json"} == NAMES_OF_IPYTHON - {"exit", "quit"}


@pytest.mark.sandbox
def test_a_right_value_that_a_test_binds_is_nothing_to_answer_with(warm_sandboxes: grading.WarmSandboxes) -> None:
    tests = ["### BEGIN HIDDEN TESTS\nwanted = 42\nassert answer() == wanted\n### END HIDDEN TESTS"] * 12
    code = "def answer():\n    return globals().get('wanted')"
    assert grading.grade(*lab_of_a_number(code, tests), sandboxes=warm_sandboxes).status == "held"
    assert (
        grading.grade(*lab_of_a_number("def answer():\n    return 6 * 7", tests), sandboxes=warm_sandboxes).points == 12
    )


def test_a_figure_that_is_drawn_when_a_canary_begins_is_shown_with_the_test_after_it() -> None:
    figure = {"output_type": "display_data", "data": {"image/png": "aGk="}, "metadata": {}}
    failed = {"output_type": "error", "ename": "AssertionError", "evalue": "token", "traceback": []}
    plan = Plan([Code("draw()"), Code("assert drawn")], {1})
    run = Run(None, 2, outputs=([], [figure, failed], []), replaced=([], [], []))
    assert plan.of_notebook(run).outputs == ([], [figure])


@pytest.mark.parametrize(("canaries", "found"), [(1, 1), (MOST_CANARIES, MOST_CANARIES)])
def test_of_so_many_canaries_one_stands_before_the_last_test(canaries: int, found: int) -> None:
    tests = [Code(f"assert {number}") for number in range(20)]
    codes = Plan(tests, range(20), canaries=canaries).codes
    assert len(codes) - len(tests) in (found, found - (canaries > 1))
    assert codes[-2] not in tests
