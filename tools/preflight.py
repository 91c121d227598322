"""Check that this machine can run Hunar, before anything is installed; standard library only.

Missing system packages are installed with apt when that is allowed; for anything else a sentence says what to do.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

GIBIBYTE = 1024**3
DISK_GIBIBYTES = 3
NODE_MAJOR = 20
# By the name that the loader knows them by: what the sandbox closes system calls with, and what lays out and shapes the
# passport as a PDF. They have no command of their own; Pango brings a font with Latin letters along (fontconfig).
LIBRARIES = {
    "seccomp": "libseccomp2",
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
PACKAGES = {
    "run": {"bwrap": "bubblewrap"},
    "test": {"bwrap": "bubblewrap", "chromium": "chromium", "postgres": "postgresql", "initdb": "postgresql"},
}
# Machines install updates by themselves; two installations at once would fail.
LOCK_SECONDS = 600
# Debian keeps PostgreSQL's server commands, several versions of them, off PATH.
SERVER_FOLDERS = Path("/usr/lib/postgresql")


def main(purpose: str) -> int:
    """Print every problem found; 0 when there is none."""
    problems = [*tool_problems(), *disk_problems(Path.cwd()), *install(PACKAGES[purpose])]
    if purpose == "run":
        problems += port_problems("PORTAL_PORT", 8000) + port_problems("NOTEBOOK_PORT", 8001)
        problems += same_port_problems()
    for problem in problems:
        print(f"Cannot start: {problem}", file=sys.stderr)
    return 1 if problems else 0


def tool_problems() -> list[str]:
    problems = []
    if sys.version_info[:2] != (3, 11):
        problems.append(f"this is Python {sys.version.split()[0]}; install Python 3.11 (apt install python3.11-venv).")
    elif importlib.util.find_spec("ensurepip") is None:
        problems.append("Python's venv module lacks ensurepip; install it (apt install python3.11-venv).")
    if shutil.which("npm") is None:
        problems.append("npm is missing; install it (apt install npm).")
    return problems + node_problems()


def node_problems() -> list[str]:
    if shutil.which("node") is None:
        return [f"node is missing; install node {NODE_MAJOR} or newer (apt install nodejs)."]
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = version.removeprefix("v").partition(".")[0]
    if major.isdecimal() and int(major) >= NODE_MAJOR:
        return []
    return [f"this is node {version or 'of an unknown version'}; install node {NODE_MAJOR} or newer."]


def disk_problems(folder: Path) -> list[str]:
    free = shutil.disk_usage(folder).free
    if free >= DISK_GIBIBYTES * GIBIBYTE or (folder / "var" / "site").exists():
        return []
    return [
        f"only {free / GIBIBYTE:.1f} GiB are free in {folder}; {DISK_GIBIBYTES} GiB are needed. "
        "Remove something or clone into a larger disk."
    ]


def port_problems(variable: str, default: int) -> list[str]:
    typed = os.environ.get(variable, str(default))
    if not typed.isdecimal() or not 0 < int(typed) < 65536:
        return [f"{variable} is {typed!r}; it must be a port number from 1 to 65535, for example {default}."]
    port = int(typed)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return [
                f"port {port} is taken by another program. Stop it, or choose another: {variable}={port + 100} make run"
            ]
    return []


def same_port_problems() -> list[str]:
    port = os.environ.get("PORTAL_PORT", "8000")
    if port != os.environ.get("NOTEBOOK_PORT", "8001"):
        return []
    return [f"PORTAL_PORT and NOTEBOOK_PORT are both {port}; the notebooks need a port of their own."]


def server_path() -> str:
    """PATH with the folders of PostgreSQL's server commands, the newest version first."""
    folders = sorted(SERVER_FOLDERS.glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    return os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, folders)])


def install(commands: dict[str, str]) -> list[str]:
    """Install the Debian packages of missing commands and libraries, as root or through sudo."""
    absent = {package for command, package in commands.items() if shutil.which(command, path=server_path()) is None}
    absent |= {package for library, package in LIBRARIES.items() if ctypes.util.find_library(library) is None}
    missing = sorted(absent)
    if not missing:
        return []
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") and (not prefix or shutil.which("sudo")):
        print(f"== System packages: {', '.join(missing)}", flush=True)
        subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False)
        environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
        command = ["apt-get", "-o", f"DPkg::Lock::Timeout={LOCK_SECONDS}", "install", "-y", "-q"]
        done = subprocess.run([*prefix, *environment, *command, *missing], check=False)
        if done.returncode == 0:
            return []
    return [f"{', '.join(missing)} could not be installed; run: sudo apt-get install {' '.join(missing)}"]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
