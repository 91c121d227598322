"""Links for supervisors by e-mail: sealed while they wait, sent by the worker, forgotten once they are sent."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from app.attestations.models import Attestation, AttestationLetter, State
from app.core import clock, jobs
from app.core.db import begin
from app.core.mail import MailServer, message
from app.core.sealing import Seal
from config import Settings

PURPOSE = "letters to supervisors"


@dataclass(frozen=True)
class Letters:
    """What seals texts with links, and opens them where they are sent."""

    seal: Seal

    @classmethod
    def of(cls, settings: Settings) -> Letters:
        return cls(Seal(settings.secret_key, PURPOSE))


def send_letter(engine: Engine, server: MailServer | None, letters: Letters, letter_id: int) -> None:
    """Send a link to its supervisor, and forget the letter: nothing where the link no longer opens anything."""
    with begin(engine, read_only=True) as session:
        letter = session.get(AttestationLetter, letter_id)
        asked = session.get(Attestation, letter.attestation_id) if letter is not None else None
    is_open = asked is not None and asked.state is State.ASKED and bool(asked.supervisor_address)
    if server is not None and letter is not None and asked is not None and is_open:
        server.send(
            message(
                server,
                name=asked.supervisor_name,
                address=asked.supervisor_address,
                subject=letter.subject,
                text=letters.seal.open(letter.sealed_text),
                language="en, ur",
                at=letter.made_at,
                key=f"attestation-{letter.id}",
            )
        )
    with begin(engine) as session:
        if (sent := session.get(AttestationLetter, letter_id)) is not None:
            if server is not None and is_open:
                session.get_one(Attestation, sent.attestation_id).mailed_at = clock.now()
            session.delete(sent)
        jobs.finish(session, jobs.JobKind.SEND_ATTESTATION_LETTER, letter_id)
