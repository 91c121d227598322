"""Where wheels come from, the proof that each is the one that Pyodide's lock names, and how others get into it."""

import hashlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.parser import Parser
from pathlib import Path, PurePosixPath
from typing import Any

from lab.errors import LabError
from lab.packages import LockedPackage, normalised

REQUIREMENTS = Path(__file__).with_name("wheels.txt")
_PIN = re.compile(r"^([\w.-]+)==(\S+)\s*\\?\s*--hash=sha256:([0-9a-f]{64})", re.MULTILINE)


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def pins(requirements: Path = REQUIREMENTS) -> dict[str, str]:
    """SHA-256 of each pinned distribution, by normalised name."""
    text = requirements.read_text(encoding="utf-8").replace("\\\n", " ")
    return {normalised(name): digest for name, _, digest in _PIN.findall(text)}


def download(cache: Path, requirements: Path = REQUIREMENTS) -> tuple[Path, ...]:
    """The pinned distributions, from `cache` or, once, through pip. LabError when pip cannot get one."""
    wanted = set(pins(requirements).values())
    cache.mkdir(parents=True, exist_ok=True)
    if not wanted <= _digests(cache):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        command += ["--only-binary=:all:", "--dest", str(cache), "--requirement", str(requirements)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise LabError(
                "pip could not download the wheels of lab/wheels.txt. Check the connection to the package "
                f"index, or name another source with --wheels.\n{ended.stderr.strip()[-2000:]}"
            )
    return tuple(path for path in sorted(cache.glob("*.whl")) if sha256(path.read_bytes()) in wanted)


def _digests(folder: Path) -> set[str]:
    return {sha256(path.read_bytes()) for path in folder.glob("*.whl")}


class WheelSource:
    """Wheels that lie in folders, or inside archives (a wheel may carry others); looked up by file name."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._files: dict[str, tuple[Path, str | None]] = {}
        for place in places:
            if not place.exists():
                raise LabError(f"The wheel source {place} does not exist.")
            self._files.update((name, (path, member)) for name, path, member in _wheels_in(place))

    def read(self, file_name: str) -> bytes | None:
        """The content of this file, or None when the source does not have it."""
        if file_name not in self._files:
            return None
        path, member = self._files[file_name]
        if member is None:
            return path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            return archive.read(member)

    def file_of(self, distribution: str) -> str | None:
        """The file name of the wheel of this distribution, or None."""
        wanted = normalised(distribution)
        wheels = (name for name in self._files if name.endswith(".whl"))
        return next((name for name in wheels if normalised(name.split("-")[0]) == wanted), None)


def _wheels_in(place: Path) -> Iterator[tuple[str, Path, str | None]]:
    if place.is_dir():
        for path in sorted(place.rglob("*")):
            if path.suffix in (".whl", ".zip"):
                yield path.name, path, None
        return
    yield place.name, place, None
    with _readable(place) as archive:
        for member in archive.namelist():
            name = PurePosixPath(member).name
            if name.endswith((".whl", ".zip")):
                yield name, place, member


@contextmanager
def _readable(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise LabError(f"The wheel source {path} is neither a folder nor a wheel or zip file.") from error
    with archive:
        yield archive


def copy_locked(packages: Iterable[LockedPackage], source: WheelSource, folder: Path) -> int:
    """Copy each package's file into `folder`; returns bytes copied.

    LabError when a file is missing or its SHA-256 is not the one in Pyodide's lock.
    """
    copied = 0
    for package in packages:
        data = source.read(package.file_name)
        if data is None:
            raise LabError(f"The wheel source has no {package.file_name} (package {package.key}).")
        _check(package.file_name, data, package.sha256, "Pyodide's lock")
        (folder / package.file_name).write_bytes(data)
        copied += len(data)
    return copied


def copy_pinned(names: Iterable[str], source: WheelSource, folder: Path) -> list[Path]:
    """Copy the wheels that lab/wheels.txt pins by hash and that the lock does not have; where they are now."""
    digests, copies = pins(), []
    for name in names:
        file_name = source.file_of(name)
        data = source.read(file_name) if file_name else None
        if file_name is None or data is None or normalised(name) not in digests:
            raise LabError(f"The wheel source has no wheel of {name}, or lab/wheels.txt does not pin it.")
        _check(file_name, data, digests[normalised(name)], "lab/wheels.txt")
        copies.append(folder / file_name)
        copies[-1].write_bytes(data)
    return copies


def lock_entry(wheel: Path, locked: Collection[str]) -> tuple[str, Mapping[str, Any]]:
    """Key and entry of a wheel in Pyodide's lock. LabError when it needs a package that is not among `locked`."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        fields = Parser().parsestr(archive.read(metadata).decode())
    keys = {normalised(key): key for key in locked}
    depends = []
    for requirement in fields.get_all("Requires-Dist", []):
        if "extra ==" in requirement:
            continue
        name = normalised(requirement.split(";")[0].split("[")[0].rstrip(" <>=!~.0123456789,"))
        if name not in keys:
            raise LabError(f"{wheel.name} needs {name}, which lab/packages.toml does not list.")
        depends.append(keys[name])
    entry = {
        "name": fields["Name"],
        "version": fields["Version"],
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": sha256(wheel.read_bytes()),
        "package_type": "package",
        "imports": sorted({name.split("/")[0] for name in names if "/" in name and ".dist-info/" not in name}),
        "depends": depends,
        "unvendored_tests": False,
    }
    return normalised(fields["Name"]), entry


def _check(file_name: str, data: bytes, expected: str, authority: str) -> None:
    found = sha256(data)
    if found != expected:
        raise LabError(
            f"{file_name} was altered: its SHA-256 is {found}, {authority} says {expected}. "
            "Remove the file and build again, or name another source with --wheels."
        )
