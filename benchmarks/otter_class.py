"""Run by the Python of otter-grader's own virtual environment: grades notebooks in one process, one after the other.

python otter_class.py AUTOGRADER_ZIP NOTEBOOK... prints a line of JSON for each: its name, the points of each test, or
none where otter gave it up.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
from pathlib import Path


def main(autograder: str, notebooks: list[str]) -> None:
    """What otter itself prints is thrown away."""
    otter = importlib.import_module("otter.api")
    for notebook in notebooks:
        points: dict[str, float] | None = None
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
            results = otter.grade_submission(notebook, ag_path=autograder, quiet=True)
            if not results.has_catastrophic_failure():
                points = {name: float(result.score) for name, result in results.results.items()}
        print(json.dumps({"name": Path(notebook).stem, "points": points}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
