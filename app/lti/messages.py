"""Messages of platforms: checked, and read. Nothing of one is believed before its signature is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from joserfc import jws, jwt
from joserfc.errors import JoseError

from app.core import clock
from app.core.outgoing import NotAllowed, OutOfReach
from app.lti.models import Platform
from app.lti.platform_keys import PlatformKeys, UnknownKey
from app.lti.tool import ALGORITHM, SCORE_SCOPE

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LAUNCH, CHOICE = "LtiResourceLinkRequest", "LtiDeepLinkingRequest"
VERSION = "1.3.0"
# Clocks of two servers differ by less; and a message is made when it is asked for.
LEEWAY_SECONDS, OLDEST_SECONDS = 60, 600
MOST_BYTES = 64 * 1024
LONGEST_SUBJECT, LONGEST_LINE_ITEM, LONGEST_CONTEXT = 255, 1000, 255
LEARNER = "membership#Learner"
# Of this very course: roles at the institution, and of who assists or watches, name nobody as its instructor.
TEACHER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
STAFF = ("#Instructor", "#Administrator", "#ContentDeveloper", "#Manager", "#Mentor", "#Faculty", "#Staff")


class Fault(StrEnum):
    """Why a message was not taken."""

    UNREADABLE = "unreadable"
    KEYS_OUT_OF_REACH = "keys out of reach"
    UNKNOWN_KEY = "unknown key"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    TIME = "time"
    NONCE = "nonce"
    DEPLOYMENT = "deployment"
    KIND = "kind"
    PERSON = "person"


class NotTaken(Exception):
    """A message that is not what it should be."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Message:
    """What a platform says.

    target: the address that is to be opened. is_learner, is_staff and teaches (this course): by the roles it names.
    context: the course there.
    line_item: the column of the gradebook that takes scores; "" for none. return_address, data, takes_line_items: of a
    request to choose.
    """

    kind: str
    deployment: str
    target: str
    subject: str
    name: str
    locale: str
    is_learner: bool
    is_staff: bool
    context: str
    context_title: str
    line_item: str
    return_address: str
    data: str
    takes_links: bool
    takes_line_items: bool
    # Not said by what an earlier version kept.
    teaches: bool = False

    @property
    def is_choice(self) -> bool:
        return self.kind == CHOICE

    @classmethod
    def of_claims(cls, claims: dict[str, Any]) -> Self:
        """Raises NotTaken for what lacks what its kind must have."""
        kind = _text(claims, CLAIM + "message_type")
        if kind not in (LAUNCH, CHOICE) or claims.get(CLAIM + "version") != VERSION:
            raise NotTaken(Fault.KIND)
        if kind == LAUNCH and not _text(_part(claims, CLAIM + "resource_link"), "id"):
            raise NotTaken(Fault.KIND)
        subject = _text(claims, "sub")
        if not 0 < len(subject) <= LONGEST_SUBJECT and kind == LAUNCH:
            raise NotTaken(Fault.PERSON)
        context, settings = _part(claims, CLAIM + "context"), _part(claims, DEEP_LINKING + "deep_linking_settings")
        roles = _list(claims, CLAIM + "roles")
        return cls(
            kind=kind,
            deployment=_text(claims, CLAIM + "deployment_id"),
            target=_text(claims, CLAIM + "target_link_uri"),
            subject=subject,
            name=_name(claims),
            locale=_text(_part(claims, CLAIM + "launch_presentation"), "locale") or _text(claims, "locale"),
            is_learner=any(role.endswith(LEARNER) or role == "Learner" for role in roles),
            is_staff=any(role.endswith(STAFF) for role in roles),
            context=_text(context, "id")[:LONGEST_CONTEXT],
            context_title=" ".join((_text(context, "title") or _text(context, "label")).split())[:LONGEST_CONTEXT],
            line_item=_line_item(_part(claims, GRADES)),
            return_address=_text(settings, "deep_link_return_url"),
            data=_text(settings, "data"),
            takes_links="ltiResourceLink" in _list(settings, "accept_types"),
            takes_line_items=settings.get("accept_lineitem") is not False,
            teaches=TEACHER in roles,
        )

    def as_kept(self) -> dict[str, Any]:
        return asdict(self)


