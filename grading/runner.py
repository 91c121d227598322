"""Runs inside the sandbox, as its process 1: executes the cells it is given and answers with their outputs.

Standard input: one JSON object {cells: [{source, skip}], limits: {...}, files_at, work_at}.
Standard output: one JSON object a line: {ready}, {running: i}, then {outputs, timed_out, truncated}
or {died: i}, {unresponsive: i}, {failed: text}.
Both are closed before a kernel starts, and process 1 is not dumpable, so cells can reach neither.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import resource
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async
from nbformat import NotebookNode, notebooknode
from nbformat.v4 import nbbase

# nbformat has no types for these.
new_notebook: Any = nbbase.new_notebook
new_code_cell: Any = nbbase.new_code_cell
from_dict: Any = notebooknode.from_dict

PR_SET_DUMPABLE = 4
VIRTUAL_MEMORY_OVER_RESIDENT = 1024 * 1024 * 1024
THREADS_OVER_PROCESSES = 64
OUTPUT_OVERHEAD_BYTES = 100
TEXT_BYTES_KEPT = 4096
TRUNCATED = "\n... Output truncated ...\n"
TIMEOUT_ERROR = {
    "ename": "CellTimeoutError",
    "evalue": "",
    "traceback": ["\x1b[0;31mCellTimeoutError\x1b[0m: No reply from kernel before timeout"],
}


class OurKernel(KernelSpecManager):
    """Knows one kernel, whatever the notebook or the environment says."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python", name=kernel_name)


class BoundedClient(NotebookClient):
    """nbgrader's Execute with a bound on what it keeps of each cell's output.

    Past the bound text is cut, but that a cell wrote to standard error, failed or returned a value is
    always kept, because the score depends on it.
    """

    def __init__(self, cells: NotebookNode, *, output_bytes: int, cell_seconds: int) -> None:
        super().__init__(
            cells,
            km=AsyncKernelManager(kernel_name="python3", kernel_spec_manager=OurKernel()),
            timeout=cell_seconds,
            interrupt_on_timeout=True,
            allow_errors=True,
            raise_on_iopub_timeout=True,
            error_on_timeout=TIMEOUT_ERROR,
            store_widget_state=False,
            on_cell_executed=self.record_reply,
        )
        self.output_bytes = output_bytes
        self.used: dict[int, int] = {}
        self.timed_out: list[int] = []
        self.truncated: list[int] = []

    def record_reply(self, *, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        """As nbgrader: an error that never reached the outputs still fails the cell."""
        content = execute_reply["content"]
        if content["status"] != "error":
            return
        if content["ename"] == TIMEOUT_ERROR["ename"]:
            self.timed_out.append(cell_index)
        shown = [out.ename for out in cell.outputs if out.output_type == "error"]
        if content["ename"] not in shown:
            shown_traceback = content["traceback"] or ["ERROR: An error occurred while showtraceback was disabled"]
            error = {"output_type": "error", "ename": content["ename"], "evalue": content["evalue"]}
            cell.outputs.append(from_dict({**error, "traceback": shown_traceback}))

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        size = len(json.dumps(msg["content"], default=str)) + OUTPUT_OVERHEAD_BYTES
        used = self.used.get(cell_index, 0)
        if used + size <= self.output_bytes:
            self.used[cell_index] = used + size
            return super().output(outs, msg, display_id, cell_index)
        if cell_index not in self.truncated:
            self.truncated.append(cell_index)
        if not self.must_keep(outs, msg):
            return None
        return super().output(outs, shorten(msg), display_id, cell_index)

    @staticmethod
    def must_keep(outs: list[NotebookNode], msg: dict[str, Any]) -> bool:
        """Whether this output could still decide the score: the first of its kind in the cell."""
        kind, name = msg["msg_type"], msg["content"].get("name")
        seen = {(out.output_type, out.get("name")) for out in outs}
        return kind in {"stream", "error", "execute_result"} and (kind, name) not in seen


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


class Answer:
    """The one way out: a pipe that only this process holds."""

    def __init__(self) -> None:
        self.pipe: BinaryIO = os.fdopen(os.dup(1), "wb")
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)

    def send(self, **message: Any) -> None:
        self.pipe.write(json.dumps(message).encode() + b"\n")
        self.pipe.flush()


def restrict(limits: dict[str, int]) -> None:
    """Limits of each process; the host watches the tree as a whole."""
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    for kind, value in (
        (resource.RLIMIT_AS, limits["memory_bytes"] + VIRTUAL_MEMORY_OVER_RESIDENT),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_NPROC, limits["processes"] + THREADS_OVER_PROCESSES),
        (resource.RLIMIT_NOFILE, 512),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def lay_out(request: dict[str, Any]) -> None:
    """A writable copy of the assignment's files, a home and a place for temporary files."""
    shutil.copytree(request["files_at"], request["work_at"])
    for folder in (os.environ["HOME"], os.environ["TMPDIR"]):
        Path(folder).mkdir()
    os.chdir(request["work_at"])


async def run(request: dict[str, Any], answer: Answer) -> None:
    limits, cells = request["limits"], request["cells"]
    notebook = new_notebook(cells=[new_code_cell(cell["source"]) for cell in cells])
    client = BoundedClient(notebook, output_bytes=limits["output_bytes_per_cell"], cell_seconds=limits["cell_seconds"])
    client.reset_execution_trackers()
    async with client.async_setup_kernel():
        assert client.kc is not None
        await client.async_wait_for_reply(await ensure_async(client.kc.kernel_info()))
        answer.send(ready=True)
        for index, cell in enumerate(cells):
            answer.send(running=index)
            try:
                if not cell["skip"]:
                    await client.async_execute_cell(notebook.cells[index], index)
            except DeadKernelError:
                return answer.send(died=index)
            except CellTimeoutError:
                return answer.send(unresponsive=index)
        outputs = [cell.outputs for cell in notebook.cells]
        answer.send(outputs=outputs, timed_out=client.timed_out, truncated=client.truncated)
        # Nothing is worth waiting for: the end of process 1 ends everything in here.
        os._exit(0)


def main() -> None:
    request = json.load(sys.stdin.buffer)
    restrict(request["limits"])
    lay_out(request)
    answer = Answer()
    try:
        asyncio.run(run(request, answer))
    except Exception:
        answer.send(failed=traceback.format_exc())


if __name__ == "__main__":
    main()
