"""Estimates as a table that can be kept, and the proof that its figures follow from the evidence."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.competencies.estimation import METHOD_VERSION
from app.competencies.models import Evidence
from app.competencies.queries import Skill, skills

FIGURES = ("estimate", "low", "high", "level", "pieces")
COLUMNS = ("trainee", "competency", *FIGURES, "method", "computed_at")
DECIMALS = 6

Row = dict[str, str]


class NoTableOfEstimates(ValueError):
    """A file is not such a table; the message says where."""


@dataclass(frozen=True)
class Difference:
    """A figure that does not follow from the evidence. shown or recomputed is None where only the other exists."""

    trainee: str
    competency: str
    column: str
    shown: str | None
    recomputed: str | None


def table(known: Mapping[tuple[int, str], Skill], moment: datetime, *, hidden: Collection[tuple[int, str]] = ()) -> str:
    """These skills as CSV, each with the method's version and the moment that they were computed for.

    hidden: those of which no figure is given (`queries.hidden_estimates`).
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for key in sorted(known):
        row = _row(key[0], known[key], moment)
        writer.writerow({column: "" if column in FIGURES and key in hidden else row[column] for column in COLUMNS})
    return text.getvalue()


def read_table(text: str) -> list[Row]:
    """The rows of such a table. Raises NoTableOfEstimates."""
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise NoTableOfEstimates("the first line does not name the columns of a table of estimates")
    rows = list(reader)
    for row in rows:
        try:
            moment = datetime.fromisoformat(row["computed_at"])
            int(row["trainee"])
        except (TypeError, ValueError):
            raise NoTableOfEstimates(f"no row of a table of estimates: {row}") from None
        if moment.tzinfo is None:
            raise NoTableOfEstimates(f"a moment without its time zone: {row['computed_at']}")
    return rows


def differences(session: Session, rows: Iterable[Row]) -> Iterator[Difference]:
    """What in a table differs from the estimates that the evidence of its moment gives.

    A row without any figure was hidden from whoever took the table, and claims nothing.
    """
    shown: dict[tuple[int, str], dict[str, Row]] = {}
    for row in rows:
        shown.setdefault((int(row["trainee"]), row["computed_at"]), {})[row["competency"]] = row
    for (trainee_id, moment), of_trainee in sorted(shown.items()):
        recomputed = _recomputed(session, trainee_id, datetime.fromisoformat(moment))
        for code in sorted(of_trainee.keys() | recomputed.keys()):
            yield from _compared(str(trainee_id), code, of_trainee.get(code), recomputed.get(code))


def _recomputed(session: Session, trainee_id: int, moment: datetime) -> dict[str, Row]:
    evidence = session.scalars(select(Evidence).where(Evidence.trainee_id == trainee_id))
    return {code: _row(trainee_id, skill, moment) for (_id, code), skill in skills(evidence, now=moment).items()}


def _compared(trainee: str, code: str, shown: Row | None, recomputed: Row | None) -> Iterator[Difference]:
    if shown is None or recomputed is None:
        figures = [row["estimate"] if row is not None else None for row in (shown, recomputed)]
        yield Difference(trainee, code, "estimate", shown=figures[0], recomputed=figures[1])
        return
    if not any(shown[column] for column in FIGURES):
        return
    for column in COLUMNS[2:-1]:
        if shown[column] != recomputed[column]:
            yield Difference(trainee, code, column, shown[column], recomputed[column])


def _row(trainee_id: int, skill: Skill, moment: datetime) -> Row:
    found = skill.estimate
    return {
        "trainee": str(trainee_id),
        "competency": skill.competency,
        "estimate": f"{found.mean:.{DECIMALS}f}",
        "low": f"{found.low:.{DECIMALS}f}",
        "high": f"{found.high:.{DECIMALS}f}",
        "level": str(found.level or ""),
        "pieces": str(len(skill.evidence)),
        "method": METHOD_VERSION,
        "computed_at": moment.isoformat(),
    }
