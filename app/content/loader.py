"""Read the content packs under modules/ into a Catalogue, or say everything that is wrong with them."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.content.graded_cells import read_graded_cells
from app.content.schemas import (
    Activity,
    AssignmentFile,
    Catalogue,
    Competency,
    Domain,
    DomainFile,
    GradedCell,
    Instrument,
    Lesson,
    LessonEntry,
    MemoFile,
    Module,
    ModuleFile,
    Notebook,
    NotebookEntry,
    Quiz,
    QuizEntry,
    QuizFile,
    Simulation,
)
from app.content.truths import PlantedTruths
from app.content.values import Bilingual

Schema = TypeVar("Schema", bound=BaseModel)

FRAMEWORK_FOLDER = "_framework"
LEVEL_ONE_HEADING = re.compile(r"^# ", re.MULTILINE)
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
RAW_HTML = re.compile(r"<[A-Za-z/!]")


@dataclass(frozen=True)
class Problem:
    """One thing to mend. key: path inside the file, "" when it concerns the whole file."""

    file: str
    key: str
    message: str
    allowed: str = ""

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: {self.message}" + (f" Allowed: {self.allowed}." if self.allowed else "")


class ContentError(Exception):
    """The content cannot be used; `problems` names every fault found in one reading."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def load_catalogue(folder: Path) -> Catalogue:
    """Read the framework and every module of `folder` (usually modules/).

    Raises ContentError, which lists all problems at once: file, key, what is wrong, what is allowed.
    """
    reader = _Reader(folder)
    domains, competencies = _read_framework(reader)
    memo = reader.toml(folder / FRAMEWORK_FOLDER / "memo.toml", MemoFile)
    instrument = reader.toml(folder / FRAMEWORK_FOLDER / "survey.toml", Instrument)
    modules = {}
    for module_folder in _module_folders(folder):
        if (module := _read_module(reader, module_folder, competencies)) is not None:
            modules[module.id] = module
    if not modules and not reader.problems:
        reader.report(folder, "", "holds no module", "at least one folder with a module.toml")
    if reader.problems or memo is None or instrument is None:
        raise ContentError(reader.problems)
    framework_digest = _digest_of_folder(folder / FRAMEWORK_FOLDER)
    parts = [framework_digest, *(f"{module.id} {module.digest}" for module in modules.values())]
    return Catalogue(
        modules=MappingProxyType(modules),
        domains=MappingProxyType(domains),
        competencies=MappingProxyType(competencies),
        memo_rubric=memo.rubric,
        instrument=instrument,
        digest=hashlib.sha256("\n".join(parts).encode()).hexdigest(),
    )


class _Reader:
    """Reads files below one root and collects problems instead of stopping at the first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []

    def report(self, path: Path, key: str, message: str, allowed: str = "") -> None:
        self.problems.append(Problem(self.name(path), key, message, allowed))

    def name(self, path: Path) -> str:
        """A file as problems name it."""
        return path.relative_to(self.root.parent).as_posix()

    def bytes(self, path: Path) -> bytes | None:
        if path.is_file():
            return path.read_bytes()
        self.report(path, "", "is missing; add this file.")
        return None

    def text(self, path: Path) -> str | None:
        content = self.bytes(path)
        if content is None:
            return None
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            self.report(path, "", f"is not UTF-8 text (byte {error.start}); save it as UTF-8.")
            return None
        if not text.strip():
            self.report(path, "", "is empty; write its text.")
            return None
        return text

    def toml(self, path: Path, schema: type[Schema]) -> Schema | None:
        text = self.text(path)
        if text is None:
            return None
        try:
            return schema.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            self.report(path, "", f"is not valid TOML: {error}.")
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self._report_invalid(path, schema, detail)
        return None

    def _report_invalid(self, path: Path, schema: type[BaseModel], detail: ErrorDetails) -> None:
        key = ".".join(str(part) for part in detail["loc"])
        match detail["type"]:
            case "missing":
                self.report(path, key, "is missing; add it.")
            case "extra_forbidden":
                known = ", ".join(_known_keys(schema, detail["loc"][:-1]))
                self.report(path, key, "is not a known key.", known)
            case "union_tag_invalid":
                kinds = str(detail["ctx"]["expected_tags"]).replace("'", "")
                self.report(path, f"{key}.kind", f"“{detail['ctx']['tag']}” is not a known kind.", kinds)
            case "union_tag_not_found":
                self.report(path, f"{key}.kind", "is missing; add it.")
            case "value_error":
                self.report(path, key, f"{detail['ctx']['error']}.")
            case _:
                self.report(path, key, f"{detail['msg']}, but it is {detail['input']!r:.80}.")


def _known_keys(schema: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """The keys allowed at a place of a schema; choices of `kind` are part of pydantic's location."""
    members: list[Any] = [schema]
    for part in location:
        if isinstance(part, int):
            members = [inner for member in members for inner in get_args(member) if inner is not ...]
        elif tagged := [member for member in members if _kind(member) == part]:
            members = tagged
        else:
            fields = [m.model_fields[part] for m in members if _is_schema(m) and part in m.model_fields]
            members = [field.annotation for field in fields]
        members = [inner for member in members for inner in _alternatives(member)]
    return sorted({name for member in members if _is_schema(member) for name in member.model_fields})


