"""Work in a process of its own that ends with it, for libraries that are large and seldom needed.

A library stays in the memory of a process that once loaded it, and the portal's processes live for weeks. What comes in
and out is pickled between two processes of ours.
"""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120.0
# Each takes a processor and up to two hundred megabytes, whoever waits.
AT_A_TIME = threading.BoundedSemaphore(2)


def made(name: str, *arguments: Any) -> bytes:
    """What a function, named as "app.package.module:function", makes of these arguments.

    Raises subprocess.CalledProcessError when it failed, and subprocess.TimeoutExpired.
    """
    with AT_A_TIME:
        done = subprocess.run(
            [sys.executable, "-m", "app.core.apart", name],
            input=pickle.dumps(arguments),
            stdout=subprocess.PIPE,
            cwd=ROOT,
            timeout=SECONDS,
            check=True,
        )
    return done.stdout


def main() -> None:
    """Make what was asked for, from the standard input to the standard output."""
    module, _, function = sys.argv[1].partition(":")
    # What a library prints must not come among the bytes.
    target, sys.stdout = sys.stdout.buffer, sys.stderr
    arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by `made`
    target.write(getattr(importlib.import_module(module), function)(*arguments))
    target.flush()


if __name__ == "__main__":
    main()
