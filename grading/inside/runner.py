"""Process 1 of a notebook's room: has a kernel execute the cells and answers with their outputs.

Answers, one JSON object a line: {ready}, {running: i}, then {outputs, timed_out, truncated, replaced}
or {died: i}, {unresponsive: i}, {failed: text}.
The kernel holds neither request nor answers, and process 1 is not dumpable, so cells can reach neither.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty
from typing import Any, BinaryIO, cast

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import write_connection_file
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async
from nbformat import NotebookNode, notebooknode
from nbformat.v4 import nbbase

from .answers import Answers
from .kernel import FORGET, REPLACED, run_kernel

# nbformat has no types for these.
new_notebook: Any = nbbase.new_notebook
new_code_cell: Any = nbbase.new_code_cell
new_output: Any = nbbase.new_output
from_dict: Any = notebooknode.from_dict

WORK_AT = "/tmp/assignment"  # noqa: S108  a private disk
NAME_LENGTH = 120
CONNECT_SECONDS = 0.1
OUTPUT_OVERHEAD_BYTES = 100
# The first of each in a cell decides its score.
DECISIVE = frozenset({"stream", "error", "execute_result"})
TEXT_BYTES_KEPT = 4096
TRUNCATED = "\n... Output truncated ...\n"
TIMEOUT_ERROR = {
    "ename": "CellTimeoutError",
    "evalue": "",
    "traceback": ["\x1b[0;31mCellTimeoutError\x1b[0m: No reply from kernel before timeout"],
}


class ForkedKernel:
    """The kernel's process, as nbclient wants to see it."""

    def __init__(self, connection_file: str, unshared: Sequence[Callable[[], None]]) -> None:
        """unshared: closes what the kernel must not hold, before any code of a trainee runs in it."""
        self._listening, bound = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._listening)
            for close in unshared:
                close()
            run_kernel(connection_file, bound)
        os.close(bound)

    def wait_until_it_listens(self) -> None:
        """Who connects before there is a socket tries again only after a tenth of a second. Returns if it died, too."""
        os.read(self._listening, 1)
        os.close(self._listening)

    async def is_alive(self) -> bool:
        try:
            return os.waitpid(self.pid, os.WNOHANG) == (0, 0)
        except ChildProcessError:
            return False

    async def interrupt_kernel(self) -> None:
        os.kill(self.pid, signal.SIGINT)


