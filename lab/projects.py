"""Python projects of our own that every lab can import, built into wheels."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lab.errors import LabError
from lab.wheels import sha256

# The earliest moment that a zip file can name: the same project gives the same wheel, byte for byte.
EPOCH_SECONDS = "315532800"
LEFT_OUT = ("__pycache__", "build", "*.egg-info")


def project_files(project: Path) -> list[Path]:
    """What decides how the wheel of a project comes out."""
    files = (path for path in project.rglob("*") if path.is_file())
    return sorted(path for path in files if path.suffix != ".pyc" and "build" not in path.relative_to(project).parts)


def wheel_of(project: Path, cache: Path) -> Path:
    """The project's wheel, built once for each state of its files. LabError when it cannot be built."""
    folder = cache / "projects" / _digest(project)[:16]
    if wheels := list(folder.glob("*.whl")):
        return wheels[0]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        # A build writes into its source.
        source = shutil.copytree(project, Path(place, "source"), ignore=shutil.ignore_patterns(*LEFT_OUT))
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
        ended = subprocess.run(
            [*command, "--wheel-dir", str(Path(place, "wheels")), str(source)],
            env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH_SECONDS},
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise LabError(f"No wheel could be built of {project}:\n{ended.stderr.strip()[-2000:]}")
        shutil.rmtree(folder, ignore_errors=True)
        Path(place, "wheels").rename(folder)
    return next(folder.glob("*.whl"))


def _digest(project: Path) -> str:
    digest = hashlib.sha256()
    for path in project_files(project):
        digest.update(f"{path.relative_to(project).as_posix()} {sha256(path.read_bytes())}\n".encode())
    return digest.hexdigest()
