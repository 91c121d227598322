"""Runs code cells inside bubblewrap and hands back their outputs, and nothing else.

A sandbox is one bubblewrap with a zygote in it (grading.inside), which forks a room of its own for each notebook.
Each run is watched from outside and killed as a whole when it passes a limit; the zygote lives on.
When this machine cannot give all of that, SandboxUnavailable is raised; there is no weaker way to run.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

import psutil  # type: ignore[import-untyped]

from grading.bubblewrap import SYSTEM_PATH, sandbox_command
from grading.folders import require_inside
from grading.system_calls import filter_program
from grading.types import MEBIBYTE, InvalidSource, Limits, ProblemCode, SandboxUnavailable

INSIDE = Path(__file__).with_name("inside")
WATCH_SECONDS = 0.1
# Of our own work, which a busy machine slows down: loading libraries, making room, starting a kernel, ending it.
STARTUP_SECONDS = 120.0
CLEAR_SECONDS = 10.0
# What a file takes of the private disk are whole pages, and one at least; the kernel needs some of it too.
PAGE_BYTES = 4096
LEAST_FREE_BYTES = MEBIBYTE


@dataclass(frozen=True)
class Code:
    """One code cell to run. skip: it stays as it is, by a tag of the assignment's author.

    is_forgotten: once it has run, the kernel keeps neither its number nor its text nor a name that it bound.
    """

    source: str
    skip: bool = False
    is_forgotten: bool = False


@dataclass(frozen=True)
class Run:
    """What came back. stopped: None when every cell was run; at: index of the cell that was running then.

    allowed_seconds: the limit that was passed, when stopped is TIMED_OUT.
    outputs: for each cell the raw outputs, not to be trusted; empty unless every cell was run.
    replaced: for each cell what of Python, IPython and the libraries was not as before when it began.
    timed_out, truncated: indexes of the cells that were interrupted, or whose output was cut.
    """

    stopped: ProblemCode | None
    at: int
    allowed_seconds: float = 0.0
    outputs: tuple[list[Any], ...] = ()
    replaced: tuple[list[str], ...] = ()
    timed_out: tuple[int, ...] = ()
    truncated: tuple[int, ...] = ()


class Runs(Protocol):
    """Whatever runs the cells of a notebook in order, apart from everything."""

    def run(self, cells: Sequence[Code], files: Mapping[str, bytes], limits: Limits) -> Run:
        """Raises SandboxUnavailable, InvalidSource (names and sizes of files)."""


class Sandbox:
    """One sandbox, started; runs one notebook at a time. It ends with the thread that started it.

    warm: load the libraries that notebooks usually import, once for all runs.
    """

    def __init__(self, *, warm: bool = False) -> None:
        self.is_usable = False
        with ExitStack() as kept:
            place = _furnished(Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="hunar-"))))
            self._complaints = kept.enter_context(tempfile.TemporaryFile())
            self._requests, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            kept.enter_context(self._requests)
            with inside:
                self._process = _started(place, inside, self._complaints, warm=warm)
            kept.callback(_end, self._process)
            self._answers = _Answers(self._process)
            self._zygote = self._warmed_up()
            self._kept = kept.pop_all()
        self.is_usable = True

    def close(self) -> None:
        """End everything in it."""
        self.is_usable = False
        self._kept.close()

    def run(self, cells: Sequence[Code], files: Mapping[str, bytes], limits: Limits) -> Run:
        """Run the cells in order in a room of their own. Raises as Runs.run."""
        require_inside(files)
        _require_room(files, limits)
        self.is_usable = False
        with tempfile.TemporaryFile() as file:
            file.writelines(_request(cells, files))
            file.seek(0)
            try:
                socket.send_fds(self._requests, [_limits(limits)], [file.fileno()])
            except OSError as error:
                raise SandboxUnavailable(f"The sandbox has ended: {error}") from error
        watch = _Watch(self._answers, self._zygote, limits)
        watch.until_done()
        self.is_usable = self._cleared()
        if not watch.ready:
            raise SandboxUnavailable(f"The sandbox did not start: {watch.failed or watch.stopped}")
        return watch.result(len(cells))

    def _warmed_up(self) -> psutil.Process:
        deadline = time.monotonic() + STARTUP_SECONDS
        while self._answers.is_open and time.monotonic() < deadline:
            for message in self._answers.arrived():
                if "warm" in message:
                    return _tree(self._process.pid)[-1]
        self._complaints.seek(0)
        reason = self._complaints.read().decode(errors="replace").strip() or "it did not answer"
        raise SandboxUnavailable(f"The sandbox did not start: {reason[-2000:]}")

    def _cleared(self) -> bool:
        """End what is left of a run; whether the zygote is ready for the next."""
        deadline = time.monotonic() + CLEAR_SECONDS
        while not self._answers.ended and self._answers.is_open and time.monotonic() < deadline:
            _kill(self._zygote.children(recursive=True) if self._zygote.is_running() else [])
            for _message in self._answers.arrived():
                continue
        ready, self._answers.ended = self._answers.ended and self._answers.is_open, False
        return ready


class SandboxOnDemand:
    """A sandbox that starts when it is needed, is replaced when it cannot go on, and ends when closed.

    warm: as of Sandbox.
    """

    def __init__(self, *, warm: bool = False) -> None:
        self._warm = warm
        self._sandbox: Sandbox | None = None

    def close(self) -> None:
        """End it; the next run would start another."""
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None

    def started(self) -> Sandbox:
        """One that can run the next notebook. Raises SandboxUnavailable."""
        if self._sandbox is None or not self._sandbox.is_usable:
            self.close()
            self._sandbox = Sandbox(warm=self._warm)
        return self._sandbox

    def run(self, cells: Sequence[Code], files: Mapping[str, bytes], limits: Limits) -> Run:
        """As Sandbox.run."""
        return self.started().run(cells, files, limits)


def _furnished(place: Path) -> Path:
    """What the sandbox finds of ours, readable for the unprivileged side whatever the umask."""
    place.chmod(0o755)
    shutil.copytree(INSIDE, place / "inside", ignore=shutil.ignore_patterns("__pycache__"))
    (place / "system_calls.bpf").write_bytes(filter_program())
    for path in place.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return place


def _started(place: Path, requests: socket.socket, complaints: IO[bytes], *, warm: bool) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            sandbox_command(place, warm=warm),
            stdin=requests.fileno(),
            stdout=subprocess.PIPE,
            stderr=complaints,
            env={"PATH": SYSTEM_PATH},
            cwd="/",
        )
    except OSError as error:
        raise SandboxUnavailable(f"The sandbox did not start: {error}") from error


def _require_room(files: Mapping[str, bytes], limits: Limits) -> None:
    """Raises InvalidSource for data files that the private disk of a notebook could not hold."""
    for name, content in files.items():
        if len(content) > limits.file_bytes:
            raise InvalidSource(
                f"The data file {name!r} has {len(content):,} bytes; in the sandbox a file has at most "
                f"{limits.file_bytes:,}. Give a smaller one."
            )
    taken = sum(max(1, -(-len(content) // PAGE_BYTES)) * PAGE_BYTES for content in files.values())
    room = limits.disk_bytes - LEAST_FREE_BYTES
    if taken > room:
        raise InvalidSource(
            f"The data files take {taken:,} bytes together, and the sandbox has room for {room:,}. "
            "Give fewer or smaller ones."
        )


def _request(cells: Sequence[Code], files: Mapping[str, bytes]) -> Iterator[bytes]:
    """A line of JSON, then the files one after the other as they are."""
    asked = {
        "cells": [asdict(cell) for cell in cells],
        "files": {name: len(content) for name, content in files.items()},
    }
    yield json.dumps(asked).encode() + b"\n"
    yield from files.values()


def _limits(limits: Limits) -> bytes:
    return json.dumps(
        {
            "memory_bytes": limits.memory_bytes,
            "cpu_seconds": int(limits.wall_seconds) + 1,
            "disk_bytes": limits.disk_bytes,
            "file_bytes": limits.file_bytes,
            "processes": limits.processes,
            "cell_seconds": limits.cell_seconds,
            "output_bytes_per_cell": limits.output_bytes_per_cell,
        }
    ).encode()


class _Answers:
    """The lines that a sandbox writes, as they arrive. ended: the room of the present run is gone."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            raise SandboxUnavailable("The sandbox has no way to answer.")
        self._pipe = process.stdout.fileno()
        self._buffer = bytearray()
        self.is_open = True
        self.ended = False

    @property
    def bytes_waiting(self) -> int:
        """Of a line that is not complete yet."""
        return len(self._buffer)

    def arrived(self) -> list[dict[str, Any]]:
        """Complete lines, after a short wait when there is none."""
        if not select.select([self._pipe], [], [], WATCH_SECONDS)[0]:
            return []
        received = os.read(self._pipe, 1 << 20)
        self.is_open = bool(received)
        self._buffer += received
        # A long line comes in many pieces: only one that ends a line is worth a look at the whole.
        if b"\n" not in received:
            return []
        *lines, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest)
        messages = [_message(line) for line in lines]
        self.ended = self.ended or any("ended" in message for message in messages)
        return messages


