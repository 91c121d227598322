"""Sandboxes kept warm, so that a class is graded in seconds."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from grading.sandbox import Code, Run, SandboxOnDemand
from grading.types import Limits


class WarmSandboxes:
    """`size` sandboxes with the usual libraries loaded; runs beyond that wait for their turn.

    Each is kept by a thread of its own, because a sandbox ends with the thread that started it.
    """

    def __init__(self, size: int) -> None:
        self._of_thread = threading.local()
        self._all: list[SandboxOnDemand] = []
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="sandbox", initializer=self._enter)
        together = threading.Barrier(size)
        for _thread in range(size):
            self._threads.submit(self._warm_up, together)

    def run(self, cells: Sequence[Code], files: Mapping[str, bytes], limits: Limits) -> Run:
        """As Sandbox.run; a sandbox that cannot go on is replaced."""
        return self._threads.submit(lambda: self._own.run(cells, files, limits)).result()

    def close(self) -> None:
        """End all sandboxes once the runs that were asked for are done."""
        self._threads.shutdown()
        for sandbox in self._all:
            sandbox.close()

    @property
    def _own(self) -> SandboxOnDemand:
        kept: SandboxOnDemand = self._of_thread.sandbox
        return kept

    def _enter(self) -> None:
        self._of_thread.sandbox = SandboxOnDemand(warm=True)
        self._all.append(self._own)

    def _warm_up(self, together: threading.Barrier) -> None:
        together.wait()
        self._own.started()
