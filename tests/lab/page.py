"""The notebook in a browser page that embeds it, and cells to load into it."""

import json
from dataclasses import dataclass, field
from typing import Any, Protocol

from playwright.sync_api import Frame, Page

WORK = "measure/grievances/work.ipynb"


class Parent(Protocol):
    """A server of pages that embed the notebook."""

    asked: list[str]

    @property
    def origin(self) -> str: ...


class Origins(Protocol):
    """Where the portal's page, a stranger's page and the notebooks are served."""

    @property
    def portal(self) -> Parent: ...
    @property
    def stranger(self) -> Parent: ...
    @property
    def notebook(self) -> str: ...


def notebook_of(*cells: dict[str, Any]) -> dict[str, Any]:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": list(cells)}


def code(source: str, cell_id: str = "code", **metadata: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "id": cell_id, "metadata": metadata, "source": source}
    return {**cell, "outputs": [], "execution_count": None}


def markdown(source: str, cell_id: str = "text") -> dict[str, Any]:
    return {"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": source}


def output_text(cell: dict[str, Any]) -> str:
    """All that a cell showed, as text."""
    return json.dumps(cell["outputs"], ensure_ascii=False)


@dataclass
class Lab:
    """A browser page that embeds the notebook, and all that went wrong on it."""

    page: Page
    origins: Origins
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, fragment: str = "") -> None:
        """Go to the portal's page and wait until the notebook says that it is ready.

        fragment: of the notebook's address.
        """
        self.page.goto(f"{self.origins.portal.origin}/{fragment}")
        self.wait("events.some(event => event.event === 'ready')")

    def wait(self, condition: str) -> None:
        self.page.wait_for_function(condition, timeout=120_000)

    def call(self, op: str, **args: Any) -> Any:
        """One operation of the bridge; fails when the bridge refuses it."""
        return self.page.evaluate("([op, args]) => call(op, args)", [op, args])

    def load(
        self, *cells: dict[str, Any], path: str = WORK, explanations: list[dict[str, object]] | None = None
    ) -> dict[str, Any]:
        """Load a notebook of these cells and return it."""
        notebook = notebook_of(*cells)
        self.call("load", path=path, name="Grievances", notebook=notebook, explanations=explanations or [])
        return notebook

    def run_all(self) -> bool:
        """Run every cell; True when all of them finished."""
        return bool(self.call("runAll")["finished"])

    def cells(self) -> list[dict[str, Any]]:
        """The cells of a snapshot."""
        cells: list[dict[str, Any]] = self.call("snapshot")["notebook"]["cells"]
        return cells

    def events(self, name: str) -> list[dict[str, Any]]:
        """The events of this name so far."""
        happened: list[dict[str, Any]] = self.page.evaluate("events")
        return [event for event in happened if event["event"] == name]

    @property
    def frame(self) -> Frame:
        """The notebook's document."""
        return next(frame for frame in self.page.frames if frame.url.startswith(self.origins.notebook))