def _message(line: bytes) -> dict[str, Any]:
    """A line as an object; {unreadable} where what the trainee's code put into it is nested too deep, or too long a
    number."""
    try:
        return dict(json.loads(line))
    except (ValueError, RecursionError):
        return {"unreadable": True}


def _end(process: subprocess.Popen[bytes]) -> None:
    _kill(_tree(process.pid))
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _kill(members: Sequence[psutil.Process]) -> None:
    for member in members:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue


def _tree(pid: int) -> list[psutil.Process]:
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _memory(member: psutil.Process, *, shared_once: bool) -> int:
    """Bytes in memory; with shared_once a page that n processes share counts 1/n for each."""
    try:
        return int(member.memory_full_info().pss if shared_once else member.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
    except psutil.AccessDenied:
        return _memory(member, shared_once=False) if shared_once else 0


@dataclass
class _Watch:
    """Reads the answer to one request, and ends the run when it passes a limit.

    The time that counts begins when the first cell does: a machine that is slow to make room takes nobody's points.
    """

    answers: _Answers
    zygote: psutil.Process
    limits: Limits
    ready: bool = False
    at: int = 0
    unresponsive: bool = False
    failed: str = ""
    stopped: ProblemCode | None = None
    final: dict[str, Any] = field(default_factory=dict)
    looked: float = 0.0

    def until_done(self) -> None:
        """Return once there is a result, a limit passed, or nobody left to answer."""
        deadline = time.monotonic() + STARTUP_SECONDS
        while self.stopped is None and not self.final:
            for message in self.answers.arrived():
                if "ready" in message:
                    self.ready, deadline = True, time.monotonic() + self.limits.wall_seconds
                self._take(message)
            if not self.final:
                self.stopped = self.stopped or self._ended_by(deadline)

    def result(self, cells: int) -> Run:
        """Of a run of so many cells."""
        if self.stopped is not None:
            seconds = self.limits.cell_seconds if self.unresponsive else self.limits.wall_seconds
            return Run(self.stopped, self.at, seconds)
        outputs, replaced = tuple(self.final["outputs"]), tuple(self.final["replaced"])
        if len(outputs) != cells or len(replaced) != cells:
            return Run(ProblemCode.OUTPUT_UNREADABLE, self.at)
        timed_out, truncated = tuple(self.final["timed_out"]), tuple(self.final["truncated"])
        return Run(None, self.at, 0.0, outputs, replaced, timed_out, truncated)

    def _take(self, message: dict[str, Any]) -> None:
        self.at = message.get("running", self.at)
        self.failed = message.get("failed", self.failed)
        if "died" in message or self.failed:
            self.stopped = ProblemCode.KERNEL_DIED
        elif "unreadable" in message:
            self.stopped = ProblemCode.OUTPUT_UNREADABLE
        elif "unresponsive" in message:
            self.unresponsive = True
        elif "outputs" in message:
            self.final = message

    def _ended_by(self, deadline: float) -> ProblemCode | None:
        """Why a run without a result must end now; None when it may go on."""
        if self.answers.ended or not self.answers.is_open:
            return ProblemCode.KERNEL_DIED
        if self.answers.bytes_waiting > self.limits.output_bytes:
            return ProblemCode.OUTPUT_TOO_LARGE
        if self.unresponsive or time.monotonic() > deadline:
            # Too many processes, or too much memory, is why nothing answers, and says more.
            return self._passed_limit() or ProblemCode.TIMED_OUT
        if time.monotonic() - self.looked < WATCH_SECONDS:
            return None
        self.looked = time.monotonic()
        return self._passed_limit()

    def _passed_limit(self) -> ProblemCode | None:
        members = self.zygote.children(recursive=True) if self.zygote.is_running() else []
        if len(members) > self.limits.processes:
            return ProblemCode.TOO_MANY_PROCESSES
        for shared_once in (False, True):
            if sum(_memory(member, shared_once=shared_once) for member in members) <= self.limits.memory_bytes:
                return None
        return ProblemCode.OUT_OF_MEMORY
