"""Writes about the plan of a cohort and the addresses of calendars."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account
from app.accounts.service import note
from app.core import audit, clock
from app.core.access import Actor
from app.enrolment.queries import cohort as cohort_to_keep
from app.progress.models import CalendarAddress, PlannedActivity
from app.progress.planning import Days
from app.progress.queries import token_hash

TOKEN_BYTES = 32


def set_plan(session: Session, actor: Actor, cohort_id: int, wanted: Mapping[str, Days]) -> None:
    """Give these activities of a cohort these days; the same again changes nothing. Raises NotFound."""
    cohort = cohort_to_keep(session, actor, cohort_id, lock=True)
    rows = {
        row.activity_id: row
        for row in session.scalars(select(PlannedActivity).where(PlannedActivity.cohort_id == cohort.id))
    }
    changes = {}
    for activity_id, days in wanted.items():
        row = rows.get(activity_id)
        former = Days(row.begins_on, row.due_on) if row else Days()
        if former == days:
            continue
        if row is None:
            row = PlannedActivity(academy_id=cohort.academy_id, cohort_id=cohort.id, activity_id=activity_id)
            session.add(row)
        row.begins_on, row.due_on = days.begins_on, days.due_on
        changes[activity_id] = [_plain(former), _plain(days)]
    session.flush()
    if changes:
        audit.record(
            session,
            verb="plan_set",
            thing=f"cohort:{cohort.id}",
            actor_id=actor.id,
            academy_id=cohort.academy_id,
            detail={"changes": changes},
        )


def make_calendar_address(session: Session, account: Account) -> str:
    """The secret part of a new address of a person's calendar, told once; a former address no longer works."""
    _forget_calendar_address(session, account)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(CalendarAddress(account_id=account.id, token_hash=token_hash(token), made_at=clock.now()))
    session.flush()
    note(session, "calendar_address_made", account, account.id)
    return token


def withdraw_calendar_address(session: Session, account: Account) -> None:
    """The address of a person's calendar no longer works; nothing happens where there is none."""
    if _forget_calendar_address(session, account):
        note(session, "calendar_address_withdrawn", account, account.id)


def _forget_calendar_address(session: Session, account: Account) -> bool:
    accounts.lock(session, account.id)
    row = session.get(CalendarAddress, account.id)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def _plain(days: Days) -> list[str | None]:
    return [_written(days.begins_on), _written(days.due_on)]


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
