"""Building the notebook site: inputs to digest, a temporary folder, and one swap at the end."""

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from lab import (
    archives,
    bytecode,
    compress,
    early,
    font_list,
    fonts,
    joined,
    keeping,
    kernel,
    lite,
    opening,
    packages,
    projects,
    property_tables,
    trimming,
    wheels,
)
from lab.errors import LabError

ROOT = Path(__file__).resolve().parent.parent
NPM = ROOT / "node_modules"
PYODIDE = NPM / "pyodide"
FONTS = NPM / "@fontsource/noto-naskh-arabic/files"
LIBRARY = "python_stdlib.zip"
LIBRARY_PLACE = "/lib/python312.zip"
CORE_FILES = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", LIBRARY)
LOCK_FILE = "pyodide-lock.json"
STAMP = ".inputs.sha256"

Report = Callable[[str], None]


@dataclass(frozen=True)
class Sources:
    """What the site is made from.

    pyodide: folder of the npm package.  fonts: folder with the Urdu type, for computers that have none.
    files: data files for the notebooks, at the paths they get there.
    projects: folders of Python projects of our own that labs can import.
    wheels: folders or archives with the wheels; empty means lab/wheels.txt through pip.
    cache: folder of kept downloads and compressed files.
    """

    pyodide: Path = PYODIDE
    fonts: Path = FONTS
    files: Path | None = None
    projects: tuple[Path, ...] = ()
    wheels: tuple[Path, ...] = ()
    cache: Path = ROOT / "var/lab-cache"


def build(output: Path, sources: Sources, report: Report = print) -> bool:
    """Build the site unless it is up to date; True when it was built.

    An error or an interruption leaves the former site as it was. LabError says what is wrong.
    """
    output = output.resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    with _only_builder(output):
        _recover(output)
        digest = inputs_digest(sources)
        if _stamp(output) == digest:
            report(f"notebook site: {output} is up to date")
            return False
        with _workplace(output) as workplace:
            site = workplace / "site"
            _assemble(workplace, site, sources, report)
            (site / STAMP).write_text(digest)
            _swap(site, output)
        report(f"notebook site: {output} is ready, {_megabytes(output)}")
        return True


def inputs_digest(sources: Sources) -> str:
    """SHA-256 over everything that decides how the site comes out."""
    digest = hashlib.sha256()
    for name in ("jupyterlite-core", "jupyterlite-pyodide-kernel", "brotli", "matplotlib"):
        digest.update(f"{name}=={metadata.version(name)}\n".encode())
    for folder, paths in _input_files(sources):
        for path in sorted(paths):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


