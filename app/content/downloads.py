"""What the opening of a lab fetches from the notebook site: beforehand in megabytes, and from where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.content.schemas import Notebook

# Written by the build of the notebook site (lab/opening.py).
SUMMARY = "opening.json"
MEGABYTE = 1e6
IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)|import[ \t]+(.+))", re.MULTILINE)
FRAME_PATH = "/notebooks/index.html"


@dataclass(frozen=True)
class Downloads:
    """Sizes in bytes over the link, as the notebook site says them."""

    always: int
    imports: dict[str, dict[str, int]]
    data: dict[str, int]

    def megabytes(self, module_id: str, lab: Notebook) -> float:
        """Of the notebook program, the packages that a lab imports, and its data."""
        text = _code(lab.source)
        wheels: dict[str, int] = {}
        for name in _imported(text):
            wheels |= self.imports.get(_outermost(name), {})
        # The notebook's own site sends a file when a cell reads it; what the academy brought comes with the page.
        read = (
            self.data.get(f"{module_id}/{lab.data_folder}/{name}", 0)
            for name in lab.data_files
            if name in text and name not in lab.own_files
        )
        own = sum(file.sent_bytes for file in lab.own_files.values())
        return round((self.always + sum(wheels.values()) + sum(read) + own) / MEGABYTE, 1)


def first_opening_megabytes(site: Path, module_id: str, lab: Notebook) -> float | None:
    """What a computer fetches from the notebook site, and of own data from the portal, when it opens a lab for the
    first time and runs it; None while the site is not built.
    """
    said = _said(site)
    return said.megabytes(module_id, lab) if said else None


def frame_address(origin: str, site: Path, source: bytes) -> str:
    """Where a page opens the notebook program for a notebook, whose imports it begins to load at once."""
    said = _said(site)
    names = dict.fromkeys(name for name in _imported(_code(source)) if said and _outermost(name) in said.imports)
    return f"{origin}{FRAME_PATH}" + (f"#imports={','.join(names)}" if names else "")


def _said(site: Path) -> Downloads | None:
    path = site / SUMMARY
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=2)
def _read(path: Path, _changed_at: int) -> Downloads:
    return Downloads(**json.loads(path.read_text(encoding="utf-8")))


@lru_cache(maxsize=64)
def _code(source: bytes) -> str:
    """The code of a notebook, whose cells may be of any shape while an author has not mended them."""
    cells = [cell for cell in json.loads(source)["cells"] if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    sources = [cell.get("source", "") for cell in cells]
    return "\n".join("".join(map(str, lines)) if isinstance(lines, list) else str(lines) for lines in sources)


def _imported(text: str) -> Iterator[str]:
    """The modules that code imports, with dots."""
    for whole, listed in IMPORT.findall(text):
        for name in [whole] if whole else listed.split(","):
            yield re.split(r"[^\w.]", name.strip(), maxsplit=1)[0]


def _outermost(module: str) -> str:
    return module.split(".", 1)[0]
