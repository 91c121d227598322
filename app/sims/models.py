"""Tables of simulation runs: a seed and its events; states are always replayed, never stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class SimulationRun(Base):
    """One trainee's run. Seed and events are the truth; what the worker computed from them is kept beside them.

    `weights` (0 to 5 by indicator) and `weights_reason` say what the trainee wanted the office to be judged by.

    `outcome` (score with its parts and the courses of the run and its references) and `outcome_score`, then `regrets`
    (loss given away in each round) and `decision_score` stay None until the worker has computed them.
    """

    __tablename__ = "simulation_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    scenario_id: Mapped[str] = mapped_column(String(80))
    scenario_version: Mapped[str] = mapped_column(String(40))
    scenario_digest: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int] = mapped_column(BigInteger)
    weights: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    weights_reason: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    outcome_score: Mapped[float | None]
    regrets: Mapped[list[dict[str, float]] | None] = mapped_column(JSON(none_as_null=True))
    decision_score: Mapped[float | None]


class SimulationEvent(Base):
    """A decision or an inquiry, in order. `note` is why the trainee did it."""

    __tablename__ = "simulation_event"
    __table_args__ = (UniqueConstraint("run_id", "sequence"), UniqueConstraint("run_id", "idempotency_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("simulation_run.id"), index=True)
    sequence: Mapped[int]
    round: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text, default="")
    idempotency_key: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
