"""An assignment of an nbgrader course becomes labs that a content pack takes as they are."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import nbformat as untyped_nbformat
import pytest

import grading
from app.content import ContentError, Notebook, load_catalogue, write_lab_files
from grading import InvalidSource, SandboxUnavailable, Tag, WrongUse, import_assignment
from grading.__main__ import main
from grading.course_import import lab_name
from grading.folders import write_new_folder
from grading.notebook import parse, serialise
from tests.grading.nbgrader_command import FIXTURES, USER_GUIDE

nbformat: Any = untyped_nbformat
MODULES = Path(__file__).parents[2] / "modules"
PACK = "measure-to-manage"
TAG = Tag(("D2.1",), 2)


@pytest.fixture
def course(tmp_path: Path, source: bytes) -> Path:
    """A course with one assignment: the grading tests' notebook, a data file in a folder, and what nobody needs."""
    folder = tmp_path / "course"
    source = source.replace(b'"measure.mean"', b'"D2.2"').replace(b'"data.read"', b'"D2.3"')
    contents = {
        "lab.ipynb": source,
        "data/days.csv": b"1,2,3",
        ".ipynb_checkpoints/lab-checkpoint.ipynb": source,
        "__pycache__/x.pyc": b"",
    }
    write_new_folder(folder / "source" / "week 1", contents)
    return folder


def rewrite(course: Path, content: bytes, name: str = "lab.ipynb") -> None:
    (course / "source" / "week 1" / name).write_bytes(content)


def cells_of(source: bytes) -> list[tuple[str, str, float]]:
    return [(cell.grade_id, cell.kind, cell.max_score) for cell in grading.inspect(source)]


@pytest.mark.sandbox
def test_nbgraders_own_sample_course_is_imported_with_a_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--course", str(USER_GUIDE), "--assignment", "ps1", "--output", f"{tmp_path}/labs"]
    assert main(["import", *given, "--competency", "D2.1", "--competency", "D6.2", "--level", "3"]) == 0
    report = capsys.readouterr().out
    assert "problem1: 7 graded cells, 10 points" in report
    assert "correct_squares: test, 1 points" in report
    assert report.count("Sound.") == 2
    assert 'competencies = ["D2.1", "D6.2"]' in report
    assert "what these cells measure" not in report
    assert sorted(path.name for path in (tmp_path / "labs").iterdir()) == ["problem1", "problem2"]
    lab = tmp_path / "labs" / "problem1"
    assert (lab / "files" / "jupyter.png").read_bytes() == (USER_GUIDE / "source/ps1/jupyter.png").read_bytes()
    cells = grading.inspect((lab / "source.ipynb").read_bytes())
    assert {(cell.competencies, cell.level) for cell in cells} == {(("D2.1", "D6.2"), 3)}


@pytest.mark.sandbox
def test_the_sample_with_autotest_lines_is_imported_with_its_tests() -> None:
    labs = import_assignment(USER_GUIDE, "ps1_autotest").labs
    assert [lab.name for lab in labs] == ["problem1", "problem2"]
    assert b"AUTOTEST" not in labs[0].source
    assert list(labs[0].files) == ["jupyter.png"]


def pack_with(tmp_path: Path, labs: tuple[grading.ImportedLab, ...]) -> Path:
    """A copy of our packs with the labs dropped in, named in module.toml as the report says."""
    modules = Path(shutil.copytree(MODULES, tmp_path / "modules"))
    path = modules / PACK / "module.toml"
    text = path.read_text("utf-8")
    for lab in labs:
        write_new_folder(modules / PACK / "notebooks" / lab.name, lab.contents())
        text += f"""
[[activities]]
id = "{lab.name}"
kind = "notebook"
minutes = 60
competencies = ["D2.1"]
title = {{ en = "An assignment", ur = "مشق" }}
"""
    path.write_text(text, "utf-8")
    return modules


def test_an_imported_lab_is_a_lab_of_the_catalogue(tmp_path: Path, course: Path) -> None:
    labs = import_assignment(course, "week 1", tag=TAG).labs
    modules = pack_with(tmp_path, labs)
    catalogue = load_catalogue(modules)
    lab = catalogue.module(PACK).activity("lab")
    assert isinstance(lab, Notebook)
    graded = [(cell.grade_id, cell.points, cell.is_manual) for cell in lab.graded_cells]
    assert graded == [(cell.grade_id, cell.max_score, cell.kind != "test") for cell in grading.inspect(lab.source)]
    # The first test says itself what it measures; that stays.
    assert grading.inspect(lab.source)[0].competencies == ("D2.2", "D2.3")


