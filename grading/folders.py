"""Folders on disk as names and contents, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from grading.types import InvalidSource

SKIPPED_FOLDERS = frozenset({"__pycache__", ".ipynb_checkpoints"})


def read_data_files(folder: Path | None) -> dict[str, bytes]:
    """Name -> content of all files below `folder` but notebooks; none without a folder.

    Raises NotADirectoryError, InvalidSource (a name in bytes that are no UTF-8).
    """
    if folder is None:
        return {}
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder")
    found = {name: path for name, path in files_below(folder).items() if path.suffix != ".ipynb"}
    for name in found:
        if not _is_text(name):
            raise InvalidSource(f"The name of the data file {name!r} is not written in UTF-8; rename it.")
    return {name: path.read_bytes() for name, path in found.items()}


def files_below(folder: Path) -> dict[str, Path]:
    """By name below `folder` every file there, but those that Python and Jupyter keep for themselves."""
    names = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name.as_posix(): path for name, path in names.items() if not SKIPPED_FOLDERS & set(name.parts)}


def _is_text(name: str) -> bool:
    try:
        return bool(name.encode())
    except UnicodeEncodeError:
        return False


def write_new_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write each name below `folder`, which must be new or empty. Raises FileExistsError, InvalidSource (names)."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is there already and not empty; give a folder that is new or empty")
    require_inside(contents)
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def require_inside(names: Iterable[str]) -> None:
    """Raises InvalidSource for the name of a data file that would lie outside its folder."""
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
            raise InvalidSource(f"The data file name {name!r} leaves the assignment's folder.")
