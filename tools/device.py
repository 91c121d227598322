"""Pack what plays a simulation on a device: Pyodide with numpy, and an archive with desk, simulations and texts.

Pyodide and numpy are taken from the notebook site, where each was checked against Pyodide's lock; the libraries that
the desk prints with are those of the server, so that both print alike.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
import zipfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from config import ROOT
from lab.compress import compress_file

TARGET = ROOT / "app" / "static" / "vendor" / "desk"
RUNTIME = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
ARCHIVE = "desk.zip"
OWN = (
    "app/__init__.py",
    "app/core/__init__.py",
    "app/desk/*.py",
    "app/templates/desk/*.html",
    "app/templates/macros/*.html",
)
CORE = ("charts", "numbers", "table", "typed", "wording")
LIBRARIES = ("importlib_metadata", "jinja2", "lazy_importer", "markupsafe", "pygal", "zipp")
# Whose texts go along.
TEXTS_OF = ("app/desk/", "app/templates/desk/", "app/templates/macros/", "app/core/charts.py")
EPOCH = (1980, 1, 1, 0, 0, 0)


def main() -> int:
    """0 when everything is packed or was up to date."""
    [runtime] = (ROOT / "var" / "site" / "static").glob("pyodide-*")
    [numpy] = runtime.glob("numpy-*.whl")
    archive = _archive()
    sources = [runtime / name for name in RUNTIME] + [numpy]
    digest = hashlib.sha256(runtime.name.encode() + archive).hexdigest()[:12]
    folder = TARGET / digest
    if folder.is_dir():
        return 0
    shutil.rmtree(TARGET, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in sources:
        name = "numpy.whl" if source == numpy else source.name
        for suffix in ("", ".br", ".gz"):
            twin = source.with_name(source.name + suffix)
            if twin.exists():
                shutil.copyfile(twin, folder / f"{name}{suffix}")
    (folder / ARCHIVE).write_bytes(archive)
    compress_file(folder / ARCHIVE, ROOT / "var" / "lab-cache" / "compressed")
    return 0


def _archive() -> bytes:
    """Uncompressed, so that brotli packs it better for the way; the same files give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(_members()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data)
    return content.getvalue()


def _members() -> Iterator[tuple[str, bytes]]:
    for pattern in (*OWN, *(f"app/core/{name}.py" for name in CORE)):
        for path in ROOT.glob(pattern):
            yield path.relative_to(ROOT).as_posix(), path.read_bytes()
    yield from _folder(ROOT / "simulations", {".py", ".md", ".toml", ".csv", ".json"})
    for library in LIBRARIES:
        yield from _folder(Path(str(import_module(library).__file__)).parent, {".py", ".css"})
    yield "app/desk/texts.ur.mo", _texts()


def _folder(folder: Path, suffixes: set[str]) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if path.suffix in suffixes and not {"test", "tests", "build"} & set(inside.parts):
            yield f"{folder.name}/{inside.as_posix()}", path.read_bytes()


def _texts() -> bytes:
    """The Urdu texts of the desk."""
    with (ROOT / "app" / "translations" / "ur" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        whole = read_po(file, locale="ur")
    some = Catalog(locale="ur", fuzzy=False)
    for message in whole:
        if message.id and any(place.startswith(TEXTS_OF) for place, _line in message.locations):
            some.add(message.id, message.string)
    content = io.BytesIO()
    write_mo(content, some)
    return content.getvalue()


if __name__ == "__main__":
    sys.exit(main())
