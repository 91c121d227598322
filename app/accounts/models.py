"""Tables of academies, accounts and cohorts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Enum, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.access import Role
from app.core.db import NUMBERED_ONCE, Base, UtcDateTime


class Academy(Base):
    """A provincial or federal academy; nothing of one is seen from another."""

    __tablename__ = "academy"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name_en: Mapped[str] = mapped_column(String(120))
    name_ur: Mapped[str] = mapped_column(String(120))

    def name(self, language: str) -> str:
        return self.name_ur if language == "ur" else self.name_en


class Account(Base):
    """A person who can sign in, with one role inside one academy.

    first_steps_ended_at: when the person had enough of the first steps in a notebook; None before that.
    credentials_number: how often password or second factor were set; a session lasts no longer than what it began with.
    erased_at: when everything that told who it was was erased (app/rights/erasure.py); None for everybody else.
    """

    __tablename__ = "account"
    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    username: Mapped[str] = mapped_column(String(120), unique=True)
    full_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(
        Enum(Role, native_enum=False, length=20, values_callable=lambda roles: [role.value for role in roles])
    )
    language: Mapped[str] = mapped_column(String(2), default="en")
    password_hash: Mapped[str] = mapped_column(String(200))
    credentials_number: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_steps_ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    academy: Mapped[Academy] = relationship(lazy="joined")
    second_factor: Mapped[SecondFactor | None] = relationship(lazy="joined", uselist=False)
    # Where the person works now; the history is in the table of postings.
    posting: Mapped[Posting | None] = relationship(
        primaryjoin="and_(Account.id == Posting.account_id, Posting.ends_on.is_(None))", viewonly=True, lazy="raise"
    )

    @property
    def has_second_factor(self) -> bool:
        return self.second_factor is not None

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What a session is bound to: the person, the password and the second factor."""
        return f"{self.id}.{self.credentials_number}"


class SecondFactor(Base):
    """What an account asks for beside the password: codes that an app on the owner's telephone makes (RFC 6238).

    sealed_secret: what the app knows too, sealed (app/core/sealing.py). last_step: the time step of the code that was
    used last, so that none works twice. wrong_tries: in a row, the last of them at `last_wrong_at`.
    """

    __tablename__ = "second_factor"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    sealed_secret: Mapped[str] = mapped_column(String(400))
    set_up_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_step: Mapped[int] = mapped_column(default=0)
    wrong_tries: Mapped[int] = mapped_column(default=0)
    last_wrong_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Posting(Base):
    """Where a person works or worked: of those without an end each has one at most, the present one.

    grade: of the Basic Pay Scale, 1 to 22; begins_on: None where nobody said since when.
    """

    __tablename__ = "posting"
    __table_args__ = (
        Index(
            "uq_posting_present",
            "account_id",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
        NUMBERED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    department: Mapped[str] = mapped_column(String(120))
    grade: Mapped[int | None]
    district: Mapped[str] = mapped_column(String(80), default="")
    begins_on: Mapped[date | None]
    ends_on: Mapped[date | None]


class Cohort(Base):
    """A group of trainees who take a module together."""

    __tablename__ = "cohort"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    module_id: Mapped[str] = mapped_column(String(80))
    begins_on: Mapped[date | None]
    ends_on: Mapped[date | None]


class Enrolment(Base):
    """One trainee in one cohort."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("cohort_id", "trainee_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Withdrawal(Base):
    """A trainee was in a cohort and was withdrawn from it; what they did in it stays theirs."""

    __tablename__ = "withdrawal"

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
