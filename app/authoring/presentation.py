# ruff: noqa: E501 - one sentence a line reads better than wrapped ones
"""What a check found, cell by cell, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.authoring.data_tables import DataTable
from app.authoring.personal import IDENTIFIES, Likeness
from app.authoring.queries import Lab
from app.authoring.source import CELL_TYPES, FLAGS
from app.content.schemas import OwnFile
from app.core.numbers import short
from app.gradebook import problems
from app.notebooks.roles import WITH_POINTS, Kind, kind_names


def first_version(found: Lab) -> str:
    """What stands before all published versions."""
    return str(_("The lab as it was begun") if found.is_own else _("The lab as it was installed"))


@dataclass(frozen=True)
class Row:
    """A graded cell. solution, release: what each got, in words; advice: what to mend, "" when nothing."""

    cell: str
    points: str
    solution: str
    release: str
    advice: str
    message: str


@dataclass(frozen=True)
class Finding:
    """A finished check. faults: what concerns the whole notebook."""

    faults: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class DataInWords:
    """A data file. size, download: with units; columns: name, type, missing values and what it looks like."""

    size: str
    download: str
    columns: tuple[tuple[str, str, str, str], ...]


def data_in_words(file: OwnFile) -> DataInWords:
    kinds = {
        "whole": _("whole numbers"),
        "number": _("numbers"),
        "date": _("dates"),
        "text": _("text"),
        "empty": _("nothing"),
    }
    columns = tuple(
        (each.name, str(kinds[each.kind]), str(each.missing), likeness_in_words(each.looks_like))
        for each in file.columns
    )
    return DataInWords(_kilobytes(file.size_bytes), _kilobytes(file.sent_bytes), columns)


def _kilobytes(size: int) -> str:
    return str(_("%(size)s KB", size=f"{max(size / 1000, 0.1):,.1f}"))


def likeness_in_words(looks_like: str) -> str:
    """What of people a column looks like; a dash for nothing."""
    names = {
        Likeness.CNIC: _("CNIC numbers"),
        Likeness.TELEPHONE: _("telephone numbers"),
        Likeness.EMAIL: _("e-mail addresses"),
        Likeness.NAME: _("names of people"),
    }
    return str(names[Likeness(looks_like)]) if looks_like else "–"


def why_vouched_for(tables: Iterable[DataTable]) -> str | None:
    """Why these data are taken only with an assurance in words; None when they are taken without."""
    found = [
        _(
            "“%(column)s” in %(file)s (%(likeness)s)",
            column=column.name,
            file=table.name,
            likeness=likeness_in_words(column.looks_like),
        )
        for table in tables
        for column in table.columns
        if column.looks_like in IDENTIFIES
    ]
    if not found:
        return None
    return str(
        _(
            "These columns look as if they named people: %(columns)s. Nothing was taken. Take the columns out; or, if the people are made up or you are permitted to use the data, say so here and in words below, and choose the files again.",
            columns=str(_(", ")).join(map(str, found)),
        )
    )


def finding(report: Mapping[str, Any], titles: Mapping[str, str]) -> Finding:
    """titles: headings of the cells in the reader's language."""
    if "refused" in report:
        return Finding(
            (str(_("nbgrader refuses this notebook. What it says: %(reason)s", reason=report["refused"])),), ()
        )
    solution, release = report["solution"], report["release"]
    faults = [
        *_faults(_("Your solution:"), solution, titles),
        *_faults(_("The untouched release:"), release, titles),
    ]
    rows = [_row(name, solution["cells"][name], release["cells"][name]) for name in solution["cells"]]
    return Finding(tuple(faults), tuple(rows))


def _faults(whose: str, result: Mapping[str, Any], titles: Mapping[str, str]) -> list[str]:
    """A run that ended early or was held; a mere note on a graded one is none."""
    if result["status"] == "graded" or not result["problem"]:
        return []
    values = dict(result["problem"]["values"])
    values["title"] = titles.get(values.get("cell", ""), values.get("title", ""))
    return [f"{whose} {problems.sentence({'code': result['problem']['code'], 'values': values})}"]


def _row(name: str, solution: Mapping[str, Any], release: Mapping[str, Any]) -> Row:
    if solution["kind"] != "test":
        by_person = str(_("marked by a person"))
        earns = release["score"] or 0
        return Row(
            name, short(solution["most"]), by_person, by_person if not earns else _points(release), _earned(earns), ""
        )
    fails = solution["score"] != solution["most"] or bool(solution["message"])
    advice = [_fails()] if fails else []
    if release["score"]:
        advice.append(_earned(release["score"]))
    return Row(
        name,
        short(solution["most"]),
        _points(solution),
        _points(release),
        " ".join(advice),
        solution["message"] if fails else "",
    )


def _points(cell: Mapping[str, Any]) -> str:
    return str(_("not known")) if cell["score"] is None else short(cell["score"])


def _fails() -> str:
    return str(_("Your own solution does not pass these tests. Correct the solution above them, or the tests."))


def _earned(points: float) -> str:
    if not points:
        return ""
    return str(
        _("The release earns points before anybody wrote an answer. Test something that only an answer can make true.")
    )


@dataclass(frozen=True)
class KindInWords:
    """What a cell can be. flags: nbgrader's grade, solution, locked and task; cell_types: which cells can be it."""

    kind: str
    label: str
    hint: str
    cell_types: tuple[str, ...]
    flags: tuple[bool, bool, bool, bool] | None
    has_points: bool


def kinds() -> list[KindInWords]:
    """Everything that a cell can be, in the reader's language."""
    hints = {
        Kind.ORDINARY: _("Trainees get it as it is and may change it."),
        Kind.SOLUTION: _(
            "Write your solution. What stands between the lines BEGIN SOLUTION and END SOLUTION is taken out of the release; without these lines the whole cell is. The tests of it stand in a cell of their own below."
        ),
        Kind.TESTS: _(
            "Trainees see the tests and run them, but the academy runs yours. What stands between the lines BEGIN HIDDEN TESTS and END HIDDEN TESTS only the academy has. The points are earned when no test fails."
        ),
        Kind.ANSWER: _("A person marks it. The trainee gets an empty cell in the place of what you write here."),
        Kind.TASK: _("You describe the task here and the trainee answers in cells of their own. A person marks it."),
        Kind.READ_ONLY: _("Trainees cannot change it; if they do all the same, the academy runs yours."),
    }
    return [
        KindInWords(str(kind), name, str(hints[kind]), CELL_TYPES[kind], FLAGS.get(kind), kind in WITH_POINTS)
        for kind, name in kind_names().items()
    ]
