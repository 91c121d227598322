"""The curiosity log of a trainee: which questions were asked of a lab's data, kept with consent, for nobody else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import format_datetime
from flask_babel import gettext as _
from pydantic import BaseModel, Field
from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from app.accounts import consent
from app.accounts.models import Account
from app.accounts.queries import lock
from app.core import clock
from app.core.access import Action, Actor, visible
from app.core.errors import Refused
from app.core.table import Table
from app.notebooks import contact
from app.notebooks.datasets import Column
from app.notebooks.inquiries import Inquiry, Kind, inquiries
from app.notebooks.models import NotebookFindings, NotebookInquiry

PURPOSE = consent.Purpose.CURIOSITY_LOG
KEPT = timedelta(days=365)
MOST_KEPT, MOST_COLUMNS, LONGEST_NAME = 1_000, 12, 60
LONGEST_CODE, MOST_CELLS = 10_000, 50


class RunCell(BaseModel):
    """A cell that was run, and when, as contact.py says it."""

    code: str = Field(max_length=LONGEST_CODE)
    contact: str = Field(max_length=200)
    elapsed: str = Field(max_length=20)


class RunCells(BaseModel):
    """What a page sends."""

    cells: list[RunCell] = Field(max_length=MOST_CELLS)


@dataclass(frozen=True)
class Questions:
    """What a trainee sees of the log of one lab.

    unseen: columns that no question named; ungrouped: columns by which no groups were compared.
    """

    by_kind: Table
    in_time: Table
    count: int
    unseen: tuple[str, ...]
    ungrouped: tuple[str, ...]


def note(
    session: Session,
    trainee: Account,
    module_id: str,
    activity_id: str,
    cells: Iterable[RunCell],
    *,
    columns: Iterable[Column],
    given: Iterable[str],
) -> None:
    """Keep the questions of cells that were run; the same question of the same cell again is kept once.

    given: source of the cells as the author gave them, whose questions are not the trainee's. What was run before the
    trainee agreed is not kept. Raises Refused when they have not.
    """
    lock(session, trainee.id)
    agreed = consent.standing(session, trainee.id, PURPOSE)
    if agreed is None or not agreed.is_given:
        raise Refused(_("Nothing was noted, because you have not agreed to it."), status=409)
    names = [column.name for column in columns if len(column.name) <= LONGEST_NAME]
    authors = {source.strip() for source in given}
    _forget_what_is_over(session, trainee)
    rows = log(session, trainee, module_id, activity_id)
    known = {(row.cell_hash, row.kind, tuple(json.loads(row.column_names))) for row in rows}
    for cell in cells:
        asked_at = contact.moment_of_click(trainee.id, cell.contact, cell.elapsed) or clock.now()
        code = cell.code.strip()
        if code in authors or asked_at < agreed.answered_at:
            continue
        digest = hashlib.sha256(code.encode(errors="surrogatepass")).hexdigest()
        for inquiry in sorted(inquiries(code, names), key=lambda each: (each.kind, each.columns)):
            asked = inquiry.columns[:MOST_COLUMNS]
            question = (digest, inquiry.kind, asked)
            if question in known or len(known) >= MOST_KEPT:
                continue
            known.add(question)
            session.add(
                NotebookInquiry(
                    trainee_id=trainee.id,
                    academy_id=trainee.academy_id,
                    module_id=module_id,
                    activity_id=activity_id,
                    cell_hash=digest,
                    kind=inquiry.kind,
                    column_names=json.dumps(asked, ensure_ascii=False),
                    asked_at=asked_at,
                )
            )
    session.flush()


def _forget_what_is_over(session: Session, trainee: Account) -> None:
    """Questions that are no longer shown: until they are swept away one of them would stand in the way of its like."""
    over = NotebookInquiry.asked_at < clock.now() - KEPT
    session.execute(delete(NotebookInquiry).where(NotebookInquiry.trainee_id == trainee.id, over))


def forget(session: Session, person: Account) -> None:
    """Stop noting, and delete what was noted and claimed, in every lab."""
    stop(session, person)
    session.execute(delete(NotebookInquiry).where(NotebookInquiry.trainee_id == person.id))
    session.execute(delete(NotebookFindings).where(NotebookFindings.trainee_id == person.id))


def stop(session: Session, person: Account) -> None:
    """Note nothing more, and keep what was noted until its owner has it deleted or its time is over."""
    consent.answer(session, person.id, PURPOSE, is_given=False)


def is_noting(session: Session, person: Account) -> bool:
    """Whether somebody lets their questions be noted."""
    agreed = consent.standing(session, person.id, PURPOSE)
    return agreed is not None and agreed.is_given


def is_kept(session: Session, person: Account) -> bool:
    """Whether questions or findings of somebody that were noted are still there."""
    noted = or_(
        exists().where(NotebookInquiry.trainee_id == person.id),
        exists().where(NotebookFindings.trainee_id == person.id),
    )
    return bool(session.scalar(select(noted)))


def log(session: Session, actor: Actor, module_id: str, activity_id: str) -> list[NotebookInquiry]:
    """The actor's own questions of a lab, oldest first, of the last twelve months."""
    table = NotebookInquiry.__table__.c
    statement = select(NotebookInquiry).where(
        NotebookInquiry.module_id == module_id,
        NotebookInquiry.activity_id == activity_id,
        NotebookInquiry.asked_at >= clock.now() - KEPT,
    )
    own = visible(actor, Action.KEEP_CURIOSITY_LOG, statement, trainee=table.trainee_id, academy=table.academy_id)
    return list(session.scalars(own.order_by(NotebookInquiry.asked_at, NotebookInquiry.id)))


