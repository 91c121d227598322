"""Code that means harm gets a clear answer, reaches nothing, and costs nobody else a point."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import psutil  # type: ignore[import-untyped]
import pyseccomp
import pytest

import grading
import grading.notebook
from grading import GradeResult, Limits
from grading.notebook import serialise

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(400)]
MEBIBYTE = 1024 * 1024
LIMITS = Limits(wall_seconds=25, cell_seconds=3, memory_bytes=400 * MEBIBYTE, output_bytes_per_cell=100_000)
SOME_CLOSED = ("unshare", "mount", "ptrace", "bpf", "keyctl", "io_uring_setup", "process_vm_readv", "setns")
# What they make stays in memory although no process maps it.
UNSEEN_MEMORY = ("memfd_create", "shmget", "semget", "msgget", "mq_open", "vmsplice", "splice", "tee", "userfaultfd")
SECRET = "the secret of the portal"

HOSTILE = {
    "network": "import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=2)\nshare = 1",
    "name_look_up": "import socket\nsocket.getaddrinfo('example.org', 80)\nshare = 1",
    "password_file": "print(open('/etc/passwd').read())",
    "host_file": "print(open('{secret_file}').read())",
    "environment": "import os\nprint(dict(os.environ))\nfor p in os.listdir('/proc'):\n    if p.isdigit():\n"
    "        try: print(open(f'/proc/{{p}}/environ').read())\n        except OSError as e: print(e)",
    "endless_loop": "while True: pass",
    "endless_sleep": "import time\ntime.sleep(10**6)",
    "loop_that_ignores_interrupts": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "ten_gigabytes": "x = bytearray(10 * 2**30)",
    "memory_of_one_process": "x = b'x' * (700 * 2**20)\nimport time\ntime.sleep(60)",
    "memory_of_many_processes": "import os, time\nfor _ in range(10):\n    if os.fork() == 0:\n"
    "        x = b'x' * (100 * 2**20)\n        time.sleep(60)\n        os._exit(0)\ntime.sleep(60)",
    "fork_bomb": "import os\nwhile True: os.fork()",
    "much_output": "for i in range(2000): print('x' * 1000)\nimport sys\nprint('late', file=sys.stderr)",
    "enormous_output": "import sys\nsys.stdout.write('x' * (150 * 2**20))",
    "exit": "import os\nos._exit(0)",
    "kill_parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n"
    "os.kill(1, signal.SIGKILL)\nos.kill(1, signal.SIGINT)",
    "forged_answer": "import glob, json\nline = json.dumps(dict(outputs=[[]] * 7, timed_out=[], truncated=[]))\n"
    "for path in glob.glob('/proc/*/fd/*'):\n"
    "    try: open(path, 'w').write(line + chr(10))\n    except OSError: pass",
    "new_name_spaces": "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "assert libc.unshare(0x10000000) == 0, 'refused'\nprint('{secret}')",
    "closed_system_calls": "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "for number in {closed}:\n    libc.syscall(number, 0, 0, 0, 0, 0)\n    print(os.strerror(ctypes.get_errno()))",
    "memory_that_no_process_maps": "import ctypes, errno, mmap, os, socket\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "for number in {unseen}:\n    libc.syscall(number, 0, 0, 0, 0, 0, 0)\n"
    "    print(errno.errorcode[ctypes.get_errno()])\n"
    "def zeroes(): return mmap.mmap(os.open('/dev/zero', os.O_RDWR), 4096)\n"
    "def put_out(): mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).madvise(21)\n"
    "def buffer(which): socket.socketpair()[0].setsockopt(socket.SOL_SOCKET, which, 2**20)\n"
    "for way in (lambda: mmap.mmap(-1, 4096), zeroes, put_out, lambda: buffer(7), lambda: buffer(8)):\n"
    "    try: print(way())\n    except OSError as error: print(errno.errorcode[error.errno])",
    "endless_files": "import os\nfor number in range(10**6): os.mknod(str(number))",
    "odd_sockets": "import socket\nfor family in (17, 38, 40):\n"
    "    try: socket.socket(family, socket.SOCK_RAW)\n    except OSError as error: print(error.errno)",
    "what_it_is": "import os\nprint(os.getuid(), os.getpid(), os.listdir('/proc'))\n"
    "import ctypes\nprint(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))",
    "daemon": "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)',"
    " 'hunar-leftover'], start_new_session=True)",
    "leaves_files": "import os\nfor d in ('.', '/tmp', '/dev/shm', os.environ['HOME']):\n"
    "    open(os.path.join(d, 'left-behind'), 'w').write('x')\nopen('notes.txt', 'w').write('changed')",
    "writes_to_the_runtime": "import sys, os\nopen(os.path.join(os.path.dirname(os.__file__), 'evil.py'), 'w')",
}


class Outcome(NamedTuple):
    hostile: GradeResult
    honest_afterwards: GradeResult


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[int, list[Any]]]:
    """A server of the host, and the callers that reached it."""
    callers: list[Any] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                callers.append(server.accept()[1])
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1], callers
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


@pytest.fixture(scope="module")
def outcomes(
    source: bytes,
    solve: Callable[..., Any],
    listener: tuple[int, list[Any]],
    tmp_path_factory: pytest.TempPathFactory,
    warm_sandboxes: grading.WarmSandboxes,
) -> Mapping[str, Outcome]:
    secret_file = tmp_path_factory.mktemp("host") / "secret.txt"
    secret_file.write_text(SECRET)
    looks_for_leftovers = (
        "import glob, os\nfor d in ('.', '/tmp', '/dev/shm', os.environ['HOME']):\n"
        "    assert not os.path.exists(os.path.join(d, 'left-behind'))\n"
        "assert open('notes.txt').read() == 'original'\ndef share(part, whole): return 100 * part / whole"
    )
    honest = serialise(solve(share=looks_for_leftovers))
    files = {"notes.txt": b"original"}

    def numbers(names: Sequence[str]) -> list[int]:
        return [pyseccomp.resolve_syscall(pyseccomp.system_arch(), name) for name in names]

    values = {"closed": numbers(SOME_CLOSED), "unseen": numbers(UNSEEN_MEMORY)}

    def play(code: str) -> Outcome:
        text = code.format(port=listener[0], secret_file=secret_file, secret=SECRET, **values)
        hostile = serialise(solve(share=text))
        first, then = (
            grading.grade(source, submitted, files=files, limits=LIMITS, sandboxes=warm_sandboxes)
            for submitted in (hostile, honest)
        )
        return Outcome(first, then)

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setenv("HUNAR_SECRET_KEY", SECRET)
        return dict(zip(HOSTILE, pool.map(play, HOSTILE.values()), strict=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_an_honest_notebook_graded_right_afterwards_gets_its_points(outcomes: Mapping[str, Outcome], name: str) -> None:
    honest = outcomes[name].honest_afterwards
    assert (honest.status, honest.problem, honest.points) == ("graded", None, 6.0)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("loop_that_ignores_interrupts", "timed_out"),
        ("memory_of_one_process", "out_of_memory"),
        ("memory_of_many_processes", "out_of_memory"),
        ("exit", "kernel_died"),
    ],
)
def test_a_run_that_breaks_a_limit_is_stopped_without_points(
    outcomes: Mapping[str, Outcome], name: str, code: str
) -> None:
    result = outcomes[name].hostile
    assert (result.status, result.points, result.autograded) == ("stopped", 0.0, None)
    assert result.problem is not None
    assert (result.problem.code, result.problem.values["cell"]) == (code, "share")


def test_a_fork_bomb_ends_its_own_run(outcomes: Mapping[str, Outcome]) -> None:
    """Either we count its processes first, or the kernel whose sockets they all share breaks first."""
    result = outcomes["fork_bomb"].hostile
    assert (result.status, result.points, result.autograded) == ("stopped", 0.0, None)
    assert result.problem is not None
    assert result.problem.code in {"too_many_processes", "kernel_died"}
    assert result.problem.values["cell"] == "share"


@pytest.mark.parametrize("name", ["endless_loop", "endless_sleep"])
def test_a_cell_over_its_time_is_interrupted_and_the_others_keep_their_points(
    outcomes: Mapping[str, Outcome], name: str
) -> None:
    result = outcomes[name].hostile
    assert (result.status, result.points) == ("graded", 3.0)
    assert result.problem is not None
    assert (result.problem.code, result.problem.values["seconds"]) == ("cell_timed_out", 3)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("network", "ConnectionRefusedError"),
        ("name_look_up", "gaierror"),
        ("password_file", "FileNotFoundError"),
        ("host_file", "FileNotFoundError"),
        ("ten_gigabytes", "MemoryError"),
        ("new_name_spaces", "AssertionError"),
        ("writes_to_the_runtime", "OSError"),
        ("endless_files", "OSError"),
    ],
)
def test_what_is_not_allowed_fails_inside_the_notebook(outcomes: Mapping[str, Outcome], name: str, error: str) -> None:
    result = outcomes[name].hostile
    assert (result.status, result.points) == ("graded", 3.0)
    assert error in errors_of_cell(result, "share")


def test_dangerous_system_calls_are_refused(outcomes: Mapping[str, Outcome]) -> None:
    [printed] = cell_outputs(outcomes["closed_system_calls"].hostile, "share")
    assert printed["text"].splitlines() == [os.strerror(errno.EPERM)] * len(SOME_CLOSED)


def test_no_memory_stays_that_no_process_maps(outcomes: Mapping[str, Outcome]) -> None:
    [printed] = cell_outputs(outcomes["memory_that_no_process_maps"].hostile, "share")
    assert printed["text"].split() == [*["EPERM"] * len(UNSEEN_MEMORY), "EPERM", "ENODEV", *["EPERM"] * 3]


def test_what_libraries_do_with_memory_works_as_ever(
    source: bytes, solve: Callable[..., Any], warm_sandboxes: grading.WarmSandboxes
) -> None:
    usual = (
        "import ctypes, shutil, subprocess, sys, threading\nimport multiprocessing as many\n"
        "from multiprocessing.shared_memory import SharedMemory\nimport numpy as np\n"
        "import pandas as pd\nimport matplotlib.pyplot as plt\n"
        "table = pd.DataFrame({'a': np.arange(2_000_000) % 7, 'b': 1.5})\n"
        "table.groupby('a').sum().plot()\nplt.savefig('plot.png')\nplt.close()\n"
        "table.head(1000).to_csv('table.csv')\n"
        "assert len(pd.read_csv('table.csv', memory_map=True)) == 1000\n"
        "shutil.copyfile('table.csv', 'copy.csv')\n"
        "kept = np.memmap('kept', dtype='int8', mode='w+', shape=4096)\nkept[:] = 1\nkept.flush()\n"
        "np.save('saved.npy', kept)\nassert np.load('saved.npy', mmap_mode='r').sum() == 4096\n"
        "memory = SharedMemory(create=True, size=4096)\nmemory.buf[0] = 7\nmemory.close()\nmemory.unlink()\n"
        "compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda value: value + 1)\nassert compare(1) == 2\n"
        "with many.get_context('fork').Pool(2) as pool: assert pool.map(abs, [-1, -2]) == [1, 2]\n"
        "many.get_context('fork').Value('i', 3)\n"
        "assert subprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True).stdout == b'1\\n'\n"
        "started = [threading.Thread(target=np.zeros, args=(10**6,)) for _ in range(4)]\n"
        "for thread in started: thread.start()\n"
        "for thread in started: thread.join()\n"
        "def share(part, whole): return 100 * part / whole"
    )
    result = grading.grade(source, serialise(solve(share=usual)), sandboxes=warm_sandboxes)
    assert (result.status, result.problem, result.points) == ("graded", None, 6.0)


def test_sockets_of_other_families_do_not_exist(outcomes: Mapping[str, Outcome]) -> None:
    [printed] = cell_outputs(outcomes["odd_sockets"].hostile, "share")
    assert printed["text"].split() == [str(errno.EAFNOSUPPORT)] * 3


def test_a_notebook_is_nobody_in_an_empty_room(outcomes: Mapping[str, Outcome]) -> None:
    [printed] = cell_outputs(outcomes["what_it_is"].hostile, "share")
    assert printed["text"].splitlines() == ["1000 2 []", "0"]


def test_nobody_calls_the_hosts_server(outcomes: Mapping[str, Outcome], listener: tuple[int, list[Any]]) -> None:
    assert outcomes["network"].hostile.status == "graded"
    assert listener[1] == []


@pytest.mark.parametrize("name", ["host_file", "environment", "new_name_spaces"])
def test_no_secret_of_the_host_is_readable(outcomes: Mapping[str, Outcome], name: str) -> None:
    autograded = outcomes[name].hostile.autograded
    assert autograded is not None
    outputs = [out for cell in grading.notebook.parse(autograded.decode()).cells for out in cell.get("outputs", [])]
    assert SECRET not in "".join(out.get("text", "") for out in outputs)


def test_output_past_its_bound_is_cut_but_still_fails_the_cell(outcomes: Mapping[str, Outcome]) -> None:
    result = outcomes["much_output"].hostile
    assert result.autograded is not None
    assert len(result.autograded) < 2 * LIMITS.output_bytes_per_cell
    assert result.problem is not None
    assert result.problem.code == "output_truncated"
    assert "stderr" in [out.get("name") for out in cell_outputs(result, "share")]


def test_enormous_output_harms_only_itself(outcomes: Mapping[str, Outcome]) -> None:
    result = outcomes["enormous_output"].hostile
    assert result.problem is not None
    assert result.problem.code in {"out_of_memory", "output_truncated", "cell_timed_out"}


def test_killing_the_parent_process_has_no_effect(outcomes: Mapping[str, Outcome]) -> None:
    result = outcomes["kill_parent"].hostile
    assert (result.status, result.points) == ("graded", 3.0)


def test_an_answer_written_to_every_open_file_is_not_believed(outcomes: Mapping[str, Outcome]) -> None:
    result = outcomes["forged_answer"].hostile
    assert (result.status, result.points) == ("graded", 3.0)


def test_no_process_outlives_its_submission(outcomes: Mapping[str, Outcome]) -> None:
    assert outcomes["daemon"].hostile.status == "graded"
    left = [p.pid for p in psutil.process_iter(["cmdline"]) if "hunar-leftover" in (p.info["cmdline"] or [])]
    assert left == []


def test_no_file_of_a_submission_stays_on_the_host(outcomes: Mapping[str, Outcome]) -> None:
    assert outcomes["leaves_files"].hostile.status == "graded"
    assert not Path("/tmp/left-behind").exists()
    assert not Path("/dev/shm/left-behind").exists()
    assert not Path(os.environ.get("HOME", "/"), "left-behind").exists()


def test_the_whole_run_has_a_limit_too(
    source: bytes, submissions: Mapping[str, bytes], warm_sandboxes: grading.WarmSandboxes
) -> None:
    limits = Limits(wall_seconds=4)
    result = grading.grade(source, submissions["interrupted_loop"], limits=limits, sandboxes=warm_sandboxes)
    assert result.problem is not None
    assert (result.status, result.problem.code) == ("stopped", "timed_out")
    assert result.problem.values == {"seconds": 4, "cell": "share", "title": "The share"}


def cell_outputs(result: GradeResult, grade_id: str) -> list[Any]:
    assert result.autograded is not None
    cells = grading.notebook.parse(result.autograded.decode()).cells
    return list(next(c for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id).outputs)


def errors_of_cell(result: GradeResult, grade_id: str) -> list[str]:
    return [out.ename for out in cell_outputs(result, grade_id) if out.output_type == "error"]
