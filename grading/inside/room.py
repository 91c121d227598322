"""A room of its own for one notebook: name spaces, a private disk, limits, and no way to more.

Numbers are those of the Linux headers (sched.h, mount.h, prctl.h, capability.h).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID = 0x0002_0000, 0x0800_0000, 0x2000_0000
MS_NOSUID, MS_NODEV, MS_RDONLY, MS_BIND = 2, 4, 1, 4096
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 4, 22, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION = 0x2008_0522
FILTER_ENTRY_BYTES = 8
# An empty file takes memory of the kernel too: as many as there are pages to fill.
PAGE_BYTES = 4096
VIRTUAL_MEMORY_OVER_RESIDENT = 1536 * 1024 * 1024
THREADS_OVER_PROCESSES = 64
PRIVATE_FOLDERS = ("/tmp", "/dev/shm")  # noqa: S108  inside the sandbox these are its own

_libc = ctypes.CDLL(None, use_errno=True)


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("entries", ctypes.c_void_p))


def enter() -> None:
    """Go on as process 1 of new name spaces; the caller's process stays outside and ends when this one has ended."""
    _checked("unshare", _libc.unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC))
    inside = os.fork()
    if inside:
        os.waitpid(inside, 0)
        os._exit(0)
    _checked("prctl", _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))


def close(limits: dict[str, int], system_calls: bytes) -> None:
    """Give up everything that a notebook has no need of; there is no way back.

    system_calls: the seccomp filter, as the kernel reads it.
    """
    for folder in PRIVATE_FOLDERS:
        _mount(folder, f"size={limits['disk_bytes']},nr_inodes={limits['disk_bytes'] // PAGE_BYTES},mode=0700")
    # Other processes' names, and those of the host's kernel, are nobody's business.
    _mount("/proc", "size=4k,mode=0555", MS_RDONLY)
    # Its pages are shared without a file, and so nobody's when they are let go of.
    _checked("mount on /dev/zero", _libc.mount(b"/dev/null", b"/dev/zero", None, MS_BIND, None))
    _drop_capabilities()
    _checked("prctl", _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
    _limit(limits)
    _filter(system_calls)


def _mount(folder: str, options: str, flags: int = 0) -> None:
    done = _libc.mount(b"tmpfs", folder.encode(), b"tmpfs", MS_NOSUID | MS_NODEV | flags, options.encode())
    _checked(f"mount on {folder}", done)


def _drop_capabilities() -> None:
    _checked("prctl", _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    _checked("capset", _libc.capset(header, (ctypes.c_uint32 * 6)()))


def _limit(limits: dict[str, int]) -> None:
    """Limits of each process; the host watches the tree as a whole."""
    for kind, value in (
        (resource.RLIMIT_AS, limits["memory_bytes"] + VIRTUAL_MEMORY_OVER_RESIDENT),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_NPROC, limits["processes"] + THREADS_OVER_PROCESSES),
        (resource.RLIMIT_NOFILE, 512),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def _filter(system_calls: bytes) -> None:
    entries = ctypes.create_string_buffer(system_calls, len(system_calls))
    program = _FilterProgram(len(system_calls) // FILTER_ENTRY_BYTES, ctypes.addressof(entries))
    _checked("prctl", _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked("seccomp", _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))


def _checked(what: str, result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