def questions(rows: Iterable[NotebookInquiry], columns: Iterable[Column]) -> Questions:
    """The log as its owner sees it."""
    asked = [(Inquiry(Kind(row.kind), tuple(json.loads(row.column_names))), row.asked_at) for row in rows]
    seen = {name for inquiry, _moment in asked for name in inquiry.columns}
    grouped = {name for inquiry, _moment in asked if inquiry.kind is Kind.GROUP for name in inquiry.columns}
    columns = tuple(columns)
    return Questions(
        by_kind=_by_kind([inquiry for inquiry, _moment in asked]),
        in_time=_in_time(asked),
        count=len(asked),
        unseen=tuple(column.name for column in columns if column.name not in seen),
        ungrouped=tuple(column.name for column in columns if column.has_groups and column.name not in grouped),
    )


def _kind_names() -> dict[Kind, str]:
    return {
        Kind.LOOK: _("Looked at columns"),
        Kind.FILTER: _("Took only some rows"),
        Kind.GROUP: _("Compared groups"),
        Kind.SUMMARY: _("Computed a figure"),
        Kind.ORDER: _("Put rows in order"),
        Kind.JOIN: _("Brought tables together"),
        Kind.PLOT: _("Drew a chart"),
    }


def _listed(names: Iterable[str]) -> str:
    return str(_(", ")).join(names) or "–"


def _by_kind(asked: list[Inquiry]) -> Table:
    rows = []
    for kind, name in _kind_names().items():
        same = [inquiry for inquiry in asked if inquiry.kind is kind]
        used = sorted({column for inquiry in same for column in inquiry.columns})
        rows.append((name, str(len(same)), _listed(used)))
    return Table((_("Question"), _("How many"), _("Columns")), tuple(rows))


def _in_time(asked: list[tuple[Inquiry, datetime]]) -> Table:
    names = _kind_names()
    rows = tuple(
        (names[inquiry.kind], _listed(inquiry.columns), format_datetime(moment, "short")) for inquiry, moment in asked
    )
    return Table((_("Question"), _("Columns"), _("First asked")), rows)
