"""The bubblewrap command: a read-only Python runtime, no network, no environment of ours, no other file.

Own user, process, IPC and host-name spaces, and no further user name spaces. Inside, process 1 keeps one
capability, to close off a room for each notebook, which then has none.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from grading.types import SandboxUnavailable

OUTSIDE_UID = 65534
INSIDE_UID = 1000
ZYGOTE_DISK_BYTES = 16 * 1024 * 1024
SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"
# Where things are for the code inside.
HUNAR_AT, PRIVATE_AT, MOVED_AT = "/hunar", "/tmp", "/runtime"  # noqa: S108
START = f"""
import sys
sys.path.insert(0, {HUNAR_AT!r})
from inside import zygote
sys.path.pop(0)
zygote.main(warm=sys.argv[1] == "warm")
"""


def seen_inside(path: Path) -> Path:
    """Where a part of the runtime is inside: at its own place, unless each notebook's private disk would hide it."""
    return Path(f"{MOVED_AT}{path}") if path.is_relative_to(PRIVATE_AT) else path


ENVIRONMENT = {
    "PATH": f"{seen_inside(Path(sys.prefix))}/bin:/usr/bin",
    "HOME": f"{PRIVATE_AT}/home",
    "TMPDIR": f"{PRIVATE_AT}/scratch",
    "LANG": "C.UTF-8",
    "NBGRADER_EXECUTION": "autograde",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # Tables of some megabytes come and go with every test: keep their pages, which saves an eighth of the time.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024),
    "IPYTHONDIR": f"{PRIVATE_AT}/home/.ipython",
    "JUPYTER_PLATFORM_DIRS": "1",
    # What ipykernel sets before a notebook can import matplotlib, which here is imported already.
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


def sandbox_command(place: Path, *, warm: bool) -> list[str]:
    """The bubblewrap command for this machine; `place` holds inside/ and the filter of system calls.

    Raises SandboxUnavailable when bubblewrap is not installed.
    """
    needed = runtime_folders()
    command = [
        *(_program("bwrap"), "--unshare-all", "--unshare-user", "--disable-userns", "--as-pid-1"),
        *("--uid", str(INSIDE_UID), "--gid", str(INSIDE_UID), "--hostname", "grading"),
        *("--die-with-parent", "--new-session", "--clearenv"),
        *("--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN"),
        *(argument for name, value in ENVIRONMENT.items() for argument in ("--setenv", name, value)),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", str(ZYGOTE_DISK_BYTES), "--tmpfs", "/dev/shm"),  # noqa: S108
        *("--size", str(ZYGOTE_DISK_BYTES), "--tmpfs", PRIVATE_AT),
        *_system_libraries(),
        *(argument for path in needed for argument in _bind(path, seen_inside(path))),
        *("--ro-bind", str(place), HUNAR_AT),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", PRIVATE_AT),
        *("--", str(seen_inside(Path(sys.executable))), "-I", "-c", START, "warm" if warm else "cold"),
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


def _bind(path: Path, at: Path) -> tuple[str, ...]:
    return (*_open_parents(at), "--ro-bind", str(path), str(at))


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
    binds = [arg for path in closed for arg in _bind(path, path)]
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
