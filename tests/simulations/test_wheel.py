"""The wheel of the simulations: complete, loadable without this repository, and equal in CPython and Pyodide."""

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

import simulations
from simulations.checks import read_golden

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PYODIDE = ROOT / "node_modules/pyodide"
SITE = ROOT / "var/site/static"
SCRIPT = HERE / "replay_everywhere.py"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Built from a copy, as a build writes into its source."""
    place = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "simulations", place / "source", ignore=shutil.ignore_patterns("__pycache__"))
    line = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    built = subprocess.run(
        [*line, "-w", place, place / "source"], capture_output=True, text=True, timeout=120, check=False
    )
    assert built.returncode == 0, built.stderr
    return next(place.glob("*.whl"))


@pytest.fixture(scope="session")
def numpy_wheel():
    """The numpy the notebook site serves."""
    found = sorted(SITE.glob("pyodide-*/numpy-*.whl"))
    assert found, f"There is no numpy for Pyodide in {SITE}/pyodide-*; run “make assets” first."
    return found[-1]


def run_python(python, *arguments, cwd):
    return subprocess.run(
        [python, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="session")
def clean_python(wheel, tmp_path_factory):
    """An interpreter that has the unpacked wheel and numpy, and nothing else of ours."""
    place = tmp_path_factory.mktemp("clean")
    venv.create(place, with_pip=False, symlinks=True)
    packages = next(place.glob("lib/python*/site-packages"))
    with ZipFile(wheel) as archive:
        archive.extractall(packages)
    numpy = Path(np.__file__).parent
    for folder in (numpy, *numpy.parent.glob("numpy.libs")):
        (packages / folder.name).symlink_to(folder)
    return place / "bin/python"


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel):
    kept = {".py", ".toml", ".md", ".json"}
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "simulations").rglob("*")
        if path.suffix in kept and path.relative_to(ROOT).parts[1] not in {"setup.py", "pyproject.toml", "build"}
    }
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected
    assert "simulations/scenarios/grievance/texts.ur.md" in held


def test_a_clean_interpreter_replays_the_golden_runs_from_the_wheel(clean_python, tmp_path):
    code = f"import runpy, simulations as s; print(s.__file__); print(runpy.run_path({str(SCRIPT)!r})['report']())"
    (tmp_path / "replay.py").write_text(f'if __name__ == "__main__":\n    {code}\n')
    ran = run_python(clean_python, "replay.py", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    origin, answer = ran.stdout.splitlines()
    assert Path(origin).is_relative_to(clean_python.parents[1])
    assert json.loads(answer)["digests"] == pinned()


def test_new_and_check_work_from_the_wheel(clean_python, tmp_path):
    line = ("-m", "simulations", "--scenarios", tmp_path)
    assert run_python(clean_python, *line, "new", "counter", cwd=tmp_path).returncode == 0
    checked = run_python(clean_python, *line, "check", "counter", "--part", "schema", "--part", "model", cwd=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")


def pinned():
    return {
        scenario_id: [run["digest"] for run in read_golden(simulations.load(scenario_id).folder)]
        for scenario_id in simulations.scenario_ids()
    }


@pytest.fixture(scope="session")
def in_the_browser(wheel, numpy_wheel):
    """What Pyodide says of ``replay_everywhere.py``."""
    assert (PYODIDE / "pyodide.mjs").is_file(), f"{PYODIDE} is missing; run “npm ci” first."
    line = ["node", HERE / "pyodide_replay.mjs", PYODIDE, numpy_wheel, wheel, SCRIPT]
    ran = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_pyodide_replays_every_golden_run_to_the_digest_pinned_in_cpython(in_the_browser):
    assert in_the_browser["platform"] == "emscripten"
    assert in_the_browser["digests"] == pinned()


def test_pyodide_evaluates_without_processes_to_the_same_figures(in_the_browser):
    from simulations.evaluation import evaluate

    here = evaluate(simulations.load("grievance"), "random", range(3), workers=1)
    assert in_the_browser["random_loss"] == pytest.approx(here.loss.mean, rel=1e-9)
