"""Tests that nbgrader instantiates: ours are its own byte for byte, give its points, and the host runs none of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from nbgrader.preprocessors.instantiatetests import InstantiateTests

import grading
from grading import InvalidSource, autotests
from grading.__main__ import main
from grading.autotest_lines import DELIMITER
from grading.sandbox import Code, Run, SandboxOnDemand
from grading.source import read_assignment
from grading.types import Limits, ProblemCode
from tests.grading.nbgrader_command import FIXTURES, Course, scores

KINDS = ("simple", "hashed", "hidden", "multi")
# nbgrader's own submissions; the third student hands in one notebook only.
SUBMITTED = {
    "changed": {kind: f"autotest-{kind}-changed" for kind in KINDS} | {"hidden": "autotest-hidden-changed-right"},
    "unchanged": {kind: f"autotest-{kind}-unchanged" for kind in KINDS},
    "wrong": {"hidden": "autotest-hidden-changed-wrong"},
}
TEMPLATES = autotests.DEFAULT_TEMPLATES


def source_of(kind: str) -> bytes:
    """nbgrader's own assignment with AUTOTEST lines."""
    return (FIXTURES / f"autotest-{kind}.ipynb").read_bytes()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """All kinds of tests in one assignment, graded by the command."""
    course = Course(tmp_path_factory.mktemp("autotests"), "c = get_config()\n")
    course.add("", {"autotests.yml": TEMPLATES.read_bytes()})
    course.add("source/auto", {f"{kind}.ipynb": source_of(kind) for kind in KINDS})
    for student, notebooks in SUBMITTED.items():
        contents = {f"{kind}.ipynb": (FIXTURES / f"{name}.ipynb").read_bytes() for kind, name in notebooks.items()}
        course.add(f"submitted/{student}/auto", contents)
    course.succeed("generate_assignment", "auto")
    course.succeed("autograde", "auto")
    return course


@pytest.mark.sandbox
@pytest.mark.parametrize("kind", KINDS)
def test_the_release_is_the_commands_release(course: Course, kind: str) -> None:
    assert grading.release(source_of(kind)).strip() == course.released("auto", kind).strip()


@pytest.mark.sandbox
def test_every_submission_gets_the_points_of_the_command(course: Course, warm_sandboxes: grading.WarmSandboxes) -> None:
    points = {}
    for student, notebooks in SUBMITTED.items():
        for kind, name in notebooks.items():
            submitted = (FIXTURES / f"{name}.ipynb").read_bytes()
            result = grading.grade(source_of(kind), submitted, sandboxes=warm_sandboxes)
            assert scores(result) == course.scores(student, "auto", kind), name
            points[name] = (result.points, result.max_points)
    assert points["autotest-multi-changed"] == (3.0, 4.0)
    assert points["autotest-hidden-changed-right"] == (1.0, 1.0)
    assert points["autotest-hidden-changed-wrong"] == (0.0, 1.0)


@pytest.mark.sandbox
def test_an_instantiated_notebook_is_a_sound_source_without_a_further_run(monkeypatch: pytest.MonkeyPatch) -> None:
    made = grading.instantiate(source_of("hashed"))
    assert grading.check(made).sound
    assert [cell.max_score for cell in grading.inspect(made)] == [1.0]
    monkeypatch.setattr(SandboxOnDemand, "run", None)
    assert grading.instantiate(made) == made


@pytest.mark.sandbox
def test_one_source_is_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    autotests._known.clear()
    made = grading.instantiate(source_of("simple"))
    monkeypatch.setattr(SandboxOnDemand, "run", None)
    assert grading.instantiate(source_of("simple")) is made
    with pytest.raises(TypeError):
        grading.instantiate(source_of("simple"), {"data.csv": b"1"})


@pytest.mark.sandbox
def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autotests, "_known", {str(number): b"" for number in range(autotests.KEPT)})
    grading.instantiate(source_of("simple"))
    assert len(autotests._known) == 1


@pytest.mark.sandbox
def test_templates_of_the_author_and_data_files_are_used(tmp_path: Path) -> None:
    templates = TEMPLATES.read_bytes().replace(b"print('Success!')", b"print('Well done!')")
    source = with_solution(source_of("simple"), "a = len(open('days.csv').read())")
    made = grading.instantiate(source, {"autotests.yml": templates, "days.csv": b"1,2,3"})
    assert b"Well done!" in made
    assert b'str(a) == \\"\\"\\"5\\"\\"\\"' in made


