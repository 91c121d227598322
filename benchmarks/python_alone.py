"""What no notebook in a browser can do without: Python, started in a worker, and the lab's first cell run in it.

No Jupyter, no kernel, no portal, nothing drawn or saved: the same Pyodide and wheels from the same server as Hunar's.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from playwright.sync_api import Page

PROGRAM = Path(__file__).with_suffix(".js")


def seconds(page: Page, origin: str, notebook: bytes, data: Path) -> float:
    """From the opening of a page of the notebook origin, whose policy must not hold there, to the end of the cell.

    notebook: whose first cell is run; data: folder of the files that it reads, which the origin has, too, by module and
    lab. Raises RuntimeError when the cell fails.
    """
    code = next(cell for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code")
    files = f"{origin}/files/{data.parent.name}/{data.name}"
    given = {
        "code": "".join(code["source"]),
        "page": f"{origin}/notebooks/index.html",
        "files": [f"{files}/{path.name}" for path in sorted(data.iterdir())],
    }
    began = time.monotonic()
    page.goto(f"{origin}/index.html")
    answer = page.evaluate(PROGRAM.read_text(), given)
    taken = time.monotonic() - began
    if answer != "done":
        raise RuntimeError(f"the cell did not run by itself: {answer}")
    return taken
