"""What we export, the nbgrader command takes as it is and gives the same points."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

import grading
from app.content import Notebook, load_catalogue, write_lab_files
from grading import InvalidSource, Submitted, WrongUse
from grading.__main__ import main
from grading.folders import write_new_folder
from grading.notebook import parse, serialise
from grading.source import roles
from tests.grading.nbgrader_command import FIXTURES, USER_GUIDE, Course, scores

MODULES = Path(__file__).parents[2] / "modules"
CATALOGUE = load_catalogue(MODULES)
LABS = {
    f"{module.id}.{activity.id}": (module.id, activity)
    for module in CATALOGUE.modules.values()
    for activity in module.activities
    if isinstance(activity, Notebook)
}


@pytest.fixture(scope="session")
def lab_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    write_lab_files(CATALOGUE, folder)
    return folder


def answered(source: bytes, *, step: int) -> bytes:
    """The release with the author's answer in every `step`-th cell for answers."""
    author, notebook = parse(source.decode()), parse(grading.release(source).decode())
    answers = [cell for cell, theirs in zip(author.cells, notebook.cells, strict=True) if roles(theirs)[1]]
    places = [cell for cell in notebook.cells if roles(cell)[1]]
    for place, answer in list(zip(places, answers, strict=True))[::step]:
        place.source = answer.source
    return serialise(notebook)


@pytest.mark.sandbox
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", LABS)
def test_the_command_gives_our_points_for_an_exported_lab(
    tmp_path: Path, lab_files: Path, name: str, warm_sandboxes: grading.WarmSandboxes
) -> None:
    module, lab = LABS[name]
    folder = lab_files / module / lab.id
    files = {file: (folder / file).read_bytes() for file in lab.data_files}
    notebooks = {"released": grading.release(lab.source)}
    notebooks |= {"solved": answered(lab.source, step=1), "half": answered(lab.source, step=2)}
    (tmp_path / "handed-in").mkdir()
    for student, content in notebooks.items():
        (tmp_path / "handed-in" / f"{student}.ipynb").write_bytes(content)
    (tmp_path / "source.ipynb").write_bytes(lab.source)
    given = ["--source", f"{tmp_path}/source.ipynb", "--files", str(folder), "--submitted", f"{tmp_path}/handed-in"]
    assert main(["export", *given, "--assignment", lab.id, "--output", f"{tmp_path}/course"]) == 0
    course = Course(tmp_path / "course")
    course.succeed("generate_assignment", lab.id)
    course.succeed("autograde", lab.id)
    ours = {
        student: grading.grade(lab.source, content, files=files, sandboxes=warm_sandboxes)
        for student, content in notebooks.items()
    }
    assert {student: scores(result) for student, result in ours.items()} == {
        student: course.scores(student, lab.id, lab.id) for student in notebooks
    }
    assert 0 == ours["released"].points < ours["half"].points < ours["solved"].points


def test_a_course_folder_holds_configuration_source_data_and_submissions(source: bytes) -> None:
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    contents = grading.course_folder(
        "lab 1",
        {"waiting": source},
        files={"data/days.csv": b"1,2,3"},
        submitted=[Submitted("amina", b"{}", at), Submitted("bushra", b"no notebook")],
        cell_seconds=7,
    )
    configuration = contents.pop("nbgrader_config.py").decode()
    compile(configuration, "nbgrader_config.py", "exec")
    assert "c.Execute.timeout = 7" in configuration
    assert contents == {
        "source/lab 1/waiting.ipynb": source,
        "source/lab 1/data/days.csv": b"1,2,3",
        "submitted/amina/lab 1/waiting.ipynb": b"{}",
        "submitted/amina/lab 1/timestamp.txt": b"2026-03-01 09:30:00.000000 UTC\n",
        "submitted/bushra/lab 1/waiting.ipynb": b"no notebook",
    }


def test_a_source_with_autotest_lines_brings_its_templates() -> None:
    source = (FIXTURES / "autotest-simple.ipynb").read_bytes()
    contents = grading.course_folder("auto", {"auto": source})
    assert b"dispatch" in contents["autotests.yml"]
    assert contents["source/auto/auto.ipynb"] == source


@pytest.mark.parametrize("name", ["", "..", "a/b", "a+b", "*", "a,b", " a", ".hidden"])
def test_a_name_that_nbgrader_cannot_use_is_refused(source: bytes, name: str) -> None:
    for asked in ({"assignment": name}, {"sources": {name: source}}, {"submitted": [Submitted(name, b"{}")]}):
        with pytest.raises(WrongUse, match="nbgrader cannot use the name"):
            grading.course_folder(**{"assignment": "lab", "sources": {"lab": source}} | asked)