def test_its_data_files_are_written_for_trainees_and_grader(tmp_path: Path, course: Path) -> None:
    modules = pack_with(tmp_path, import_assignment(course, "week 1", tag=TAG).labs)
    write_lab_files(load_catalogue(modules), tmp_path / "files")
    assert (tmp_path / "files" / PACK / "lab" / "data" / "days.csv").read_bytes() == b"1,2,3"


def test_a_lab_without_data_gets_a_folder_all_the_same(tmp_path: Path, course: Path) -> None:
    shutil.rmtree(course / "source" / "week 1" / "data")
    modules = pack_with(tmp_path, import_assignment(course, "week 1", tag=TAG).labs)
    write_lab_files(load_catalogue(modules), tmp_path / "files")
    assert [path.name for path in (tmp_path / "files" / PACK / "lab").iterdir()] == ["README.txt"]


def test_without_competencies_the_pack_and_the_report_name_the_cells(
    tmp_path: Path, course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ContentError, match=r"talk\.metadata\.hunar\.competencies"):
        load_catalogue(pack_with(tmp_path, import_assignment(course, "week 1").labs))
    released = grading.GradeResult("graded", None, (), 0.0, 13.0, None, 0.0)
    monkeypatch.setattr(grading, "check", lambda *_: grading.CheckReport(released, released, sound=False))
    assert main(["import", "--course", str(course), "--assignment", "week 1", "--output", f"{tmp_path}/labs"]) == 0
    report = capsys.readouterr().out
    assert "import with --competency: test_share, test_limit, chart, memo, talk" in report
    assert "Unsound" in report


@pytest.mark.parametrize("version", [0, 1, 2])
def test_an_older_metadata_schema_is_brought_up_to_date(course: Path, version: int) -> None:
    rewrite(course, (FIXTURES / f"test-v{version}.ipynb").read_bytes())
    (lab,) = import_assignment(course, "week 1").labs
    assert cells_of(lab.source) == cells_of((FIXTURES / "test.ipynb").read_bytes())


def test_a_notebook_of_nbformat_3_is_brought_up_to_date(course: Path, source: bytes) -> None:
    old = nbformat.convert(copy.deepcopy(parse(source.decode())), 3)
    rewrite(course, nbformat.writes(old, version=3).encode())
    (lab,) = import_assignment(course, "week 1").labs
    assert json.loads(lab.source)["nbformat"] == 4
    assert cells_of(lab.source) == cells_of(source)


def test_outputs_stay_behind(course: Path, source: bytes) -> None:
    notebook = parse(source.decode())
    notebook.cells[1].update(outputs=[nbformat.v4.new_output("stream", text="5")], execution_count=7)
    rewrite(course, serialise(notebook))
    (lab,) = import_assignment(course, "week 1").labs
    assert all(
        not cell.get("outputs") and cell.get("execution_count") is None for cell in parse(lab.source.decode()).cells
    )


def test_header_and_footer_stand_around_the_cells(course: Path) -> None:
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.IncludeHeaderFooter.header = 'source/header.ipynb'\n"
        "c.IncludeHeaderFooter.footer = 'source/header.ipynb'\n"
    )
    shutil.copy(USER_GUIDE / "source" / "header.ipynb", course / "source" / "header.ipynb")
    header = [cell.source for cell in parse((course / "source" / "header.ipynb").read_text()).cells]
    notebook = parse((FIXTURES / "test.ipynb").read_text())
    rewrite(course, serialise(notebook))
    (lab,) = import_assignment(course, "week 1").labs
    sources = [cell.source for cell in parse(lab.source.decode()).cells]
    assert sources == [*header, *(cell.source for cell in notebook.cells), *header]