@pytest.mark.sandbox
def test_no_line_of_the_notebook_runs_on_the_host(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    attempt = f"import pathlib\na = 5\ntry: pathlib.Path({str(mark)!r}).touch()\nexcept OSError: a = 'sandboxed'"
    assert b"sandboxed" in grading.instantiate(with_solution(source_of("simple"), attempt)).split(b"assert", 1)[1]
    assert not mark.exists()


@pytest.mark.sandbox
def test_no_template_is_evaluated_on_the_host(tmp_path: Path) -> None:
    """Jinja evaluates whatever Python a template holds."""
    mark = tmp_path / "mark"
    attempt = f"{{{{ cycler.__init__.__globals__.os.mkdir('{mark}') }}}}type"
    templates = TEMPLATES.read_bytes().replace(b'dispatch: "type', f'dispatch: "{attempt}'.encode())
    with pytest.raises(InvalidSource, match=f"No such file or directory: '{mark}'"):
        grading.instantiate(source_of("simple"), {"autotests.yml": templates})
    assert not mark.exists()


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("files", "solution", "reason"),
    [
        ({}, "a = nowhere", "NameError: name 'nowhere' is not defined.*must run from top to bottom"),
        ({"autotests.yml": b"ir: {}"}, "a = 5", "KeyError|python3"),
        ({"autotests.yml": b"{"}, "a = 5", "autotests.yml is not valid YAML"),
        ({"autotests.yml": TEMPLATES.read_bytes().replace(b"assert {{", b"# AUTOTEST {{")}, "a = 5", "still there"),
    ],
)
def test_an_author_is_told_why_tests_cannot_be_instantiated(
    files: Mapping[str, bytes], solution: str, reason: str
) -> None:
    with pytest.raises(InvalidSource, match=reason):
        grading.instantiate(with_solution(source_of("simple"), solution), files)


class StopsShort:
    """A sandbox in which the run ends early."""

    def run(self, cells: object, files: object, limits: Limits) -> Run:
        return Run(ProblemCode.OUT_OF_MEMORY, 0)


class CutsShort:
    """A sandbox that cuts the output."""

    def run(self, cells: object, files: object, limits: Limits) -> Run:
        return Run(None, 0, outputs=([],), truncated=(0,))


@pytest.mark.parametrize(("sandbox", "reason"), [(StopsShort(), "out_of_memory"), (CutsShort(), "output_too_large")])
def test_a_run_that_ends_early_gives_no_tests(sandbox: grading.Runs, reason: str) -> None:
    with pytest.raises(InvalidSource, match=f"ended with {reason}"):
        grading.instantiate(source_of("multi"), {"any": b"1"}, sandboxes=sandbox)


def test_an_autotest_line_outside_a_test_is_named() -> None:
    notebook = json.loads(source_of("simple"))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    cell["source"] = ["a = 5\n", "### HASHED AUTOTEST a"]
    with pytest.raises(InvalidSource, match="begins with 'a = 5' holds an AUTOTEST line, but no test"):
        grading.instantiate(json.dumps(notebook).encode())


@pytest.mark.sandbox
def test_the_commands_instantiate_with_the_templates_beside_the_data(tmp_path: Path) -> None:
    (tmp_path / "source.ipynb").write_bytes(source_of("simple"))
    (tmp_path / "files").mkdir()
    templates = TEMPLATES.read_bytes().replace(b"Success!", b"Well done!")
    (tmp_path / "files" / "autotests.yml").write_bytes(templates)
    given = ["--source", f"{tmp_path}/source.ipynb", "--files", f"{tmp_path}/files", "--output"]
    for command in ("instantiate", "release"):
        assert main([command, *given, f"{tmp_path}/{command}.ipynb"]) == 0
    made = (tmp_path / "instantiate.ipynb").read_bytes()
    assert b"Well done!" in made
    assert grading.release(made) == (tmp_path / "release.ipynb").read_bytes()


def test_only_an_instantiated_source_is_an_assignment() -> None:
    with pytest.raises(InvalidSource, match=r"'test_simple' holds an AUTOTEST line.*python -m grading instantiate"):
        read_assignment(source_of("simple"))


def test_the_word_is_nbgraders() -> None:
    assert InstantiateTests.autotest_delimiter.default_value == DELIMITER


def test_the_word_alone_makes_no_autotest(source: bytes) -> None:
    mentioned = source.replace(b"# Waiting days", b"# AUTOTEST lines stand for tests").replace(
        b"'my chart'", b"'AUTOTEST'"
    )
    assert grading.instantiate(mentioned) == mentioned


def with_solution(source: bytes, solution: str) -> bytes:
    notebook = json.loads(source)
    cell = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("solution"))
    before = "".join(cell["source"]).replace("### END SOLUTION", "")
    cell["source"] = [f"{before}\n{solution}\n### END SOLUTION"]
    return json.dumps(notebook).encode()


def test_a_cell_is_code_for_the_sandbox_only() -> None:
    """What is sent holds the notebook as one literal, whatever its text."""
    seen: list[Code] = []

    class Remembers:
        def run(self, cells: list[Code], files: object, limits: Limits) -> Run:
            seen.extend(cells)
            return Run(ProblemCode.TIMED_OUT, 0)

    source = with_solution(source_of("simple"), "a = '''\\x00\"\"\"'''")
    with pytest.raises(InvalidSource):
        grading.instantiate(source, sandboxes=Remembers())
    compile(seen[0].source, "cell", "exec")
