"""python -m grading grade|check|release|feedback|instantiate|export|import: grade notebooks without the portal."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import grading
from grading.folders import read_data_files, write_new_folder

DEFAULT_LEVEL = 2
COMPETENCY = re.compile(r"D[1-9]\.[1-9]")


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0: done, whatever the submission is like; 1: check found the assignment unsound;
    2: wrong use, an unreadable file or folder, or a wrong source; 3: the sandbox cannot be built here."""
    _open_what_is_closed()
    _write_what_can_be_written()
    try:
        status = _done(arguments)
        print(end="", flush=True)
    except (grading.InvalidSource, grading.WrongUse, OSError) as error:
        return _failed(error, 2)
    except grading.SandboxUnavailable as error:
        return _failed(error, 3)
    return status


def _done(arguments: list[str] | None) -> int:
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as end:
        # Help, or wrong use that the parser has told already.
        return int(end.code or 0)
    return int(options.command(options))


def _open_what_is_closed() -> None:
    """Of a closed stream Python makes None: what is printed there would be lost without a word.

    Nor may another file get its number, which would be written to instead.
    """
    if sys.stdout is None:
        # Not to be written to, so that whoever prints is told.
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def _write_what_can_be_written() -> None:
    """Messages are in any language; what the encoding of a terminal lacks is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _failed(error: Exception, status: int) -> int:
    """Say why, where that can be said."""
    _give_up(sys.stdout)
    with suppress(OSError):
        print(f"grading: {error}", file=sys.stderr)
    _give_up(sys.stderr)
    return status


def _give_up(stream: TextIO) -> None:
    """Where nothing can be written any more; Python would try once more at its end, and say so in lines of its own."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m grading", description=__doc__)
    commands = parser.add_subparsers(required=True)
    grade = commands.add_parser("grade", help="grade one submission")
    check = commands.add_parser("check", help="does the solution get full marks and the release none?")
    release = commands.add_parser("release", help="write the version for trainees")
    feedback = commands.add_parser("feedback", help="write the feedback page for a submission")
    instantiate = commands.add_parser("instantiate", help="write the notebook with its AUTOTEST lines made into tests")
    export = commands.add_parser("export", help="write a course folder for the nbgrader command")
    for command, function in (
        *((grade, _grade), (check, _check), (release, _release), (feedback, _feedback)),
        *((instantiate, _instantiate), (export, _export)),
    ):
        command.set_defaults(command=function)
        command.add_argument("--files", type=Path, help="folder with the assignment's data files")
    for command in (grade, check, release, feedback, instantiate):
        command.add_argument("--source", type=Path, required=True, help="the author's notebook")
    for command in (grade, feedback):
        command.add_argument("--submitted", type=Path, required=True, help="the trainee's notebook")
    grade.add_argument("--json", action="store_true", help="print one JSON object")
    for command in (release, feedback, instantiate):
        command.add_argument("--output", type=Path, help="write to this file and not to standard output")
    _add_export_arguments(export)
    _add_import_arguments(commands.add_parser("import", help="read an assignment of an nbgrader course folder"))
    return parser


def _add_export_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--source", type=Path, nargs="+", required=True, help="the author's notebook, or several")
    command.add_argument("--assignment", required=True, help="its name in the course")
    command.add_argument(
        "--notebook",
        nargs="+",
        help="the name of each notebook there; by default that of the assignment, or of several that of their files",
    )
    command.add_argument(
        "--submitted",
        type=Path,
        nargs="+",
        default=[],
        help="notebooks named after trainees, or folders of such; where there are several notebooks, a folder of them "
        "named after each trainee",
    )
    command.add_argument("--output", type=Path, required=True, help="a folder that is new or empty")


def _add_import_arguments(command: argparse.ArgumentParser) -> None:
    command.set_defaults(command=_import)
    command.add_argument("--course", type=Path, required=True, help="the folder with nbgrader_config.py and source/")
    command.add_argument("--assignment", required=True, help="the name of a folder in source/")
    command.add_argument("--output", type=Path, required=True, help="a folder that is new or empty")
    command.add_argument(
        "--competency",
        action="append",
        default=[],
        type=_competency,
        help="what each graded cell measures, such as D1.2; repeatable",
    )
    command.add_argument("--level", type=int, choices=range(1, 5), help="the level of that, 1 to 4; 2 by default")


