"""Runs in the browser, in place of JupyterLite's piplite: a lab has what its site holds, and installs nothing else."""

import re
from collections.abc import Iterable
from typing import Any

import pyodide_js  # type: ignore[import-not-found]  # Pyodide's
from pyodide.ffi import JsException  # type: ignore[import-not-found]  # Pyodide's


async def install(requirements: str | Iterable[str], *_options: Any, **_named: Any) -> None:
    """Load packages of the site, whatever version is asked for. ModuleNotFoundError names one that it does not have."""
    for requirement in [requirements] if isinstance(requirements, str) else requirements:
        name = re.split(r"[^\w.-]", requirement.strip())[0]
        try:
            await pyodide_js.loadPackage(name)
        except JsException:
            raise ModuleNotFoundError(f"No module named {name!r}: nothing can be installed in a lab.") from None
