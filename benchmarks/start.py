"""From `make run` to the first page, when everything is built already."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.figures import Figure, measured
from tools.product import own_environment, running

RUNS = 3
MAKE_RUN = ("make", "--silent", "run")


def measure(folder: Path) -> list[Figure]:
    """The first start brings the database up and is not counted."""
    environment = own_environment(folder)
    seconds = []
    for number in range(RUNS + 1):
        began = time.monotonic()
        with running(environment, folder / "start.log", MAKE_RUN):
            if number:
                seconds.append(time.monotonic() - began)
    return [measured("Start", "`make run` (second run) until both origins answer", "s", seconds)]
