"""Tables of foresight: versions of the figures, of the scenarios, and studies made of both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime


class ForesightData(Base):
    """Figures of departments as files gave them: previewed, then a version with a number, never changed.

    rows: by sheet, each with its number in the file; problems: what is wrong (app.foresight.wording); ignored: sheets
    and headings that mean nothing here; counts: rows by sheet.
    """

    __tablename__ = "foresight_data"
    # A number is never given again, so that a page left open cannot speak of other figures than it shows.
    __table_args__ = (UniqueConstraint("academy_id", "number"), NUMBERED_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    number: Mapped[int | None]
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    ignored: Mapped[list[str]] = mapped_column(JSON)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, deferred=True)
    rows: Mapped[dict[str, list[dict[str, Any]]]] = mapped_column(JSON, deferred=True)


class ForesightScenario(Base):
    """A scenario of an academy. name: empty for one of the four standard ones, which are named by their basis."""

    __tablename__ = "foresight_scenario"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    basis: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))


class ForesightScenarioVersion(Base):
    """What a scenario assumed since a moment; the newest is in force. parameters: foresight.Scenario."""

    __tablename__ = "foresight_scenario_version"
    __table_args__ = (UniqueConstraint("scenario_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("foresight_scenario.id"), index=True)
    number: Mapped[int]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ForesightStudy(Base):
    """Gap and plan from one version of the figures and one of a scenario, computed by the worker.

    supply: shares of groups that it rests on, as far as they may be shown (app.foresight.supply); result:
    foresight.study.as_json.
    """

    __tablename__ = "foresight_study"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    data_id: Mapped[int] = mapped_column(ForeignKey("foresight_data.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("foresight_scenario_version.id"))
    seed: Mapped[int]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    supply: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
