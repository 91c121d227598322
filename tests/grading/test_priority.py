"""Notebooks are run behind whatever else the machine does, as far as the worker that asks is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

NICE_WORKER = """
import os, psutil
from pathlib import Path
from grading.sandbox import Sandbox
os.nice(7)
sandbox = Sandbox()
inside = psutil.Process().children(recursive=True)[-1]
print(inside.nice(), Path(f"/proc/{inside.pid}/autogroup").read_text())
"""


@pytest.mark.sandbox
@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="this kernel weighs no sessions")
def test_the_session_of_a_sandbox_is_as_nice_as_its_worker() -> None:
    printed = subprocess.run([sys.executable, "-c", NICE_WORKER], capture_output=True, text=True, check=True).stdout
    process, session = printed.split(" ", 1)
    assert process == "7"
    assert session.strip().endswith("nice 7")
