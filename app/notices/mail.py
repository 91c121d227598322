"""Notices by e-mail."""

from __future__ import annotations

from sqlalchemy import Engine

from app.accounts.models import Account
from app.core import clock, jobs
from app.core.db import begin
from app.core.mail import MailServer, message
from app.notices.models import MailAddress, Notice
from app.notices.wording import ADDRESS, with_sender


def send_notice(engine: Engine, server: MailServer | None, notice_id: int, *, portal: str) -> None:
    """Send a notice to where its reader wants it now, once: nothing where they have switched that off.

    portal: the origin of the portal, for the address of the notices.

    Between the server's yes and the note of it a crash may send it again, under the same Message-ID.
    """
    with begin(engine, read_only=True) as session:
        notice = session.get(Notice, notice_id)
        address = session.get(MailAddress, notice.trainee_id) if notice is not None else None
        reader = session.get(Account, notice.trainee_id) if notice is not None else None
        sender = session.get(Account, notice.sender_id) if notice is not None and notice.sender_id else None
    if server is not None and notice and address and reader and notice.mailed_at is None:
        by, footer = sender.full_name if sender else "", notice.mail_footer.replace(ADDRESS, f"{portal}/notices")
        server.send(
            message(
                server,
                name=reader.full_name,
                address=address.address,
                subject=with_sender(notice.subject, by),
                text=f"{with_sender(notice.text, by)}\n\n-- \n{footer}\n",
                language=notice.language,
                at=notice.sent_at,
                key=f"notice-{notice.id}",
            )
        )
        with begin(engine) as session:
            session.get_one(Notice, notice_id).mailed_at = clock.now()
            jobs.finish(session, jobs.JobKind.SEND_NOTICE, notice_id)
        return
    with begin(engine) as session:
        jobs.finish(session, jobs.JobKind.SEND_NOTICE, notice_id)
