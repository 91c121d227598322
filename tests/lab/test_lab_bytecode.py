"""Sources in archives, compiled by the Python of the browser: what becomes of each, and that it is done once."""

import io
import zipfile
from pathlib import Path

import pytest

from lab.bytecode import compile_archives
from lab.errors import LabError
from lab.site import PYODIDE

PLACE = "/lib/python3.12/site-packages"
# Of Python 3.12, as files of bytecode begin.
MAGIC = b"\xcb\r\r\n"


def archive_of(**members: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return packed.getvalue()


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {member.filename: archive.read(member) for member in archive.infolist()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two archives, one of which nothing is said of."""
    place = tmp_path / "archives"
    place.mkdir()
    sound, odd = "def answer():\n    return 42\n", "print 'for another Python'\n"
    (place / "a.whl").write_bytes(archive_of(a__b_dot_py=sound, a__odd_dot_py=odd, a__c_dot_csv="1,2\n"))
    (place / "other.zip").write_bytes(archive_of(d_dot_py=sound))
    return place


def test_sources_become_bytecode_that_names_its_place_and_all_else_stays(folder: Path, tmp_path: Path) -> None:
    before = (folder / "other.zip").read_bytes()
    compile_archives(folder, {"a.whl": PLACE}, pyodide=PYODIDE, cache=tmp_path / "cache")
    found = members(folder / "a.whl")
    assert found.keys() == {"a/b.pyc", "a/odd.py", "a/c.csv"}
    assert found["a/b.pyc"].startswith(MAGIC)
    assert f"{PLACE}/a/b.py".encode() in found["a/b.pyc"]
    assert found["a/c.csv"] == b"1,2\n"
    assert (folder / "other.zip").read_bytes() == before


def test_what_was_compiled_before_is_taken_without_pyodide(folder: Path, tmp_path: Path) -> None:
    archive, cache = folder / "a.whl", tmp_path / "cache"
    source = archive.read_bytes()
    compile_archives(folder, {archive.name: PLACE}, pyodide=PYODIDE, cache=cache)
    first = archive.read_bytes()
    archive.write_bytes(source)
    without_program = tmp_path / "pyodide"
    without_program.mkdir()
    (without_program / "pyodide.asm.wasm").write_bytes((PYODIDE / "pyodide.asm.wasm").read_bytes())
    compile_archives(folder, {archive.name: PLACE}, pyodide=without_program, cache=cache)
    assert archive.read_bytes() == first
    archive.write_bytes(source)
    with pytest.raises(LabError, match="could not compile"):
        compile_archives(folder, {archive.name: "/elsewhere"}, pyodide=without_program, cache=cache)