def _competency(typed: str) -> str:
    if COMPETENCY.fullmatch(typed) is None:
        raise argparse.ArgumentTypeError(f"{typed!r} is no code of a competency, such as D1.2")
    return typed


def _grade(options: argparse.Namespace) -> int:
    result = _result(options)
    # Escaped, so that no encoding of the terminal or of a pipe stands in the way.
    print(json.dumps(_as_json(result), allow_nan=False) if options.json else _as_text(result))
    return 0


def _check(options: argparse.Namespace) -> int:
    report = grading.check(options.source.read_bytes(), read_data_files(options.files))
    print(_as_report(report))
    return 0 if report.sound else 1


def _release(options: argparse.Namespace) -> int:
    _require_other_file(options.output, [options.source])
    _write(options.output, grading.release(options.source.read_bytes(), read_data_files(options.files)))
    return 0


def _instantiate(options: argparse.Namespace) -> int:
    _require_other_file(options.output, [options.source])
    made = grading.instantiate(options.source.read_bytes(), read_data_files(options.files))
    # What is written down is a source that the other commands take.
    grading.inspect(made)
    _write(options.output, made)
    return 0


def _export(options: argparse.Namespace) -> int:
    sources = _sources(options)
    if len(sources) == 1:
        submitted = [_submitted(path) for path in _notebooks(options.submitted)]
    else:
        submitted = [each for place in options.submitted for each in _submitted_together(place)]
    contents = grading.course_folder(
        options.assignment, sources, files=read_data_files(options.files), submitted=submitted
    )
    write_new_folder(options.output, contents)
    commands = f"nbgrader generate_assignment {options.assignment}, then nbgrader autograde {options.assignment}"
    print(f"Written to {options.output}. In there: {commands}.")
    return 0


def _sources(options: argparse.Namespace) -> dict[str, bytes]:
    """The notebooks of an assignment by their names in the course."""
    paths = options.source
    names = options.notebook or ([options.assignment] if len(paths) == 1 else [path.stem for path in paths])
    if len(names) != len(paths) or len(set(names)) != len(names):
        raise grading.WrongUse("Each notebook needs a name of its own; give one for each --source with --notebook.")
    return {name: path.read_bytes() for name, path in zip(names, paths, strict=True)}


def _submitted_together(place: Path) -> list[grading.Submitted]:
    """What one trainee made of the notebooks of an assignment."""
    if not place.is_dir():
        raise grading.WrongUse(f"{place} is no folder; give one of the notebooks of each trainee, named after them.")
    return [grading.Submitted(place.name, path.read_bytes(), name=path.stem) for path in _notebooks([place])]


def _notebooks(places: Iterable[Path]) -> list[Path]:
    """Each notebook given, and those of each folder given."""
    found = [sorted(place.glob("*.ipynb")) if place.is_dir() else [place] for place in places]
    empty = [str(place) for place, notebooks in zip(places, found, strict=True) if not notebooks]
    if empty:
        raise grading.WrongUse(f"{', '.join(empty)} holds no notebook; give a folder of files that end in .ipynb.")
    return [path for notebooks in found for path in notebooks]


def _submitted(path: Path) -> grading.Submitted:
    return grading.Submitted(path.stem, path.read_bytes())