def check(platform: Platform, keys: PlatformKeys, token: str, *, nonce: str) -> Message:
    """What a platform says by this token in answer to what was asked with this nonce. Raises NotTaken.

    That the nonce is used once is up to who keeps it.
    """
    claims = _signed_claims(platform, keys, token)
    if claims.get("iss") != platform.issuer:
        raise NotTaken(Fault.ISSUER)
    _check_audience(platform, claims)
    _check_time(claims)
    if not nonce or claims.get("nonce") != nonce:
        raise NotTaken(Fault.NONCE)
    if claims.get(CLAIM + "deployment_id") not in platform.deployment_ids:
        raise NotTaken(Fault.DEPLOYMENT)
    return Message.of_claims(claims)


def _signed_claims(platform: Platform, keys: PlatformKeys, token: str) -> dict[str, Any]:
    if not token or len(token) > MOST_BYTES:
        raise NotTaken(Fault.UNREADABLE)
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, RecursionError):
        raise NotTaken(Fault.UNREADABLE) from None
    if header.get("alg") != ALGORITHM:
        raise NotTaken(Fault.SIGNATURE)
    try:
        key = keys.key(platform, str(header.get("kid") or ""))
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
    except UnknownKey:
        raise NotTaken(Fault.UNKNOWN_KEY) from None
    except (OutOfReach, NotAllowed) as error:
        raise NotTaken(Fault.KEYS_OUT_OF_REACH) from error
    except (JoseError, ValueError, RecursionError):
        raise NotTaken(Fault.SIGNATURE) from None
    return dict(claims)


def _check_audience(platform: Platform, claims: dict[str, Any]) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    audiences = audience if isinstance(audience, list) else [audience]
    if platform.client_id not in audiences:
        raise NotTaken(Fault.AUDIENCE)
    if (len(audiences) > 1 or party is not None) and party != platform.client_id:
        raise NotTaken(Fault.AUDIENCE)


def _check_time(claims: dict[str, Any]) -> None:
    now = clock.now().timestamp()
    expires, made = _moment(claims, "exp"), _moment(claims, "iat")
    # Said so that what is no number in the end (NaN) is refused.
    if not (expires >= now - LEEWAY_SECONDS and now - OLDEST_SECONDS <= made <= now + LEEWAY_SECONDS):
        raise NotTaken(Fault.TIME)


def _moment(claims: dict[str, Any], name: str) -> float:
    """Seconds since 1970. Raises NotTaken."""
    moment = claims.get(name)
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise NotTaken(Fault.TIME)
    return moment


def _line_item(endpoint: dict[str, Any]) -> str:
    if SCORE_SCOPE not in _list(endpoint, "scope"):
        return ""
    address = _text(endpoint, "lineitem")
    return address if len(address) <= LONGEST_LINE_ITEM else ""


def _name(claims: dict[str, Any]) -> str:
    parts = (_text(claims, "name") or f"{_text(claims, 'given_name')} {_text(claims, 'family_name')}").split()
    return " ".join(parts)[:120]


def _text(claims: dict[str, Any], name: str) -> str:
    """A text of it, "" for none; what the database would not take is taken out."""
    value = claims.get(name)
    return value.replace("\x00", "").encode(errors="ignore").decode() if isinstance(value, str) else ""


def _part(claims: dict[str, Any], name: str) -> dict[str, Any]:
    value = claims.get(name)
    return value if isinstance(value, dict) else {}


def _list(claims: dict[str, Any], name: str) -> list[str]:
    value = claims.get(name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def of_kept(kept: dict[str, Any]) -> Message:
    """A message as it was kept."""
    return Message(**kept)
