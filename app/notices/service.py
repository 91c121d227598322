"""Writes of notices: sent, read, and where e-mails go. Whoever tells a person anything does it by these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account, Cohort
from app.accounts.service import note
from app.core import clock
from app.core.access import Actor
from app.core.classes import is_over
from app.core.jobs import JobKind, request_job
from app.notices import queries
from app.notices.models import MailAddress, Notice
from app.notices.wording import Occasion, mail_footer, reads, told


def tell(session: Session, person_id: int, occasion: Occasion, *, by: Actor, about: str) -> Notice:
    """Tell a person, in their language, that this was done. about: what it leads to, as the audit log names it."""
    person = session.get_one(Account, person_id)
    subject, text = told(occasion, reads(person))
    made = make(person, sender_id=by.id, subject=subject, text=text, about=about)
    send(session, [made])
    return made


def tell_all(session: Session, people: Sequence[Account], occasion: Occasion, *, by: Actor | None, about: str) -> None:
    """Tell people the same, each in their language. by: None for what the portal does without anybody's hand."""
    texts = {language: told(occasion, language) for language in {reads(person) for person in people}}
    made = [
        make(person, sender_id=by.id if by else None, subject=subject, text=text, about=about)
        for person in people
        for subject, text in [texts[reads(person)]]
    ]
    send(session, made)


def tell_of_instructor(session: Session, cohort: Cohort, *, by: Actor, enrolled_before: datetime | None = None) -> None:
    """Tell who is in a cohort that somebody more sees what they do; whoever teaches one that is over sees nothing.

    enrolled_before: those who came in since then read it where they read who teaches them; None for now.
    """
    if not is_over(cohort.ends_on):
        members = queries.members(session, cohort.id, enrolled_before=enrolled_before or clock.now())
        tell_all(session, members, Occasion.INSTRUCTOR_NAMED, by=by, about=f"cohort:{cohort.id}")


def make(
    person: Account, *, sender_id: int | None, subject: str, text: str, cohort_id: int | None = None, about: str = ""
) -> Notice:
    """A notice to a person that belongs to no session yet."""
    language = reads(person)
    return Notice(
        academy_id=person.academy_id,
        trainee_id=person.id,
        cohort_id=cohort_id,
        sender_id=sender_id,
        about=about,
        language=language,
        subject=subject[:200],
        text=text,
        mail_footer=mail_footer(language),
        sent_at=clock.now(),
    )


def send(session: Session, made: Sequence[Notice]) -> list[Notice]:
    """Put notices before those whom they are to, and have them mailed to those who asked for that.

    Returns those that were sent: whoever was erased is told nothing.
    """
    here = accounts.still_here(session, [each.trainee_id for each in made])
    sent = [each for each in made if each.trainee_id in here]
    session.add_all(sent)
    session.flush()
    wanting = queries.wanting_mail(session, list(here))
    for each in sent:
        if each.trainee_id in wanting:
            request_job(session, JobKind.SEND_NOTICE, each.id, academy_id=each.academy_id)
    return sent


def mark_read(session: Session, actor: Actor, notice_id: int) -> None:
    """A person has read a notice; read twice is read once. Raises NotFound."""
    found = queries.own_notice(session, actor, notice_id)
    found.read_at = found.read_at or clock.now()


def mark_all_read(session: Session, person_id: int) -> None:
    session.execute(
        update(Notice).where(Notice.trainee_id == person_id, Notice.read_at.is_(None)).values(read_at=clock.now())
    )


def set_mail_address(session: Session, account: Account, address: str) -> None:
    """From now on notices also go to this address; to none when it is empty."""
    accounts.lock(session, account.id)
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
