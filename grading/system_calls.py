"""The system calls that are closed to trainees' code, as a seccomp filter that the sandbox puts on itself.

A list of what is closed, on top of name spaces without any privilege: it takes away the parts of the kernel that
have let unprivileged code out before (name spaces, mounts, tracing, BPF, io_uring, keyrings, odd sockets), and memory
that stays when no process maps it, which whoever watches over a limit cannot see.
"""

from __future__ import annotations

import errno
import importlib
import socket
import tempfile
from functools import cache
from typing import Any

from grading.types import SandboxUnavailable

# Name spaces and mounts; other processes; kernel services; the machine itself; and last memory that no process maps.
CLOSED = """
unshare setns mount umount2 move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr pivot_root chroot
ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd migrate_pages move_pages
keyctl add_key request_key bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
name_to_handle_at open_by_handle_at fanotify_init lookup_dcookie personality syslog quotactl quotactl_fd acct
init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff iopl ioperm modify_ldt
settimeofday clock_settime adjtimex clock_adjtime vhangup
memfd_create memfd_secret shmget semget msgget mq_open vmsplice splice tee
"""
# Netlink because libzmq ends the process without it; in a name space without devices it shows nothing.
OPEN_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
# sched.h: the flags of clone() that make a name space.
NAME_SPACE_FLAGS = tuple(1 << bit for bit in (7, 17, 25, 26, 27, 28, 29, 30))
# ioctls.h: put characters into the terminal of whoever started us.
TERMINAL_INJECTION = (0x5412, 0x541C)
# mman.h: pages that are shared without a file stay when they are let go of; those put out to swap count for nobody.
SHARED_WITHOUT_FILE, OF_THESE_FLAGS = 0x21, 0x2F
PAGE_OUT = 21
# What waits in a socket is memory of the kernel: it stays at the usual size.
SOCKET_BUFFERS = (socket.SO_SNDBUF, socket.SO_RCVBUF)
LOW_HALF = 0xFFFF_FFFF
PACKAGE = "libseccomp is not installed; on Debian: apt-get install libseccomp2"


@cache
def filter_program() -> bytes:
    """The filter as the Linux kernel reads it. Raises SandboxUnavailable where libseccomp is missing."""
    library = _library()
    rules = library.SyscallFilter(library.ALLOW)
    refused, unknown = library.ERRNO(errno.EPERM), library.ERRNO(errno.ENOSYS)
    no_family = library.ERRNO(errno.EAFNOSUPPORT)
    for name in CLOSED.split():
        _close(library, rules, refused, name)
    for flag in NAME_SPACE_FLAGS:
        rules.add_rule(refused, "clone", library.Arg(0, library.MASKED_EQ, flag, flag))
    # Its flags lie in memory, where no filter can see them; the C library then falls back to clone.
    _close(library, rules, unknown, "clone3")
    for family in range(max(OPEN_FAMILIES)):
        if family not in OPEN_FAMILIES:
            rules.add_rule(no_family, "socket", library.Arg(0, library.EQ, family))
    rules.add_rule(no_family, "socket", library.Arg(0, library.GT, max(OPEN_FAMILIES)))
    for request in TERMINAL_INJECTION:
        rules.add_rule(refused, "ioctl", library.Arg(1, library.MASKED_EQ, LOW_HALF, request))
    _keep_memory_in_sight(library, rules, refused)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _library() -> Any:
    try:
        return importlib.import_module("pyseccomp")
    except RuntimeError as error:
        raise SandboxUnavailable(PACKAGE) from error


def _keep_memory_in_sight(library: Any, rules: Any, refused: int) -> None:
    """Of calls that are open otherwise."""
    rules.add_rule(refused, "mmap", library.Arg(3, library.MASKED_EQ, OF_THESE_FLAGS, SHARED_WITHOUT_FILE))
    rules.add_rule(refused, "madvise", library.Arg(2, library.MASKED_EQ, LOW_HALF, PAGE_OUT))
    of_sockets = library.Arg(1, library.MASKED_EQ, LOW_HALF, socket.SOL_SOCKET)
    for option in SOCKET_BUFFERS:
        of_option = library.Arg(2, library.MASKED_EQ, LOW_HALF, option)
        rules.add_rule(refused, "setsockopt", of_sockets, of_option)


def _close(library: Any, rules: Any, action: int, name: str) -> None:
    """A call that this libseccomp has not heard of yet is left out."""
    try:
        number = library.resolve_syscall(library.system_arch(), name)
    except ValueError:
        return
    if number >= 0:
        rules.add_rule(action, number)