def _alternatives(annotation: Any) -> list[Any]:
    """The classes a value of this annotation may have; an annotation of one class is that class."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) is UnionType:
        return [inner for member in get_args(annotation) for inner in _alternatives(member)]
    return [annotation]


def _is_schema(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _kind(annotation: Any) -> str | None:
    """The literal value of a schema's `kind`, which chooses between the kinds of activities and items."""
    if not _is_schema(annotation) or "kind" not in annotation.model_fields:
        return None
    return str(get_args(annotation.model_fields["kind"].annotation)[0])


def _module_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "_.")


def _digest_of_folder(folder: Path) -> str:
    """sha256 over the name and content of each file below the folder, whatever the machine."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _read_framework(reader: _Reader) -> tuple[dict[str, Domain], dict[str, Competency]]:
    domains: dict[str, Domain] = {}
    competencies: dict[str, Competency] = {}
    folder = reader.root / FRAMEWORK_FOLDER / "competencies"
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        reader.report(folder, "", "holds no competencies", "one .toml file for each domain")
    for path in paths:
        if (file := reader.toml(path, DomainFile)) is None:
            continue
        domains[file.code] = Domain(code=file.code, title=file.title)
        for entry in file.competencies:
            if entry.code in competencies:
                reader.report(path, "competencies", f"{entry.code} stands more than once.")
            competencies[entry.code] = Competency(domain=file.code, **dict(entry))
    return domains, competencies


def _read_module(reader: _Reader, folder: Path, competencies: Mapping[str, Competency]) -> Module | None:
    path = folder / "module.toml"
    file = reader.toml(path, ModuleFile)
    if file is None:
        return None
    if not SLUG.fullmatch(folder.name):
        reader.report(folder, "", "is not a usable folder name.", "small letters, digits and single hyphens")
        return None
    _check_codes(reader, path, "competencies", file.competencies, competencies)
    activities = [
        _read_activity(reader, folder, f"activities.{number}", entry, competencies)
        for number, entry in enumerate(file.activities)
    ]
    found = tuple(activity for activity in activities if activity is not None)
    content = dict(file) | {"activities": found}
    return Module(id=folder.name, digest=_digest_of_folder(folder), **content)


def _read_activity(
    reader: _Reader,
    folder: Path,
    key: str,
    entry: LessonEntry | QuizEntry | Simulation | NotebookEntry,
    competencies: Mapping[str, Competency],
) -> Activity | None:
    if isinstance(entry, LessonEntry | NotebookEntry):
        path = folder / "module.toml"
        _check_codes(reader, path, f"{key}.competencies", entry.competencies, competencies)
    if isinstance(entry, LessonEntry):
        return _read_lesson(reader, folder / "lessons", entry)
    if isinstance(entry, QuizEntry):
        return _read_quiz(reader, folder / f"{entry.id}.toml", entry, competencies)
    if isinstance(entry, NotebookEntry):
        return _read_notebook(reader, folder / "notebooks" / entry.id, entry, competencies)
    return entry


def _check_codes(reader: _Reader, path: Path, key: str, codes: Iterable[str], known: Mapping[str, Competency]) -> None:
    for code in codes:
        if known and code not in known:
            reader.report(path, key, f"{code} is not a competency of the framework.", ", ".join(known))


def _read_lesson(reader: _Reader, folder: Path, entry: LessonEntry) -> Lesson | None:
    texts = {language: _lesson_text(reader, folder, entry.id, language) for language in ("en", "ur")}
    if any(text is None for text in texts.values()):
        return None
    try:
        markdown = Bilingual.model_validate(texts)
    except ValidationError as error:
        for detail in error.errors():
            reader.report(folder, entry.id, f"{detail['ctx']['error']}.")
        return None
    return Lesson(markdown=markdown, **dict(entry))


def _lesson_text(reader: _Reader, folder: Path, lesson_id: str, language: str) -> str | None:
    paths = sorted(folder.glob(f"[0-9][0-9]_{lesson_id}.{language}.md"))
    if len(paths) != 1:
        reader.report(
            folder / f"NN_{lesson_id}.{language}.md",
            "",
            "is missing; add this file." if not paths else "stands more than once.",
            "one file, NN being the two-digit number of the lesson",
        )
        return None
    text = reader.text(paths[0])
    if text is not None and LEVEL_ONE_HEADING.search(text):
        reader.report(paths[0], "", "has a heading of level 1; the page's title is that.", "## and deeper")
    if text is not None and RAW_HTML.search(text):
        reader.report(paths[0], "", "holds raw HTML; write it in Markdown.")
    return text


def _read_quiz(reader: _Reader, path: Path, entry: QuizEntry, competencies: Mapping[str, Competency]) -> Quiz | None:
    file = reader.toml(path, QuizFile)
    if file is None:
        return None
    for number, item in enumerate(file.items):
        _check_codes(reader, path, f"items.{number}.competency", [item.competency], competencies)
    return Quiz(items=file.items, **dict(entry))


def _read_notebook(
    reader: _Reader, folder: Path, entry: NotebookEntry, competencies: Mapping[str, Competency]
) -> Notebook | None:
    assignment = reader.toml(folder / "assignment.toml", AssignmentFile)
    source = reader.bytes(folder / "source.ipynb")
    script = reader.text(folder / "data.py")
    truths = reader.toml(path, PlantedTruths) if (path := folder / "truths.toml").is_file() else None
    report = partial(reader.report, folder / "source.ipynb")
    cells = None if source is None else read_graded_cells(source, report)
    if assignment is None or source is None or script is None or cells is None:
        return None
    for cell in cells:
        _check_codes(reader, folder / "source.ipynb", cell.grade_id, cell.competencies, competencies)
    if all(problem.file != reader.name(folder / "source.ipynb") for problem in reader.problems):
        _check_words_about_cells(reader, folder / "assignment.toml", assignment, cells)
    return Notebook(
        source=source,
        graded_cells=cells,
        data_script=folder / "data.py",
        truths=truths,
        **dict(entry),
        **dict(assignment),
    )


def _check_words_about_cells(
    reader: _Reader, path: Path, assignment: AssignmentFile, cells: Iterable[GradedCell]
) -> None:
    """Hints are for tests, rubrics for what a person marks, and a rubric's points are those of its cell."""
    tested = {cell.grade_id for cell in cells if not cell.is_manual}
    points = {cell.grade_id: cell.points for cell in cells if cell.is_manual}
    for cell in assignment.hints.keys() - tested:
        reader.report(path, f"hints.{cell}", "is not a cell with tests.", ", ".join(sorted(tested)))
    for cell, rows in assignment.rubrics.items():
        if cell not in points:
            reader.report(path, f"rubrics.{cell}", "is not a cell that a person marks.", ", ".join(sorted(points)))
        elif (most := sum(row.most for row in rows)) != points[cell]:
            reader.report(path, f"rubrics.{cell}", f"adds up to {most:g} points, but the cell has {points[cell]:g}.")
