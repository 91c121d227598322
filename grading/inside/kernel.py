"""A real ipykernel in a forked process, so that a cell means here what it means under nbgrader."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

import zmq
from ipykernel import ipkernel, kernelapp
from traitlets.config import Config

from .memory import Memory
from .watchlist import Watchlist

# ipykernel has no types for these.
IPythonKernel: Any = ipkernel.IPythonKernel
IPKernelApp: Any = kernelapp.IPKernelApp

REPLACED = "hunar_replaced"
FORGET = "forget_request"


class WatchedKernel(IPythonKernel):  # type: ignore[misc]
    """Says in each reply what stood replaced when its cell began or showed its result; forgets a cell when told."""

    msg_types = (*IPythonKernel.msg_types, FORGET)
    watchlist: Watchlist
    memory: Memory | None = None

    async def do_execute(self, *arguments: Any, **named: Any) -> Any:
        replaced = self.watchlist.replaced()
        self.memory = None
        # Whatever a notebook has made of IPython's history, its cells run.
        with suppress(Exception):
            self.memory = Memory(self.shell)
        reply = await super().do_execute(*arguments, **named)
        return {**reply, REPLACED: sorted({*replaced, *self.watchlist.replaced_displays()})}

    def forget_request(self, _stream: Any, _identities: Any, _message: Any) -> None:
        """Handle the message of that name, which comes between two cells."""
        if self.memory is not None:
            self.memory.restore()


class ToldKernelApp(IPKernelApp):  # type: ignore[misc]
    """Is told its settings: the parser of a command line takes longer to build than a kernel."""

    def parse_command_line(self, _argv: Any = None) -> None:
        return

    def init_iopub(self, context: Any) -> None:
        # A queue with an end loses what comes when it is full: outputs, and the word that the cell is done.
        context.setsockopt(zmq.SNDHWM, 0)
        super().init_iopub(context)


def run_kernel(connection_file: str, listening: int) -> None:
    """Serve cells; does not return.

    listening: a descriptor that is closed once the kernel has bound its sockets.
    """
    os.setsid()
    _seed_afresh()
    settings = Config({"HistoryManager": {"enabled": False}})
    app = ToldKernelApp.instance(kernel_class=WatchedKernel, connection_file=connection_file, config=settings)
    app.initialize([])
    os.close(listening)
    WatchedKernel.watchlist = Watchlist(app.shell)
    app.start()
    os._exit(0)


def _seed_afresh() -> None:
    """A fork would hand each notebook the same dice; Python's own are thrown anew by itself."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
