"""What the first opening of a lab brings over the link, added up from the files of the built site as they are sent."""

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from lab import keeping, packages, path_lists
from lab.errors import LabError

LIST = Path(__file__).with_name("opening.txt")
SUMMARY = "opening.json"
DATA = "/files/"

Sizes = Mapping[str, int]


def write(site: Path, pyodide: str, *, lock_file: str, core: Iterable[str], preloaded: Iterable[str]) -> None:
    """Write the sizes in bytes over the link: `always`, of what any lab fetches; `imports`, of what more a cell fetches
    that imports a package, by the names of import and file; `data`, of data files, by module, lab and name.

    pyodide: path of its folder. core: files that it fetches by itself. preloaded: packages that the kernel starts with.
    Call it when the list of files is there. LabError when lab/opening.txt names what is not on the site.
    """
    parts = json.loads((site / keeping.FILE_LIST).read_text(encoding="utf-8"))
    sent = {file["path"]: file["sent"] for part in parts.values() for file in part["files"]}
    lock = packages.read_lock(site / pyodide / lock_file)
    wheels = {path.rsplit("/", 1)[1]: size for path, size in sent.items() if path.startswith(f"/{pyodide}/")}
    first = {*core, lock_file, *_files(lock, preloaded)}
    imports = {
        name: {file: wheels[file] for file in _files(lock, [key]) if file not in first}
        for key, entry in lock["packages"].items()
        for name in entry["imports"]
    }
    summary = {
        "always": _page(sent) + sum(wheels[name] for name in first),
        "imports": imports,
        "data": {path.removeprefix(DATA): size for path, size in sent.items() if path.startswith(DATA)},
    }
    (site / SUMMARY).write_text(json.dumps(summary))


def _files(lock: packages.Lock, names: Iterable[str]) -> set[str]:
    """Of these packages and all that they need."""
    return {package.file_name for package in packages.closure(lock, names)}


def _page(sent: Sizes) -> int:
    total = 0
    for pattern in path_lists.read(LIST):
        found = [size for path, size in sent.items() if fnmatchcase(path, pattern)]
        if not found:
            raise LabError(
                f"lab/opening.txt names {pattern}, which is not on the site; bring it in line with JupyterLite."
            )
        total += sum(found)
    return total
