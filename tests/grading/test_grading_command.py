"""python -m grading, as a script calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

import grading
from grading import SandboxUnavailable, bubblewrap
from grading.__main__ import main
from grading.notebook import serialise
from grading.system_calls import filter_program

pytestmark = pytest.mark.sandbox
# bubblewrap twice, whose command names the zygote; the zygote; and its forks: outside the room, the runner, the kernel.
PROCESSES_OF_A_RUN = 6
ROOT = Path(grading.__file__).parents[1]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grading", *arguments],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


@pytest.fixture
def lab(tmp_path: Path, source: bytes, submissions: Mapping[str, bytes]) -> Path:
    (tmp_path / "source.ipynb").write_bytes(source)
    for name in ("solved", "copied_cell"):
        (tmp_path / f"{name}.ipynb").write_bytes(submissions[name])
    (tmp_path / "data").mkdir()
    return tmp_path


def test_grade_prints_one_json_object_with_every_cell(lab: Path) -> None:
    arguments = ["--source", f"{lab}/source.ipynb", "--submitted", f"{lab}/solved.ipynb", "--files", f"{lab}/data"]
    finished = run("grade", *arguments, "--json")
    assert finished.returncode == 0, finished.stderr
    result = json.loads(finished.stdout)
    assert (result["status"], result["points"], result["max_points"]) == ("graded", 6.0, 13.0)
    keys = {"grade_id", "score", "max_score", "needs_manual_grade", "message"}
    assert keys <= result["cells"][0].keys()


def test_a_bad_submission_is_a_result_and_no_failure(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--source", f"{lab}/source.ipynb", "--submitted", f"{lab}/copied_cell.ipynb", "--json"]
    assert main(["grade", *arguments]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["status"], result["problem"]["code"]) == ("refused", "cell_duplicated")


def test_the_json_object_passes_through_a_pipe_of_any_encoding(lab: Path, solve: Callable[..., Any]) -> None:
    (lab / "urdu.ipynb").write_bytes(serialise(solve(mean="def mean(days): raise ValueError('غلط')")))
    arguments = ["--source", f"{lab}/source.ipynb", "--submitted", f"{lab}/urdu.ipynb", "--json"]
    finished = run("grade", *arguments, PYTHONIOENCODING="ascii")
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout)["cells"][0]["message"] == "ValueError: غلط"


def test_a_terminal_without_the_letters_of_a_message_takes_no_result_away(lab: Path, solve: Callable[..., Any]) -> None:
    (lab / "urdu.ipynb").write_bytes(serialise(solve(mean="def mean(days): raise ValueError('غلط')")))
    arguments = ["--source", f"{lab}/source.ipynb", "--submitted", f"{lab}/urdu.ipynb"]
    finished = run("grade", *arguments, PYTHONIOENCODING="ascii")
    assert finished.returncode == 0, finished.stderr
    assert r"ValueError: \u063a\u0644\u0637" in finished.stdout


def command_line_of(lab: Path, command: str) -> list[str]:
    """A use of a command that writes to standard output."""
    source = ["--source", f"{lab}/source.ipynb"]
    course = lab / "course"
    (course / "source" / "week1").mkdir(parents=True)
    (course / "source" / "week1" / "lab.ipynb").write_bytes((lab / "source.ipynb").read_bytes())
    (course / "nbgrader_config.py").write_text("")
    others = {
        "grade": [*source, "--submitted", f"{lab}/copied_cell.ipynb"],
        "feedback": [*source, "--submitted", f"{lab}/solved.ipynb"],
        "export": [*source, "--assignment", "week1", "--output", f"{lab}/exported"],
        "import": ["--course", str(course), "--assignment", "week1", "--output", f"{lab}/imported"],
        "--help": [],
    }
    return [command, *others.get(command, source)]


COMMANDS = ["grade", "check", "release", "feedback", "instantiate", "export", "import", "--help"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ('"$@" > /dev/full', "grading: [Errno 28] No space left on device\n"),
        ('"$@" >&-', "grading: [Errno 9] Bad file descriptor\n"),
        ('"$@" > /dev/full 2> /dev/full', ""),
        ('"$@" >&- 2>&-', ""),
    ],
)
def test_output_that_cannot_be_written_is_said_in_one_line(lab: Path, command: str, shell: str, said: str) -> None:
    finished = subprocess.run(
        ["sh", "-c", shell, "sh", sys.executable, "-m", "grading", *command_line_of(lab, command)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    )
    assert (finished.returncode, finished.stderr, finished.stdout) == (2, said, "")


def test_who_reads_nothing_more_gets_no_traceback(lab: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    finished = subprocess.run(
        [sys.executable, "-m", "grading", *command_line_of(lab, "release")],
        cwd=ROOT,
        check=False,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert (finished.returncode, finished.stderr) == (2, "grading: [Errno 32] Broken pipe\n")


def test_what_goes_into_a_file_needs_no_standard_output(lab: Path) -> None:
    arguments = [*command_line_of(lab, "release"), "--output", f"{lab}/released.ipynb"]
    closed = ["sh", "-c", '"$@" >&-', "sh", sys.executable, "-m", "grading", *arguments]
    finished = subprocess.run(closed, cwd=ROOT, check=False, stderr=subprocess.PIPE, text=True)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert (lab / "released.ipynb").read_bytes() == grading.release((lab / "source.ipynb").read_bytes())


def test_check_says_that_nothing_is_graded(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lab / "plain.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    assert main(["check", "--source", f"{lab}/plain.ipynb"]) == 1
    assert "Unsound: nothing in it is graded." in capsys.readouterr().out


def test_check_fails_for_an_unsound_assignment(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--source", f"{lab}/source.ipynb"]) == 1
    assert "Unsound" in capsys.readouterr().out


@pytest.mark.parametrize("points", [b"Infinity", b"NaN", b"1e999", b"1e308"])
@pytest.mark.parametrize("command", ["grade", "check", "release"])
def test_points_without_end_are_no_points(
    lab: Path, source: bytes, capsys: pytest.CaptureFixture[str], points: bytes, command: str
) -> None:
    (lab / "endless.ipynb").write_bytes(source.replace(b'"points": 2', b'"points": ' + points, 1))
    submitted = ["--submitted", f"{lab}/solved.ipynb", "--json"] if command == "grade" else []
    assert main([command, "--source", f"{lab}/endless.ipynb", *submitted]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "its points must be a number from 0 on" in printed.err


@pytest.mark.parametrize("command", ["grade", "check", "release", "instantiate", "export"])
def test_a_source_whose_nbgrader_metadata_are_no_object_is_refused(
    lab: Path, source: bytes, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    notebook = json.loads(source)
    notebook["cells"][1]["metadata"]["nbgrader"] = [1]
    (lab / "odd.ipynb").write_text(json.dumps(notebook))
    others = {
        "grade": ["--submitted", f"{lab}/solved.ipynb"],
        "export": ["--assignment", "lab", "--output", f"{lab}/course"],
        "instantiate": ["--output", f"{lab}/written.ipynb"],
    }
    assert main([command, "--source", f"{lab}/odd.ipynb", *others.get(command, [])]) == 2
    assert "Cell 2: metadata.nbgrader must be an object." in capsys.readouterr().err
    assert not (lab / "written.ipynb").exists()


def test_release_and_feedback_write_their_files(lab: Path) -> None:
    source, released, page = lab / "source.ipynb", lab / "released.ipynb", lab / "page.html"
    assert main(["release", "--source", str(source), "--output", str(released)]) == 0
    assert released.read_bytes() == grading.release(source.read_bytes())
    arguments = ["--source", str(source), "--submitted", f"{lab}/solved.ipynb", "--output", str(page)]
    assert main(["feedback", *arguments]) == 0
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_where_no_feedback_can_be_given_no_page_of_another_submission_stays(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = lab / "page.html"
    page.write_text("The page of somebody else.")
    arguments = ["--source", f"{lab}/source.ipynb", "--submitted", f"{lab}/copied_cell.ipynb", "--output", str(page)]
    for _again in range(2):
        assert main(["feedback", *arguments]) == 0
        assert "cell_duplicated" in capsys.readouterr().err
        assert not page.exists()


# A value of its own, beside that of the test which calls the function.
SHOWS_LINES = """kernel = get_ipython().kernel
def mean(days):
    value = {"data": {"text/plain": ["1", "2"]}, "metadata": {}, "execution_count": 1}
    kernel.send_response(kernel.iopub_socket, "execute_result", value)
    return sum(days) / len(days)
