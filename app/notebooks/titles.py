"""What tells of each graded cell what is to be done, in the reader's language: its heading, and the whole task."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from app.content.values import ARABIC_LETTER
from app.notebooks.roles import marking_of

HEADING = re.compile(r"^#{1,6}[ \t]+(.*\S)", re.MULTILINE)
# What nbgrader takes out of a task before trainees get it; what stands between its lines is for markers.
# Each line is read once, whatever a notebook holds.
MARKING_SCHEME = re.compile(
    r"^(?=.*BEGIN MARK SCHEME).*\n((?:(?!.*BEGIN MARK SCHEME).*\n)*?)(?=.*END MARK SCHEME).*$", re.MULTILINE
)
URDU_OPENING = r'<div\b[^<>]*\blang="ur"[^<>]*>'
URDU_PART = re.compile(rf"{URDU_OPENING}((?:(?!{URDU_OPENING}).)*?)</div>", re.DOTALL)


@lru_cache(maxsize=64)
def cell_titles(source: bytes, language: str) -> Mapping[str, str]:
    """By grade_id the nearest heading above the cell; a heading in the other language where there is no own."""
    headings: dict[bool, str] = {}
    titles: dict[str, str] = {}
    for cell in json.loads(source)["cells"]:
        grade_id = marking_of(cell).get("grade_id")
        if cell["cell_type"] == "markdown":
            found = HEADING.findall(MARKING_SCHEME.sub("", "".join(cell["source"])))
            headings = {bool(ARABIC_LETTER.search(heading)): heading for heading in found} or headings
        if grade_id and isinstance(grade_id, str):
            titles[grade_id] = headings.get(language == "ur") or next(iter(headings.values()), grade_id)
    return titles


@lru_cache(maxsize=64)
def task_text(source: bytes, grade_id: str, language: str) -> str:
    """Markdown of the task above a cell, or in it; the other language's where there is no own."""
    text = ""
    for cell in json.loads(source)["cells"]:
        role = marking_of(cell)
        is_asked_for = role.get("grade_id") == grade_id
        if cell["cell_type"] == "markdown" and (role.get("task") or not is_asked_for):
            text = MARKING_SCHEME.sub("", "".join(cell["source"]))
        if is_asked_for:
            break
    urdu = "\n\n".join(URDU_PART.findall(text)).strip()
    english = URDU_PART.sub("", text).strip()
    return (urdu or english) if language == "ur" else (english or urdu)


@lru_cache(maxsize=64)
def marking_scheme(source: bytes, grade_id: str) -> str:
    """Markdown of the marking scheme in a task; "" for none."""
    cells = json.loads(source)["cells"]
    tasks = ["".join(cell["source"]) for cell in cells if marking_of(cell).get("grade_id") == grade_id]
    return "\n\n".join(scheme.strip() for task in tasks for scheme in MARKING_SCHEME.findall(task))