def _input_files(sources: Sources) -> Iterator[tuple[Path, list[Path]]]:
    code = [path for path in lite.HERE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    yield lite.HERE, [path for path in code if path.suffix != ".md"]
    yield sources.pyodide, [_npm_file(sources.pyodide, name) for name in (*CORE_FILES, LOCK_FILE)]
    yield sources.fonts, [_npm_file(sources.fonts, name) for name in lite.FONTS]
    libraries = (*keeping.workbox_files(NPM), early.unzip_script(NPM), NPM / "esbuild/package.json")
    yield NPM, [_npm_file(NPM, str(path.relative_to(NPM))) for path in libraries]
    for project in sources.projects:
        yield project.parent, projects.project_files(project)
    if sources.files is not None:
        yield sources.files, [path for path in sources.files.rglob("*") if path.is_file()]


def _npm_file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise LabError(
            f"{path} is missing. Run `npm ci` first: it installs Pyodide, the fonts, Workbox, fflate and esbuild."
        )
    return path


def _assemble(workplace: Path, site: Path, sources: Sources, report: Report) -> None:
    wanted = packages.read_package_list()
    source = _wheel_source(sources, report)
    lite_folder, pyodide, type_faces = workplace / "lite", workplace / "pyodide", workplace / "fonts"
    lite_folder.mkdir()
    type_faces.mkdir()
    _assemble_pyodide(pyodide, type_faces, wanted, source, sources, report)
    home = f"static/pyodide-{_folder_digest(pyodide)[:12]}"

    report("notebook site: building JupyterLite")
    config = lite.configuration(f"./{home}/pyodide.js", wanted.preloaded)
    lite.write_source(lite_folder, config, files=sources.files, fonts=sources.fonts, npm=NPM)
    lite.run("build", lite_folder, site)
    pyodide.rename(site / home)
    type_faces.rename(site / fonts.FOLDER)
    lite.run("check", lite_folder, site)
    lite.finish(site)
    joined.join(site)
    early.begin_early(
        site,
        site / lite.KERNEL_SCRIPTS,
        pyodide=f"{home}/pyodide.js",
        unzip=early.unzip_script(NPM),
        packages=wanted.preloaded,
    )
    keeping.write(site, NPM)
    report("notebook site: compressing (two minutes the first time, seconds after)")
    compressed = sources.cache / "compressed"
    compress.compress_tree(site, compressed, lambda line: report(f"notebook site: {line}"))
    compress.compress_file(keeping.write_list(site), compressed)
    opening.write(site, home, lock_file=LOCK_FILE, core=CORE_FILES, preloaded=wanted.preloaded)


def _assemble_pyodide(
    folder: Path,
    type_faces: Path,
    wanted: packages.PackageList,
    source: wheels.WheelSource,
    sources: Sources,
    report: Report,
) -> None:
    lock = packages.read_lock(sources.pyodide / LOCK_FILE)
    locked = packages.closure(lock, wanted.locked)
    report(f"notebook site: checking {len(locked)} packages against Pyodide's lock")
    folder.mkdir()
    wheels.copy_locked(locked, source, folder)
    kept = packages.pruned(lock, locked)
    added = [shutil.copy(projects.wheel_of(project, sources.cache), folder) for project in sources.projects]
    added += kernel.copy_wheels(wanted.carried, folder)
    added += wheels.copy_pinned(wanted.beside, source, folder)
    for wheel in added:
        key, entry = wheels.lock_entry(Path(wheel), kept["packages"].keys())
        kept["packages"][key] = entry
    key, entry = kernel.write_piplite(folder)
    kept["packages"][key] = entry
    for name in CORE_FILES:
        shutil.copy(_npm_file(sources.pyodide, name), folder / name)
    kept = packages.with_deferred(kept, wanted.deferred)
    (folder / packages.STAND_IN).write_bytes(archives.EMPTY)
    _unpack_archives(folder, type_faces)
    report("notebook site: compiling Python's sources")
    entries = kept["packages"].values()
    places = {LIBRARY: LIBRARY_PLACE} | packages.places(entries)
    bytecode.compile_archives(folder, places, pyodide=sources.pyodide, cache=sources.cache / "bytecode")
    for entry in entries:
        entry["sha256"] = wheels.sha256((folder / entry["file_name"]).read_bytes())
    (folder / LOCK_FILE).write_text(json.dumps(kept))


def _unpack_archives(folder: Path, type_faces: Path) -> None:
    """Make each archive one that brotli can pack, that starts sooner, and without the fonts that are fetched."""
    for path in folder.iterdir():
        if path.suffix in archives.SUFFIXES:
            archive = trimming.trimmed(font_list.matched(archives.unpacked(path.read_bytes())))
            path.write_bytes(fonts.taken_out(property_tables.written(archive), type_faces))


def _wheel_source(sources: Sources, report: Report) -> wheels.WheelSource:
    if sources.wheels:
        return wheels.WheelSource(sources.wheels)
    report("notebook site: fetching the wheels of lab/wheels.txt (77 MB the first time)")
    return wheels.WheelSource(wheels.download(sources.cache / "wheels"))


def _folder_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(f"{path.name} {wheels.sha256(path.read_bytes())}\n".encode())
    return digest.hexdigest()


def _stamp(output: Path) -> str | None:
    try:
        return (output / STAMP).read_text()
    except FileNotFoundError:
        return None


def _previous(output: Path) -> Path:
    return output.with_name(f".{output.name}.previous")


def _recover(output: Path) -> None:
    """Put the former site back when a build died between the two renames of its swap."""
    previous = _previous(output)
    if previous.exists() and not output.exists():
        previous.rename(output)


def _swap(site: Path, output: Path) -> None:
    previous = _previous(output)
    shutil.rmtree(previous, ignore_errors=True)
    if output.exists():
        output.rename(previous)
    site.rename(output)
    shutil.rmtree(previous, ignore_errors=True)


@contextmanager
def _workplace(output: Path) -> Iterator[Path]:
    """A fresh folder beside the output (renaming works only inside one file system), gone afterwards."""
    prefix = f".{output.name}.building-"
    for left in output.parent.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=output.parent))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _only_builder(output: Path) -> Iterator[None]:
    """Wait while another process builds the same site."""
    with output.with_name(f".{output.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _megabytes(folder: Path) -> str:
    kept: Sequence[Path] = [path for path in folder.rglob("*") if path.is_file()]
    plain = [path for path in kept if path.suffix not in (".br", ".gz")]
    return f"{sum(path.stat().st_size for path in plain) / 1e6:.0f} MB in {len(plain)} files"