def test_the_configuration_is_read_and_never_run(course: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    (course / "nbgrader_config.py").write_text(
        f"import pathlib\npathlib.Path({str(mark)!r}).touch()\nc = get_config()\n"
        "c.ClearSolutions.code_stub = dict(python='pass')\nc.Exchange.root = '/srv'\nother.CourseDirectory.root = '/'\n"
    )
    found = import_assignment(course, "week 1")
    assert found.ignored == ("ClearSolutions.code_stub",)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("configuration", "reported"),
    [
        ("c.ClearSolutions.code_stub['python'] = 'pass'", "ClearSolutions.code_stub"),
        ("c.ClearSolutions.code_stub.update(python='pass')", "ClearSolutions.code_stub"),
        ("c.Execute.timeout, c.Exchange.root = 5, '/srv'", "Execute.timeout"),
        ("c.Exchange.limit = c.Execute.timeout = 5", "Execute.timeout"),
        ("c.Execute.timeout: int = 5", "Execute.timeout"),
        ("c.Execute.timeout += 5", "Execute.timeout"),
        ("c.ExecutePreprocessor.timeout = 5", "ExecutePreprocessor.timeout"),
        ("c.NotebookClient.timeout = 5", "NotebookClient.timeout"),
        ("c.NbGraderPreprocessor.enabled = False", "NbGraderPreprocessor.enabled"),
        ("c.BaseConverter.assignment_id = 'x'", "BaseConverter.assignment_id"),
        (
            "cfg = get_config()\ncfg.ClearHiddenTests.begin_test_delimeter = 'HIDE'",
            "ClearHiddenTests.begin_test_delimeter",
        ),
        ("c['LockCells']['lock_grade_cells'] = False", "LockCells.lock_grade_cells"),
        ("get_config().Autograde.exclude_overwriting = {}", "Autograde.exclude_overwriting"),
        ("from nbgrader.preprocessors import Execute\nExecute.timeout = 5", "Execute.timeout"),
        ("limits = c.Execute\nlimits.timeout = 5", "Execute"),
        ("c.merge({'Execute': {'timeout': 5}})", "Execute"),
        ("c.Execute = Config(timeout=5)", "Execute"),
        ("c.Execute[name] = 5", "Execute"),
        ("c.update(Execute=Config(timeout=5))", "Execute"),
        ("c.IncludeHeaderFooter.header: str = 'header.ipynb'", "IncludeHeaderFooter.header"),
        ("cfg.IncludeHeaderFooter.footer = 'footer.ipynb'", "IncludeHeaderFooter.footer"),
    ],
)
def test_a_setting_that_matters_is_reported_however_it_is_written(
    course: Path, configuration: str, reported: str
) -> None:
    (course / "nbgrader_config.py").write_text(f"c = get_config()\n{configuration}\n")
    assert import_assignment(course, "week 1").ignored == (reported,)


@pytest.mark.parametrize(
    ("configuration", "kept_back", "reported"),
    [
        ("c.CourseDirectory.course_id = 'x'", ["feedback/mine.csv"], ()),
        ("c.CourseDirectory.ignore = ['*.key', 'keys']", ["answers.key", "keys/all.csv"], ()),
        (
            "c.CourseDirectory.ignore = ['*.key']\nc.CourseDirectory.ignore.append('keys')",
            ["feedback/mine.csv"],
            ("CourseDirectory.ignore",),
        ),
        ("c.CourseDirectory.ignore += ['*.key']", ["feedback/mine.csv"], ("CourseDirectory.ignore",)),
        ("c.CourseDirectory.include = ['*.csv']", ["feedback/mine.csv"], ("CourseDirectory.include",)),
        ("c.CourseDirectory.max_file_size = 1", ["feedback/mine.csv"], ("CourseDirectory.max_file_size",)),
        ("c.merge({'CourseDirectory': {'ignore': []}})", ["feedback/mine.csv"], ("CourseDirectory",)),
    ],
)
def test_what_the_course_keeps_from_trainees_stays_behind_and_what_cannot_be_followed_is_reported(
    course: Path, configuration: str, kept_back: list[str], reported: tuple[str, ...]
) -> None:
    (course / "nbgrader_config.py").write_text(f"c = get_config()\n{configuration}\n")
    files = {"answers.key": b"", "keys/all.csv": b"", "feedback/mine.csv": b"", "data/days.csv": b"1,2,3"}
    for name, content in files.items():
        place = course / "source" / "week 1" / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
    found = import_assignment(course, "week 1")
    assert sorted(found.labs[0].files) == sorted(files.keys() - set(kept_back))
    assert sorted(found.kept_back) == kept_back
    assert found.ignored == reported


def test_a_header_that_only_running_the_configuration_would_tell_is_reported(course: Path) -> None:
    (course / "nbgrader_config.py").write_text("c = get_config()\nc.IncludeHeaderFooter.header = str(1) + 'x'\n")
    assert import_assignment(course, "week 1").ignored == ("IncludeHeaderFooter.header",)


