"""A slower processor for a browser: all its processes run for a share of the time only.

Chromium's own Emulation.setCPUThrottlingRate slows the main thread of a page, not its workers, and Python runs in one.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

RUN_SECONDS = 0.01
LOOK_SECONDS = 1.0


@dataclass
class Slowed:
    """Seconds that the processes were let run, and those that they were stopped."""

    running: float = 0.0
    stopped: float = 0.0

    @property
    def factor(self) -> float:
        """How many times as long as without it everything took."""
        return (self.running + self.stopped) / self.running if self.running else 1.0


def processes_of(program: str) -> list[psutil.Process]:
    """All processes of this program that descend from this one."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if Path(process.exe()).name == Path(program).name or process.name().startswith(Path(program).name[:15]):
                found.append(process)
    return found


@contextmanager
def slowed(program: str, factor: float) -> Iterator[Slowed]:
    """Slow the program's processes, also those that begin later, until the block ends; 1 leaves them alone."""
    kept = Slowed()
    if factor == 1:
        yield kept
        return
    over = threading.Event()
    thread = threading.Thread(target=_stop_and_go, args=(program, factor, kept, over), daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        over.set()
        thread.join()


def _stop_and_go(program: str, factor: float, kept: Slowed, over: threading.Event) -> None:
    found: list[psutil.Process] = []
    looked = 0.0
    while not over.is_set():
        if time.monotonic() - looked > LOOK_SECONDS:
            found, looked = processes_of(program), time.monotonic()
        _tell(found, signal.SIGCONT)
        began = time.monotonic()
        time.sleep(RUN_SECONDS)
        ran = time.monotonic()
        _tell(found, signal.SIGSTOP)
        # What the machine made too long is made up for, so that the share holds.
        time.sleep((factor - 1) * (ran - began))
        kept.running += ran - began
        kept.stopped += time.monotonic() - ran
    _tell(processes_of(program), signal.SIGCONT)


def _tell(found: list[psutil.Process], word: signal.Signals) -> None:
    for process in found:
        with suppress(psutil.Error):
            process.send_signal(word)
