"""The whole product on free ports over data of its own, as `make run` starts it: for tests, pictures and the bench."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from config import ROOT, Settings

START_SECONDS = 300
STOP_SECONDS = 60
SUPERVISOR = (sys.executable, "-m", "app.supervisor")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(address: str, server: subprocess.Popen[bytes]) -> None:
    """Raises RuntimeError when the server ends, TimeoutError when it says nothing within START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        if server.poll() is not None:
            raise RuntimeError(f"the server of {address} ended with status {server.returncode}")
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own address
            return
        except OSError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{address} did not answer within {START_SECONDS} s") from None
            time.sleep(0.05)


def own_environment(folder: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment in which nothing is shared with another installation: ports, databases, stored files."""
    return os.environ | {
        "SECRET_KEY": "b" * 32,
        "DATABASE_URL": f"sqlite:///{folder / 'hunar.sqlite3'}",
        "QUEUE_DATABASE_URL": f"sqlite:///{folder / 'queue.sqlite3'}",
        "STORAGE_FOLDER": str(folder / "storage"),
        "PORTAL_PORT": str(free_port()),
        "NOTEBOOK_PORT": str(free_port()),
        "SIGN_IN_LIMIT": "1000 per minute",
        "REQUIRE_SECOND_FACTOR": "false",
        # The demo's runs, scored as an academy would have them, keep a processor busy for minutes.
        "POSSIBLE_WORLDS": "4",
        **(extra or {}),
    }


@contextmanager
def running(environment: Mapping[str, str], log: Path, command: Sequence[str] = SUPERVISOR) -> Iterator[Settings]:
    """Portal, worker and notebook origin with the demo data, until the block ends. What they print goes to `log`."""
    settings = Settings.from_environment(environment)
    with log.open("wb") as printed:
        supervisor = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=printed, stderr=printed, start_new_session=True
        )
        try:
            for address in (settings.portal_origin, settings.notebook_origin):
                wait_until_it_answers(address, supervisor)
            yield settings
        finally:
            stop(supervisor)


def stop(supervisor: subprocess.Popen[bytes]) -> None:
    """What Ctrl-C in a terminal does: the whole foreground group is interrupted."""
    if supervisor.poll() is None:
        os.killpg(supervisor.pid, signal.SIGINT)
    supervisor.wait(timeout=STOP_SECONDS)
