"""Worker and portal as the processes that they are, to be killed at will."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.supervisor import commands
from config import ROOT, Settings

PATIENCE_SECONDS = 200
# The real worker, which only takes another for dead sooner.
IMPATIENT = """
from datetime import timedelta
from app import worker
from app.core import jobs
jobs.REPORT_SECONDS, jobs.GONE_AFTER = 2, timedelta(seconds=6)
worker.main()
"""
# The real worker, which does not survive any job.
POISONED = "import os\nfrom app.worker import Workshop\nWorkshop.handle = lambda *_job: os._exit(9)\n" + IMPATIENT


def environment_of(settings: Settings) -> dict[str, str]:
    names = (
        *("secret_key", "database_url", "queue_database_url", "storage_folder"),
        *("portal_port", "sign_in_limit", "require_second_factor", "outgoing_private_hosts", "possible_worlds"),
    )
    return os.environ | {name.upper(): str(getattr(settings, name)) for name in names}


@contextmanager
def worker(settings: Settings, log: Path, *, code: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """code: what to run instead of `python -m app.worker`."""
    process = start_worker(settings, log, code=code)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def start_worker(settings: Settings, log: Path, *, code: str = "") -> subprocess.Popen[bytes]:
    command = [sys.executable, *(["-c", code] if code else ["-m", "app.worker"])]
    with log.open("ab") as output:
        return subprocess.Popen(command, cwd=ROOT, env=environment_of(settings), stdout=output, stderr=output)


def start_portal(settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    """As the supervisor serves it, in a process group of its own."""
    command = commands(settings)["portal"]
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            shell=True,
            cwd=ROOT,
            env=environment_of(settings),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def kill_portal(process: subprocess.Popen[bytes]) -> None:
    """Gunicorn's master and its worker at the same moment."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(condition: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
