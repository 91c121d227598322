"""Reads of notices: what a person was told, and where they want it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort, Enrolment
from app.core.access import Action, Actor, visible
from app.core.db import in_chunks, one
from app.core.paging import Page, Wanted, page_of
from app.notices.models import MailAddress, Notice
from app.notices.wording import with_sender


@dataclass(frozen=True)
class ReadableNotice:
    """A notice with names. cohort_name: "" for one about no cohort; sender_name: "" for one of the portal itself."""

    notice: Notice
    cohort_name: str
    sender_name: str

    @property
    def subject(self) -> str:
        return with_sender(self.notice.subject, self.sender_name)

    @property
    def text(self) -> str:
        return with_sender(self.notice.text, self.sender_name)


def notices(session: Session, person_id: int, wanted: Wanted) -> Page[ReadableNotice]:
    """What a person was told, the newest first."""
    statement = (
        select(Notice, func.coalesce(Cohort.name, ""), func.coalesce(Account.full_name, ""))
        .outerjoin(Cohort, Cohort.id == Notice.cohort_id)
        .outerjoin(Account, Account.id == Notice.sender_id)
        .where(Notice.trainee_id == person_id)
        .order_by(Notice.id.desc())
    )
    return page_of(session, statement, wanted).made(lambda rows: [ReadableNotice(*row) for row in rows])


def unread(session: Session, person_id: int) -> int:
    """How many notices a person has not marked as read."""
    return session.scalar(select(counting_unread(person_id))) or 0


def counting_unread(person_id: int) -> ScalarSelect[int]:
    """The same, to be asked together with what else every page asks."""
    unread_ones = select(func.count(Notice.id)).where(Notice.trainee_id == person_id, Notice.read_at.is_(None))
    return unread_ones.scalar_subquery()


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


def members(session: Session, cohort_id: int, *, enrolled_before: datetime) -> list[Account]:
    """Who has been in a cohort since before a moment."""
    statement = select(Account).join(Enrolment, Enrolment.trainee_id == Account.id)
    before = statement.where(Enrolment.cohort_id == cohort_id, Enrolment.enrolled_at < enrolled_before)
    return list(session.scalars(before.order_by(Account.id)))


def wanting_mail(session: Session, account_ids: Sequence[int]) -> set[int]:
    """Those of these people who want their notices by e-mail."""
    found: set[int] = set()
    for some in in_chunks(account_ids):
        found |= set(session.scalars(select(MailAddress.account_id).where(MailAddress.account_id.in_(some))))
    return found
