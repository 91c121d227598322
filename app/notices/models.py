"""Tables of notices to people, and of where they want them by e-mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Notice(Base):
    """What one person was told, in the language they read then; SENDER in it stands for the name of who sent it.

    sender_id: None for what the portal tells by itself. cohort_id: of the cohort that it is about, None for none.
    about: the thing that it leads to, as the audit log names it ("appeal:12"), "" for none. mail_footer: what the
    e-mail says below the text. mailed_at: when a mail server took the e-mail; None where none was asked for or none
    took it yet.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_cohort_id_trainee_id_sent_at", "cohort_id", "trainee_id", "sent_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"))
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    about: Mapped[str] = mapped_column(String(60), default="")
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    mail_footer: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MailAddress(Base):
    """Where a person wants their notices by e-mail; without a row they get none."""

    __tablename__ = "mail_address"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    address: Mapped[str] = mapped_column(String(254))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
