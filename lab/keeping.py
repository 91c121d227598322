"""What it takes to keep the notebook site on a device: a service worker, a page that fetches, and the list of files."""

import hashlib
import json
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

from lab import fonts, hashed
from lab.wheels import sha256

HERE = Path(__file__).parent / "keep"
WORKBOX = ("workbox-core", "workbox-routing")
FILE_LIST = "kept-files.json"
SHARED = "shared"
CONFIGURATION = "/hunar.json"
# Of no use without a link: twins for the way, licences, type for browsers that have no service workers.
LEFT_OUT_SUFFIXES = frozenset({".br", ".gz", ".txt", ".eot", ".ttf", ".svg", ".map"})
LEFT_OUT = frozenset({"service-worker.js", "keep.html", "keep.js", "manifest.webmanifest", FILE_LIST})
LEFT_OUT_STEMS = ("workbox-", "icon-", ".inputs")
MODULE_FOLDERS = (("files",), ("api", "contents"))


def workbox_files(packages: Path) -> list[Path]:
    """The library's files in the folder of npm's packages."""
    return [packages / name / "build" / f"{name}.prod.js" for name in WORKBOX]


def write(site: Path, packages: Path) -> None:
    """Lay the service worker over JupyterLite's own, with the library beside it, and the page that keeps."""
    imported = []
    for path in workbox_files(packages):
        name = hashed.put(path.read_bytes(), f"{path.stem.removesuffix('.prod')}.js", site)
        imported.append(f"/{name}")
    worker = (HERE / "service-worker.js").read_text(encoding="utf-8")
    (site / "service-worker.js").write_text(f"importScripts(...{json.dumps(imported)});\n{worker}", encoding="utf-8")
    for name in ("keep.html", "keep.js"):
        shutil.copy(HERE / name, site / name)


def write_list(site: Path) -> Path:
    """Write the list of files by part and return its path; call it when the compressed twins are there.

    Each part (the shared one, and one for each module's data) has a digest of its contents and its files: path, sha256,
    bytes of room, and `sent`, bytes over the link. The configuration comes from the server and has no sha256.
    """
    parts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted(site.rglob("*")):
        if path.is_file() and not _is_left_out(path.relative_to(site)):
            parts[_part(path.relative_to(site))].append(_entry(site, path))
    parts[SHARED].append({"path": CONFIGURATION, "sha256": "", "bytes": 64, "sent": 64})
    listed = {part: {"digest": _digest(files), "files": files} for part, files in parts.items()}
    target = site / FILE_LIST
    target.write_text(json.dumps(listed, separators=(",", ":")))
    return target


def _is_left_out(path: Path) -> bool:
    is_drawn_with = path.parent == fonts.FOLDER and path.suffix == ".ttf"
    return (path.suffix in LEFT_OUT_SUFFIXES and not is_drawn_with) or (
        len(path.parts) == 1 and (path.name in LEFT_OUT or path.name.startswith(LEFT_OUT_STEMS))
    )


def _part(path: Path) -> str:
    for folder in MODULE_FOLDERS:
        inside = path.parts[len(folder) :]
        if path.parts[: len(folder)] == folder and len(inside) > 1:
            return inside[0]
    return SHARED


def _entry(site: Path, path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    twin = path.with_name(f"{path.name}.br")
    return {
        "path": f"/{path.relative_to(site).as_posix()}",
        "sha256": sha256(content),
        "bytes": len(content),
        "sent": twin.stat().st_size if twin.exists() else len(content),
    }


def _digest(files: list[dict[str, Any]]) -> str:
    content = "".join(f"{file['path']} {file['sha256']}\n" for file in files)
    return hashlib.sha256(content.encode()).hexdigest()[:12]
