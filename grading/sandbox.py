"""Runs code cells inside bubblewrap and hands back their outputs, and nothing else.

Inside there is no network, no environment of ours, no file but a read-only Python runtime, the assignment's
data files and one small private file system; own user, process, IPC and host-name spaces; no capability;
no further user namespaces. The run is watched from outside and killed as a whole when it passes a limit.
When bubblewrap cannot give all of this, SandboxUnavailable is raised; there is no weaker way to run.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

import psutil  # type: ignore[import-untyped]

from grading.types import InvalidSource, Limits, ProblemCode, SandboxUnavailable

RUNNER = Path(__file__).with_name("runner.py")
OUTSIDE_UID = 65534
INSIDE_UID = 1000
WATCH_SECONDS = 0.05
SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"
# Where things are for the code inside.
HUNAR_AT, PRIVATE_AT = "/hunar", "/tmp"  # noqa: S108
RUNNER_AT, FILES_AT = f"{HUNAR_AT}/runner.py", f"{HUNAR_AT}/files"
WORK_AT = f"{PRIVATE_AT}/assignment"
ENVIRONMENT = {
    "PATH": f"{sys.prefix}/bin:/usr/bin",
    "HOME": f"{PRIVATE_AT}/home",
    "TMPDIR": f"{PRIVATE_AT}/scratch",
    "LANG": "C.UTF-8",
    "NBGRADER_EXECUTION": "autograde",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "IPYTHONDIR": f"{PRIVATE_AT}/home/.ipython",
    "JUPYTER_PLATFORM_DIRS": "1",
}


@dataclass(frozen=True)
class Code:
    """One code cell to run. skip: it stays as it is, by a tag of the assignment's author."""

    source: str
    skip: bool = False


@dataclass(frozen=True)
class Run:
    """What came back. stopped: None when every cell was run; at: index of the cell that was running then.

    allowed_seconds: the limit that was passed, when stopped is TIMED_OUT.
    outputs: for each cell the raw outputs, not to be trusted; empty unless every cell was run.
    timed_out, truncated: indexes of the cells that were interrupted, or whose output was cut.
    """

    stopped: ProblemCode | None
    at: int
    allowed_seconds: float = 0.0
    outputs: tuple[list[Any], ...] = ()
    timed_out: tuple[int, ...] = ()
    truncated: tuple[int, ...] = ()


def run(cells: Sequence[Code], files: Mapping[str, bytes], limits: Limits) -> Run:
    """Run the cells in order in a fresh sandbox. Raises SandboxUnavailable, InvalidSource (file names)."""
    with tempfile.TemporaryDirectory(prefix="hunar-") as folder, tempfile.TemporaryFile() as complaints:
        place = Path(folder)
        place.chmod(0o755)
        _write(place / "runner.py", RUNNER.read_bytes())
        _write_files(place / "files", files)
        with _started(_request(cells, limits), place, limits, complaints) as process:
            watch = _Watch(process, limits)
            watch.until_done()
        if not watch.ready:
            complaints.seek(0)
            reason = watch.failed or complaints.read().decode(errors="replace").strip() or watch.stopped
            raise SandboxUnavailable(f"The sandbox did not start: {str(reason)[-2000:]}")
    return watch.result(len(cells))


def _request(cells: Sequence[Code], limits: Limits) -> bytes:
    return json.dumps(
        {
            "cells": [{"source": cell.source, "skip": cell.skip} for cell in cells],
            "files_at": FILES_AT,
            "work_at": WORK_AT,
            "limits": {
                "memory_bytes": limits.memory_bytes,
                "cpu_seconds": int(limits.wall_seconds) + 1,
                "file_bytes": limits.file_bytes,
                "processes": limits.processes,
                "cell_seconds": limits.cell_seconds,
                "output_bytes_per_cell": limits.output_bytes_per_cell,
            },
        }
    ).encode()


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
            raise InvalidSource(f"The data file name {name!r} leaves the assignment's folder.")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        _write(folder / path, content)
    for directory in (folder, *filter(Path.is_dir, folder.rglob("*"))):
        directory.chmod(0o755)


