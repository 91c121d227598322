"""Where credentials are made out: the addresses that they name, and the keys that sign them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.core import running
from app.core.sealing import Seal
from config import Settings

# The one that every verifier of Open Badges 3.0 must know.
ALGORITHM = "RS256"
KEY_BITS = 2048


class Registry(jws.JWSRegistry):
    """Reads what other issuers write too, so that their credentials are told from what is none: longer headers."""

    max_header_length = 8 * 1024


@dataclass(frozen=True)
class Office:
    """origin: the address by which everybody reaches the portal. seal: of private keys."""

    origin: str
    seal: Seal

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.public_origin, Seal(settings.secret_key, "credential keys"))

    def credential(self, code: str) -> str:
        """The address that names a credential, and where everybody may look what became of it."""
        return f"{self.origin}/credentials/{code}"

    def issuer(self, slug: str) -> str:
        return f"{self.origin}/academies/{slug}/issuer.json"

    def key(self, slug: str, thumbprint: str) -> str:
        return f"{self.origin}/academies/{slug}/keys/{thumbprint}"

    def status_list(self, slug: str, number: int) -> str:
        return f"{self.origin}/academies/{slug}/status/{number}"

    def achievement(self, slug: str, name: str) -> str:
        return f"{self.origin}/academies/{slug}/achievements/{name}"


def current_office() -> Office:
    """The office of the running portal."""
    return Office.of(running.settings())


def new_key() -> RSAKey:
    return RSAKey.generate_key(KEY_BITS)


def sign(payload: bytes, key: RSAKey, key_address: str) -> str:
    """A compact JWS. key_address: where everybody gets the public key."""
    return jws.serialize_compact({"alg": ALGORITHM, "typ": "JWT", "kid": key_address}, payload, key)


def header_of(signed: str) -> dict[str, Any]:
    """What a compact JWS says of its own signature, not to be believed yet. Raises ValueError."""
    try:
        return dict(jws.extract_compact(signed.encode(), registry=Registry()).headers())
    except (JoseError, ValueError, RecursionError) as error:
        raise ValueError("This is no compact JWS.") from error


def verified_payload(signed: str, public: dict[str, Any]) -> bytes:
    """What was signed by this key. Raises ValueError where it was not, or by another algorithm than ours."""
    try:
        return jws.deserialize_compact(signed, RSAKey.import_key(public), algorithms=[ALGORITHM]).payload
    except (JoseError, ValueError, RecursionError) as error:
        raise ValueError("The signature does not fit.") from error


def unverified_payload(signed: str) -> bytes:
    """What a compact JWS says, whoever signed it. Raises ValueError."""
    try:
        return jws.extract_compact(signed.encode(), registry=Registry()).payload
    except (JoseError, ValueError, RecursionError) as error:
        raise ValueError("This is no compact JWS.") from error
