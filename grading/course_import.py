"""An assignment of an nbgrader course as labs of ours: one folder for each notebook, ready for a content pack.

Nothing of the course is run to read it: of nbgrader_config.py, which is a program, only plain settings are looked at.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import MetadataValidator, SchemaTooNewError
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import (
    AssignLatePenalties,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearSolutions,
    Execute,
    InstantiateTests,
    LockCells,
)
from traitlets.config import Configurable

from grading.autotests import TEMPLATES, instantiate
from grading.folders import files_below, read_data_files
from grading.notebook import serialise
from grading.sandbox import Runs
from grading.source import parse_source, read_assignment
from grading.types import InvalidSource, WrongUse

INCLUDED = ("header", "footer")
# Settings of these change what trainees get or how it is scored; all others concern the command only.
DECISIVE = (
    *(ClearSolutions, ClearHiddenTests, ClearMarkScheme, LockCells, InstantiateTests, Execute, AssignLatePenalties),
    *(GenerateAssignment, Autograde, LateSubmissionPlugin),
)
# What is set for a class holds for those that are made of it.
DECISIVE_NAMES = frozenset(
    kind.__name__ for decisive in DECISIVE for kind in decisive.__mro__ if issubclass(kind, Configurable)
)
IGNORE = "CourseDirectory.ignore"
# Of the course's folders these change what trainees get.
OF_FILES = frozenset({IGNORE, "CourseDirectory.include", "CourseDirectory.max_file_size"})
MATTERING = DECISIVE_NAMES | {"IncludeHeaderFooter", "CourseDirectory"}
# A folder without any file is not there for the notebook in the browser, which works in it.
WITHOUT_DATA = {"README.txt": b"This notebook needs no data files.\n"}
DATA_SCRIPT = '''\
"""Writes the data files of the imported assignment, which lie beside this script in files/."""

import shutil
from pathlib import Path

FILES = Path(__file__).with_name("files")


def write(folder: Path) -> None:
    """Copy them to `folder`."""
    shutil.copytree(FILES, folder, dirs_exist_ok=True)
'''
DESCRIPTION = """\
[summary]
en = "An assignment that was written for nbgrader: {title}."
ur = "nbgrader کے لیے تیار کردہ مشق: {title}۔"

[data_sha256]
"""


@dataclass(frozen=True)
class Tag:
    """What graded cells measure that do not say so themselves. level: 1 to 4."""

    competencies: tuple[str, ...]
    level: int


@dataclass(frozen=True)
class ImportedLab:
    """One notebook of a course. name: fit for a folder under modules/<module>/notebooks.

    source: with all cells and tests, as grading.grade takes it.  files: what lies beside it.
    """

    name: str
    source: bytes
    files: Mapping[str, bytes]

    def contents(self) -> dict[str, bytes]:
        """Name -> content of the lab's folder."""
        files = self.files or WITHOUT_DATA
        named = {f"files/{name}": content for name, content in files.items()}
        description = _description(self.name, files)
        return {"source.ipynb": self.source, "assignment.toml": description, "data.py": DATA_SCRIPT.encode(), **named}


@dataclass(frozen=True)
class ImportedAssignment:
    """ignored: settings of nbgrader_config.py that matter for grading and have no counterpart here.

    left_out: notebooks in folders of the assignment, which nbgrader passes over as well.
    kept_back: files that the course does not give out.
    """

    labs: tuple[ImportedLab, ...]
    ignored: tuple[str, ...]
    left_out: tuple[str, ...]
    kept_back: tuple[str, ...] = ()


def import_assignment(
    course: Path, assignment: str, *, tag: Tag | None = None, sandboxes: Runs | None = None
) -> ImportedAssignment:
    """Read source/<assignment> of an nbgrader course folder.

    Notebooks of nbformat 3 and of older metadata schemas are brought up to date as `nbgrader update` does; header and
    footer are put in, and AUTOTEST lines instantiated, as `nbgrader generate_assignment` does.
    Raises WrongUse where there is no such assignment, InvalidSource with the notebook's name, SandboxUnavailable.
    """
    folder = course / "source" / assignment
    notebooks = sorted(folder.glob("*.ipynb"))
    if not notebooks:
        raise WrongUse(f"{folder} holds no notebook; give the course folder and the name of a folder in its source/.")
    _require_no_links(folder)
    settings = _settings(course)
    around = {place: _included(course, settings.get(f"IncludeHeaderFooter.{place}")) for place in INCLUDED}
    files = read_data_files(folder)
    given_out = _given_out(files, settings.get(IGNORE))
    templates = {} if TEMPLATES in files else _templates(course)
    labs = []
    for path in notebooks:
        try:
            source = _source(path, around, tag)
            source = instantiate(source, {**templates, **files}, sandboxes=sandboxes)
            read_assignment(source)
        except InvalidSource as error:
            raise InvalidSource(f"{path.name}: {error}") from error
        labs.append(ImportedLab(lab_name(path.stem), source, _without_templates(given_out)))
    _require_different_names([lab.name for lab in labs])
    return ImportedAssignment(
        tuple(labs),
        ignored=tuple(name for name, value in settings.items() if _is_ignored(name, value)),
        left_out=tuple(name for name in files_below(folder) if name.endswith(".ipynb") and "/" in name),
        kept_back=tuple(name for name in files if name not in given_out),
    )


def _require_no_links(folder: Path) -> None:
    """A link would put a file of this machine into a lab."""
    for path in folder.rglob("*"):
        _require_no_link(path)


def _require_no_link(path: Path) -> None:
    if path.is_symlink():
        raise WrongUse(f"{path} is a link; put the file itself there, or leave it out.")