def _import(options: argparse.Namespace) -> int:
    if options.level is not None and not options.competency:
        raise grading.WrongUse("A level belongs to a competency; give --competency too, or neither.")
    tag = grading.Tag(tuple(options.competency), options.level or DEFAULT_LEVEL) if options.competency else None
    with closing(grading.SandboxOnDemand()) as sandbox:
        found = grading.import_assignment(options.course, options.assignment, tag=tag, sandboxes=sandbox)
    contents = {f"{lab.name}/{name}": content for lab in found.labs for name, content in lab.contents().items()}
    write_new_folder(options.output, contents)
    for setting in found.ignored:
        print(f"Not taken over: {setting} of nbgrader_config.py; see whether the labs depend on it.")
    for notebook in found.left_out:
        print(f"Not taken over: the notebook {notebook}; put it beside the others, if it is one of the assignment.")
    for name in found.kept_back:
        print(f"Not taken over: the file {name}, which CourseDirectory.ignore keeps from trainees.")
    for lab in found.labs:
        print(_as_lab(lab))
    return 0


def _feedback(options: argparse.Namespace) -> int:
    _require_other_file(options.output, [options.source, options.submitted])
    result = _result(options)
    try:
        page = grading.feedback(result.autograded) if result.autograded is not None else None
    except grading.InvalidSource as error:
        # What the submission printed is to blame: the source has been read.
        page = None
        print(f"grading: {error}", file=sys.stderr)
    if page is None:
        print(_as_text(result), file=sys.stderr)
        if options.output is not None and options.output.is_file() and not options.output.is_symlink():
            # It would be taken for the page of this submission.
            options.output.unlink()
        return 0
    _write(options.output, page)
    return 0


def _result(options: argparse.Namespace) -> grading.GradeResult:
    return grading.grade(
        options.source.read_bytes(), options.submitted.read_bytes(), files=read_data_files(options.files)
    )


def _require_other_file(output: Path | None, read: Iterable[Path]) -> None:
    """Raises WrongUse where `output` is, by whatever name, one of those that are read."""
    if output is not None and output.exists() and any(path.exists() and path.samefile(output) for path in read):
        raise grading.WrongUse(f"{output} is read and would be written over; give another file for --output.")


def _write(output: Path | None, content: bytes) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        output.write_bytes(content)


def _as_json(result: grading.GradeResult) -> dict[str, Any]:
    """Everything but the notebook; the problem's code stands beside its values."""
    document = asdict(result)
    del document["autograded"]
    return document


def _as_report(report: grading.CheckReport) -> str:
    if report.grades_nothing:
        return "Unsound: nothing in it is graded. Give a test, an answer or a task an nbgrader id and points."
    verdict = "Sound." if report.sound else "Unsound: the solution must pass every test and the release earn no point."
    return f"Solution\n{_as_text(report.solution)}\nRelease\n{_as_text(report.released)}\n{verdict}"


def _as_lab(lab: grading.ImportedLab) -> str:
    """What was found in it, and what its author has left to do."""
    cells = grading.inspect(lab.source)
    untagged = [cell.grade_id for cell in cells if not cell.competencies]
    lines = [f"{lab.name}: {len(cells)} graded cells, {sum(cell.max_score for cell in cells):g} points"]
    lines += [f"  {cell.grade_id}: {cell.kind}, {cell.max_score:g} points" for cell in cells]
    if untagged:
        lines.append(f"To do: say what these cells measure, or import with --competency: {', '.join(untagged)}")
    lines.append("To do: write the summary in assignment.toml, and name the lab in module.toml:")
    return "\n".join([*lines, _activity(lab, cells), _as_report(grading.check(lab.source, lab.files))])


def _activity(lab: grading.ImportedLab, cells: Iterable[grading.GradedCell]) -> str:
    codes = sorted({code for cell in cells for code in cell.competencies})
    return f"""
[[activities]]
id = "{lab.name}"
kind = "notebook"
minutes = 60
competencies = {json.dumps(codes)}
title = {{ en = "…", ur = "…" }}
"""


def _as_text(result: grading.GradeResult) -> str:
    lines = [f"  {result.status}: {result.points:g} of {result.max_points:g} points"]
    if result.problem is not None:
        values = ", ".join(f"{name}={value}" for name, value in result.problem.values.items())
        lines.append(f"  {result.problem.code}: {values}")
    for cell in result.cells:
        score = "to be marked" if cell.score is None else f"{cell.score:g}"
        lines.append(f"    {cell.grade_id}: {score} of {cell.max_score:g} {cell.message}".rstrip())
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