def test_a_link_is_not_followed(course: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (course / "source" / "week 1" / "data" / "link.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(WrongUse, match=r"link\.csv is a link"):
        import_assignment(course, "week 1")


def test_a_data_file_whose_name_is_no_text_is_named(course: Path) -> None:
    (course / "source" / "week 1" / "data" / "\udcfe.csv").write_bytes(b"")
    with pytest.raises(InvalidSource, match=r"'data/\\udcfe\.csv' is not written in UTF-8"):
        import_assignment(course, "week 1")


@pytest.mark.parametrize("name", ["nbgrader_config.py", "autotests.yml"])
def test_a_link_beside_the_assignments_is_not_followed(course: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (course / name).symlink_to(tmp_path / "secret")
    with pytest.raises(WrongUse, match=rf"{name} is a link"):
        import_assignment(course, "week 1")


def test_settings_that_matter_are_reported(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "nbgrader_config.py").write_text("c = get_config()\nc.Execute.timeout = 900\n")
    result = grading.GradeResult("graded", None, (), 0.0, 13.0, None, 0.0)
    monkeypatch.setattr(grading, "check", lambda *_: grading.CheckReport(result, result, sound=True))
    assert main(["import", "--course", str(course), "--assignment", "week 1", "--output", f"{tmp_path}/labs"]) == 0
    assert "Not taken over: Execute.timeout of nbgrader_config.py" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("configuration", "reason"),
    [
        ("c.IncludeHeaderFooter.header = '../../secret.ipynb'", "no such file"),
        ("c.IncludeHeaderFooter.header = 'nowhere.ipynb'", "no such file"),
        ("c.IncludeHeaderFooter.header = 'a\\0b'", "no such file"),
        ("c.IncludeHeaderFooter.header = 3", "no such file"),
        ("c = (", "cannot be read as Python"),
        ("-" * 200_000 + "1", "nested too deep"),
        ("a." * 50_000 + "b", "nested too deep"),
    ],
)
def test_a_configuration_that_cannot_be_followed_is_named(course: Path, configuration: str, reason: str) -> None:
    (course / "nbgrader_config.py").write_text(configuration)
    with pytest.raises(WrongUse, match=reason):
        import_assignment(course, "week 1")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{}", "lab.ipynb: Not a valid notebook"),
        ((FIXTURES / "too-new.ipynb").read_bytes(), "lab.ipynb: it was written by a newer nbgrader"),
        ((FIXTURES / "test-v0-invalid.ipynb").read_bytes(), "lab.ipynb: nbgrader's metadata in it are broken"),
    ],
)
def test_a_notebook_that_nbgrader_would_refuse_is_named(course: Path, content: bytes, reason: str) -> None:
    rewrite(course, content)
    with pytest.raises(InvalidSource, match=reason):
        import_assignment(course, "week 1")


@pytest.mark.parametrize("typed", ['nonsense "x', "D1", "D1.2 ", "d1.2", ""])
def test_what_is_no_code_of_a_competency_is_wrong_use(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    given = ["--course", str(course), "--assignment", "week 1", "--output", f"{tmp_path}/labs"]
    assert main(["import", *given, "--competency", typed]) == 2
    assert f"{typed!r} is no code of a competency, such as D1.2" in capsys.readouterr().err
    assert not (tmp_path / "labs").exists()


@pytest.mark.sandbox
def test_notebooks_in_folders_of_the_assignment_are_named_as_left_out(
    course: Path, source: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "source" / "week 1" / "more").mkdir()
    rewrite(course, source, "more/extra.ipynb")
    given = ["--course", str(course), "--assignment", "week 1", "--output", f"{tmp_path}/labs"]
    assert main(["import", *given]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "Not taken over" in line]
    assert told == [
        "Not taken over: the notebook more/extra.ipynb; put it beside the others, if it is one of the assignment."
    ]


def test_an_assignment_that_is_not_there_is_wrong_use(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--course", str(course), "--output", f"{tmp_path}/labs"]
    assert main(["import", *given, "--assignment", "week 2"]) == 2
    assert "holds no notebook; give the course folder" in capsys.readouterr().err
    assert main(["import", *given, "--assignment", "week 1", "--level", "3"]) == 2
    assert "give --competency too" in capsys.readouterr().err


def test_a_folder_that_is_not_empty_stays_as_it_is(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "--course", str(course), "--assignment", "week 1", "--output", str(course)]) == 2
    assert "give a folder that is new or empty" in capsys.readouterr().err
    assert [path.name for path in course.iterdir()] == ["source"]


def test_without_a_sandbox_autotest_lines_cannot_be_imported(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite(course, (FIXTURES / "autotest-simple.ipynb").read_bytes().replace(b'"5"', b'"55"'))
    monkeypatch.setattr("grading.bubblewrap.SYSTEM_PATH", str(course))
    monkeypatch.setattr("grading.autotests._known", {})
    with pytest.raises(SandboxUnavailable, match="bwrap is not installed"):
        import_assignment(course, "week 1")


@pytest.mark.parametrize(
    ("stem", "name"),
    [("Problem_Set 1", "problem-set-1"), ("2nd week", "lab-2nd-week"), ("ہفتہ", "lab"), ("a--b", "a-b")],
)
def test_a_notebooks_name_becomes_that_of_a_folder_in_a_pack(stem: str, name: str) -> None:
    assert lab_name(stem) == name


def test_two_notebooks_of_one_name_are_refused(course: Path, source: bytes) -> None:
    rewrite(course, source, "LAB.ipynb")
    with pytest.raises(WrongUse, match="both be called 'lab'"):
        import_assignment(course, "week 1")
