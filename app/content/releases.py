"""What trainees are given of a lab's source, as nbgrader makes it, and why nbgrader refuses one.

It is made in a process of its own (app/core/apart.py): nbgrader takes fifty megabytes, and seconds to load. What is
given out is asked for with every draft that is saved, so it is kept in the process and, for the next, in a folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
import threading
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

import grading
from app.core import apart
from config import ROOT

FOLDER = ROOT / "var" / "releases"
# An author looks at a preview several times before the next change.
PREVIEWS = 8

# By the source, which is asked about with every draft that is saved: its digest is worked out once.
_kept: dict[bytes, bytes] = {}
_making = threading.Lock()


def released(source: bytes) -> bytes:
    """A lab that is given out, as trainees get it: no solutions, no hidden tests. Raises grading.InvalidSource."""
    if source not in _kept:
        # A class that opens a lab at once waits for one process, instead of starting one each.
        with _making:
            if source not in _kept:
                _kept[source] = _from_folder(FOLDER / _name(source), source)
    return _kept[source]


@lru_cache(maxsize=PREVIEWS)
def preview(source: bytes) -> bytes:
    """A source that is being written, as trainees would get it. Raises grading.InvalidSource with nbgrader's reason."""
    made = json.loads(apart.made("app.content.releases:told", source))
    if "refusal" in made:
        raise grading.InvalidSource(made["refusal"])
    return str(made["release"]).encode()


def told(source: bytes) -> bytes:
    """For `preview`, in the other process: a release, or why there is none, as JSON."""
    try:
        return json.dumps({"release": grading.release(source).decode()}).encode()
    except grading.InvalidSource as refusal:
        return json.dumps({"refusal": str(refusal)}).encode()


def _from_folder(path: Path, source: bytes) -> bytes:
    with contextlib.suppress(OSError):
        return path.read_bytes()
    release = preview(source)
    # Where nothing can be written, the next process makes it again.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(release)
        Path(file.name).replace(path)
    return release


def _name(source: bytes) -> str:
    return _digest(f"{_rules()}\n".encode() + source)


@cache
def _rules() -> str:
    """Other words whenever the same source may give another release."""
    files = sorted(Path(grading.__file__).parent.glob("*.py"))
    return " ".join([version("nbgrader"), version("nbformat"), *(_digest(path.read_bytes()) for path in files)])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
