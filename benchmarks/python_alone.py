"""What no notebook in a browser can do without: Python, started in a worker, and the lab's first cell run in it.

No Jupyter, no kernel, no portal, nothing drawn or saved: the same Pyodide and wheels from the same server as Hunar's.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from app.demo import MODULE_ID
from benchmarks.link import Link
from tools.chromium import CHROMIUM, FLAGS

FILES = f"/files/{MODULE_ID}/grievances"
PROGRAM = Path(__file__).with_suffix(".js")


def seconds(profile: Path, link: Link, origin: str, notebook: bytes, data: Path) -> float:
    """From the opening of a page of the notebook origin to the end of the cell, in a new browser with this profile.

    notebook: whose first cell is run; data: the folder of the files that it reads. Raises RuntimeError when it fails.
    """
    code = next(cell for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=list(FLAGS), proxy=link.proxy, bypass_csp=True
        )
        page = context.pages[0]
        began = time.monotonic()
        page.goto(f"{origin}/index.html")
        given = {
            "code": "".join(code["source"]),
            "page": f"{origin}/notebooks/index.html",
            "files": [f"{origin}{FILES}/{path.name}" for path in sorted(data.iterdir())],
        }
        answer = page.evaluate(PROGRAM.read_text(), given)
        taken = time.monotonic() - began
        context.close()
    if answer != "done":
        raise RuntimeError(f"the cell did not run by itself: {answer}")
    return taken
