"""Process 1 of the sandbox: loads the libraries once, then forks for each notebook. It never runs trainees' code.

Standard input is a socket: each packet holds the limits as JSON and, as a file descriptor, the request.
Standard output, one JSON object a line: {warm}, then for each notebook what runner writes and last {ended}.
The zygote never reads a request, so that the next fork cannot hold anything of it.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import socket
import sys
import time
import traceback
import warnings
from pathlib import Path

from . import room, runner
from .answers import Answers

PACKET_BYTES = 4096
GROUP_AT = Path("/proc/self/autogroup")
TRIES, PAUSE_SECONDS = 50, 0.1
FILTER_AT = Path("/hunar/system_calls.bpf")
LIBRARIES = (
    "numpy.testing",
    "pandas.testing",
    "matplotlib.pyplot",
    "pandas.plotting._matplotlib",
    # ipykernel loads them, and debugpy with the first, at the start of each kernel.
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "faulthandler",
    "tornado.platform.asyncio",
)


def main(*, warm: bool) -> None:
    """warm: load what notebooks usually import, and use it once, so that forks find it loaded."""
    requests = socket.socket(fileno=os.dup(0))
    answers = Answers(os.fdopen(os.dup(1), "wb"))
    system_calls = FILTER_AT.read_bytes()
    _stay_as_nice_as_the_worker()
    if warm:
        rehearse()
    _let_go_of_standard_streams()
    # The collector would otherwise touch, and so copy, every page that forks share.
    gc.collect()
    gc.freeze()
    answers.send(warm=True)
    while requests.recv(1, socket.MSG_PEEK):
        if os.fork() == 0:
            _serve_one(requests, answers, system_calls)
        _wait_for_all()
        answers.send(ended=True)


def _stay_as_nice_as_the_worker() -> None:
    """The kernel weighs sessions against each other, and nice values only within one (sched(7), autogroup)."""
    niceness = os.nice(0)
    for _try in range(TRIES if niceness and GROUP_AT.exists() else 0):
        try:
            GROUP_AT.write_text(str(niceness))
            return
        except BlockingIOError:  # the kernel takes one such wish in a tenth of a second, of whomever
            time.sleep(PAUSE_SECONDS)


def _wait_for_all() -> None:
    """Until the room is empty, the orphans of a killed one included."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def _let_go_of_standard_streams() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)


def _serve_one(requests: socket.socket, answers: Answers, system_calls: bytes) -> None:
    try:
        room.enter()
        packet, [request], _, _ = socket.recv_fds(requests, PACKET_BYTES, 1)
        limits = json.loads(packet)
        room.close(limits, system_calls)
        requests.close()
        runner.run_notebook(request, limits, answers)
    except Exception:
        answers.send(failed=traceback.format_exc())
    finally:
        os._exit(0)


def rehearse() -> None:
    """Do once what most notebooks do; nothing of it stays but loaded code."""
    for name in LIBRARIES:
        importlib.import_module(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _draw()
        _read_and_group()
        _fail()
        _note_down()


def _draw() -> None:
    figures = importlib.import_module("matplotlib.figure")
    backend = importlib.import_module("matplotlib.backends.backend_agg")
    figure = figures.Figure()
    backend.FigureCanvasAgg(figure)
    figure.add_subplot().plot([1, 2])
    figure.savefig(io.BytesIO())


def _read_and_group() -> None:
    pandas = importlib.import_module("pandas")
    table = pandas.read_csv(io.StringIO("day,name,value\n2025-01-01,a,1\n2025-01-02,b,2\n"), parse_dates=["day"])
    table["name"].value_counts()
    table.groupby("name")["value"].mean()
    table._repr_html_()
    repr(table)


def _fail() -> None:
    """The first traceback of a process loads a good deal."""
    tracebacks = importlib.import_module("IPython.core.ultratb").AutoFormattedTB(mode="Context", theme_name="linux")
    try:
        raise AssertionError
    except AssertionError:
        tracebacks.structured_traceback(*sys.exc_info())


def _note_down() -> None:
    """The schema of notebooks is compiled when the first cell and output are made."""
    runner.new_notebook(cells=[runner.new_code_cell("")])
    runner.new_output("stream")
