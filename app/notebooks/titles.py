"""What stands above each graded cell, in the reader's language: its heading, and the whole task."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from app.content.values import ARABIC_LETTER

HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)

URDU_PART = re.compile(r'<div[^>]*\blang="ur"[^>]*>(.*?)</div>', re.DOTALL)


@lru_cache(maxsize=64)
def cell_titles(source: bytes, language: str) -> Mapping[str, str]:
    """By grade_id the nearest heading above the cell; a heading in the other language where there is no own."""
    headings: dict[bool, str] = {}
    titles: dict[str, str] = {}
    for cell in json.loads(source)["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if cell["cell_type"] == "markdown":
            found = HEADING.findall("".join(cell["source"]))
            headings = {bool(ARABIC_LETTER.search(heading)): heading for heading in found} or headings
        if grade_id:
            titles[grade_id] = headings.get(language == "ur") or next(iter(headings.values()), grade_id)
    return titles


@lru_cache(maxsize=64)
def task_text(source: bytes, grade_id: str, language: str) -> str:
    """Markdown of the task above a cell; the other language's where there is no own."""
    above = ""
    for cell in json.loads(source)["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            break
        if cell["cell_type"] == "markdown":
            above = "".join(cell["source"])
    urdu = "\n\n".join(URDU_PART.findall(above)).strip()
    english = URDU_PART.sub("", above).strip()
    return (urdu or english) if language == "ur" else (english or urdu)
