"""nbgrader's instantiation of tests, for an author's notebook; the host never runs a line of it.

Both the code of the notebook and the templates of its autotests.yml (Jinja, which can run anything) stay in here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat as untyped_nbformat
import yaml  # type: ignore[import-untyped]
from jupyter_client.manager import KernelManager
from nbclient.exceptions import CellExecutionError
from nbgrader.preprocessors import instantiatetests

nbformat: Any = untyped_nbformat
KERNEL_SECONDS = 60.0


def instantiated(source: str) -> str:
    """The notebook `source` with its AUTOTEST lines replaced by tests, as `nbgrader generate_assignment` does first.

    autotests.yml and the data files are those of the working folder. Raises whatever nbgrader or the notebook raises.
    """
    instantiatetests.start_new_kernel = _start_kernel
    _require_yaml(Path("autotests.yml"))
    notebook = nbformat.reads(source, as_version=4)
    try:
        made, _resources = instantiatetests.InstantiateTests()(notebook, {"metadata": {"path": "."}})
    except CellExecutionError as error:
        # nbgrader gives it a traceback that is no text, so that it cannot be printed.
        raise ValueError(f"{error.ename}: {error.evalue}") from None
    return str(nbformat.writes(made))


def _require_yaml(path: Path) -> None:
    """nbgrader fails on what it would say about a file that is none."""
    try:
        yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None


def _start_kernel(kernel_name: str, cwd: str) -> tuple[Any, Any]:
    """As jupyter_client does, but through files: in here there is no network, not even to itself."""
    manager: Any = KernelManager(kernel_name=kernel_name, transport="ipc")
    manager.start_kernel(cwd=cwd)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=KERNEL_SECONDS)
    return manager, client
