"""How statements go to a record store, and what its answers mean (xAPI 1.0.3, part three; IEEE 9274.1.1)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from app.core.outgoing import Answer, NotAllowed, Outgoing, OutOfReach
from app.record_store.statements import is_known_as

# By what the store says that it speaks, the header that asks for it; the newest first.
SPOKEN = {"2.0": "2.0.0", "1.0": "1.0.3"}
OLDEST = "1.0.3"
# Answers that say that a statement itself is wrong, and that it will be as wrong tomorrow.
REFUSED, CONFLICT = frozenset({400, 413, 422}), 409
LONGEST_ANSWER = 2_000


class Finding(StrEnum):
    """What asking a store found."""

    READY = "ready"
    NOT_ALLOWED = "not_allowed"
    UNREACHABLE = "unreachable"
    KEY_REFUSED = "key_refused"
    NO_STORE = "no_store"
    OTHER_VERSION = "other_version"


class StoreAway(Exception):
    """The store takes nothing now, whatever it is sent; the message says why. retry_seconds: as it asks for."""

    def __init__(self, reason: str, *, retry_seconds: int | None = None) -> None:
        super().__init__(reason)
        self.retry_seconds = retry_seconds


class StatementRefused(Exception):
    """The store does not want one of these statements; the message is its answer."""


@dataclass(frozen=True)
class Envelope:
    """A statement on its way. body: JSON."""

    name: str
    body: str


@dataclass(frozen=True)
class Courier:
    """Goes to one store. version: of xAPI, as the header says it."""

    outgoing: Outgoing
    endpoint: str
    key: str
    secret: str
    version: str = OLDEST

    def post(self, envelopes: Sequence[Envelope]) -> None:
        """Hand statements over, in this order, all or none of them.

        Raises StatementRefused where the store refuses one of them, StoreAway where it takes nothing. One that it has
        already is handed over; one that it has with another content is refused.
        """
        answer = self._ask("POST", "statements", content=f"[{','.join(each.body for each in envelopes)}]".encode())
        if answer.status in (200, 204):
            return
        if answer.status == CONFLICT and len(envelopes) == 1 and self._has(envelopes[0]):
            return
        if answer.status == CONFLICT or answer.status in REFUSED:
            raise StatementRefused(_said(answer))
        raise _away(answer)

    def _has(self, envelope: Envelope) -> bool:
        answer = self._ask("GET", "statements", {"statementId": envelope.name})
        if answer.status == 404:
            return False
        if answer.status != 200:
            raise _away(answer)
        return is_known_as(envelope.body, _json(answer))

    def look(self) -> tuple[Finding, str]:
        """Whether statements would be taken; with the version to speak where they would, else what was answered."""
        try:
            about = self._ask("GET", "about")
            version = _version(about)
            listed = self._ask("GET", "statements", {"limit": "1"}, version=version) if version else about
        except NotAllowed:
            return Finding.NOT_ALLOWED, ""
        except OutOfReach as error:
            return Finding.UNREACHABLE, str(error)
        if listed.status in (401, 403):
            return Finding.KEY_REFUSED, _said(listed)
        if version == "":
            return Finding.OTHER_VERSION, _said(about)
        is_list = isinstance(_json(listed), dict) and "statements" in _json(listed)
        if version and listed.status == 200 and is_list:
            return Finding.READY, version
        return Finding.NO_STORE, _said(listed)

    def _ask(
        self,
        method: str,
        resource: str,
        query: Mapping[str, str] | None = None,
        *,
        content: bytes = b"",
        version: str = "",
    ) -> Answer:
        """Raises NotAllowed and OutOfReach."""
        address = f"{self.endpoint}/{resource}{'?' if query else ''}{urlencode(query or {})}"
        proof = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {proof}",
            "X-Experience-API-Version": version or self.version,
            "Accept": "application/json",
            "User-Agent": "Hunar",
        }
        if content:
            headers |= {"Content-Type": "application/json"}
        return self.outgoing.request(method, address, headers=headers, body=content)


def _version(about: Answer) -> str | None:
    """The header for the newest version that both speak, "" for none; None where nobody said anything of versions."""
    said = _json(about)
    if about.status != 200 or not isinstance(said, dict) or not isinstance(said.get("version"), list):
        return None
    known = (header for begin, header in SPOKEN.items() if any(str(each).startswith(begin) for each in said["version"]))
    return next(known, "")


def _json(answer: Answer) -> Any:
    """What an answer says; None for what is no JSON."""
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _said(answer: Answer) -> str:
    text = answer.body.decode(errors="replace").replace("\x00", "").strip()
    return f"{answer.status} {text}"[:LONGEST_ANSWER].strip()


def _away(answer: Answer) -> StoreAway:
    seconds = answer.headers.get("retry-after", "")
    return StoreAway(_said(answer), retry_seconds=int(seconds) if seconds.isascii() and seconds.isdigit() else None)