class BoundedClient(NotebookClient):
    """nbgrader's Execute with a bound on what it keeps of each cell's output.

    Past the bound text is cut, but that a cell wrote to standard error, failed or returned a value is
    always kept, because the score depends on it.
    """

    def __init__(self, cells: NotebookNode, kernel: ForkedKernel, *, output_bytes: int, cell_seconds: int) -> None:
        super().__init__(
            cells,
            km=cast(Any, kernel),
            timeout=cell_seconds,
            # The kernel may be done long before all that it printed has been read.
            iopub_timeout=cell_seconds,
            interrupt_on_timeout=True,
            allow_errors=True,
            raise_on_iopub_timeout=True,
            error_on_timeout=TIMEOUT_ERROR,
            store_widget_state=False,
            on_cell_executed=self.record_reply,
        )
        self.output_bytes = output_bytes
        self.used: dict[int, int] = {}
        self.kept: dict[int, set[tuple[str, str]]] = {}
        self.timed_out: list[int] = []
        self.truncated: list[int] = []
        self.replaced: list[list[str]] = [[] for _cell in cells.cells]

    def record_reply(self, *, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        """As nbgrader: an error that never reached the outputs still fails the cell."""
        content = execute_reply["content"]
        self.replaced[cell_index] = self.replaced_by(content)
        if content["status"] != "error":
            return
        if content["ename"] == TIMEOUT_ERROR["ename"]:
            self.timed_out.append(cell_index)
        shown = [out.ename for out in cell.outputs if out.output_type == "error"]
        if content["ename"] not in shown:
            shown_traceback = content["traceback"] or ["ERROR: An error occurred while showtraceback was disabled"]
            error = {"output_type": "error", "ename": content["ename"], "evalue": content["evalue"]}
            cell.outputs.append(from_dict({**error, "traceback": shown_traceback}))

    @staticmethod
    def replaced_by(content: dict[str, Any]) -> list[str]:
        """What the kernel says was replaced; one that says nothing was replaced itself."""
        if content.get("ename") == TIMEOUT_ERROR["ename"]:
            return []
        said = content.get(REPLACED)
        return [str(name)[:NAME_LENGTH] for name in said] if isinstance(said, list) else ["kernel"]

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        size = len(json.dumps(msg["content"], default=str)) + OUTPUT_OVERHEAD_BYTES
        used = self.used.get(cell_index, 0)
        # By kind and not looked for among the outputs, of which there may be thousands for each new one.
        kept = self.kept.setdefault(cell_index, set())
        if not outs or self.clear_before_next_output:
            kept.clear()
        kind = msg["msg_type"], str(msg["content"].get("name"))
        if used + size <= self.output_bytes:
            self.used[cell_index] = used + size
        else:
            if cell_index not in self.truncated:
                self.truncated.append(cell_index)
            if kind[0] not in DECISIVE or kind in kept:
                return None
            msg = shorten(msg)
        output = super().output(outs, msg, display_id, cell_index)
        if output is not None:
            kept.add(kind)
        return output


def shorten(msg: dict[str, Any]) -> dict[str, Any]:
    content = dict(msg["content"])
    if "text" in content:
        content["text"] = content["text"][:TEXT_BYTES_KEPT] + TRUNCATED
    if "data" in content:
        plain = content["data"].get("text/plain")
        content["data"] = {} if plain is None else {"text/plain": plain[:TEXT_BYTES_KEPT]}
    if "evalue" in content:
        content["ename"], content["evalue"] = content["ename"][:200], content["evalue"][:TEXT_BYTES_KEPT]
        content["traceback"] = [TRUNCATED.strip()]
    return {**msg, "content": content}


def run_notebook(request: int, limits: dict[str, int], answers: Answers) -> None:
    """Start a kernel, read the request only then, so that no kernel has ever held it, and run its cells.

    request: descriptor of a file with a line {cells: [{source, skip, is_forgotten}], files: {name: bytes}} and then
    those bytes.
    """
    for folder in (os.environ["HOME"], os.environ["TMPDIR"], WORK_AT):
        Path(folder).mkdir()
    os.chdir(WORK_AT)
    sockets = tempfile.mkdtemp(prefix="kernel-")
    connection_file, _ = write_connection_file(f"{sockets}/connection.json", transport="ipc", ip=f"{sockets}/socket")
    kernel = ForkedKernel(connection_file, [answers.close, lambda: os.close(request)])
    # A signal that has a handler is the one thing that code in the room could send to its process 1.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with os.fdopen(request, "rb") as file:
        asked = json.loads(file.readline())
        _write_files(asked["files"], file)
    kernel.wait_until_it_listens()
    asyncio.run(_run_cells(asked["cells"], kernel, connection_file, limits, answers))


def _write_files(sizes: dict[str, int], request: BinaryIO) -> None:
    """The assignment's data files; their names were checked outside."""
    for name, size in sizes.items():
        path = Path(WORK_AT, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(request.read(size))


async def _until_connected(client: BoundedClient) -> None:
    """Outputs come on a channel of their own, which loses what is sent before it is connected."""
    assert client.kc is not None
    while True:
        asked = await ensure_async(client.kc.kernel_info())
        await client.async_wait_for_reply(asked)
        try:
            while not _says_idle(await ensure_async(client.kc.iopub_channel.get_msg(timeout=CONNECT_SECONDS)), asked):
                continue
        except Empty:
            continue
        return


def _says_idle(message: dict[str, Any], asked: str) -> bool:
    state = message["parent_header"].get("msg_id"), message["content"].get("execution_state")
    return state == (asked, "idle")


async def _run_cells(
    cells: list[dict[str, Any]], kernel: ForkedKernel, connection_file: str, limits: dict[str, int], answers: Answers
) -> None:
    notebook = new_notebook(cells=[new_code_cell(cell["source"]) for cell in cells])
    client = BoundedClient(
        notebook, kernel, output_bytes=limits["output_bytes_per_cell"], cell_seconds=limits["cell_seconds"]
    )
    client.reset_execution_trackers()
    client.kc = AsyncKernelClient(connection_file=connection_file)
    client.kc.load_connection_file()
    # As the kernel's side of it: nothing is lost.
    client.kc.context.setsockopt(zmq.RCVHWM, 0)
    client.kc.start_channels()
    # As nbclient does: nobody is there to answer, so input() fails at once and does not use up the time.
    client.kc.allow_stdin = False
    await _until_connected(client)
    answers.send(ready=True)
    for index, cell in enumerate(cells):
        answers.send(running=index)
        try:
            if not cell["skip"]:
                await client.async_execute_cell(notebook.cells[index], index)
            if cell["is_forgotten"]:
                client.kc.shell_channel.send(client.kc.session.msg(FORGET, {}))
        except DeadKernelError:
            answers.send(died=index)
            return
        except CellTimeoutError:
            answers.send(unresponsive=index)
            # Whoever watches looks at what else there is too much of, and then ends the room.
            signal.pause()
            return
    answers.send(
        outputs=[cell.outputs for cell in notebook.cells],
        timed_out=client.timed_out,
        truncated=client.truncated,
        replaced=client.replaced,
    )
    # Nothing is worth waiting for: the end of process 1 ends everything in here.
    os._exit(0)
