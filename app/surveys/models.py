"""Tables of surveys. What was answered and who has answered stand in two tables that nothing joins."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.anonymity import WITHOUT_ROW_NUMBERS
from app.core.db import Base, UtcDateTime

# How long codes lead to answers at the longest (domain notes, section 7.3).
KEY_KEPT = timedelta(days=548)


class WaveName(StrEnum):
    BEFORE = "before"
    AFTER = "after"
    LATER = "later"


class Survey(Base):
    """A cohort is asked the same up to three times. instrument: what is asked, as it stood when the survey began.

    later_opens_at, later_closes_at: the plan of the last wave, set when the one after the course is closed; None
    before that, and where nobody is asked again.
    """

    __tablename__ = "survey"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), unique=True)
    instrument: Mapped[dict[str, Any]] = mapped_column(JSON)
    later_opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    later_closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    waves: Mapped[list[SurveyWave]] = relationship(order_by="SurveyWave.id", lazy="selectin", back_populates="survey")


class SurveyWave(Base):
    """One of the times that a cohort is asked. invited: trainees of the cohort when it was closed."""

    __tablename__ = "survey_wave"
    __table_args__ = (UniqueConstraint("survey_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    name: Mapped[WaveName] = mapped_column(
        Enum(WaveName, native_enum=False, length=10, values_callable=lambda names: [name.value for name in names])
    )
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    invited: Mapped[int | None]

    survey: Mapped[Survey] = relationship(lazy="joined", back_populates="waves")

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class SurveyKey(Base):
    """By which a code leads to the answers that were given with it; once the row is gone no code leads anywhere.

    sealed: the key, sealed under the portal's secret (app/core/sealing.py).
    """

    __tablename__ = "survey_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), unique=True)
    sealed: Mapped[str] = mapped_column(String(400))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SurveyParticipation(Base):
    """Somebody has answered in a wave that is open, so that nobody does twice. Says neither what nor when."""

    __tablename__ = "survey_participation"
    __table_args__ = WITHOUT_ROW_NUMBERS

    wave_id: Mapped[int] = mapped_column(ForeignKey("survey_wave.id"), primary_key=True, autoincrement=False)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)


class SurveyResponse(Base):
    """Answers of somebody, nobody can say whose: no person, no moment, and no order.

    number: drawn anew for every response of the wave whenever one comes in. mark: of the code that links answers of
    several waves (app/core/sealing.py), as long as a further wave may come; None without a link. pair: a number in
    common with the answers of other closed waves that bear the same mark, by which change is computed; it stays as it
    is, since figures of it are out. answers: 1 to 5 by item, as agreement; left out where no answer was given.
    """

    __tablename__ = "survey_response"
    __table_args__ = WITHOUT_ROW_NUMBERS

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("survey_wave.id"), index=True)
    mark: Mapped[str | None] = mapped_column(String(64))
    pair: Mapped[str | None] = mapped_column(String(32))
    answers: Mapped[dict[str, int]] = mapped_column(JSON)
