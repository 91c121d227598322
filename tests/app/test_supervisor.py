"""Portal, worker and notebook origin start and stop as one."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from config import ROOT, Settings
from tools.product import own_environment, running

STOP_SECONDS = 120


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def descendants() -> set[psutil.Process]:
    found = set()
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if each.status() != psutil.STATUS_ZOMBIE:
                found.add(each)
    return found


def test_ctrl_c_stops_all_three_and_the_accounts_of_each_role_were_printed(tmp_path: Path) -> None:
    log, before = tmp_path / "log", descendants()
    with running(own_environment(tmp_path), log) as settings:
        deadline = time.monotonic() + STOP_SECONDS
        while "Stop with Ctrl-C" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        urllib.request.urlopen(settings.portal_origin + "/sign-in", timeout=10).close()
        ours = descendants() - before
    printed = log.read_text()
    assert settings.portal_origin in printed
    assert settings.notebook_origin in printed
    for role, name in (("trainee", "amina"), ("instructor", "bilal"), ("administrator", "farid")):
        assert any(line.split() == [role, name] for line in printed.splitlines()), role
    assert len(ours) >= 5
    assert descendants() & ours == set()
    assert not answers(settings.portal_port)
    assert not answers(settings.notebook_port)


def test_when_one_dies_the_others_stop_too(tmp_path: Path) -> None:
    environment = own_environment(tmp_path)
    settings, before = Settings.from_environment(environment), descendants()
    with running(environment, tmp_path / "log"):
        [supervisor] = [p for p in set(psutil.Process().children()) - before if "app.supervisor" in p.cmdline()]
        # A process that the worker has just forked has its command line, until it has one of its own.
        workers = [p for p in supervisor.children(recursive=True) if "app.worker" in p.cmdline()]
        [worker] = [p for p in workers if p.ppid() not in {other.pid for other in workers}]
        worker.send_signal(signal.SIGKILL)
        supervisor.wait(timeout=STOP_SECONDS)
        assert not answers(settings.portal_port)
        assert not answers(settings.notebook_port)


def test_without_a_secret_nothing_starts_and_the_remedy_is_named(tmp_path: Path) -> None:
    environment = {key: value for key, value in own_environment(tmp_path).items() if key != "SECRET_KEY"}
    ended = subprocess.run(
        [sys.executable, "-c", "from config import Settings; Settings.from_environment()"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "SECRET_KEY is not set. `make run` creates one" in ended.stderr
