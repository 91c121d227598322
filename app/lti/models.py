"""Tables of the platforms that an academy trusts, of who comes from there, and of the scores that go back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime


class Platform(Base):
    """A Moodle or a Canvas, as an academy registered it.

    issuer, client_id and deployment_ids: as its messages name it and Hunar. login_address, token_address and
    keys_address: where it says who somebody is, gives access to grades and publishes its keys. site: the origin of the
    pages of its people, which may show Hunar's in a frame. makes_accounts: whether who comes for the first time may get
    an account. names_instructors: whether instructors of the academy teach here the cohorts of what they teach there.
    """

    __tablename__ = "lti_platform"
    __table_args__ = (UniqueConstraint("academy_id", "issuer", "client_id"), NUMBERED_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    name: Mapped[str] = mapped_column(String(120))
    issuer: Mapped[str] = mapped_column(String(300))
    client_id: Mapped[str] = mapped_column(String(255))
    deployment_ids: Mapped[list[str]] = mapped_column(JSON)
    login_address: Mapped[str] = mapped_column(String(500))
    token_address: Mapped[str] = mapped_column(String(500))
    keys_address: Mapped[str] = mapped_column(String(500))
    site: Mapped[str] = mapped_column(String(300))
    makes_accounts: Mapped[bool]
    names_instructors: Mapped[bool]
    is_enabled: Mapped[bool]
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ToolKey(Base):
    """A key by which an academy signs what it sends to platforms. The newest signs.

    thumbprint: by which the key is named (RFC 7638). sealed_private: the private key as JSON, sealed.
    """

    __tablename__ = "lti_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    thumbprint: Mapped[str] = mapped_column(String(60), unique=True)
    public: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed_private: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Launch(Base):
    """A message of a platform that was checked and is on its way through the browser; kept for an hour.

    nonce: by which it is taken once. handle_hash: of what names it in the browser. browser_hash: of the cookie of the
    browser that asked for it. message: what it says (app.lti.messages.Message); empty once it was used.
    """

    __tablename__ = "lti_launch"
    __table_args__ = (UniqueConstraint("platform_id", "nonce"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platform.id"))
    nonce: Mapped[str] = mapped_column(String(64))
    handle_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    message: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlatformPerson(Base):
    """Who somebody of a platform is here, by what never changes there: its subject."""

    __tablename__ = "lti_person"
    __table_args__ = (UniqueConstraint("platform_id", "subject"), UniqueConstraint("platform_id", "account_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platform.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Course(Base):
    """The cohort that people of a platform's course come into for a module. context: the course's id there."""

    __tablename__ = "lti_course"
    __table_args__ = (UniqueConstraint("platform_id", "context", "module_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platform.id"))
    context: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(255))
    module_id: Mapped[str] = mapped_column(String(80))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)


class Score(Base):
    """A trainee's score that a platform is told, always the one that counts now.

    line_item: the address of the column of the platform's gradebook. points and max_points: None while there is no
    score; scored_at: since when it is this one. delivered_at: when the platform took it; None while it waits. tries:
    how often in a row the platform was out of reach; problem: why, the last time.
    """

    __tablename__ = "lti_score"
    __table_args__ = (UniqueConstraint("platform_id", "line_item", "trainee_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platform.id"))
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    line_item: Mapped[str] = mapped_column(String(1000))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    exercise_id: Mapped[int | None] = mapped_column(ForeignKey("simulation_exercise.id"))
    points: Mapped[float | None]
    max_points: Mapped[float | None]
    scored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(300), default="")
    launched_at: Mapped[datetime] = mapped_column(UtcDateTime)
