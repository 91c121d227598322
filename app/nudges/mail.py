"""Notices by e-mail: what the worker hands to the mail server of the configuration."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from sqlalchemy import Engine

from app.accounts.models import Account
from app.core import clock, jobs
from app.core.db import begin
from app.nudges.models import MailAddress, Notice
from config import MailSecurity, Settings

TIMEOUT_SECONDS = 30.0


class MailServerAway(Exception):
    """The mail server does not answer, or says that it cannot take anything now."""


@dataclass(frozen=True)
class MailServer:
    """A mail server that takes what the academy sends. sender: the address that e-mails come from."""

    host: str
    port: int
    security: MailSecurity
    sender: str
    user: str
    password: str

    @classmethod
    def of(cls, settings: Settings) -> MailServer | None:
        """The one that is configured; None for none."""
        if not settings.mail_host:
            return None
        return cls(
            settings.mail_host,
            settings.mail_port,
            settings.mail_security,
            settings.mail_sender,
            settings.mail_user,
            settings.mail_password,
        )

    def send(self, message: EmailMessage) -> None:
        """Hand over a message. Raises MailServerAway, and SMTPException for what will not be taken later either."""
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            # One message has one recipient; a code from 400 to 499 asks to try again later.
            if any(code < 500 for code, _answer in refused.recipients.values()):
                raise MailServerAway(str(refused)) from refused
            raise
        except smtplib.SMTPResponseException as answer:
            if answer.smtp_code < 500:
                raise MailServerAway(str(answer)) from answer
            raise
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            # smtplib's own exceptions are OSErrors, too; of those only a lost connection passes.
            if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
                raise
            raise MailServerAway(str(error)) from error

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def send_notice(engine: Engine, server: MailServer | None, notice_id: int) -> None:
    """Send a notice to where its trainee wants it now, once: nothing where they have switched that off.

    Between the server's yes and the note of it a crash may send it again, under the same Message-ID.
    """
    with begin(engine, read_only=True) as session:
        notice = session.get(Notice, notice_id)
        address = session.get(MailAddress, notice.trainee_id) if notice is not None else None
        reader = session.get(Account, notice.trainee_id) if notice is not None else None
    if server is not None and notice and address and reader and notice.mailed_at is None:
        server.send(_message(notice, reader.full_name, address.address, server.sender))
        with begin(engine) as session:
            session.get_one(Notice, notice_id).mailed_at = clock.now()
            jobs.finish(session, jobs.JobKind.SEND_NOTICE, notice_id)
        return
    with begin(engine) as session:
        jobs.finish(session, jobs.JobKind.SEND_NOTICE, notice_id)


def _message(notice: Notice, name: str, address: str, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = Address(display_name=" ".join(name.split()), addr_spec=address)
    message["Subject"] = " ".join(notice.subject.split())
    message["Date"] = format_datetime(notice.sent_at)
    message["Message-ID"] = f"<notice-{notice.id}-{int(notice.sent_at.timestamp())}@{sender.rpartition('@')[2]}>"
    message["Content-Language"] = notice.language
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{notice.text}\n\n-- \n{notice.mail_footer}\n")
    return message
