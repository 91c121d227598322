"""What is stored outlives a power cut."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.core.blobs import Blobs

CONTENT = b"a notebook"


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> dict[Path, set[str]]:
    """For each folder that was waited for, the names that the disk then has in it."""
    kept: dict[Path, set[str]] = {}
    wait = os.fsync

    def fsync(descriptor: int) -> None:
        wait(descriptor)
        place = Path(f"/proc/self/fd/{descriptor}").resolve()
        if place.is_dir():
            kept[place] = {path.name for path in place.iterdir()}

    monkeypatch.setattr(os, "fsync", fsync)
    return kept


def test_the_disk_has_a_file_and_its_folder_by_name_before_anybody_is_told(
    tmp_path: Path, on_disk: dict[Path, set[str]]
) -> None:
    digest = Blobs(tmp_path).put(CONTENT)
    assert digest[:2] in on_disk[tmp_path]
    assert on_disk[tmp_path / digest[:2]] == {digest}


def test_a_file_that_somebody_else_has_just_stored_is_waited_for_too(
    tmp_path: Path, on_disk: dict[Path, set[str]]
) -> None:
    digest = Blobs(tmp_path).put(CONTENT)
    on_disk.clear()
    assert Blobs(tmp_path).put(CONTENT) == digest
    assert on_disk[tmp_path / digest[:2]] == {digest}
