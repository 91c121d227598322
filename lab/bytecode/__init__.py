"""Python's sources in archives, compiled by the very Python that imports them in the browser.

A browser keeps nothing that Python compiled, so it would compile the same sources at each start: a third of the time
until a lab's first cell has run. Pyodide runs in node for this, and takes the wheels' sources out as it compiles
them.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lab.errors import LabError
from lab.wheels import sha256

HERE = Path(__file__).parent
PROGRAMS = ("compile.mjs", "compile.py")


def compile_archives(folder: Path, places: Mapping[str, str], *, pyodide: Path, cache: Path) -> None:
    """Replace the sources in archives of `folder` by bytecode; what was compiled before is taken from `cache`.

    places: where Python finds an archive's members, by the archive's name; tracebacks name these files.
    pyodide: folder of the npm package. LabError when Pyodide cannot be run.
    """
    kept = {name: cache / f"{_digest(folder / name, place, pyodide)}.zip" for name, place in places.items()}
    cache.mkdir(parents=True, exist_ok=True)
    missing = {name: places[name] for name, path in kept.items() if not path.exists()}
    if missing:
        with tempfile.TemporaryDirectory(dir=cache) as workplace:
            for name in missing:
                shutil.copy(folder / name, workplace)
            _compile(Path(workplace), missing, pyodide)
            for name in missing:
                Path(workplace, name).rename(kept[name])
    for name, path in kept.items():
        shutil.copyfile(path, folder / name)


def _digest(archive: Path, place: str, pyodide: Path) -> str:
    """What decides how an archive comes out: its content, its place, the Python, and how it is compiled."""
    digest = hashlib.sha256(place.encode())
    for path in (archive, pyodide / "pyodide.asm.wasm", *(HERE / name for name in PROGRAMS)):
        digest.update(sha256(path.read_bytes()).encode())
    return digest.hexdigest()


def _compile(workplace: Path, places: Mapping[str, str], pyodide: Path) -> None:
    command = ["node", str(HERE / "compile.mjs"), str(pyodide.resolve()), str(HERE / "compile.py"), str(workplace)]
    ended = subprocess.run(command, input=json.dumps(places), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise LabError(f"Pyodide could not compile its archives:\n{ended.stderr.strip()[-2000:]}")
