"""Watches another grader at work, and cages it where it would run hostile notebooks without protection.

The cage is bubblewrap: no network, name spaces of its own, the machine's files to read only, one folder to write. What
passes its memory or time is killed as a whole.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil  # type: ignore[import-untyped]

from grading.bubblewrap import OUTSIDE_UID, become_unprivileged, runtime_folders

LOOK_SECONDS = 0.25
CAGE_UID = 1000
# Threads included.
PROCESSES = 64
MEMORY_BYTES = 5 * 2**30
# Of each process; a library maps more than it uses.
ADDRESS_BYTES = 8 * 2**30
SCRATCH_BYTES = 2**30

Ending = Literal["done", "out of time", "out of memory"]


@dataclass(frozen=True)
class Work:
    """What became of a command. peak_bytes: of all its processes together, a shared page counted once."""

    seconds: float
    peak_bytes: int
    ending: Ending
    output: str


def watched(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, seconds: float, memory_bytes: int
) -> Work:
    """Run a command in `folder`; past its time or memory, the whole tree of its processes is killed."""
    began = time.monotonic()
    peak, ending = 0, "done"
    with (folder / "output").open("w+") as log:
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=log, stderr=subprocess.STDOUT)
        top = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, memory_of([top, *_below(top)]))
            if peak > memory_bytes or time.monotonic() - began > seconds:
                ending = "out of memory" if peak > memory_bytes else "out of time"
                _kill(top)
            time.sleep(LOOK_SECONDS)
        taken = time.monotonic() - began
        log.seek(0)
        return Work(taken, peak, ending, log.read())  # type: ignore[arg-type]


def caged(command: Sequence[str], folder: Path, environment: Mapping[str, str], *, seconds: float) -> Work:
    """As `watched`, behind bubblewrap, with `folder` to write in."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, OUTSIDE_UID, OUTSIDE_UID)
    bars = [
        *("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        *("--uid", str(CAGE_UID), "--gid", str(CAGE_UID), "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"),
        *("--size", str(SCRATCH_BYTES), "--tmpfs", "/dev/shm", "--bind", str(folder), str(folder)),
        *("--chdir", str(folder), "--", "prlimit", f"--nproc={PROCESSES}", f"--as={ADDRESS_BYTES}", "--core=0", "--"),
    ]
    readable = [*runtime_folders(), folder, *_program_folders(command)]
    unprivileged = become_unprivileged(readable) if os.geteuid() == 0 else []
    private = {**environment, "HOME": str(folder), "TMPDIR": str(folder)}
    line = [*unprivileged, *bars, *command]
    return watched(line, folder, private, seconds=seconds, memory_bytes=MEMORY_BYTES)


def _program_folders(command: Sequence[str]) -> list[Path]:
    """The virtual environment that a command comes from, and the scripts that it is given."""
    return [Path(command[0]).parent.parent, *(Path(word).parent for word in command[1:] if word.startswith("/"))]


def memory_of(processes: Iterable[psutil.Process]) -> int:
    """Bytes of all of them; a page that several share counts once."""
    total = 0
    for process in processes:
        try:
            total += int(process.memory_full_info().pss)
        except psutil.Error:
            continue
    return total


def _below(top: psutil.Process) -> list[psutil.Process]:
    try:
        return list(top.children(recursive=True))
    except psutil.Error:
        return []


def _kill(top: psutil.Process) -> None:
    """From the top: the first process of a name space takes all others with it."""
    for process in [top, *_below(top)]:
        try:
            process.kill()
        except psutil.Error:
            continue
