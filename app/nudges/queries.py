"""Reads of notices: whom a nudge may reach, and what a trainee was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort
from app.content.schemas import Catalogue
from app.core import clock
from app.core.access import Action, Actor, visible
from app.core.db import in_chunks, one
from app.core.paging import Page, Wanted, page_of
from app.core.wording import Language
from app.nudges.models import MailAddress, Notice
from app.progress.queries import Plan, TraineeProgress, cohort_progress
from app.progress.standing import Status

# Nobody is nudged more often than this by the same cohort.
PAUSE = timedelta(days=3)


@dataclass(frozen=True)
class Addressee:
    """A trainee who is behind or silent. nudged_at: when the cohort last nudged them, within PAUSE; else None."""

    progress: TraineeProgress
    nudged_at: datetime | None

    @property
    def id(self) -> int:
        return self.progress.trainee.id

    @property
    def again_at(self) -> datetime | None:
        """When they may be nudged again; None for now."""
        return None if self.nudged_at is None else self.nudged_at + PAUSE

    def work(self, plan: Plan, language: Language) -> list[str]:
        """Titles of what is overdue, the longest ago first."""
        titles = {part.activity.id: part.activity.title for part in plan.parts}
        return [titles[activity_id].in_language(language) for activity_id in self.progress.overdue]


@dataclass(frozen=True)
class ReadableNotice:
    notice: Notice
    cohort_name: str
    sender_name: str


def addressees(
    session: Session, actor: Actor, catalogue: Catalogue, cohort_id: int, *, silent_after: timedelta
) -> tuple[Plan, list[Addressee]]:
    """Everybody in a cohort who is behind or silent, by name. Raises NotFound."""
    found = cohort_progress(session, actor, catalogue, cohort_id, silent_after=silent_after)
    told = (
        select(Notice.trainee_id, func.max(Notice.sent_at))
        .where(Notice.cohort_id == cohort_id, Notice.sent_at > clock.now() - PAUSE)
        .group_by(Notice.trainee_id)
    )
    lately = {row[0]: row[1] for row in session.execute(told)}
    return found.plan, [
        Addressee(each, lately.get(each.trainee.id))
        for each in found.trainees
        if each.status in (Status.BEHIND, Status.SILENT)
    ]


def notices(session: Session, trainee_id: int, wanted: Wanted) -> Page[ReadableNotice]:
    """What a trainee was told, the newest first."""
    statement = (
        select(Notice, Cohort.name, Account.full_name)
        .join(Cohort, Cohort.id == Notice.cohort_id)
        .join(Account, Account.id == Notice.sender_id)
        .where(Notice.trainee_id == trainee_id)
        .order_by(Notice.id.desc())
    )
    return page_of(session, statement, wanted).made(lambda rows: [ReadableNotice(*row) for row in rows])


def unread(session: Session, trainee_id: int) -> int:
    """How many notices a trainee has not marked as read."""
    statement = select(func.count(Notice.id)).where(Notice.trainee_id == trainee_id, Notice.read_at.is_(None))
    return session.scalar(statement) or 0


def own_notice(session: Session, actor: Actor, notice_id: int) -> Notice:
    """A notice to this actor. Raises NotFound."""
    columns = Notice.__table__.c
    statement = visible(
        actor,
        Action.READ_NOTICES,
        select(Notice).where(Notice.id == notice_id),
        trainee=columns.trainee_id,
        academy=columns.academy_id,
    )
    return one(session, statement)


def mail_address(session: Session, account_id: int) -> str:
    """Where a person wants their notices by e-mail; "" for nowhere."""
    row = session.get(MailAddress, account_id)
    return row.address if row is not None else ""


def wanting_mail(session: Session, account_ids: Sequence[int]) -> set[int]:
    """Those of these people who want their notices by e-mail."""
    found: set[int] = set()
    for some in in_chunks(account_ids):
        found |= set(session.scalars(select(MailAddress.account_id).where(MailAddress.account_id.in_(some))))
    return found
