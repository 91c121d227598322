"""Which Python packages a lab gets in the browser, and the files that hold them."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import LabError

PACKAGE_LIST = Path(__file__).with_name("packages.toml")
STAND_IN = "nothing-yet.zip"
PLACES = {"site": "/lib/python3.12/site-packages"}

Lock = Mapping[str, Any]


@dataclass(frozen=True)
class PackageList:
    """What `packages.toml` asks for; names as people write them."""

    kernel: tuple[str, ...]
    carried: tuple[str, ...]
    beside: tuple[str, ...]
    labs: tuple[str, ...]
    deferred: tuple[str, ...]

    @property
    def locked(self) -> tuple[str, ...]:
        """The packages that must be in Pyodide's lock."""
        return self.kernel + self.labs

    @property
    def preloaded(self) -> tuple[str, ...]:
        """What the kernel starts with, all that it would install otherwise."""
        return (*self.kernel, *self.carried, *self.beside, "piplite")


@dataclass(frozen=True)
class LockedPackage:
    """One package of Pyodide's lock: its key there, its file and the file's SHA-256 in hexadecimal."""

    key: str
    file_name: str
    sha256: str


def read_package_list(path: Path = PACKAGE_LIST) -> PackageList:
    """The packages that the labs need."""
    lists = tomllib.loads(path.read_text(encoding="utf-8"))
    return PackageList(**{kind: tuple(names) for kind, names in lists.items()})


def read_lock(path: Path) -> Lock:
    """Pyodide's lock. LabError when it is missing or is not JSON."""
    try:
        lock: Lock = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LabError(f"{path} is missing. Run `npm ci` first: it installs Pyodide.") from error
    except ValueError as error:
        raise LabError(f"{path} is not valid JSON. Remove node_modules and run `npm ci` again.") from error
    return lock


def normalised(name: str) -> str:
    """A package name as PEP 503 compares it: prompt_toolkit and prompt-toolkit are the same."""
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(lock: Lock, names: Iterable[str]) -> tuple[LockedPackage, ...]:
    """The named packages and all they depend on, by key. LabError names a package the lock does not have."""
    keys = {normalised(key): key for key in lock["packages"]}
    found: dict[str, LockedPackage] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        key = keys.get(normalised(name))
        if key is None:
            raise LabError(f"Pyodide's lock has no package {name!r}; see lab/packages.toml.")
        if key in found:
            continue
        entry = lock["packages"][key]
        found[key] = LockedPackage(key, entry["file_name"], entry["sha256"])
        waiting.extend(entry["depends"])
    return tuple(found[key] for key in sorted(found))


def pruned(lock: Lock, packages: Iterable[LockedPackage]) -> dict[str, Any]:
    """The lock with these packages only, so that importing any other says "not found" and fetches nothing."""
    kept = {package.key: dict(lock["packages"][package.key]) for package in packages}
    return {**lock, "packages": kept}


def with_deferred(lock: Lock, keys: Iterable[str]) -> dict[str, Any]:
    """The lock with an empty archive in place of each of these packages, which importing it brings under another key.

    The archive is `STAND_IN`; the caller lays it beside the others and fills in its sha256.
    """
    entries = dict(lock["packages"])
    for key in keys:
        entry = entries[key]
        later = f"{key}-when-imported"
        entries[later] = {**entry, "name": later}
        empty = {"file_name": STAND_IN, "package_type": "package", "install_dir": "site", "imports": [], "depends": []}
        entries[key] = {**entry, **empty, "unvendored_tests": False}
    return {**lock, "packages": entries}


def places(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Where Pyodide unpacks the archives that hold Python, by file name."""
    return {entry["file_name"]: PLACES[entry["install_dir"]] for entry in entries if entry["install_dir"] in PLACES}
