"""The build as a command: skipped when nothing changed, and never a broken site."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.projects import wheel_of
from lab.site import ROOT, Sources, build
from lab.wheels import lock_entry, pins


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "lab", "build", *words]


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(*words), cwd=ROOT, capture_output=True, text=True, check=False)


def content(folder: Path) -> dict[str, str]:
    """Relative path to digest, of every file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def beside(site: Path) -> set[str]:
    """What lies beside the site, the lock file left out."""
    return {path.name for path in site.parent.iterdir()} - {f".{site.name}.lock"}


@pytest.fixture
def former_site(built_site: Path, tmp_path: Path) -> Path:
    """A copy of the built site that a test may put in danger."""
    copy = tmp_path / "place" / "site"
    shutil.copytree(built_site, copy)
    return copy


@pytest.fixture
def other_files(tmp_path: Path) -> Path:
    """Other data files, so that the former site is out of date."""
    folder = tmp_path / "other-files"
    (folder / "module/notebook").mkdir(parents=True)
    (folder / "module/notebook/other.csv").write_text("a,b\n1,2\n")
    return folder


def test_a_second_build_of_the_same_inputs_is_skipped(former_site: Path, lab_files: Path) -> None:
    before = former_site.stat().st_ino
    ended = run("--output", str(former_site), "--files", str(lab_files), "--project", "simulations")
    assert ended.returncode == 0
    assert "up to date" in ended.stdout
    assert former_site.stat().st_ino == before


def test_changed_data_files_are_built_in_beside_their_notebook(former_site: Path, other_files: Path) -> None:
    ended = run("--output", str(former_site), "--files", str(other_files))
    assert ended.returncode == 0, ended.stderr
    assert "building JupyterLite" in ended.stdout
    assert (former_site / "files/module/notebook/other.csv").read_text() == "a,b\n1,2\n"
    assert (former_site / "api/contents/module/notebook/all.json").is_file()
    assert beside(former_site) == {"site"}


def test_an_altered_wheel_stops_the_build_and_leaves_the_former_site(
    former_site: Path, other_files: Path, tmp_path: Path
) -> None:
    source = tmp_path / "wheels"
    source.mkdir()
    [comm] = (path for path in (ROOT / "var/lab-cache/wheels").glob("comm-*.whl") if _pinned(path, "comm"))
    shutil.copy(comm, source)
    (source / "asttokens-2.4.1-py2.py3-none-any.whl").write_bytes(b"altered")
    before = content(former_site)
    ended = run("--output", str(former_site), "--files", str(other_files), "--wheels", str(source))
    assert ended.returncode == 1
    assert "asttokens-2.4.1-py2.py3-none-any.whl was altered" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert content(former_site) == before
    assert beside(former_site) == {"site"}


def _pinned(path: Path, name: str) -> bool:
    return hashlib.sha256(path.read_bytes()).hexdigest() == pins()[name]


def test_a_killed_build_leaves_the_former_site_and_the_next_one_tidies_up(
    former_site: Path, other_files: Path, lab_files: Path
) -> None:
    before = content(former_site)
    words = ("--output", str(former_site), "--files", str(other_files))
    with subprocess.Popen(command(*words), cwd=ROOT, stdout=subprocess.PIPE, text=True) as building:
        assert building.stdout is not None
        reached = any("building JupyterLite" in line for line in building.stdout)
        building.kill()
    assert reached
    assert content(former_site) == before
    assert beside(former_site) > {"site"}
    ended = run(*words)
    assert ended.returncode == 0, ended.stderr
    assert (former_site / "files/module/notebook/other.csv").is_file()
    assert beside(former_site) == {"site"}


def test_a_build_that_died_between_the_two_renames_is_put_back(former_site: Path, lab_files: Path) -> None:
    former_site.rename(former_site.with_name(f".{former_site.name}.previous"))
    assert not build(former_site, Sources(files=lab_files, projects=(ROOT / "simulations",)), report=lambda _: None)
    assert (former_site / "notebooks/index.html").is_file()


def test_a_missing_folder_of_data_files_is_named(tmp_path: Path) -> None:
    ended = run("--output", str(tmp_path / "site"), "--files", str(tmp_path / "nowhere"))
    assert ended.returncode == 1
    assert "nowhere" in ended.stderr
    assert not (tmp_path / "site").exists()


def test_the_site_names_no_other_host_to_load_from(built_site: Path) -> None:
    config = (built_site / "jupyter-lite.json").read_text()
    assert "://" not in config
    assert '"disablePyPIFallback": true' in config
    assert not list(built_site.rglob("*.map"))


def test_a_project_of_ours_is_in_the_lock_with_its_own_digest(built_site: Path) -> None:
    [pyodide] = (built_site / "static").glob("pyodide-*")
    entry = json.loads((pyodide / "pyodide-lock.json").read_text())["packages"]["hunar-simulations"]
    assert entry["imports"] == ["simulations"]
    assert entry["depends"] == ["numpy"]
    assert entry["sha256"] == hashlib.sha256((pyodide / entry["file_name"]).read_bytes()).hexdigest()


def test_the_same_project_gives_the_same_wheel_and_a_changed_one_another(tmp_path: Path) -> None:
    project = make_project(tmp_path / "counter", requires="numpy>=2")
    first = wheel_of(project, tmp_path / "one")
    assert first.read_bytes() == wheel_of(project, tmp_path / "two").read_bytes()
    (project / "counter.py").write_text("NUMBER = 2\n")
    assert first.read_bytes() != wheel_of(project, tmp_path / "one").read_bytes()
    assert not (project / "build").exists()


def test_a_project_that_cannot_be_built_or_needs_what_labs_lack_is_named(tmp_path: Path) -> None:
    broken = make_project(tmp_path / "broken", requires="numpy")
    (broken / "pyproject.toml").write_text("[project]\nname = 3\n")
    with pytest.raises(LabError, match=r"No wheel could be built of .*broken"):
        wheel_of(broken, tmp_path / "cache")
    needy = wheel_of(make_project(tmp_path / "needy", requires="torch>=2"), tmp_path / "cache")
    with pytest.raises(LabError, match=r"needs torch, which lab/packages\.toml does not list"):
        lock_entry(needy, ["numpy"])


def make_project(folder: Path, *, requires: str) -> Path:
    folder.mkdir()
    (folder / "counter.py").write_text("NUMBER = 1\n")
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{folder.name}"\nversion = "1"\ndependencies = ["{requires}"]\n'
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[tool.setuptools]\npy-modules = ["counter"]\n'
    )
    return folder
