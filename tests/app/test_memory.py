"""The portal's process leaves large libraries alone, and what needs them is made in another."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import grading
from app.content import releases
from app.core import apart
from config import ROOT
from tools.product import own_environment

# Each takes from ten to two hundred megabytes, and stays where it was once loaded.
LARGE = (
    *("nbgrader", "nbconvert", "nbformat", "jupyter_client", "IPython", "pandas", "pingouin", "statsmodels", "sklearn"),
    *("matplotlib", "seaborn", "pyarrow", "weasyprint", "dbos", "scipy.stats", "scipy.optimize"),
)
LOADED = """
import json, sys
import app.wsgi
print(json.dumps(sorted(sys.modules)))
"""
CHECKED = """
import json, sys
from pathlib import Path
from app.notebooks import document
document.read_submission(Path(sys.argv[1]).read_bytes(), limit_bytes=1_000_000)
print(json.dumps(sorted(sys.modules)))
"""


def loaded(program: str, folder: Path, *arguments: str) -> set[str]:
    """What a process has loaded that did this."""
    command = [sys.executable, "-c", program, *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=own_environment(folder), stdout=subprocess.PIPE, check=True)
    return set(json.loads(ended.stdout))


def test_the_portal_starts_without_large_libraries(tmp_path: Path) -> None:
    assert loaded(LOADED, tmp_path) & set(LARGE) == set()


def test_a_notebook_is_checked_without_the_grammar_of_addresses(tmp_path: Path, source: bytes) -> None:
    (tmp_path / "work.ipynb").write_bytes(source)
    found = loaded(CHECKED, tmp_path, str(tmp_path / "work.ipynb"))
    assert "nbformat" in found
    assert "lark" not in found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where releases are kept, empty."""
    monkeypatch.setattr(releases, "FOLDER", tmp_path / "releases")
    forget(monkeypatch)
    return tmp_path / "releases"


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As another process would begin."""
    monkeypatch.setattr(releases, "_kept", {})
    releases.preview.cache_clear()


@pytest.mark.usefixtures("folder")
def test_a_release_is_nbgraders_and_the_next_process_finds_it(source: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = grading.release(source)
    assert releases.released(source) == expected
    forget(monkeypatch)
    # Whoever asks for another process now waits for it in vain.
    monkeypatch.setattr(apart, "SECONDS", 0.001)
    assert releases.released(source) == expected
    with pytest.raises(subprocess.TimeoutExpired):
        releases.released(source.replace(b"nbformat_minor", b"nbformat_minor "))


def test_a_release_that_cannot_be_kept_is_made_all_the_same(folder: Path, source: bytes) -> None:
    folder.write_text("where the folder would be")
    assert releases.released(source) == grading.release(source)


@pytest.mark.usefixtures("folder")
def test_why_nbgrader_refuses_a_source_comes_back_from_the_other_process(source: bytes) -> None:
    document = json.loads(source)
    graded = [cell for cell in document["cells"] if "nbgrader" in cell["metadata"]]
    graded[1]["metadata"]["nbgrader"]["grade_id"] = graded[0]["metadata"]["nbgrader"]["grade_id"]
    twice = json.dumps(document).encode()
    with pytest.raises(grading.InvalidSource) as known:
        grading.release(twice)
    with pytest.raises(grading.InvalidSource, match="may be corrupted") as found:
        releases.preview(twice)
    assert str(found.value) == str(known.value)


def test_whatever_grading_offers_is_there_when_it_is_asked_for() -> None:
    for name in grading.__all__:
        assert hasattr(grading, name), name
    with pytest.raises(AttributeError):
        grading.nothing_of_the_kind  # noqa: B018
