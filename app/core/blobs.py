"""Files named by the sha256 of their content: written before the row that names them, never changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

DIGEST = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """A folder of content-addressed files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def put(self, content: bytes) -> str:
        """Store the content durably and return its sha256 in hexadecimal."""
        digest = hashlib.sha256(content).hexdigest()
        target = self.path(digest)
        # Marks it as used lately, so that nobody who clears up takes it away before a row names it.
        with contextlib.suppress(FileNotFoundError):
            os.utime(target)
            _keep_names(target.parent)
            return digest
        target.parent.mkdir(parents=True, exist_ok=True)
        _keep_names(self.folder)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(target)
        _keep_names(target.parent)
        return digest

    def get(self, digest: str) -> bytes:
        """The content. Raises FileNotFoundError when nothing was stored under this digest."""
        return self.path(digest).read_bytes()

    def unused(self, since: datetime) -> Iterator[str]:
        """The digests of all that nobody put since then."""
        for path in self.folder.glob("??/*"):
            if DIGEST.fullmatch(path.name) and _is_unused(path, since):
                yield path.name

    def remove(self, digest: str, *, unused_since: datetime) -> bool:
        """Remove the content unless it was put since then; whether it is gone."""
        path = self.path(digest)
        if not _is_unused(path, unused_since):
            return False
        path.unlink(missing_ok=True)
        return True


def _keep_names(folder: Path) -> None:
    """Wait until the disk has the names in a folder: that a file is on it says nothing of its name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_unused(path: Path, since: datetime) -> bool:
    try:
        return path.stat().st_mtime <= since.timestamp()
    except FileNotFoundError:
        return True
