"""Runs in Pyodide: the sources in an archive, replaced by what Python compiles of them."""

import py_compile
import zipfile
from pathlib import Path

EARLIEST = (1980, 1, 1, 0, 0, 0)
SOURCE, COMPILED = Path("source.py"), Path("compiled.pyc")


def compile_archive(path: str, place: str) -> None:
    """Replace each source that compiles by bytecode beside which no source is looked for.

    place: the folder in which Python will find the members; tracebacks name it.
    """
    with zipfile.ZipFile(path) as archive:
        members = [(member, archive.read(member)) for member in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for member, content in members:
            compiled = _compiled(content, f"{place}/{member.filename}") if member.filename.endswith(".py") else None
            entry = zipfile.ZipInfo(member.filename + ("c" if compiled else ""), EARLIEST)
            entry.external_attr = member.external_attr
            archive.writestr(entry, compiled or content)


def _compiled(source: bytes, name: str) -> bytes | None:
    """None for what is no Python of this version, as some packages carry for others."""
    SOURCE.write_bytes(source)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    try:
        py_compile.compile(str(SOURCE), str(COMPILED), name, doraise=True, invalidation_mode=mode)
    except (py_compile.PyCompileError, ValueError):
        return None
    return COMPILED.read_bytes()
