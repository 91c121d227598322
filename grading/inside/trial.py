"""Tries a test in a copy of the kernel's process, which ends with it: nothing of it stays.

Worth something only beside code that cannot bend it (grading.ordinary); other code is tried in a room of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, NoReturn

from IPython.utils.capture import capture_output

LONGEST_SECONDS = 5


def say_if_it_fails(source: str, names: dict[str, Any], token: str) -> None:
    """Print `token` where the cell `source` fails over these names within its time; nothing where that is not known."""
    code = compile(source, "trial", "exec")
    copy = os.fork()
    if copy == 0:
        _try(code, names)
    ended = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
    if ended == 1:
        sys.stdout.write(token)


def _try(code: Any, names: dict[str, Any]) -> NoReturn:
    """End this process: 1 when it failed, 0 when not; by a signal when it takes too long."""
    signal.alarm(LONGEST_SECONDS)
    ended = 1
    try:
        # What it shows is nobody's, and a copy has no right to the kernel's sockets.
        with capture_output():
            exec(code, names)  # noqa: S102  beside the trainee's code, in the sandbox
        ended = 0
    finally:
        os._exit(ended)
