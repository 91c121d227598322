"""`make bench`: measure, print, and keep the figures in docs/benchmarks.json and docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    academies,
    calibration,
    classes,
    deadline,
    grading_speed,
    memory,
    pages,
    peers,
    people,
    queues,
    scenarios,
    start,
    visits,
    weak_link,
)
from benchmarks.figures import Figure, Measurement, as_json, as_markdown
from config import ROOT

PARTS: dict[str, Callable[[Path], list[Figure]]] = {
    "start": start.measure,
    "pages": pages.measure,
    "memory": memory.measure,
    "people": people.measure,
    "academies_on_sqlite": academies.measure_on_sqlite,
    "academies_on_postgresql": academies.measure_on_postgresql,
    "visits": visits.measure,
    "slow_visits": visits.measure_hindered,
    "weak_link": weak_link.measure,
    "grading": grading_speed.measure,
    "classes": classes.measure,
    "peers": peers.measure,
    "deadline": deadline.measure,
    "scenarios": scenarios.measure,
    "queues": queues.measure,
    "calibration": calibration.measure,
}
DOCS = ROOT / "docs"
PREFACE = """# Benchmarks

Made by `make bench` on the machines that docs/benchmarks.json names; medians. Compare ratios, not seconds: the
machines that measure are shared. A part that is run alone (`python -m benchmarks PART`) replaces its own figures.
A ratio of 2 means that Hunar needs half of what its peer needs.

What runs a notebook's cells is the same everywhere: an ipykernel with the same numpy, pandas and matplotlib. No grader
that runs the lab's cells can need less time than the cells alone, which the class is measured with: the ratios of those
lines are the highest that any grader could reach. What the ratios compare is everything around the cells.

otter-grader grades here without its containers, all notebooks in one process, with tests that benchmarks/otter_lab.py
writes from the lab's own. Neither it nor the nbgrader command guards itself against the notebooks that it runs, so the
hostile class is graded by them in a cage of the bench's (benchmarks/cage.py), which is closed after the time in the
heading; Hunar grades it as it always does.

The lab's first cell imports pandas and matplotlib and reads two tables. "jupyter lite build" is a plain build of the
same notebook with the same data: applications, kernel and settings as they come, Pyodide 0.27.7 and its wheels as they
are distributed, in `static/pyodide` of the site (a CDN, the default, is out of reach here), from a static server that
sends gzip for texts, scripts and WebAssembly. Bytes are those that the link carried down, headers included; ours with
sign-in and four pages of the portal. The link is a proxy that everything of the browser goes through, 400 kbit/s each
way; the processor is slowed by stopping all of the browser's processes three quarters of the time. Both are visited at
once then, each over such a link of its own. A plain build keeps nothing at the academy and opens only with a link.
"Python and the cell alone" is a page that starts the same Pyodide with the same wheels in a worker and runs the cell's
code: no Jupyter, nothing shown, nothing kept. Its ratio is the highest that any notebook in a browser could reach.

The estimates are of simulated trainees whose skill is known (benchmarks/calibration.py, docs/estimates.md). A
ratio of 2 means that Hunar errs by half as much. Intervals of 90 % are right when they hold the truth of 90 % of the
trainees; more is too wide, less too narrow. pyBKT gives no intervals; its are made of its two states, two points wide
on each side. Rasch's model is a penalised logistic regression of scikit-learn.

"""


def main(words: Sequence[str] | None = None) -> int:
    """Run all parts, or those that are named; what a part measured is kept as soon as it is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of: {', '.join(PARTS)}; all when none is named")
    parts = parser.parse_args(words).parts or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(PARTS)}")
    for part in parts:
        print(f"== {part}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="hunar-bench-") as folder:
            measurement = Measurement.now(PARTS[part](Path(folder)))
        print(as_markdown(measurement), flush=True)
        keep(part, measurement)
    return 0


def keep(part: str, measurement: Measurement) -> None:
    """Put the figures of a part in place of its former ones."""
    path = DOCS / "benchmarks.json"
    former = {name: Measurement.of_json(kept) for name, kept in json.loads(path.read_text()).items()}
    known = {**former, part: measurement}
    parts = {name: known[name] for name in PARTS if name in known}
    path.write_text(as_json(parts))
    (DOCS / "benchmarks.md").write_text(PREFACE + "\n".join(as_markdown(each) for each in parts.values()))


if __name__ == "__main__":
    sys.exit(main())
