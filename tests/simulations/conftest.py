"""What the simulation tests share: the scenario, the command line, a new scenario folder a test may spoil."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import simulations

ROOT = Path(__file__).parents[2]
Completed = subprocess.CompletedProcess[str]
Command = Callable[..., Completed]


@pytest.fixture(scope="session")
def grievance() -> simulations.Scenario:
    return simulations.load("grievance")


@pytest.fixture(scope="session")
def signals() -> simulations.Scenario:
    return simulations.load("signals")


@pytest.fixture(scope="session")
def tax_audit() -> simulations.Scenario:
    return simulations.load("tax_audit")


@pytest.fixture(scope="session")
def command() -> Command:
    """Runs ``python -m simulations`` with these arguments, as a script would."""

    def run(*arguments: object) -> Completed:
        line = [sys.executable, "-m", "simulations", *map(str, arguments)]
        return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    return run


@pytest.fixture(scope="session")
def new_counter(command: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place that holds one folder written by ``new``; not to be changed."""
    place = tmp_path_factory.mktemp("scenarios")
    written = command("--scenarios", place, "new", "counter")
    assert written.returncode == 0, written.stderr
    return place


@pytest.fixture
def place(new_counter: Path, tmp_path: Path) -> Path:
    """A copy of that place which a test may spoil."""
    shutil.copytree(new_counter, tmp_path / "place", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "place"
