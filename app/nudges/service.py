"""Writes of notices: nudges sent, read, and where e-mails go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort
from app.accounts.service import note
from app.content.schemas import Catalogue
from app.core import audit, clock
from app.core.access import Actor
from app.core.jobs import JobKind, request_job
from app.nudges import queries
from app.nudges.models import MailAddress, Notice
from app.nudges.wording import LANGUAGES, Wording, mail_footer, reads


@dataclass(frozen=True)
class Sent:
    """What became of a nudge. nudged_lately: chosen, but told within the last days; caught_up: no longer behind."""

    sent: int
    nudged_lately: int
    caught_up: int


def nudge(
    session: Session,
    sender: Account,
    catalogue: Catalogue,
    cohort_id: int,
    chosen: Collection[int],
    wordings: Mapping[str, Wording],
    *,
    silent_after: timedelta,
    notices_address: str,
    sends_mail: bool,
) -> Sent:
    """Tell the chosen trainees, each in their language, but those who were told lately or caught up. Raises NotFound.

    wordings: by language; notices_address: of a trainee's notices in the portal.
    """
    # Two who press at once are told of each other.
    session.execute(select(Cohort.id).where(Cohort.id == cohort_id).with_for_update(key_share=True))
    plan, found = queries.addressees(session, sender, catalogue, cohort_id, silent_after=silent_after)
    told = [each for each in found if each.id in chosen and each.nudged_at is None]
    footers = {language: mail_footer(language, notices_address) for language in LANGUAGES}
    made = []
    for each in told:
        trainee, language = each.progress.trainee, reads(each.progress.trainee)
        filled = wordings[language].filled(
            name=trainee.full_name,
            work=each.work(plan, language),
            cohort=plan.cohort.name,
            sender=sender.full_name,
        )
        made.append(
            Notice(
                academy_id=trainee.academy_id,
                trainee_id=trainee.id,
                cohort_id=cohort_id,
                sender_id=sender.id,
                language=language,
                subject=filled.subject[:200],
                text=filled.text,
                mail_footer=footers[language],
                sent_at=clock.now(),
            )
        )
    session.add_all(made)
    session.flush()
    if sends_mail:
        _request_mail(session, made)
    if made:
        audit.record(
            session,
            verb="trainees_nudged",
            thing=f"cohort:{cohort_id}",
            actor_id=sender.id,
            academy_id=sender.academy_id,
            detail={"notices": [each.id for each in made]},
        )
    lately = sum(each.id in chosen and each.nudged_at is not None for each in found)
    return Sent(len(made), lately, len(set(chosen)) - len(made) - lately)


def _request_mail(session: Session, made: list[Notice]) -> None:
    wanting = queries.wanting_mail(session, [each.trainee_id for each in made])
    for each in made:
        if each.trainee_id in wanting:
            request_job(session, JobKind.SEND_NOTICE, each.id, academy_id=each.academy_id)


def mark_read(session: Session, actor: Actor, notice_id: int) -> None:
    """A trainee has read a notice; read twice is read once. Raises NotFound."""
    found = queries.own_notice(session, actor, notice_id)
    found.read_at = found.read_at or clock.now()


def mark_all_read(session: Session, trainee_id: int) -> None:
    session.execute(
        update(Notice).where(Notice.trainee_id == trainee_id, Notice.read_at.is_(None)).values(read_at=clock.now())
    )


def set_mail_address(session: Session, account: Account, address: str) -> None:
    """From now on notices also go to this address; to none when it is empty."""
    row = session.get(MailAddress, account.id)
    if (row.address if row else "") == address:
        return
    if row is not None:
        session.delete(row)
        session.flush()
    if address:
        session.add(MailAddress(account_id=account.id, address=address, set_at=clock.now()))
    session.flush()
    note(session, "mail_address_set" if address else "mail_switched_off", account, account.id)
