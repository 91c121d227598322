"""The providers that an installation trusts, one for an academy, from one TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from authlib.integrations.flask_client import OAuth
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from flask import Flask, current_app
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core.outgoing import READ_SECONDS
from config import Settings, SettingsError


class Provider(BaseModel):
    """Whom an academy lets say who somebody is.

    issuer: its address, as its tokens name it. client_secret_file: where what it knows Hunar by lies. username_claim:
    what of its statement is the user name in Hunar. asks_for_second_factor: whether it has asked for one itself, so
    that Hunar need not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name_en: str = Field(min_length=1)
    name_ur: str = Field(min_length=1)
    issuer: str = Field(pattern=r"^https?://\S+$")
    client_id: str = Field(min_length=1)
    client_secret_file: Path
    username_claim: str = "preferred_username"
    asks_for_second_factor: bool = False

    def name(self, language: str) -> str:
        return self.name_ur if language == "ur" else self.name_en


def read(path: Path | None) -> dict[str, Provider]:
    """Providers by the slug of their academy; none without a file. Raises SettingsError for a file that is wrong."""
    if path is None:
        return {}
    try:
        return {slug: Provider.model_validate(given) for slug, given in tomllib.loads(path.read_text()).items()}
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(f"SINGLE_SIGN_ON_FILE {path} cannot be read: {error}") from error


def init_app(app: Flask, settings: Settings) -> None:
    """Raises SettingsError for a file that is wrong, or a secret that is not there."""
    providers = read(settings.single_sign_on_file)
    registry = OAuth(app)
    for slug, provider in providers.items():
        registry.register(
            slug,
            client_id=provider.client_id,
            client_secret=_secret(provider),
            server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid profile email",
                "code_challenge_method": "S256",
                "default_timeout": READ_SECONDS,
            },
        )
    app.extensions["single_sign_on"] = (providers, registry)
    app.jinja_env.globals["sign_on_providers"] = providers


def known() -> Mapping[str, Provider]:
    return cast(Mapping[str, Provider], current_app.extensions["single_sign_on"][0])


def client(slug: str) -> FlaskOAuth2App:
    return current_app.extensions["single_sign_on"][1].create_client(slug)


def _secret(provider: Provider) -> str:
    try:
        return provider.client_secret_file.read_text().strip()
    except OSError as error:
        raise SettingsError(f"The secret of {provider.name_en} cannot be read: {error}") from error
