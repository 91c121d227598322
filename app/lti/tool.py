"""What platforms know Hunar by: the addresses of an academy's tool, and the keys that sign for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.core import running
from app.core.outgoing import Outgoing
from app.core.sealing import Seal
from app.lti.models import ToolKey
from config import Settings

# The one that the security framework of LTI 1.3 asks every platform and tool to know.
ALGORITHM = "RS256"
KEY_BITS = 2048
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


@dataclass(frozen=True)
class Addresses:
    """Where platforms reach the tool of one academy."""

    login: str
    launch: str
    choose: str
    keys: str
    canvas: str


@dataclass(frozen=True)
class Tool:
    """origin: the address by which everybody reaches the portal. seal: of private keys."""

    origin: str
    seal: Seal
    web: Outgoing

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.public_origin, Seal(settings.secret_key, "lti keys"), Outgoing.of(settings))

    def addresses(self, slug: str) -> Addresses:
        base = f"{self.origin}/lti/{slug}"
        return Addresses(
            f"{base}/login", f"{base}/launch", f"{base}/choose", f"{base}/keys.json", f"{base}/canvas.json"
        )

    def canvas_configuration(self, slug: str) -> dict[str, Any]:
        """What Canvas reads to make a developer key for LTI."""
        known = self.addresses(slug)
        placements = [
            {
                "placement": placement,
                "message_type": "LtiDeepLinkingRequest",
                "target_link_uri": known.choose,
                "text": "Hunar",
            }
            for placement in ("assignment_selection", "link_selection")
        ]
        return {
            "title": "Hunar",
            "description": "AI literacy for civil servants: modules, quizzes, simulations and labs",
            "oidc_initiation_url": known.login,
            "target_link_uri": known.launch,
            "public_jwk_url": known.keys,
            "scopes": [SCORE_SCOPE],
            "extensions": [
                {
                    "platform": "canvas.instructure.com",
                    "domain": urlsplit(self.origin).hostname,
                    "privacy_level": "name_only",
                    "settings": {"text": "Hunar", "placements": placements},
                }
            ],
        }

    def new_key(self, academy_id: int) -> ToolKey:
        """A key without its moment, in no session yet."""
        key = RSAKey.generate_key(KEY_BITS)
        return ToolKey(
            academy_id=academy_id,
            thumbprint=key.thumbprint(),
            public=dict(key.as_dict(private=False)),
            sealed_private=self.seal.close(json.dumps(key.as_dict(private=True))),
        )

    def opens(self, key: ToolKey) -> bool:
        """Whether the portal's secret is still the one that the key was sealed under."""
        try:
            self.seal.open(key.sealed_private)
        except InvalidToken:
            return False
        return True

    def sign(self, key: ToolKey, claims: Mapping[str, Any]) -> str:
        """A JSON Outgoing Token. Raises cryptography.fernet.InvalidToken for a key that does not open."""
        private = RSAKey.import_key(json.loads(self.seal.open(key.sealed_private)))
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": key.thumbprint}
        return jwt.encode(header, dict(claims), private, algorithms=[ALGORITHM])


def public_keys(keys: list[ToolKey]) -> dict[str, Any]:
    """A JSON Outgoing Key Set."""
    return {"keys": [{**key.public, "kid": key.thumbprint, "alg": ALGORITHM, "use": "sig"} for key in keys]}


def current_tool() -> Tool:
    """The tool of the running portal."""
    return Tool.of(running.settings())
