"""An assignment of ours as a course folder for the nbgrader command."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from grading.autotests import DEFAULT_TEMPLATES, TEMPLATES
from grading.folders import require_inside
from grading.source import autotest_cells, parse_source, read_assignment
from grading.types import NO_FILES, Limits, WrongUse

# What nbgrader can find again: it reads these names from paths, and asks for them by patterns with * and commas.
USABLE_NAME = re.compile(r"\w[\w.@-]*( [\w.@-]+)*")
CONFIGURATION = """\
# For the nbgrader command; run it in this folder:
#   nbgrader generate_assignment {assignment}
#   nbgrader autograde {assignment}
c = get_config()
# Seconds that one cell may run, as in the grading that this folder comes from.
c.Execute.timeout = {cell_seconds}
"""


@dataclass(frozen=True)
class Submitted:
    """One trainee's notebook, as it was handed in. student: nbgrader's name for them; submitted_at: aware.

    name: which of the assignment's notebooks it is, "" where there is one.
    """

    student: str
    notebook: bytes
    submitted_at: datetime | None = None
    name: str = ""


def course_folder(
    assignment: str,
    sources: Mapping[str, bytes],
    *,
    files: Mapping[str, bytes] = NO_FILES,
    submitted: Sequence[Submitted] = (),
    cell_seconds: int = Limits().cell_seconds,
) -> dict[str, bytes]:
    """Name -> content of a course folder that `nbgrader autograde` marks with the points of grading.grade.

    sources: the notebooks of the assignment by their names without .ipynb.  files: what lies beside them.
    Raises WrongUse for names that nbgrader cannot use, and for work on a notebook that there is not; InvalidSource for
    a source that nbgrader would refuse.
    """
    _require_usable([assignment, *sources, *(each.student for each in submitted)])
    require_inside(files)
    _require_no_notebook(files)
    place = f"source/{assignment}"
    contents = {"nbgrader_config.py": _configuration(assignment, cell_seconds)}
    for name, source in sources.items():
        _require_generable(source)
        contents[f"{place}/{name}.ipynb"] = source
    if any(autotest_cells(parse_source(source)) for source in sources.values()):
        contents[TEMPLATES] = DEFAULT_TEMPLATES.read_bytes()
    contents |= {f"{place}/{file}": content for file, content in files.items()}
    for each in submitted:
        contents |= _submission(each, assignment, _name_of(each, sources), known=contents)
    return contents


def _name_of(each: Submitted, sources: Mapping[str, bytes]) -> str:
    name = each.name or next(iter(sources))
    if name not in sources:
        raise WrongUse(
            f"The assignment has no notebook {name!r}, which is given for {each.student!r}; "
            f"its notebooks are {', '.join(sources)}."
        )
    return name


def _require_usable(names: Sequence[str]) -> None:
    for name in names:
        if not USABLE_NAME.fullmatch(name):
            raise WrongUse(
                f"nbgrader cannot use the name {name!r}; choose one of letters, digits, single spaces and . _ @ -, "
                "which begins with a letter or digit."
            )


def _require_no_notebook(files: Mapping[str, bytes]) -> None:
    for name in files:
        if name.endswith(".ipynb"):
            raise WrongUse(f"nbgrader would grade the data file {name!r} as a notebook; leave it out or rename it.")


def _require_generable(source: bytes) -> None:
    """An AUTOTEST line is nbgrader's to instantiate; everything else is checked as for a release."""
    if not autotest_cells(parse_source(source)):
        read_assignment(source)


def _configuration(assignment: str, cell_seconds: int) -> bytes:
    quoted = f'"{assignment}"' if " " in assignment else assignment
    return CONFIGURATION.format(assignment=quoted, cell_seconds=cell_seconds).encode()


def _submission(each: Submitted, assignment: str, notebook: str, *, known: Mapping[str, bytes]) -> dict[str, bytes]:
    place = f"submitted/{each.student}/{assignment}"
    if f"{place}/{notebook}.ipynb" in known:
        raise WrongUse(f"Two notebooks are given for {each.student!r}; nbgrader takes one, so leave one out.")
    contents = {f"{place}/{notebook}.ipynb": each.notebook}
    if each.submitted_at is not None:
        moment = each.submitted_at.astimezone(UTC)
        contents[f"{place}/timestamp.txt"] = f"{moment:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()
    return contents
