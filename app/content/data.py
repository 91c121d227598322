"""The data files of the notebook labs: written for the notebook site and the grader, and found again."""

import hashlib
import runpy
import tempfile
from pathlib import Path

from app.content.schemas import Catalogue, Notebook
from app.core.blobs import Blobs


class DataMismatchError(Exception):
    """A data script wrote other bytes than assignment.toml records, so marks would not be comparable."""


def write_lab_files(catalogue: Catalogue, folder: Path) -> tuple[Path, ...]:
    """Write <folder>/<module>/<notebook>/<file> for every lab; what is up to date is left as it is.

    Returns all these paths, new and old. Raises DataMismatchError when a script's output differs from its
    recorded sha256. Safe to run again, and while a reader has the old files open.
    """
    paths: list[Path] = []
    for module in catalogue.modules.values():
        for activity in module.activities:
            if isinstance(activity, Notebook):
                target = folder / module.id / activity.id
                if not _is_up_to_date(activity, target):
                    _write(activity, target)
                paths.extend(target / name for name in activity.data_files)
    return tuple(paths)


def data_file(folder: Path, blobs: Blobs, module_id: str, lab: Notebook, name: str) -> Path:
    """Where one of a lab's data files lies. folder: what write_lab_files filled; blobs: what academies brought."""
    if (own := lab.own_files.get(name)) is not None:
        return blobs.path(own.sha256)
    return folder / module_id / lab.data_folder / name


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_up_to_date(notebook: Notebook, target: Path) -> bool:
    return all(
        (target / name).is_file() and _sha256(target / name) == expected
        for name, expected in notebook.data_sha256.items()
    )


def _write(notebook: Notebook, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        # runpy leaves no bytecode beside the script, so the module's digest stays what it is.
        runpy.run_path(str(notebook.data_script))["write"](Path(scratch))
        for name, expected in notebook.data_sha256.items():
            found = _sha256(Path(scratch) / name)
            if found != expected:
                raise DataMismatchError(
                    f"{notebook.data_script} wrote {name} with sha256 {found}, but assignment.toml records "
                    f"{expected}. Mend the script, or record the new digest if the change is meant."
                )
        for name in notebook.data_files:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(scratch) / name).replace(target / name)
