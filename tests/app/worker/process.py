"""The worker as the process that it is, to be killed at will."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config import ROOT, Settings

PATIENCE_SECONDS = 200


@contextmanager
def worker(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    names = ("secret_key", "database_url", "queue_database_url", "storage_folder")
    environment = os.environ | {name.upper(): str(getattr(settings, name)) for name in names}
    with log.open("ab") as output:
        command = [sys.executable, "-m", "app.worker"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_for(condition: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
