"""The kernel's own wheels, which come with the site's other packages.

JupyterLite would install them at each start, one after another, by micropip, which serves for nothing else here.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from lab import archives
from lab.errors import LabError
from lab.packages import normalised
from lab.wheels import sha256

EXTENSION = Path(sys.prefix, "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension")
PIPLITE = Path(__file__).with_name("piplite")


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
