"""Work in a process of its own: its result comes back alone, its fault too, and it is not waited for without end."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from app.core import apart

NOISY = """
import os
print("a library says something when it is loaded")
def spoken(text):
    print("and when it is used")
    return f"{text} {os.getpid()}".encode()
"""


def test_what_is_made_comes_back_from_another_process_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "noisy.py").write_text(NOISY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    text, process = apart.made("noisy:spoken", "Urdu اردو").decode().rsplit(" ", 1)
    assert text == "Urdu اردو"
    assert int(process) != os.getpid()


def test_a_fault_there_is_a_fault_here() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        apart.made("base64:b64decode", "no base64 at all")


def test_it_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "SECONDS", 0.01)
    with pytest.raises(subprocess.TimeoutExpired):
        apart.made("base64:b64encode", b"a")
