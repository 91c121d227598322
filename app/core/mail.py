"""E-mail: what the worker hands to the mail server of the configuration."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from config import MailSecurity, Settings

TIMEOUT_SECONDS = 30.0
LONGEST_ADDRESS = 254


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


def message(
    server: MailServer, *, name: str, address: str, subject: str, text: str, language: str, at: datetime, key: str
) -> EmailMessage:
    """An e-mail to one person. key: tells it from all others, so that one that is sent twice is known as the same."""
    made = EmailMessage()
    made["From"] = server.sender
    made["To"] = Address(display_name=" ".join(name.split()), addr_spec=address)
    made["Subject"] = " ".join(subject.split())
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{key}-{int(at.timestamp())}@{server.sender.rpartition('@')[2]}>"
    made["Content-Language"] = language
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    return made


def is_address(typed: str) -> bool:
    """Whether mail can be sent there: one address of ASCII signs whose domain has a dot."""
    try:
        parsed = Address(addr_spec=typed)
    except (MessageError, ValueError, IndexError):
        return False
    return typed.isascii() and typed.isprintable() and bool(parsed.username) and "." in parsed.domain.strip(".")
