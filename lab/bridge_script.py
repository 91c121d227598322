"""A script with the modules that it imports, since each file more would be a request more at every opening."""

import subprocess
from pathlib import Path

from lab.errors import LabError


def bundled(entry: Path, npm: Path) -> bytes:
    """By esbuild. npm: what is installed of package.json. LabError with esbuild's words."""
    command = [str(npm / ".bin/esbuild"), str(entry), "--bundle", "--format=iife", "--charset=utf8"]
    ended = subprocess.run([*command, "--log-level=warning"], capture_output=True, check=False)
    if ended.returncode:
        raise LabError(f"The bridge cannot be bundled:\n{ended.stderr.decode(errors='replace').strip()[-4000:]}")
    return ended.stdout