def _write(path: Path, content: bytes) -> None:
    """Readable for the unprivileged side, whatever the umask."""
    path.write_bytes(content)
    path.chmod(0o644)


@contextmanager
def _started(request: bytes, place: Path, limits: Limits, complaints: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as question:
        question.write(request)
        question.seek(0)
        try:
            process = subprocess.Popen(
                sandbox_command(place, limits),
                stdin=question,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env={"PATH": SYSTEM_PATH},
                cwd="/",
            )
        except OSError as error:
            raise SandboxUnavailable(f"The sandbox did not start: {error}") from error
    try:
        yield process
    finally:
        _kill_tree(process)
        if process.stdout is not None:
            process.stdout.close()


def sandbox_command(place: Path, limits: Limits) -> list[str]:
    """The bubblewrap command for this machine; `place` holds runner.py and files/.

    Raises SandboxUnavailable when bubblewrap is not installed.
    """
    needed = runtime_folders()
    command = [
        *(_program("bwrap"), "--unshare-all", "--unshare-user", "--disable-userns", "--as-pid-1"),
        *("--uid", str(INSIDE_UID), "--gid", str(INSIDE_UID), "--hostname", "grading"),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"),
        *(argument for name, value in ENVIRONMENT.items() for argument in ("--setenv", name, value)),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", str(limits.disk_bytes), "--tmpfs", "/dev/shm"),  # noqa: S108
        *("--size", str(limits.disk_bytes), "--tmpfs", PRIVATE_AT),
        *_system_libraries(),
        *(argument for path in needed for argument in _bind(path)),
        *("--ro-bind", str(place), HUNAR_AT),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", PRIVATE_AT),
        *("--", sys.executable, "-I", RUNNER_AT),
    ]
    return command if os.geteuid() != 0 else [*become_unprivileged([*needed, place]), *command]


def _program(name: str) -> str:
    found = shutil.which(name, path=SYSTEM_PATH)
    if found is None:
        raise SandboxUnavailable(f"{name} is not installed; on Debian: apt-get install bubblewrap util-linux")
    return found


def runtime_folders() -> list[Path]:
    """The interpreter and its packages, wherever they live."""
    folders = {Path(sys.base_prefix), Path(sys.base_exec_prefix), Path(sys.prefix)}
    folders |= {Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")}
    real = {folder.resolve() for folder in folders} | folders
    inside = {folder for folder in real if any(other in folder.parents for other in real)}
    return sorted(real - inside - {Path("/usr")})


def _bind(path: Path) -> tuple[str, ...]:
    return (*_open_parents(path), "--ro-bind", str(path), str(path))


def _open_parents(path: Path) -> tuple[str, ...]:
    folders = [parent for parent in reversed(path.parents) if str(parent) not in ("/", PRIVATE_AT)]
    return tuple(argument for folder in folders for argument in ("--perms", "0755", "--dir", str(folder)))


def _system_libraries() -> tuple[str, ...]:
    """The C library and its kin; all of /usr only where the interpreter itself is the system's."""
    whole = Path(sys.base_prefix).resolve() == Path("/usr")
    bound = ["/usr"] if whole else ["/usr/lib", "/usr/lib64", "/usr/lib32"]
    arguments = [arg for path in bound for arg in ("--ro-bind-try", path, path)]
    for name in ("lib", "lib64", "lib32"):
        link = Path("/", name)
        if link.is_symlink():
            arguments += ["--symlink", str(link.readlink()), str(link)]
        elif link.exists():
            arguments += ["--ro-bind", str(link), str(link)]
    for path in ("/etc/ld.so.cache", "/etc/localtime"):
        arguments += ["--ro-bind-try", path, path]
    return tuple(arguments)


def become_unprivileged(needed: Sequence[Path]) -> list[str]:
    """Root gives up being root first. What only root may walk to (an interpreter below /root) is bound to the
    same place in a private view of the file system where everyone may read it."""
    closed = {path: folder for path in needed if (folder := _closed_ancestor(path)) is not None}
    cover = [arg for folder in sorted(set(closed.values())) for arg in ("--perms", "0755", "--tmpfs", str(folder))]
    binds = [arg for path in closed for arg in _bind(path)]
    identity = ["--reuid", str(OUTSIDE_UID), "--regid", str(OUTSIDE_UID), "--clear-groups", "--no-new-privs"]
    return [
        *(_program("bwrap"), "--die-with-parent", "--dev-bind", "/", "/", *cover, *binds, "--"),
        *(
            _program("setpriv"),
            *identity,
            "--inh-caps=-all",
            "--bounding-set=-all",
            "--pdeathsig",
            "KILL",
            "--",
        ),
    ]


def _closed_ancestor(path: Path) -> Path | None:
    return next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001), None)


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    for member in _tree(process):
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()


