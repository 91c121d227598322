"""An OpenID Connect provider on a port of its own, which signs in whomever the test says (authorization code, PKCE)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from tests.serving import served

CLIENT, SECRET = "hunar", "known to both"


@dataclass
class Provider:
    """claims: what the next token says. changes: what it says wrongly on purpose. is_down: answers nothing."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "person-1", "preferred_username": "Amina"})
    changes: dict[str, Any] = field(default_factory=dict)
    refusal: str = ""
    is_down: bool = False
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signing_key: RSAKey | None = None
    waiting: dict[str, dict[str, str]] = field(default_factory=dict)

    def token(self, nonce: str) -> str:
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        return jwt.encode(
            {"alg": "RS256", "kid": "one"}, said | self.claims | self.changes, self.signing_key or self.key
        )


def make_app(provider: Provider) -> Flask:
    app = Flask("provider")

    @app.before_request
    def fail() -> None:
        if provider.is_down:
            abort(503)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        return jsonify(
            issuer=provider.issuer,
            authorization_endpoint=f"{provider.issuer}/authorize",
            token_endpoint=f"{provider.issuer}/token",
            jwks_uri=f"{provider.issuer}/keys",
            response_types_supported=["code"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"],
        )

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[provider.key.as_dict(private=False)])

    @app.get("/authorize")
    def authorize() -> Any:
        back, state = request.args["redirect_uri"], request.args["state"]
        if provider.refusal:
            return redirect(f"{back}?error={provider.refusal}&state={state}")
        code = secrets.token_urlsafe()
        provider.waiting[code] = {name: request.args[name] for name in ("nonce", "code_challenge", "redirect_uri")}
        return redirect(f"{back}?code={code}&state={state}")

    @app.post("/token")
    def token() -> Response:
        known = request.authorization
        asked = provider.waiting.pop(request.form["code"], None)
        if asked is None or known is None or (known.username, known.password) != (CLIENT, SECRET):
            abort(400)
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            abort(400)
        return jsonify(access_token="t", token_type="Bearer", expires_in=300, id_token=provider.token(asked["nonce"]))

    return app


def trust(folder: Path, provider: Provider, **values: Any) -> Path:
    """Write the file by which the academy kp trusts this provider."""
    secret, file = folder / "secret", folder / "providers.toml"
    secret.write_text(SECRET + "\n")
    said = {
        "name_en": "Peshawar sign-on",
        "name_ur": "پشاور سائن آن",
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret_file": str(secret),
    } | values
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in said.items()]
    file.write_text("\n".join(["[kp]", *lines]))
    return file


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()
    server = make_server("127.0.0.1", 0, make_app(provider), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    with served(server):
        yield provider
