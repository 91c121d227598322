"""Sandboxes kept warm, so that a class is graded in seconds."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from grading.sandbox import Code, Run, Sandbox
from grading.types import Limits


class WarmSandboxes:
    """`size` sandboxes with the usual libraries loaded; runs beyond that wait for their turn.

    Each is kept by a thread of its own, because a sandbox ends with the thread that started it.
    """

    def __init__(self, size: int) -> None:
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="sandbox")
        self._own = threading.local()
        together = threading.Barrier(size)
        for _thread in range(size):
            self._threads.submit(self._warm_up, together)

    def run(self, cells: Sequence[Code], files: Mapping[str, bytes], limits: Limits) -> Run:
        """As Sandbox.run; a sandbox that cannot go on is replaced."""
        return self._threads.submit(self._run, cells, files, limits).result()

    def close(self) -> None:
        """End all sandboxes once the runs that were asked for are done."""
        self._threads.shutdown()

    def _warm_up(self, together: threading.Barrier) -> None:
        together.wait()
        self._sandbox()

    def _sandbox(self) -> Sandbox:
        kept: Sandbox | None = getattr(self._own, "sandbox", None)
        if kept is None or not kept.is_usable:
            if kept is not None:
                kept.close()
            kept = self._own.sandbox = Sandbox(warm=True)
        return kept

    def _run(self, cells: Sequence[Code], files: Mapping[str, bytes], limits: Limits) -> Run:
        return self._sandbox().run(cells, files, limits)
