"""The JSON of a credential and of what it names: Open Badges 3.0 over the Verifiable Credentials data model 2.0."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from app.accounts.models import Academy
from app.credentials.awards import Achievement, Award
from app.credentials.models import Credential
from app.credentials.office import Office

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
# The least that the Bitstring Status List allows, so that one place in it tells of nobody.
STATUS_BITS = 131_072
Json = dict[str, Any]


def credential(office: Office, academy: Academy, made: Credential, award: Json) -> Json:
    """What is signed. award: as `award_json` gives it, or as the credential that this one replaces has it."""
    payload: Json = {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "id": office.credential(made.code),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": made.title,
        "issuer": issuer(office, academy),
        "validFrom": moment(made.awarded_at),
        "awardedDate": moment(made.awarded_at),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": made.full_name,
                    "identityType": "name",
                }
            ],
            **award,
        },
        "credentialStatus": {
            "id": f"{office.status_list(academy.slug, made.status_list)}#{made.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(made.status_index),
            "statusListCredential": office.status_list(academy.slug, made.status_list),
        },
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "iss": office.issuer(academy.slug),
        "jti": office.credential(made.code),
        "nbf": int(made.awarded_at.timestamp()),
    }
    if made.valid_until is not None:
        payload |= {"validUntil": moment(made.valid_until), "exp": int(made.valid_until.timestamp())}
    return payload


def award_json(office: Office, academy: Academy, award: Award) -> Json:
    """The part of a credential that says what was achieved."""
    narrative = {"narrative": award.narrative} if award.narrative else {}
    return {"achievement": achievement(office, academy, award.achievement), **narrative}


def achievement(office: Office, academy: Academy, what: Achievement) -> Json:
    return {
        "id": office.achievement(academy.slug, what.name),
        "type": ["Achievement"],
        "achievementType": what.kind,
        "name": what.title,
        "description": what.description,
        "criteria": {"narrative": what.criteria},
        "inLanguage": "en",
    }


def alone(content: Json) -> Json:
    """An achievement or an issuer as a document of its own."""
    return {"@context": [CREDENTIALS, OPEN_BADGES], **content}


def issuer(office: Office, academy: Academy) -> Json:
    return {
        "id": office.issuer(academy.slug),
        "type": ["Profile"],
        "name": academy.name_en,
        "url": f"{office.origin}/academies/{academy.slug}",
    }


def status_list(office: Office, academy: Academy, number: int, no_longer: Iterable[int], now: datetime) -> Json:
    """The list by which anybody finds out what is no longer in force, without asking about a person."""
    address = office.status_list(academy.slug, number)
    return {
        "@context": [CREDENTIALS],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": office.issuer(academy.slug),
        "validFrom": moment(now),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(no_longer),
        },
        "iss": office.issuer(academy.slug),
        "jti": address,
        "nbf": int(now.timestamp()),
    }


def encoded(places: Iterable[int]) -> str:
    """A bit for each place, the first one leftmost, packed and written as multibase base64url."""
    bits = bytearray(STATUS_BITS // 8)
    for place in places:
        bits[place // 8] |= 0x80 >> place % 8
    packed = base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0))
    return "u" + packed.decode().rstrip("=")


def moment(at: datetime) -> str:
    """A moment as credentials write it, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
