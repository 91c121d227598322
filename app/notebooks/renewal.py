"""A trainee's work carried over into a newer version of the lab: nothing of what they wrote is left behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from app.notebooks.comparison import by_key, cells_following, source_of


def renewed(work: bytes, begun_from: bytes, given_out: bytes) -> bytes:
    """The notebook that is given out now, with what the trainee wrote since they began from the older one.

    Cells are matched by nbgrader id, else by cell id. An answer takes the place of the new one's empty answer; so does
    another cell that the trainee changed and the author did not. Where both changed a cell that is no answer, the
    author's holds. Cells of the trainee's own follow the cell that they followed. What the author took out stays as an
    ordinary cell if the trainee had changed it. Results are not carried over: they were those of the older version.
    """
    mine, older, newer = by_key(work), by_key(begun_from), by_key(given_out)
    own = {key: cell for key, cell in mine.items() if key in newer or _is_own(cell, older.get(key))}
    following = cells_following(own, newer)
    cells = [_ordinary(cell) for cell in following.get(None, ())]
    for key, cell in newer.items():
        cells.append(_merged(cell, mine.get(key), older.get(key)))
        cells += [_ordinary(each) for each in following.get(key, ())]
    document = json.loads(given_out)
    has_ids = (document["nbformat"], document["nbformat_minor"]) >= (4, 5)
    named = _with_own_ids(cells) if has_ids else _without_ids(cells)
    return json.dumps({**document, "cells": list(named)}, ensure_ascii=False).encode()


def _is_own(mine: Any, older: Any) -> bool:
    return older is None or source_of(mine) != source_of(older)


def _merged(newer: dict[str, Any], mine: Any, older: Any) -> dict[str, Any]:
    if not isinstance(mine, dict) or not _is_own(mine, older):
        return newer
    is_untouched = older is not None and source_of(newer) == source_of(older)
    if not (is_untouched or _nbgrader(newer).get("solution")):
        return newer
    return {**newer, "source": source_of(mine)}


def _nbgrader(cell: dict[str, Any]) -> dict[str, Any]:
    found = cell.get("metadata", {}).get("nbgrader")
    return found if isinstance(found, dict) else {}


def _ordinary(cell: Any) -> dict[str, Any]:
    """A cell that no test knows."""
    kind = cell.get("cell_type") if isinstance(cell, dict) else None
    made: dict[str, Any] = {"cell_type": kind if kind in ("code", "markdown", "raw") else "markdown", "metadata": {}}
    if isinstance(cell, dict) and isinstance(cell.get("id"), str):
        made["id"] = cell["id"]
    made["source"] = source_of(cell)
    return made | ({"outputs": [], "execution_count": None} if made["cell_type"] == "code" else {})


def _with_own_ids(cells: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each cell under an id of its own, as notebooks of format 4.5 need it."""
    taken: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        name = cell.get("id")
        unique = name if isinstance(name, str) and name and name not in taken else f"moved-{number}"
        taken.add(unique)
        yield {**cell, "id": unique}


def _without_ids(cells: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return ({name: value for name, value in cell.items() if name != "id"} for cell in cells)
