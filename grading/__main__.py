"""python -m grading grade|check|release|feedback: grade notebooks without the portal."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import grading


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0: done, whatever the submission is like; 1: check found the assignment unsound;
    2: wrong use, an unreadable file or a wrong source; 3: the sandbox cannot be built here."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except (grading.InvalidSource, OSError) as error:
        print(f"grading: {error}", file=sys.stderr)
        return 2
    except grading.SandboxUnavailable as error:
        print(f"grading: {error}", file=sys.stderr)
        return 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m grading", description=__doc__)
    commands = parser.add_subparsers(required=True)
    grade = commands.add_parser("grade", help="grade one submission")
    check = commands.add_parser("check", help="does the solution get full marks and the release none?")
    release = commands.add_parser("release", help="write the version for trainees")
    feedback = commands.add_parser("feedback", help="write the feedback page for a submission")
    for command, function in ((grade, _grade), (check, _check), (release, _release), (feedback, _feedback)):
        command.set_defaults(command=function)
        command.add_argument("--source", type=Path, required=True, help="the author's notebook")
    for command in (grade, feedback):
        command.add_argument("--submitted", type=Path, required=True, help="the trainee's notebook")
    for command in (grade, check, feedback):
        command.add_argument("--files", type=Path, help="folder with the assignment's data files")
    grade.add_argument("--json", action="store_true", help="print one JSON object")
    for command in (release, feedback):
        command.add_argument("--output", type=Path, help="write to this file and not to standard output")
    return parser


def _grade(options: argparse.Namespace) -> int:
    result = _result(options)
    print(json.dumps(_as_json(result), ensure_ascii=False) if options.json else _as_text(result))
    return 0


def _check(options: argparse.Namespace) -> int:
    report = grading.check(options.source.read_bytes(), _files(options.files))
    print(f"Solution\n{_as_text(report.solution)}\nRelease\n{_as_text(report.released)}")
    print("Sound." if report.sound else "Unsound: the solution must earn every point and the release none.")
    return 0 if report.sound else 1


def _release(options: argparse.Namespace) -> int:
    _write(options.output, grading.release(options.source.read_bytes()))
    return 0


def _feedback(options: argparse.Namespace) -> int:
    result = _result(options)
    if result.autograded is None:
        print(_as_text(result), file=sys.stderr)
        return 0
    _write(options.output, grading.feedback(result.autograded))
    return 0


def _result(options: argparse.Namespace) -> grading.GradeResult:
    return grading.grade(options.source.read_bytes(), options.submitted.read_bytes(), files=_files(options.files))


def _files(folder: Path | None) -> dict[str, bytes]:
    if folder is None:
        return {}
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder")
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".ipynb")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


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
