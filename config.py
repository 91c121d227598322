"""Settings of the portal, the grading worker and the notebook origin, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MailSecurity = Literal["starttls", "tls", "none"]
MEBIBYTE = 1024 * 1024
ROOT = Path(__file__).resolve().parent


class SettingsError(ValueError):
    """The environment lacks a setting that has no safe default."""


class Settings(BaseModel):
    """Every setting, with its unit and the reason for its default. Variables are the upper-case field names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret_key: str = Field(min_length=32, description="Signs sessions and form tokens; no default, so none is shared.")
    database_url: str = Field(
        f"sqlite:///{ROOT / 'var' / 'hunar.sqlite3'}",
        description="SQLAlchemy URL: SQLite, which needs no server, or PostgreSQL.",
    )
    queue_database_url: str = Field(
        f"sqlite:///{ROOT / 'var' / 'queue.sqlite3'}",
        description="Where the queue engine keeps its state, apart from the portal's write lock. SQLite: one worker at "
        "a time; PostgreSQL: several, on several machines (docs/adr/0001-queue.md).",
    )
    storage_folder: Path = Field(ROOT / "var" / "storage", description="Notebooks and feedback, named by their sha256.")
    content_folder: Path = Field(ROOT / "modules", description="Content packs.")
    lab_files_folder: Path = Field(
        ROOT / "var" / "lab-files", description="Data files of the labs, as content packs generate them."
    )
    notebook_site_folder: Path = Field(ROOT / "var" / "site", description="The built notebook site.")
    portal_host: str = Field("127.0.0.1", description="Interface to listen on; loopback until someone decides.")
    portal_port: int = Field(8000, ge=1, le=65535, description="Port of the portal.")
    notebook_port: int = Field(8001, ge=1, le=65535, description="Port of the notebook origin.")
    public_scheme: str = Field("http", pattern="^https?$", description="https behind a TLS proxy: secure cookies.")
    public_address: str | None = Field(
        None,
        pattern="^https?://[^/]+$",
        description="Address by which everybody reaches the portal, such as https://academy.example; where none is "
        "given, that of host and port. Credentials name it for good, so choose it before the first is issued.",
    )
    session_hours: int = Field(12, ge=1, le=168, description="Hours until sign-in is asked again: a working day.")
    sign_in_limit: str = Field(
        "10 per minute", description="Sign-in attempts per address and per account (Flask-Limiter syntax)."
    )
    require_second_factor: bool = Field(
        True, description="Administrators and auditors do nothing before they have a second factor."
    )
    single_sign_on_file: Path | None = Field(
        None, description="TOML: the OpenID Connect provider of each academy that has one (docs/sign-in.md)."
    )
    outgoing_private_hosts: str = Field(
        "",
        description="Host names, with commas between them, of platforms (LTI) and record stores (xAPI) on a network of "
        "one's own; others are reached at public addresses only.",
    )
    rate_limit_storage: str = Field(
        "memory://",
        description="Where attempts are counted: in each portal process by itself. A store that several share, such as "
        "redis://, needs its client package beside ours.",
    )
    upload_megabytes: int = Field(8, ge=1, le=64, description="MiB; the largest request body accepted.")
    lab_data_megabytes: int = Field(
        4,
        ge=1,
        le=12,
        description="MiB; the largest data file that an author brings into a lab: minutes on a weak link, each time it "
        "changes. UPLOAD_MEGABYTES bounds what is sent at once; ten such files fit on the disk of a sandbox.",
    )
    silent_days: int = Field(
        7, ge=2, le=60, description="Days without a trace after which a trainee with overdue work is called silent."
    )
    mail_host: str = Field(
        "", description="Mail server for notices and for links to supervisors; empty: no e-mail is sent."
    )
    mail_port: int = Field(587, ge=1, le=65535, description="Port of the mail server: submission (RFC 6409).")
    mail_security: MailSecurity = Field("starttls", description="starttls, tls, or none on a network of one's own.")
    mail_user: str = Field("", description="Name at the mail server; empty where it asks for none.")
    mail_password: str = Field("", repr=False, description="Password at the mail server.")
    mail_sender: str = Field("", description="Address that e-mails come from; needed with a mail server.")
    possible_worlds: int = Field(
        64,
        ge=2,
        le=1024,
        description="Possible worlds in which the decisions and questions of a finished run are compared; with fewer, "
        "scores come sooner and rest more on chance.",
    )
    draft_seconds: int = Field(5, ge=1, le=30, description="Seconds between a change in a lab and its saving.")

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> Self:
        if self.mail_host and "@" not in self.mail_sender:
            raise ValueError("MAIL_SENDER must be the address that e-mails come from when MAIL_HOST is set")
        return self

    @property
    def upload_bytes(self) -> int:
        return self.upload_megabytes * MEBIBYTE

    @property
    def lab_data_bytes(self) -> int:
        return self.lab_data_megabytes * MEBIBYTE

    @property
    def portal_origin(self) -> str:
        return f"{self.public_scheme}://{self.portal_host}:{self.portal_port}"

    @property
    def public_origin(self) -> str:
        """The address that credentials and printed pages name."""
        return self.public_address or self.portal_origin

    @property
    def notebook_origin(self) -> str:
        return f"{self.public_scheme}://{self.portal_host}:{self.notebook_port}"

    @property
    def private_hosts(self) -> frozenset[str]:
        """Machines that may be asked although they lie in a private network."""
        return frozenset(name.strip().lower() for name in self.outgoing_private_hosts.split(",") if name.strip())

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings. Raises SettingsError when SECRET_KEY is missing or a value is out of range."""
        given = {name: environment[name.upper()] for name in cls.model_fields if name.upper() in environment}
        if "secret_key" not in given:
            raise SettingsError(
                "SECRET_KEY is not set. `make run` creates one in var/secret_key; elsewhere set it to 32 or more "
                "random characters, for example with: python -c 'import secrets; print(secrets.token_hex(32))'"
            )
        return cls.model_validate(given)
