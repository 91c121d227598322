"""Whether this Python can start processes, and how many are worth starting."""

import os
import sys
from multiprocessing.context import SpawnContext
from pathlib import Path

from simulations.registry import add_scenarios


def spawning() -> SpawnContext | None:
    """How processes are started; None in a browser (Pyodide), where there are none."""
    return None if sys.platform in {"emscripten", "wasi"} else SpawnContext()


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def enter_process(folders: tuple[Path, ...]) -> None:
    """Make a spawned process, which starts afresh, look for scenarios where its parent does."""
    for folder in folders:
        add_scenarios(folder)
