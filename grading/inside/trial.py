"""Tries a statement of a test in a copy of the kernel's process, which ends with it: nothing of it stays.

Worth something only where no code of the trainee's runs in the test (grading.ordinary), which could tell that it runs
for the second time. Other code is tried in a room of its own.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NoReturn

from IPython.utils.capture import capture_output

from .room import PRIVATE_FOLDERS

LONGEST_SECONDS = 5
FAILED = 1


def say_if_it_fails(source: str, names: dict[str, Any], token: str) -> None:
    """Print `token` where the statement `source` fails over these names in its time; nothing where that is not known.

    A comparison that does not hold is what makes it fail; any other error may come of being in a copy. Raises
    RuntimeError when it left something behind on the disk, so that a test after it is not what it would be.
    """
    code = compile(source, "trial", "exec")
    places, files, dice = dict(_places()), dict(_files()), random.getstate()
    copy = os.fork()
    if copy == 0:
        random.setstate(dice)
        _try(code, names)
    ended = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
    # What the copy has read of an open file is read for both.
    for descriptor, place in places.items():
        os.lseek(descriptor, place, os.SEEK_SET)
    if dict(_files()) != files:
        raise RuntimeError("the trial has changed files")
    if ended == FAILED:
        sys.stdout.write(token)


def _try(code: Any, names: dict[str, Any]) -> NoReturn:
    """End this process: FAILED when a comparison did not hold; by a signal when it takes too long."""
    signal.alarm(LONGEST_SECONDS)
    ended = 0
    try:
        # What it shows is nobody's, and a copy has no right to the kernel's sockets.
        with capture_output():
            exec(code, names)  # noqa: S102  beside the trainee's code, in the sandbox
    except AssertionError:
        ended = FAILED
    finally:
        os._exit(ended)


def _places() -> Iterator[tuple[int, int]]:
    """How far each open file is read."""
    for descriptor in range(resource.getrlimit(resource.RLIMIT_NOFILE)[0]):
        with suppress(OSError):
            yield descriptor, os.lseek(descriptor, 0, os.SEEK_CUR)


def _files() -> Iterator[tuple[str, tuple[int, int, int]]]:
    """What tells a file from a later state of it, by its path."""
    for folder in PRIVATE_FOLDERS:
        for path, folders, names in os.walk(folder):
            for name in (*folders, *names):
                with suppress(OSError):
                    found = os.lstat(f"{path}/{name}")
                    yield f"{path}/{name}", (found.st_ino, found.st_size, found.st_mtime_ns)
