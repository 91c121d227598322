"""The kernel's own wheels, which come with the site's other packages, and what they load that no lab needs.

JupyterLite would install them at each start, one after another, by micropip, which serves for nothing else here.
"""

import io
import shutil
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab import archives
from lab.errors import LabError
from lab.packages import normalised
from lab.wheels import sha256

EXTENSION = Path(sys.prefix, "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension")
PIPLITE = Path(__file__).with_name("piplite")
# A terminal, a history in a database and completion by reading sources: a browser has none of them, and IPython does
# without. It completes from the objects that are there.
TRIMMED: Mapping[str, Mapping[bytes, bytes]] = {
    "IPython/__init__.py": {b"\nfrom .terminal.embed import embed\n": b"\n"},
    "IPython/core/history.py": {b"\nimport sqlite3\n": b"\n", b"(DummyDB, sqlite3.Connection)": b"(DummyDB,)"},
    "pyodide_kernel/interpreter.py": {b"self.Completer.use_jedi = True": b"self.Completer.use_jedi = False"},
}


def copy_wheels(names: tuple[str, ...], folder: Path) -> list[Path]:
    """Copy wheels that JupyterLite's kernel extension carries; where they are now. LabError when it has one no more."""
    carried = {normalised(path.name.split("-")[0]): path for path in (EXTENSION / "static/pypi").glob("*.whl")}
    copies = []
    for name in names:
        if normalised(name) not in carried:
            raise LabError(f"jupyterlite-pyodide-kernel has no wheel of {name}; see lab/kernel.py.")
        copies.append(Path(shutil.copy(carried[normalised(name)], folder)))
    return copies


def write_piplite(folder: Path) -> tuple[str, dict[str, Any]]:
    """Put our own piplite, which installs nothing, where JupyterLite's would be; its key and entry for the lock."""
    sources = {f"{PIPLITE.name}/{path.name}": path.read_bytes() for path in PIPLITE.glob("*.py")}
    archive = folder / f"{PIPLITE.name}.zip"
    archive.write_bytes(archives.with_members(archives.EMPTY, sources))
    entry = {
        "name": PIPLITE.name,
        "version": "1",
        "file_name": archive.name,
        "install_dir": "site",
        "sha256": sha256(archive.read_bytes()),
        "package_type": "package",
        "imports": [PIPLITE.name],
        "depends": [],
        "unvendored_tests": False,
    }
    return PIPLITE.name, entry


def trimmed(archive: bytes) -> bytes:
    """The archive without what no lab needs. LabError when a source is not what it was."""
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        contents = {name: source.read(name) for name in TRIMMED.keys() & set(source.namelist())}
    if not contents:
        return archive
    return archives.with_members(archive, {name: _trimmed_source(name, text) for name, text in contents.items()})


def _trimmed_source(name: str, text: bytes) -> bytes:
    for former, now in TRIMMED[name].items():
        if text.count(former) != 1:
            raise LabError(f"{name} of the wheel is not what it was; see lab/kernel.py.")
        text = text.replace(former, now)
    return text
