"""`make bench`: measure, print, and keep the figures in docs/benchmarks.json and docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import classes, deadline, grading_speed, pages, queues, scenarios, start, visits
from benchmarks.figures import Figure, as_json, as_markdown
from config import ROOT

PARTS: dict[str, Callable[[Path], list[Figure]]] = {
    "start": start.measure,
    "pages": pages.measure,
    "visits": visits.measure,
    "grading": grading_speed.measure,
    "classes": classes.measure,
    "deadline": deadline.measure,
    "scenarios": scenarios.measure,
    "queues": queues.measure,
}
PREFACE = """# Benchmarks

Made by `make bench` on the machine that docs/benchmarks.json names; medians. Compare ratios, not seconds: the
machines that measure are shared. A ratio of 2 means that Hunar needs half of what its peer needs.

"""


def main(words: Sequence[str] | None = None) -> int:
    """Run all parts, or those that are named; only a whole run is kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of: {', '.join(PARTS)}; all when none is named")
    parts = parser.parse_args(words).parts or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(PARTS)}")
    figures: list[Figure] = []
    for part in parts:
        print(f"== {part}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="hunar-bench-") as folder:
            figures += PARTS[part](Path(folder))
    print(as_markdown(figures))
    if set(parts) == set(PARTS):
        (ROOT / "docs" / "benchmarks.json").write_text(as_json(figures))
        (ROOT / "docs" / "benchmarks.md").write_text(PREFACE + as_markdown(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
