"""Runs in the browser, in matplotlib's wheel: what the build wrote of the properties of matplotlib's artists."""

import json
from pathlib import Path

TABLES: dict[str, tuple[list[str], str]] = json.loads(Path(__file__).with_suffix(".json").read_text())


def setters(artist: object) -> list[str]:
    """The properties that can be set on this class; empty where nothing is written of it."""
    return _table(artist)[0]


def documentation(artist: object) -> str:
    """The description of these properties; empty where nothing is written of it."""
    return _table(artist)[1]


def _table(artist: object) -> tuple[list[str], str]:
    name = f"{artist.__module__}.{artist.__qualname__}" if isinstance(artist, type) else ""
    return TABLES.get(name, ([], ""))