def test_two_notebooks_of_one_trainee_are_refused(source: bytes) -> None:
    with pytest.raises(WrongUse, match="Two notebooks are given for 'amina'"):
        grading.course_folder("lab", {"lab": source}, submitted=[Submitted("amina", b"{}"), Submitted("amina", b"{}")])


@pytest.mark.parametrize(("files", "refusal"), [({"../x": b""}, InvalidSource), ({"other.ipynb": b""}, WrongUse)])
def test_data_files_lie_inside_and_are_no_notebooks(
    source: bytes, files: Mapping[str, bytes], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        grading.course_folder("lab", {"lab": source}, files=files)


def test_a_source_that_nbgrader_would_refuse_is_not_exported(source: bytes) -> None:
    with pytest.raises(InvalidSource, match="schema"):
        grading.course_folder("lab", {"lab": source.replace(b'"schema_version": 3', b'"schema_version": 1')})


@pytest.mark.sandbox
def test_an_imported_assignment_of_several_notebooks_goes_out_again_as_one(tmp_path: Path) -> None:
    given = ["--course", str(USER_GUIDE), "--assignment", "ps1", "--output", f"{tmp_path}/labs"]
    assert main(["import", *given]) == 0
    names = ["problem1", "problem2"]
    sources = [tmp_path / "labs" / name / "source.ipynb" for name in names]
    (tmp_path / "amina").mkdir()
    for name, path in zip(names, sources, strict=True):
        (tmp_path / "amina" / f"{name}.ipynb").write_bytes(grading.release(path.read_bytes()))
    command = ["export", "--source", *map(str, sources), "--assignment", "ps1", "--output", f"{tmp_path}/course"]
    command += ["--files", f"{tmp_path}/labs/problem1/files"]
    assert main([*command, "--notebook", *names, "--submitted", f"{tmp_path}/amina"]) == 0
    course = Course(tmp_path / "course")
    course.succeed("generate_assignment", "ps1")
    course.succeed("autograde", "ps1")
    for name, path in zip(names, sources, strict=True):
        ours = grading.grade(path.read_bytes(), (tmp_path / "amina" / f"{name}.ipynb").read_bytes())
        assert course.scores("amina", "ps1", name) == scores(ours)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([], "Each notebook needs a name of its own"),
        (["--notebook", "one"], "Each notebook needs a name of its own"),
        (["--notebook", "one", "one"], "Each notebook needs a name of its own"),
        (
            ["--notebook", "one", "two", "--submitted", "{folder}/a/lab.ipynb"],
            "is no folder; give one of the note",
        ),
        (["--notebook", "one", "two", "--submitted", "{folder}/a"], "The assignment has no notebook 'lab'"),
    ],
)
def test_what_is_not_said_clearly_of_several_notebooks_is_wrong_use(
    tmp_path: Path, source: bytes, capsys: pytest.CaptureFixture[str], given: list[str], reason: str
) -> None:
    paths = [tmp_path / "a" / "lab.ipynb", tmp_path / "b" / "lab.ipynb"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(source)
    command = ["export", "--source", *map(str, paths), "--assignment", "lab", "--output", f"{tmp_path}/course"]
    assert main([*command, *(each.format(folder=tmp_path) for each in given)]) == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "course").exists()


def test_a_folder_that_is_not_empty_stays_as_it_is(
    tmp_path: Path, source: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "source.ipynb").write_bytes(source)
    command = ["export", "--source", f"{tmp_path}/source.ipynb", "--assignment", "lab"]
    assert main([*command, "--output", str(tmp_path)]) == 2
    assert "give a folder that is new or empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["source.ipynb"]
    with pytest.raises(FileExistsError):
        write_new_folder(tmp_path / "source.ipynb", {})


def test_a_folder_of_submissions_without_a_notebook_is_wrong_use(
    tmp_path: Path, source: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "source.ipynb").write_bytes(source)
    (tmp_path / "nobody").mkdir()
    command = ["export", "--source", f"{tmp_path}/source.ipynb", "--assignment", "lab", "--output", f"{tmp_path}/c"]
    assert main([*command, "--submitted", f"{tmp_path}/nobody"]) == 2
    assert "holds no notebook" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_nothing_is_written_outside_the_new_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidSource, match="leaves the assignment's folder"):
        write_new_folder(tmp_path / "new", {"a": b"", "../b": b""})
    assert not (tmp_path / "new").exists()
