"""The heading above each graded cell, in the reader's language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from app.content.schemas import ARABIC_LETTER

HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)


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