def lab_name(stem: str) -> str:
    """A notebook's name in small letters, digits and single hyphens, beginning with a letter."""
    words = re.findall(r"[a-z0-9]+", stem.lower())
    name = "-".join(words) or "lab"
    return name if name[0].isalpha() else f"lab-{name}"


def _require_different_names(names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise WrongUse(f"Two notebooks of the assignment would both be called {twice!r} here; rename one of them.")


def _source(path: Path, around: Mapping[str, Sequence[Any]], tag: Tag | None) -> bytes:
    notebook = _up_to_date(path)
    notebook.cells = [*around["header"], *notebook.cells, *around["footer"]]
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if tag is not None and (meta.get("grade") or meta.get("task")) and "hunar" not in cell.metadata:
            cell.metadata["hunar"] = {"competencies": list(tag.competencies), "level": tag.level}
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return serialise(notebook)


def _up_to_date(path: Path) -> Any:
    """As `nbgrader update` leaves it."""
    notebook = parse_source(path.read_bytes())
    validator = MetadataValidator()
    try:
        notebook = validator.upgrade_notebook_metadata(notebook)
        validator.validate_nb(notebook)
    except SchemaTooNewError as error:
        raise InvalidSource("it was written by a newer nbgrader than the one here; update nbgrader.") from error
    except Exception as error:
        raise InvalidSource(f"nbgrader's metadata in it are broken: {error}") from error
    return notebook


def _settings(course: Path) -> dict[str, Any]:
    """Setting -> value for each `c.Class.name = value` of nbgrader_config.py; None for what is not a plain value, or is
    named once more.

    What else is said there of a class that matters is None too: only the program itself could tell what comes of it.
    """
    path = course / "nbgrader_config.py"
    if not path.is_file():
        return {}
    _require_no_link(path)
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise WrongUse(f"{path} cannot be read as Python: {error}; mend it.") from error
    # So Python ends an expression that is nested too deep for it.
    except (RecursionError, MemoryError) as error:
        raise WrongUse(f"{path} is nested too deep to be read; leave only plain settings in it.") from error
    nodes = list(ast.walk(tree))
    times = Counter(name for node in nodes for name in _named(node))
    plain = {name: value for node in nodes for name, value in _assigned(node) if times[name] <= 1}
    named = {**dict.fromkeys(times), **plain}
    owners = {name.partition(".")[0] for name in named}
    return {**{name: None for node in nodes for name in _mentioned(node) if name not in owners}, **named}


def _assigned(node: ast.AST) -> Iterator[tuple[str, Any]]:
    match node:
        case ast.Assign(
            targets=[ast.Attribute(attr=name, value=ast.Attribute(attr=owner, value=ast.Name(id="c")))], value=value
        ):
            yield f"{owner}.{name}", _plain(value)


def _plain(value: ast.expr) -> Any:
    """Of a list of texts a tuple of them."""
    match value:
        case ast.Constant(value=plain):
            return plain
        case ast.List(elts=elements):
            texts = [each.value for each in elements if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            return tuple(texts) if len(texts) == len(elements) else None
    return None


def _named(node: ast.AST) -> Iterator[str]:
    """`Class.name` where a chain of attributes and keys goes on from a class that matters, on whatever object."""
    match node:
        case ast.Attribute(value=owner) | ast.Subscript(value=owner) if _step(owner) in MATTERING and _step(node):
            yield f"{_step(owner)}.{_step(node)}"


def _step(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return ""


def _mentioned(node: ast.AST) -> Iterator[str]:
    """A class that matters, where no setting of it is named: `e = c.Execute`, `c.merge({"Execute": …})`."""
    match node:
        case ast.Attribute(attr=name) | ast.Constant(value=str(name)) | ast.keyword(arg=str(name)) if name in MATTERING:
            yield name


def _is_ignored(setting: str, value: Any) -> bool:
    owner, _, name = setting.partition(".")
    if owner == "CourseDirectory":
        return not name or (setting in OF_FILES and not (setting == IGNORE and isinstance(value, tuple)))
    is_unknown_place = owner == "IncludeHeaderFooter" and (name not in INCLUDED or value is None)
    return owner in DECISIVE_NAMES or is_unknown_place


def _given_out(files: Mapping[str, bytes], setting: Any) -> dict[str, bytes]:
    """The files that trainees get: none that the course ignores, nor what lies in a folder that it ignores."""
    globs = setting if isinstance(setting, tuple) else CourseDirectory.class_traits()["ignore"].default()
    return {
        name: content
        for name, content in files.items()
        if not any(fnmatch(part, glob) for part in PurePosixPath(name).parts for glob in globs)
    }


def _included(course: Path, setting: Any) -> list[Any]:
    """The cells of a header or footer notebook."""
    if not setting:
        return []
    if not isinstance(setting, str) or "\0" in setting or not _holds(course, path := course / setting):
        raise WrongUse(f"nbgrader_config.py names {setting!r} as header or footer, and the course holds no such file.")
    return list(_up_to_date(path).cells)


def _holds(course: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(course.resolve()) and path.is_file()


def _templates(course: Path) -> dict[str, bytes]:
    path = course / TEMPLATES
    _require_no_link(path)
    return {TEMPLATES: path.read_bytes()} if path.is_file() else {}


def _without_templates(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """They have done their work, and tell trainees what the tests look like."""
    return {name: content for name, content in files.items() if name != TEMPLATES}


def _description(name: str, files: Mapping[str, bytes]) -> bytes:
    title = name.replace("-", " ")
    digests = {file: hashlib.sha256(content).hexdigest() for file, content in sorted(files.items())}
    lines = [f"{json.dumps(file, ensure_ascii=False)} = {json.dumps(digest)}" for file, digest in digests.items()]
    text = DESCRIPTION.format(title=title) + "".join(f"{line}\n" for line in lines)
    return text.encode()