def _tree(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        top = psutil.Process(process.pid)
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
    """Reads the answer, and ends the run when it passes a limit."""

    process: subprocess.Popen[bytes]
    limits: Limits
    ready: bool = False
    at: int = 0
    unresponsive: bool = False
    failed: str = ""
    stopped: ProblemCode | None = None
    final: dict[str, Any] = field(default_factory=dict)
    buffer: bytearray = field(default_factory=bytearray)

    def until_done(self) -> None:
        deadline = time.monotonic() + self.limits.wall_seconds
        while self.stopped is None and not self.final:
            if not self._read():
                self.stopped = ProblemCode.KERNEL_DIED
            elif time.monotonic() > deadline:
                self.stopped = ProblemCode.TIMED_OUT
            else:
                self.stopped = self.stopped or self._passed_limit()

    def result(self, cells: int) -> Run:
        if self.stopped is not None:
            seconds = self.limits.cell_seconds if self.unresponsive else self.limits.wall_seconds
            return Run(self.stopped, self.at, seconds)
        outputs = tuple(self.final["outputs"])
        if len(outputs) != cells:
            return Run(ProblemCode.KERNEL_DIED, self.at)
        timed_out, truncated = tuple(self.final["timed_out"]), tuple(self.final["truncated"])
        return Run(None, self.at, 0.0, outputs, timed_out, truncated)

    def _read(self) -> bool:
        """Take in what has arrived; False once the other side is gone."""
        if self.process.stdout is None:
            return False
        pipe = self.process.stdout.fileno()
        while select.select([pipe], [], [], WATCH_SECONDS)[0]:
            arrived = os.read(pipe, 1 << 20)
            if not arrived:
                return False
            self.buffer += arrived
            if len(self.buffer) > self.limits.output_bytes:
                self.stopped = ProblemCode.OUTPUT_TOO_LARGE
                return True
            self._take_lines()
            if self.final or self.stopped:
                return True
        return True

    def _take_lines(self) -> None:
        while b"\n" in self.buffer:
            line, _, rest = bytes(self.buffer).partition(b"\n")
            self.buffer = bytearray(rest)
            self._take(json.loads(line))

    def _take(self, message: dict[str, Any]) -> None:
        self.ready = self.ready or "ready" in message
        self.at = message.get("running", self.at)
        self.failed = message.get("failed", self.failed)
        if "died" in message or self.failed:
            self.stopped = ProblemCode.KERNEL_DIED
        elif "unresponsive" in message:
            self.unresponsive, self.stopped = True, ProblemCode.TIMED_OUT
        elif "outputs" in message:
            self.final = message

    def _passed_limit(self) -> ProblemCode | None:
        members = _tree(self.process)
        if len(members) > self.limits.processes:
            return ProblemCode.TOO_MANY_PROCESSES
        for shared_once in (False, True):
            if sum(_memory(member, shared_once=shared_once) for member in members) <= self.limits.memory_bytes:
                return None
        return ProblemCode.OUT_OF_MEMORY
