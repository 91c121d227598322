"""A mail server for tests."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Letterbox:
    """A mail server on a port of this machine. answer: what it says to each message."""

    def __init__(self, port: int) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: list[str] = []
        self._server = Controller(self, hostname="127.0.0.1", port=port)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - named by aiosmtpd
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            assert envelope.rcpt_tos == [message["To"].addresses[0].addr_spec]
            self.taken.append(message)
        return answer

    def open(self) -> None:
        self._server.start()

    def close(self) -> None:
        self._server.stop(no_assert=True)
