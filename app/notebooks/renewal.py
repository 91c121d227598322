"""A trainee's work carried over into a newer version of the lab: nothing of what they wrote is left behind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from app.notebooks.comparison import Key, by_key, cells_following, names_of, source_of
from app.notebooks.roles import Kind, kind_of, marking_of

ANSWERS = (Kind.SOLUTION, Kind.ANSWER)


def renewed(work: bytes, begun_from: bytes, given_out: bytes) -> bytes:
    """The notebook that is given out now, with what the trainee wrote since they began from the older one.

    Cells are matched by nbgrader id, else by cell id. An answer takes the place of the new one's empty answer; so does
    another cell that the trainee changed and the author did not. Where the author's holds, because both changed a cell
    that is no answer or the author made another kind of cell of it, what the trainee wrote follows it as an ordinary
    cell, unless the cell was locked. Cells of the trainee's own follow the cell that they followed. What the author
    took out stays as an ordinary cell if the trainee had changed it. Results are not carried over: they were those of
    the older version.
    """
    newer = by_key(given_out)
    mine, older = _matched(by_key(work), newer), _matched(by_key(begun_from), newer)
    own = {key: cell for key, cell in mine.items() if key in newer or _is_own(cell, older.get(key))}
    following = cells_following(own, newer)
    cells = [_ordinary(cell) for cell in following.get(None, ())]
    for key, cell in newer.items():
        cells += _merged(cell, mine.get(key), older.get(key))
        cells += [_ordinary(each) for each in following.get(key, ())]
    document = json.loads(given_out)
    has_ids = (document["nbformat"], document["nbformat_minor"]) >= (4, 5)
    named = _with_own_ids(cells) if has_ids else _without_ids(cells)
    return json.dumps({**document, "cells": list(named)}, ensure_ascii=False).encode()


def _matched(cells: Mapping[Key, Any], newer: Mapping[Key, Any]) -> dict[Key, Any]:
    """The cells by the keys of the newer ones: a cell whose key none of these has, by another name that both have."""
    free = {name: key for key, cell in newer.items() if key not in cells for name in names_of(cell)}
    found: dict[Key, Any] = {}
    for key, cell in cells.items():
        others = (free[name] for name in names_of(cell) if key not in newer and name in free)
        found[next((other for other in others if other not in found), key)] = cell
    return found


def _is_own(mine: Any, older: Any) -> bool:
    return older is None or _written(mine) != _written(older)


def _written(cell: Any) -> tuple[str, dict[str, Any]]:
    """The text of a cell and the pictures pasted into it."""
    pictures = cell.get("attachments") if isinstance(cell, dict) else None
    return source_of(cell), pictures if isinstance(pictures, dict) else {}


def _merged(newer: dict[str, Any], mine: Any, older: Any) -> list[dict[str, Any]]:
    """The newer cell with what the trainee wrote in its place, or that behind it as a cell of its own."""
    if mine is None or not _is_own(mine, older):
        return [newer]
    kind, former = kind_of(marking_of(newer)), kind_of(marking_of(older))
    is_untouched = older is not None and (source_of(newer), kind) == (source_of(older), former)
    takes_it = is_untouched or kind in ANSWERS
    if takes_it and isinstance(mine, dict) and mine.get("cell_type") == newer["cell_type"]:
        return [_with_text_of(newer, mine)]
    is_locked = marking_of(older).get("locked") and former not in ANSWERS
    return [newer] if is_locked else [newer, _ordinary(mine)]


def _with_text_of(cell: dict[str, Any], mine: Any) -> dict[str, Any]:
    """The cell with the trainee's text and pictures; code has no pictures."""
    text, pictures = _written(mine)
    without = {name: value for name, value in cell.items() if name not in ("source", "attachments")}
    return without | {"source": text} | ({"attachments": pictures} if pictures and cell["cell_type"] != "code" else {})


def _ordinary(cell: Any) -> dict[str, Any]:
    """A cell that no test knows."""
    kind = cell.get("cell_type") if isinstance(cell, dict) else None
    made: dict[str, Any] = {"cell_type": kind if kind in ("code", "markdown", "raw") else "markdown", "metadata": {}}
    if isinstance(cell, dict) and isinstance(cell.get("id"), str):
        made["id"] = cell["id"]
    made = _with_text_of(made, cell)
    return made | ({"outputs": [], "execution_count": None} if made["cell_type"] == "code" else {})


def _with_own_ids(cells: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each cell under an id of its own, as notebooks of format 4.5 need it."""
    given = {name for cell in cells if isinstance(name := cell.get("id"), str)}
    free = (name for number in count(1) if (name := f"moved-{number}") not in given)
    taken: set[str] = set()
    for cell in cells:
        name = cell.get("id")
        unique = name if isinstance(name, str) and name and name not in taken else next(free)
        taken.add(unique)
        yield {**cell, "id": unique}


def _without_ids(cells: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return ({name: value for name, value in cell.items() if name != "id"} for cell in cells)