"""


def test_a_value_in_lines_that_is_no_score_has_a_page_for_whoever_decides(lab: Path, solve: Callable[..., Any]) -> None:
    page = lab / "page.html"
    page.write_text("The page of somebody else.")
    (lab / "lines.ipynb").write_bytes(serialise(solve(mean=SHOWS_LINES)))
    arguments = ["--source", f"{lab}/source.ipynb", "--submitted", f"{lab}/lines.ipynb", "--output", str(page)]
    assert main(["feedback", *arguments]) == 0
    assert "send_response" in page.read_text()
    assert "somebody else" not in page.read_text()


def test_where_no_page_can_be_made_of_a_graded_submission_none_of_another_stays(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_autograded: bytes) -> bytes:
        raise grading.InvalidSource("Not an autograded notebook: odd")

    monkeypatch.setattr(grading, "feedback", fails)
    page = lab / "page.html"
    page.write_text("The page of somebody else.")
    arguments = ["--source", f"{lab}/source.ipynb", "--submitted", f"{lab}/solved.ipynb", "--output", str(page)]
    assert main(["feedback", *arguments]) == 0
    assert not page.exists()
    said = capsys.readouterr().err
    assert "Not an autograded notebook: odd" in said
    assert "graded: 6 of 13 points" in said


@pytest.mark.parametrize("by", ["name", "link"])
@pytest.mark.parametrize(
    ("command", "submitted", "output"),
    [
        ("release", "", "source"),
        ("instantiate", "", "source"),
        ("feedback", "solved", "source"),
        ("feedback", "solved", "solved"),
        ("feedback", "copied_cell", "copied_cell"),
    ],
)
def test_what_a_command_reads_is_not_written_over(
    lab: Path, command: str, submitted: str, output: str, by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = read = lab / f"{output}.ipynb"
    before = read.read_bytes()
    if by == "link":
        named = lab / "link.html"
        named.symlink_to(read)
    more = ["--submitted", f"{lab}/{submitted}.ipynb"] if submitted else []
    assert main([command, "--source", f"{lab}/source.ipynb", *more, "--output", str(named)]) == 2
    assert f"{named} is read and would be written over" in capsys.readouterr().err
    assert read.read_bytes() == before


def test_a_missing_file_is_wrong_use(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["release", "--source", f"{lab}/nowhere.ipynb"]) == 2
    assert "nowhere.ipynb" in capsys.readouterr().err


def test_without_bubblewrap_nothing_is_run(
    lab: Path, source: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("grading.bubblewrap.SYSTEM_PATH", str(lab))
    with pytest.raises(SandboxUnavailable, match="bwrap is not installed"):
        grading.grade(source, source)
    assert main(["check", "--source", f"{lab}/source.ipynb"]) == 3
    assert "apt-get install bubblewrap" in capsys.readouterr().err


def test_a_bubblewrap_that_fails_is_not_done_without(
    tmp_path: Path, source: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bwrap", "setpriv"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
        program.chmod(0o755)
    monkeypatch.setattr("grading.bubblewrap.SYSTEM_PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="No permissions to create new namespace"):
        grading.grade(source, source)


def test_without_libseccomp_nothing_is_run(source: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise RuntimeError("Unable to find libseccomp")

    filter_program.cache_clear()
    monkeypatch.setattr("grading.system_calls.importlib.import_module", missing)
    with pytest.raises(SandboxUnavailable, match="apt-get install libseccomp2"):
        grading.grade(source, source)


def test_an_interpreter_without_the_kernel_is_not_a_verdict_on_the_trainee(
    source: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grading.bubblewrap.ENVIRONMENT", {"HOME": "/nowhere/home", "TMPDIR": "/nowhere/scratch"})
    with pytest.raises(SandboxUnavailable, match="nowhere"):
        grading.grade(source, source)


def test_killing_the_grader_kills_the_notebook(lab: Path, submissions: Mapping[str, bytes]) -> None:
    (lab / "loops.ipynb").write_bytes(submissions["interrupted_loop"])
    arguments = ["--source", f"{lab}/source.ipynb", "--submitted", f"{lab}/loops.ipynb"]
    command = [sys.executable, "-m", "grading", "grade", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as grader:
        inside = wait_for_kernel(psutil.Process(grader.pid))
        grader.kill()
    _, alive = psutil.wait_procs(inside, timeout=30)
    assert alive == []


FORGERY = """import glob, json
line = json.dumps({"outputs": [[]] * 7, "timed_out": [], "truncated": []})
for path in glob.glob("/proc/*/fd/*"):
    try: open(path, "w").write(line + chr(10))
    except OSError: pass"""


def test_a_forged_answer_is_not_believed_when_an_ordinary_user_grades(lab: Path, solve: Callable[..., Any]) -> None:
    """Under root the pipe of the answer belongs to another user; here only the runner itself guards it."""
    lab.chmod(0o755)
    (lab / "forged.ipynb").write_bytes(serialise(solve(share=FORGERY)))
    arguments = ["--source", f"{lab}/source.ipynb", "--submitted", f"{lab}/forged.ipynb", "--json"]
    needed = [*bubblewrap.runtime_folders(), ROOT, lab]
    ordinary = bubblewrap.become_unprivileged(needed) if os.geteuid() == 0 else []
    finished = subprocess.run(
        [*ordinary, sys.executable, "-B", "-m", "grading", "grade", *arguments],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout)["points"] == 3.0


def runtime_below_the_private_disk(folder: Path) -> Path:
    """An interpreter in a folder that each notebook's own disk hides; the present one if it lies there anyway."""
    if Path(sys.prefix).is_relative_to(bubblewrap.PRIVATE_AT):
        return Path(sys.executable)
    venv.create(folder, symlinks=True)
    packages = Path(sysconfig.get_path("purelib"))
    there = folder / packages.relative_to(sys.prefix)
    there.rmdir()
    there.symlink_to(packages)
    return folder / "bin/python"


def test_an_installation_below_tmp_grades_too(lab: Path) -> None:
    arguments = ["--source", f"{lab}/source.ipynb", "--submitted", f"{lab}/solved.ipynb", "--json"]
    with tempfile.TemporaryDirectory(dir=bubblewrap.PRIVATE_AT) as folder:
        command = [runtime_below_the_private_disk(Path(folder, "venv")), "-m", "grading", "grade", *arguments]
        finished = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout)["points"] == 6.0


def wait_for_kernel(grader: psutil.Process) -> list[psutil.Process]:
    """Every process of the sandbox, once the kernel is among them."""
    for _ in range(600):
        members = grader.children(recursive=True)
        if sum("zygote" in " ".join(command_line(member)) for member in members) >= PROCESSES_OF_A_RUN:
            return list(members)
        time.sleep(0.1)
    raise AssertionError("the kernel never started")


def command_line(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.NoSuchProcess:
        return []
