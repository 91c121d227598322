"""What is to be thought of a credential that somebody shows: decided from its signature, its text and our register.

Keys are ours only: none is fetched, and none is taken from what is shown.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import Academy
from app.core.codes import as_written
from app.credentials import office, queries
from app.credentials.models import Credential, SigningKey
from app.credentials.office import ALGORITHM, Office

MOST_CHARACTERS = 64 * 1024
COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)


class Verdict(StrEnum):
    GENUINE = "genuine"
    ALTERED = "altered"
    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown_key"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    ERASED = "erased"
    NO_LONGER_KEPT = "no_longer_kept"
    ENDED_LONG_AGO = "ended_long_ago"
    REPLACED = "replaced"
    NOT_YET = "not_yet"
    NO_LONGER = "no_longer"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Said:
    """What a credential says, once its signature was found to be the academy's. full_name: "" for a former name."""

    full_name: str
    title: str
    description: str
    criteria: str
    narrative: str
    issuer: str
    awarded_at: datetime
    valid_until: datetime | None


@dataclass(frozen=True)
class Finding:
    """said and registered: None where nothing that is shown may be believed."""

    verdict: Verdict
    said: Said | None = None
    registered: Credential | None = None


def of_code(session: Session, where: Office, typed: str, now: datetime) -> Finding:
    """What became of the credential that bears this code."""
    found = queries.credential_coded(session, as_written(typed))
    if found is None:
        return Finding(Verdict.UNKNOWN)
    return Finding(_gone(found)) if found.is_erased else of_signed(session, where, found.signed, now)


def of_text(session: Session, where: Office, shown: str, now: datetime) -> Finding:
    """What is to be thought of a pasted credential: a compact JWS, or the JSON that was signed."""
    shown = shown.strip()
    if len(shown) > MOST_CHARACTERS:
        return Finding(Verdict.UNREADABLE)
    if COMPACT.fullmatch(shown):
        return of_signed(session, where, shown, now)
    return _of_json(session, where, shown, now)


def _of_json(session: Session, where: Office, shown: str, now: datetime) -> Finding:
    """JSON bears no signature of its own: it must be, value by value, what we signed."""
    try:
        content = _json(shown)
    except ValueError:
        return Finding(Verdict.UNREADABLE)
    found = queries.credential_coded(session, _code_of(where, content))
    if found is None:
        return Finding(Verdict.UNKNOWN)
    if found.is_erased:
        return Finding(_gone(found))
    if content != _json(office.unverified_payload(found.signed)):
        return Finding(Verdict.ALTERED)
    return of_signed(session, where, found.signed, now)


class _Refuted(Exception):
    """What is shown is not to be believed."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.verdict = verdict


def of_signed(session: Session, where: Office, signed: str, now: datetime) -> Finding:
    """What is to be thought of a compact JWS."""
    try:
        content = _authentic(session, where, signed)
    except _Refuted as refuted:
        return Finding(refuted.verdict)
    found = queries.credential_coded(session, _code_of(where, content))
    if found is None:
        return Finding(Verdict.UNKNOWN)
    if found.is_erased:
        return Finding(_gone(found))
    # The same bytes may be written in more than one way as base64; ours is one of them.
    if found.signed != signed:
        return Finding(Verdict.ALTERED)
    return Finding(_standing(found, now), _said(session, content, found), found)


def _authentic(session: Session, where: Office, signed: str) -> dict[str, Any]:
    """What the academy that is named as the issuer signed by a key of its own. Raises _Refuted."""
    try:
        header = office.header_of(signed)
        issuer = _json(office.unverified_payload(signed)).get("iss")
    except ValueError:
        raise _Refuted(Verdict.UNREADABLE) from None
    if header.get("alg") != ALGORITHM:
        raise _Refuted(Verdict.UNSIGNED)
    if (key := _key(session, where, header.get("kid"), issuer)) is None:
        raise _Refuted(Verdict.UNKNOWN_KEY)
    try:
        return _json(office.verified_payload(signed, key.public))
    except ValueError:
        raise _Refuted(Verdict.ALTERED) from None


def _gone(found: Credential) -> Verdict:
    """Of a credential of which only its place is left."""
    if found.achievement != found.code:
        return Verdict.ERASED
    return Verdict.ENDED_LONG_AGO if found.revoked_at or found.superseded_at else Verdict.NO_LONGER_KEPT


def _standing(found: Credential, now: datetime) -> Verdict:
    if found.revoked_at is not None:
        return Verdict.REVOKED
    if found.superseded_at is not None:
        return Verdict.REPLACED
    if now < found.awarded_at:
        return Verdict.NOT_YET
    if found.valid_until is not None and found.valid_until <= now:
        return Verdict.NO_LONGER
    return Verdict.GENUINE


def _key(session: Session, where: Office, address: object, issuer: object) -> SigningKey | None:
    """Our key of this address, if it is of the academy that issued; None for any other."""
    if not isinstance(address, str):
        return None
    key = queries.key_with(session, address.rpartition("/")[2])
    if key is None:
        return None
    academy = session.get_one(Academy, key.academy_id)
    is_ours = address == where.key(academy.slug, key.thumbprint) and issuer == where.issuer(academy.slug)
    return key if is_ours else None


def _code_of(where: Office, content: dict[str, Any]) -> str:
    """The code of the credential that this is; "" where it bears no address of ours."""
    name = content.get("id")
    if not isinstance(name, str) or not name.startswith(where.credential("")):
        return ""
    return name.removeprefix(where.credential(""))


def _json(text: str | bytes) -> dict[str, Any]:
    """An object of JSON. Raises ValueError."""
    try:
        content = json.loads(text)
    except RecursionError:
        raise ValueError("Too deep.") from None
    if not isinstance(content, dict):
        raise ValueError("No object.")
    return content


def _said(session: Session, content: dict[str, Any], found: Credential) -> Said:
    subject = content["credentialSubject"]
    achievement = subject["achievement"]
    full_name = subject["identifier"][0]["identityHash"]
    return Said(
        full_name="" if queries.is_former_name(session, found.trainee_id, full_name) else full_name,
        title=achievement["name"],
        description=achievement["description"],
        criteria=achievement["criteria"]["narrative"],
        narrative=subject.get("narrative", ""),
        issuer=content["issuer"]["name"],
        awarded_at=found.awarded_at,
        valid_until=found.valid_until,
    )
