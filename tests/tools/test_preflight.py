"""Before anything is installed, whatever this machine lacks is named with what to do about it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from config import ROOT
from tools import preflight

PREFLIGHT = [sys.executable, str(ROOT / "tools" / "preflight.py"), "run"]
Usage = namedtuple("Usage", "total used free")


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        PREFLIGHT, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def test_a_taken_port_is_named_with_the_variable_that_chooses_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run(PORTAL_PORT=str(port))
    assert ended.returncode == 1
    assert f"port {port} is taken" in ended.stderr
    assert f"PORTAL_PORT={port + 100} make run" in ended.stderr


@pytest.mark.parametrize("typed", ["eight", "0", "70000", "-1", ""])
def test_a_port_that_is_none_is_refused(typed: str) -> None:
    ended = run(NOTEBOOK_PORT=typed)
    assert ended.returncode == 1
    assert f"NOTEBOOK_PORT is {typed!r}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_portal_and_notebooks_need_two_ports() -> None:
    ended = run(PORTAL_PORT="8001", NOTEBOOK_PORT="8001")
    assert ended.returncode == 1
    assert "both 8001" in ended.stderr


def test_a_full_disk_is_found_before_anything_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(10**12, 10**12, 10**9))
    [problem] = preflight.disk_problems(tmp_path)
    assert "only 0.9 GiB are free" in problem
    (tmp_path / "var" / "site").mkdir(parents=True)
    assert preflight.disk_problems(tmp_path) == []


def program(folder: Path, name: str, prints: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {prints}\n")
    path.chmod(0o755)


def test_missing_programs_and_an_old_node_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [problem.split()[0] for problem in preflight.tool_problems()] == ["npm", "node"]
    program(tmp_path, "npm", "11.0.0")
    program(tmp_path, "node", "v18.19.0")
    assert preflight.tool_problems() == ["this is node v18.19.0; install node 20 or newer."]
    program(tmp_path, "node", "v22.1.0")
    assert preflight.tool_problems() == []


def test_a_package_that_cannot_be_installed_is_named_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    [problem] = preflight.install({"bwrap": "bubblewrap", "chromium": "chromium"})
    assert "sudo apt-get install bubblewrap chromium" in problem
    program(tmp_path, "bwrap", "")
    assert "install chromium" in preflight.install({"bwrap": "bubblewrap", "chromium": "chromium"})[0]


def test_commands_of_postgresql_are_found_where_debian_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(preflight, "SERVER_FOLDERS", tmp_path)
    [problem] = preflight.install({"initdb": "postgresql", "postgres": "postgresql"})
    assert problem.endswith("apt-get install postgresql")
    for version in ("9.6", "15"):
        (tmp_path / version / "bin").mkdir(parents=True)
    for name in ("initdb", "postgres"):
        program(tmp_path / "15" / "bin", name, "")
    assert preflight.install({"initdb": "postgresql", "postgres": "postgresql"}) == []
    assert preflight.server_path().split(os.pathsep)[1:] == [str(tmp_path / each / "bin") for each in ("15", "9.6")]


def test_libraries_are_looked_for_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    [problem] = preflight.install({})
    for package in ("libseccomp2", "libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"):
        assert package in problem.partition("apt-get install ")[2].split()
