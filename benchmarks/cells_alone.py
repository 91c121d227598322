"""What no grader can do without: a notebook's cells, run in forks of a Python that has its libraries loaded.

`python -m benchmarks.cells_alone FOLDER RUNS PROCESSES < NOTEBOOK` prints the seconds for each of so many runs: no
kernel, no outputs but drawn figures, no sandbox, no score, no page, no database.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path
from types import CodeType
from typing import Any

import matplotlib
from matplotlib import pyplot as plt

from grading.inside import zygote


def seconds_each(notebook: bytes, data: Path, *, runs: int, processes: int) -> float:
    """Of `runs` runs, `processes` at a time, beside the files in `data`. Raises RuntimeError when a cell fails."""
    command = [sys.executable, "-m", "benchmarks.cells_alone", str(data), str(runs), str(processes)]
    done = subprocess.run(command, input=notebook, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the cells did not run by themselves: {done.stderr.decode()[-2000:]}")
    return float(done.stdout)


def main() -> None:
    folder, runs, processes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    cells = [cell for cell in json.load(sys.stdin)["cells"] if cell["cell_type"] == "code"]
    codes = [compile("".join(cell["source"]), "cell", "exec") for cell in cells]
    os.chdir(folder)
    matplotlib.use("agg")
    zygote.rehearse()
    gc.collect()
    gc.freeze()
    _in_forks(codes, processes, processes)
    began = time.perf_counter()
    _in_forks(codes, runs, processes)
    sys.stdout.write(f"{(time.perf_counter() - began) / runs}\n")


def _in_forks(codes: list[CodeType], runs: int, processes: int) -> None:
    for started in range(runs):
        if started >= processes:
            _wait_for_one()
        if os.fork() == 0:
            _run(codes)
    for _left in range(min(runs, processes)):
        _wait_for_one()


def _wait_for_one() -> None:
    _pid, status = os.wait()
    if status != 0:
        raise RuntimeError("a cell failed")


def _run(codes: list[CodeType]) -> None:
    """In a fork of its own, which ends with it."""
    names: dict[str, Any] = {}
    status = 1
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for code in codes:
                exec(code, names)
                _draw()
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(status)


def _draw() -> None:
    """As a kernel does after each cell."""
    for number in plt.get_fignums():
        plt.figure(number).savefig(io.BytesIO(), bbox_inches="tight")
        plt.close(number)


if __name__ == "__main__":
    main()
